use std::io::Write;

use clap::{Args, Subcommand};
use passerelle_domain::vocabulary::{Item, List};
use passerelle_linkage::names::match_form;

use super::Failure;
use super::columns::Columns;

#[derive(Debug, Subcommand)]
pub(super) enum Vocabulary {
    /// List the lists, or the items of one.
    ///
    /// Of an item: its id, which the API takes and gives, its class where it can be part of a
    /// record, its label in French, and the codes of other systems for it.
    List(Lists),
    /// Find items by id, label or code of another system, without case and accents.
    Search(Search),
}

#[derive(Debug, Args)]
pub(super) struct Lists {
    /// The list; all their names if not given
    list: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Search {
    /// Words, all of which must occur
    #[arg(required = true)]
    words: Vec<String>,
}

impl Vocabulary {
    pub(super) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let mut columns = Columns::default();
        match self {
            Self::List(Lists { list: None }) => {
                for list in List::all() {
                    columns.row([list.name, &list.items.len().to_string(), list.source]);
                }
            }
            Self::List(Lists { list: Some(name) }) => {
                let list = List::named(&name).ok_or_else(|| {
                    Failure::new(format!(
                        "no list {name:?}; `passerelle vocabulary list` names them all"
                    ))
                })?;
                for item in list.items {
                    columns.row(cells(item));
                }
            }
            Self::Search(Search { words }) => {
                let wanted: Vec<_> = words.iter().map(|word| match_form(word)).collect();
                for list in List::all() {
                    for item in list.items.iter().filter(|item| is_found(item, &wanted)) {
                        let row = [list.name.to_owned()].into_iter().chain(cells(item));
                        columns.row(row);
                    }
                }
                if columns.is_empty() {
                    return Err(Failure::new("nothing in the vocabulary matches"));
                }
            }
        }
        write!(out, "{columns}").map_err(Failure::from)
    }
}

fn cells(item: &Item) -> [String; 4] {
    let class = item
        .class
        .map_or_else(|| "-".to_owned(), |class| class.to_string());
    let codes = item.codes.iter();
    let codes: Vec<_> = codes
        .map(|(system, code)| format!("{system}:{code}"))
        .collect();
    [
        item.id.to_owned(),
        class,
        item.label_fr.to_owned(),
        codes.join(" "),
    ]
}

/// By words of its id and labels, or by a code as another system writes it.
fn is_found(item: &Item, wanted: &[String]) -> bool {
    let id = item.id.replace('_', " ");
    let texts = [&id, item.label_fr, item.label_en].map(match_form);
    let codes: Vec<_> = item
        .codes
        .iter()
        .map(|(_, code)| match_form(code))
        .collect();
    wanted
        .iter()
        .all(|word| codes.contains(word) || texts.iter().any(|text| text.contains(word)))
}
