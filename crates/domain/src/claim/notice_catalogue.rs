use serde::{Deserialize, Serialize};

use crate::claim::{Claim, Notice, NumericDate};
use crate::{CivilDate, Digest, FederationId, Malformed, Timestamp};

/// The texts that persons are shown before they are informed or agree, signed by whoever answers for
/// them. The texts are inside: what is signed and what is shown cannot part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeCatalogue {
    /// The federation in which they are shown.
    #[serde(rename = "iss")]
    pub federation: FederationId,
    /// When it was made.
    #[serde(rename = "iat")]
    pub issued_at: NumericDate,
    /// The texts, 1 to 512, ordered by name, language and first day; those that are no longer shown
    /// stay, for the agreements that name them.
    pub texts: Vec<NoticeText>,
}

/// One text in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeText {
    /// Its name: `[a-z0-9._-]{1,64}`. The same in every language.
    pub id: String,
    /// Its language, a short BCP 47 tag such as `fr`, `fr-x-falc` (easy French) or `ar`.
    pub lang: String,
    /// Its title, 1 to 120 characters.
    pub title: String,
    /// SHA-256 of `text` in UTF-8.
    pub sha256: Digest,
    /// The first day, in UTC, on which it may be shown.
    pub from: CivilDate,
    /// The first day on which it may not any more; absent while none is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<CivilDate>,
    /// What the person reads, or is read: 1 byte to 32 KiB.
    pub text: String,
}

impl NoticeCatalogue {
    /// The text that an agreement names, whether it may still be shown or not.
    pub fn named(&self, notice: &Notice) -> Option<&NoticeText> {
        self.texts.iter().find(|text| {
            (&text.id, &text.lang, &text.sha256) == (&notice.id, &notice.lang, &notice.sha256)
        })
    }

    /// The text of that name and language that is shown at `now`.
    pub fn shown(&self, id: &str, lang: &str, now: Timestamp) -> Option<&NoticeText> {
        let mut texts = self.texts.iter();
        texts.find(|text| text.id == id && text.lang == lang && text.is_shown(now))
    }
}

impl NoticeText {
    /// Whether it may be shown at `now`.
    pub fn is_shown(&self, now: Timestamp) -> bool {
        let day = CivilDate::of(now);
        self.from <= day && self.until.is_none_or(|until| day < until)
    }

    /// As an agreement names it.
    pub fn notice(&self) -> Notice {
        Notice {
            id: self.id.clone(),
            lang: self.lang.clone(),
            sha256: self.sha256,
        }
    }

    /// What its members may not say together.
    pub fn check(&self) -> Result<(), Malformed> {
        self.notice().check()?;
        let title = self.title.chars().count();
        if !(1..=120).contains(&title) || self.title.chars().any(char::is_control) {
            return Err(Malformed::new(
                "title",
                "1 to 120 characters, no control character",
            ));
        }
        if self.text.is_empty() || self.text.len() > LONGEST {
            return Err(Malformed::new("text", "1 byte to 32 KiB"));
        }
        if Digest::of(self.text.as_bytes()) != self.sha256 {
            return Err(Malformed::new("sha256", "that of the text"));
        }
        if self.until.is_some_and(|until| until <= self.from) {
            return Err(Malformed::new("until", "later than from"));
        }
        Ok(())
    }

    /// Whether `next` may stand behind it.
    fn goes_before(&self, next: &Self) -> bool {
        let (name, after) = ((&self.id, &self.lang), (&next.id, &next.lang));
        name < after || name == after && self.until.is_some_and(|until| until <= next.from)
    }
}

impl Claim for NoticeCatalogue {
    const TYP: &'static str = "notice-catalogue+jwt";
    const MAX_BYTES: usize = 4 << 20;

    fn check(&self) -> Result<(), Malformed> {
        if self.texts.is_empty() || self.texts.len() > MOST {
            return Err(Malformed::new("texts", "1 to 512 texts"));
        }
        for (i, text) in self.texts.iter().enumerate() {
            let named = |fault: Malformed| fault.within(&format!("texts[{i}]"));
            text.check().map_err(named)?;
        }
        if !self.texts.is_sorted_by(|one, next| one.goes_before(next)) {
            return Err(Malformed::new(
                "texts",
                "ordered by id, lang and from; of one id and lang each ends before the next begins",
            ));
        }
        Ok(())
    }

    fn issued_at(&self) -> NumericDate {
        self.issued_at
    }
}

/// What a person can be shown is shorter.
const LONGEST: usize = 32 << 10;
/// Notices times languages times versions.
const MOST: usize = 512;
