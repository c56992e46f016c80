//! What is printed and handed to a person: one A4 page of HTML each, in French. Whatever comes from
//! somebody is escaped by the library that writes the page.

mod agreement;
mod pass;

use maud::{Markup, PreEscaped, html};
use passerelle_domain::Timestamp;

use crate::printed;

pub(crate) use agreement::{copy, reference};
pub(crate) use pass::pass;

fn page(title: &str, content: &Markup) -> String {
    printed::page("fr", title, STYLE, &html! { main { (content) } })
}

/// A QR code as the library draws it, without the prolog that only a file of its own has.
fn drawing(svg: &str, says: &str) -> Markup {
    let inner = svg.find("<svg").map_or("", |begin| &svg[begin..]);
    html! {
        div.qr role="img" aria-label=(says) { (PreEscaped(inner)) }
    }
}

/// The day of an instant as people write it: `24/11/2026`, in UTC.
fn day(at: Timestamp) -> String {
    let day = passerelle_domain::CivilDate::of(at).to_string();
    let parts: Vec<_> = day.rsplit('-').collect();
    parts.join("/")
}

/// Black on white, sizes in points, one sheet.
const STYLE: &str = "\
@page{size:A4;margin:14mm 16mm}\
body{font:10.5pt/1.35 sans-serif;color:#000;background:#fff;margin:0}\
main{max-width:178mm;margin:0 auto;position:relative}\
h1{font-size:17pt;margin:0 42mm 2mm 0}\
h2{font-size:12pt;margin:4mm 0 1mm}\
p,ul{margin:0 0 1.5mm}ul{padding-left:5mm}\
.head{min-height:36mm}\
.qr{position:absolute;top:0;right:0;width:36mm;height:36mm}\
.qr svg{width:100%;height:100%}\
.code{font:bold 13pt/1.5 monospace;border:1px solid #000;padding:2mm 3mm;margin:3mm 0}\
.warn{border-left:2mm solid #000;padding-left:3mm;font-weight:bold}\
.small{font-size:8pt;overflow-wrap:anywhere}";

#[cfg(test)]
mod tests;
