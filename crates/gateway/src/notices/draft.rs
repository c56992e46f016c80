use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use passerelle_domain::claim::{Claim, NoticeCatalogue, NoticeText, NumericDate};
use passerelle_domain::{CivilDate, Digest, FederationId, Timestamp};
use serde::Deserialize;

use crate::yaml::{Document, YamlError};

/// Reads a draft, which is YAML, and its texts: the claims to sign.
pub fn drafted(file: &Path, now: Timestamp) -> Result<NoticeCatalogue, YamlError> {
    let document = Document::read(file)?;
    let draft: Draft = document.parse()?;
    let folder = file.parent().unwrap_or_else(|| Path::new(""));
    let mut texts = Vec::new();
    for (i, text) in draft.texts.into_iter().enumerate() {
        let refused =
            |field: &str, rule: &str| document.refuse(format!("texts[{i}].{field}"), rule);
        let text = text.read(folder).map_err(|rule| refused("file", &rule))?;
        // In the order of the draft, so that what is refused is found there.
        text.check().map_err(|fault| match fault.field() {
            "text" => refused("file", fault.rule()),
            field => refused(field, fault.rule()),
        })?;
        texts.push(text);
    }
    texts.sort_by(|a, b| (&a.id, &a.lang, a.from).cmp(&(&b.id, &b.lang, b.from)));
    let catalogue = NoticeCatalogue {
        federation: draft.federation,
        issued_at: NumericDate::of(now),
        texts,
    };
    match catalogue.check() {
        Ok(()) => Ok(catalogue),
        Err(fault) => Err(document.refuse("texts", fault.rule())),
    }
}

/// A catalogue as its author writes it: the texts are in files beside it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    federation: FederationId,
    texts: Vec<DraftText>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftText {
    id: String,
    lang: String,
    title: String,
    file: PathBuf,
    from: CivilDate,
    until: Option<CivilDate>,
}

impl DraftText {
    fn read(self, folder: &Path) -> Result<NoticeText, String> {
        let file = folder.join(&self.file);
        let mut text = String::new();
        fs::File::open(&file)
            .and_then(|open| open.take(MOST_READ).read_to_string(&mut text))
            .map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(NoticeText {
            id: self.id,
            lang: self.lang,
            title: self.title,
            sha256: Digest::of(text.as_bytes()),
            from: self.from,
            until: self.until,
            text,
        })
    }
}

/// More than a text may have, so that a longer one is refused and not cut.
const MOST_READ: u64 = 1 << 20;
