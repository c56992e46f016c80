use clap::ValueEnum;

use crate::shown::Language;

/// A language that can be asked for.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Lang {
    En,
    Fr,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Self::English,
            Lang::Fr => Self::French,
        }
    }
}
