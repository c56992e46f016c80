//! The frame of every page that is printed.

use maud::{DOCTYPE, Markup, PreEscaped, html};

/// A page that needs nothing but itself: no script, no file, no address. A browser offers the title as
/// the name of a file.
pub(crate) fn page(lang: &str, title: &str, style: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(style)) }
            }
            body { (body) }
        }
    };
    page.into_string()
}
