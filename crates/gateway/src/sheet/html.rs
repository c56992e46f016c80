use maud::{Markup, html as page};
use passerelle_domain::{Pii, RecordId};

use super::drawing::{COLOURS, drawing};
use super::headings::{Heading, headings};
use super::room::First;
use super::source::instant;
use super::terminal::about_source;
use super::texts::Texts;
use super::{Sheet, Source, room};
use crate::printed;
use crate::shown::{Language, described, fill, when};

/// A page that prints on two A4 sheets and needs nothing but itself: no script, no file, no address.
/// Whatever comes from somebody is escaped by the library that writes it.
pub fn html(sheet: &Sheet, language: Language) -> Pii<String> {
    let page = Page {
        sheet,
        language,
        texts: Texts::of(language),
    };
    Pii::new(page.written())
}

struct Page<'a> {
    sheet: &'a Sheet,
    language: Language,
    texts: &'static Texts,
}

impl Page<'_> {
    fn written(&self) -> String {
        let lang = match self.language {
            Language::English => "en",
            Language::French => "fr",
        };
        let body = page! {
            section { (self.first()) }
            section { (self.second()) }
        };
        // Nobody is named in the title.
        printed::page(lang, self.texts.journey, STYLE, &body)
    }

    /// Where the person stands, and the journey in time.
    fn first(&self) -> Markup {
        let (sheet, texts) = (self.sheet, self.texts);
        let headings = headings(sheet, texts);
        let room = First::of(sheet, &headings, self.language);
        page! {
            (self.head())
            p.sources {
                @for (place, source) in sheet.sources.iter().enumerate() {
                    span { (tag(place)) " " (self.set(source.name(texts))) }
                }
            }
            div.headings {
                @for heading in &headings { (self.heading(heading, room.lines)) }
                (self.not_discussed())
                (self.contradictions())
            }
            h2 { (texts.timeline) }
            (drawing(sheet, self.language, room.rows))
            p.small { (self.set(texts.drawn)) }
        }
    }

    /// What each source is worth, and the records.
    fn second(&self) -> Markup {
        let (sheet, texts) = (self.sheet, self.texts);
        let events = sheet.events();
        let most = room::records(&events, &sheet.sources, self.language);
        let kept = events.get(..most).unwrap_or(&events);
        let older = events.len() - kept.len();
        page! {
            h2 { (texts.sources) }
            div.side {
                @for (place, source) in sheet.sources.iter().enumerate() {
                    (self.source(place, source))
                }
            }
            h2 { (texts.journey) }
            @if older > 0 { p.small { (self.set(&fill(texts.older, &[&older]))) } }
            ol.records {
                @for (place, record) in kept.iter().rev() {
                    li {
                        b { (self.language.date(&when(record).to_string())) } " " (tag(*place)) " "
                        (self.set(&described(record, self.language)))
                        (self.marked(*place, record.id()))
                        @if let Some(message) = record.message() {
                            q { (message.as_str()) }
                        }
                    }
                }
            }
            p.small { (self.set(texts.legend)) }
        }
    }

    fn head(&self) -> Markup {
        let (sheet, texts, language) = (self.sheet, self.texts, self.language);
        page! {
            h1 { (fill(texts.title, &[&sheet.name])) }
            p.of {
                (self.set(&fill(texts.born, &[&language.date(&sheet.born)])))
                " · " (self.set(&fill(texts.reference, &[&sheet.reference])))
                " · " (fill(texts.at, &[&instant(sheet.at, language)]))
                @if let Some(class) = sheet.class() {
                    " · " (fill(texts.class, &[&class.as_u8()]))
                }
            }
        }
    }

    fn heading(&self, heading: &Heading<'_>, most: usize) -> Markup {
        let lines = &heading.lines;
        let shown = lines.get(..most).unwrap_or(lines);
        let further = lines.len() - shown.len();
        page! {
            div.heading {
                h2 { (heading.title) }
                ul {
                    @for (place, line) in shown {
                        li {
                            (tag(*place)) " " (self.set(line.headline.as_str()))
                            (self.marked(*place, line.record))
                            @if let Some(date) = line.dated {
                                " " span.date { (self.language.date(&date.to_string())) }
                            }
                        }
                    }
                    @if further > 0 { li.small { (fill(self.texts.further, &[&further])) } }
                }
            }
        }
    }

    fn contradictions(&self) -> Markup {
        let found = self.sheet.contradictions(self.language);
        page! {
            @if !found.is_empty() {
                div.heading {
                    h2 { (self.texts.contradict) }
                    ul {
                        @for (matter, sides) in found {
                            li {
                                (self.set(matter))
                                @for (place, says) in sides {
                                    " " (tag(place)) " " (self.set(&says))
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn not_discussed(&self) -> Markup {
        let found = self.sheet.not_discussed();
        page! {
            @if !found.is_empty() {
                div.heading {
                    h2 { (self.texts.not_discussed) }
                    p {
                        @for (place, theme) in found {
                            span.theme { (tag(place)) " " (self.language.label(theme)) } " "
                        }
                    }
                }
            }
        }
    }

    fn source(&self, place: usize, source: &Source) -> Markup {
        page! {
            div.source {
                h3 { (tag(place)) " " (self.set(source.name(self.texts))) }
                p { (self.set(&source.told(self.language))) }
                @for line in about_source(source, self.language) { p.small { (self.set(&line)) } }
            }
        }
    }

    /// What the person has said of a record.
    fn marked(&self, place: usize, record: RecordId) -> Markup {
        let mark = self.sheet.marked(place, record, self.language);
        page! { @if !mark.is_empty() { b { (mark) } } }
    }

    /// With the spaces that do not break where the language has them.
    fn set(&self, text: &str) -> String {
        self.language.typeset(text)
    }
}

/// The number of a source.
fn tag(place: usize) -> Markup {
    let class = format!("tag s{}", place % COLOURS);
    page! { span class=(class) { (place + 1) } }
}

/// Two sheets; sizes in points, lengths in millimetres. The numbers of the sources do not need the
/// colours.
const STYLE: &str = "\
@page{size:A4;margin:12mm 16mm}\
body{font:9pt/1.3 sans-serif;color:#000;background:#fff;margin:0}\
section{max-width:178mm;margin:0 auto}\
section+section{break-before:page}\
h1{font-size:16pt;margin:0 0 1mm}\
h2{font-size:10.5pt;margin:2.5mm 0 .8mm}h3{font-size:9.5pt;margin:0 0 .5mm}\
p,ul{margin:0 0 1mm}ul{list-style:none;padding:0}\
li{padding-left:4.5mm;text-indent:-4.5mm}\
.theme{white-space:nowrap;margin-right:3mm}\
.of{border-bottom:.4mm solid #000;padding-bottom:1mm}\
.sources span+span{margin-left:.5mm}.sources>span{margin-right:4mm}\
.headings{columns:2;column-gap:6mm}.heading{break-inside:avoid}.heading:first-child h2{margin-top:0}\
.date,.small{font-size:8pt;color:#333}.date{white-space:nowrap}\
.tag{font:bold 7pt/1 sans-serif;border:.2mm solid #000;border-radius:1.5mm;padding:0 1mm}\
.side{display:flex;flex-wrap:wrap;gap:3mm}\
.source{flex:1 1 50mm;border:.2mm solid #666;border-radius:1mm;padding:1.5mm 2mm}\
.records{columns:2;column-gap:6mm;list-style:none;padding:0;margin:0 0 2mm;font-size:8pt}\
.records li{break-inside:avoid;margin-bottom:.7mm}\
.records q{display:block;text-indent:0;font-style:italic;padding-left:3mm;quotes:none}\
.time{display:block;width:100%;font-family:sans-serif}\
.tick{stroke:#ccc;stroke-width:.15}.lane{stroke:#999;stroke-width:.15}\
.today{stroke:#000;stroke-width:.3}.onward{stroke:#000;stroke-width:.3;stroke-dasharray:1 .8}\
.axis{font-size:2.3px;fill:#333}.now{font-weight:bold}\
.section{font-size:2.5px;font-weight:bold}.mark{font-size:2.4px}\
.mark tspan{font-size:1.9px;font-weight:bold}\
rect,circle{stroke:#000;stroke-width:.15}\
.s0{background:#cfe3f7;fill:#cfe3f7}.s1{background:#fbe0b0;fill:#fbe0b0}\
.s2{background:#d5ecc9;fill:#d5ecc9}.s3{background:#ecd3ec;fill:#ecd3ec}\
.s4{background:#e6e6e6;fill:#e6e6e6}\
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}\
@media screen{section{padding:6mm 0}}";
