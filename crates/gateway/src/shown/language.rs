use passerelle_domain::Code;
use passerelle_domain::vocabulary::{RefusalReason, Term};

/// In which language something is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// French.
    French,
}

impl Language {
    /// The label of a value of the vocabulary.
    pub(crate) fn label(self, term: impl Term) -> &'static str {
        let item = term.item();
        match self {
            Self::English => item.label_en,
            Self::French => item.label_fr,
        }
    }

    /// A refusal: in French as the agent reads it, which is what the API gives.
    pub(crate) fn refusal(self, reason: RefusalReason) -> &'static str {
        let item = reason.item();
        match self {
            Self::English => item.label_en,
            Self::French => item.attribute("text_fr").unwrap_or(item.label_fr),
        }
    }

    /// The label of a code, which its author may have written.
    pub(crate) fn label_of<T: Term>(self, code: &Code<T>) -> &str {
        match self {
            Self::English => code.label_en(),
            Self::French => code.label_fr(),
        }
    }

    /// What stands between a thing and what is said of it.
    pub(crate) fn colon(self) -> &'static str {
        match self {
            Self::English => ": ",
            Self::French => " : ",
        }
    }

    /// That of two texts which is in this language.
    pub(crate) fn of<'a>(self, fr: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::English => en,
            Self::French => fr,
        }
    }

    /// A date of a record, `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, as people write it.
    pub(crate) fn date(self, date: &str) -> String {
        match self {
            Self::English => date.to_owned(),
            Self::French => date.rsplit('-').collect::<Vec<_>>().join("/"),
        }
    }

    /// The text with the spaces that do not break where the language has them.
    pub(crate) fn typeset(self, text: &str) -> String {
        match self {
            Self::English => text.to_owned(),
            Self::French => NO_BREAK.iter().fold(text.to_owned(), |text, (plain, set)| {
                text.replace(plain, set)
            }),
        }
    }
}

/// Lexique des règles typographiques en usage à l'Imprimerie nationale, « Ponctuation ».
const NO_BREAK: [(&str, &str); 6] = [
    ("« ", "«\u{a0}"),
    (" »", "\u{a0}»"),
    (" :", "\u{a0}:"),
    (" ;", "\u{202f};"),
    (" !", "\u{202f}!"),
    (" ?", "\u{202f}?"),
];
