//! The texts that persons are shown.

use std::fs;
use std::io;
use std::path::Path;

use passerelle_domain::Digest;
use passerelle_proto::agency::v1::ShownNotice;

use crate::throwaway::notices::TEXTS;

/// As an agreement names the text of that name, in the language of the persons.
pub(super) fn shown(id: &str) -> ShownNotice {
    let mut texts = TEXTS.iter();
    let text = texts.find(|(name, lang, _)| (*name, *lang) == (id, LANG));
    // A node refuses what is not in its catalogue, by its field.
    let sha256 = text.map(|(_, _, text)| Digest::of(text.as_bytes()).to_string());
    ShownNotice {
        notice_id: id.to_owned(),
        lang: LANG.to_owned(),
        sha256: sha256.unwrap_or_default(),
    }
}

/// Writes them where people find them.
pub(super) fn write_readable(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    TEXTS
        .iter()
        .try_for_each(|(id, lang, text)| fs::write(folder.join(format!("{id}.{lang}.txt")), text))
}

const LANG: &str = "fr";
