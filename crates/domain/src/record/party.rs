//! Organisations, professionals and occupations that records name.

use std::fmt;

use passerelle_proto::journey::v1 as proto;

use super::redacted;
use crate::vocabulary::Open;
use crate::{Class, Label, Malformed, OrganisationKind, RomeCode, Siret, wire};

/// An organisation that a record names.
#[derive(Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Its SIRET.
    pub siret: Siret,
    /// Its name.
    pub name: Label,
    /// Its kind; a kind that is itself sensitive raises the record.
    pub kind: Open<OrganisationKind>,
}

/// A professional that a record names; never the person.
#[derive(Clone, PartialEq, Eq)]
pub struct Professional {
    /// First name and name.
    pub name: Label,
    /// Job title as the organisation says it.
    pub job_title: Option<Label>,
    /// Phone number at work.
    pub phone: Option<WorkPhone>,
    /// E-mail address at work.
    pub email: Option<WorkEmail>,
}

/// An occupation aimed at or held.
#[derive(Clone, PartialEq, Eq)]
pub struct Occupation {
    /// Its ROME code.
    pub rome: RomeCode,
    /// Its name.
    pub label: Option<Label>,
}

/// A phone number of a professional: 3 to 20 characters among digits, spaces, `+`, `.` and `-`.
#[derive(Clone, PartialEq, Eq)]
pub struct WorkPhone(String);

/// An e-mail address of a professional, at most 254 characters (RFC 5321 §4.5.3.1.3).
#[derive(Clone, PartialEq, Eq)]
pub struct WorkEmail(String);

redacted!(Organisation, Professional, Occupation, WorkPhone, WorkEmail);

impl Organisation {
    pub(super) fn sensitivity(&self) -> Class {
        self.kind.sensitivity()
    }
}

impl WorkPhone {
    /// Reads the number; the error names no field.
    pub fn new(text: &str) -> Result<Self, Malformed> {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let fits = text
            .bytes()
            .all(|b| b.is_ascii_digit() || b" +.-".contains(&b));
        // 15 digits is the most that a number may have (ITU-T E.164 §6.1), and what a NIR has.
        if fits && (3..=20).contains(&text.len()) && (3..15).contains(&digits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Malformed::new(
                "",
                "3 to 20 characters among digits, spaces, +, . and -",
            ))
        }
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl WorkEmail {
    /// Reads the address; the error names no field.
    pub fn new(text: &str) -> Result<Self, Malformed> {
        let fits = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic() && b != b'@')
        };
        let parts = text
            .split_once('@')
            .filter(|(local, domain)| fits(local) && fits(domain));
        if text.len() <= 254 && parts.is_some_and(|(_, domain)| domain.contains('.')) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Malformed::new(
                "",
                "an e-mail address of at most 254 characters",
            ))
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WorkPhone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for WorkEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<&proto::Organisation> for Organisation {
    type Error = Malformed;

    fn try_from(from: &proto::Organisation) -> Result<Self, Malformed> {
        Ok(Self {
            siret: wire::text(&from.siret, "siret", str::parse)?,
            name: wire::label(&from.name, "name")?,
            kind: wire::open(from.kind, "kind")?,
        })
    }
}

impl From<&Organisation> for proto::Organisation {
    fn from(organisation: &Organisation) -> Self {
        Self {
            siret: organisation.siret.to_string(),
            name: organisation.name.as_str().to_owned(),
            kind: organisation.kind.number(),
        }
    }
}

impl TryFrom<&proto::Professional> for Professional {
    type Error = Malformed;

    fn try_from(from: &proto::Professional) -> Result<Self, Malformed> {
        Ok(Self {
            name: wire::label(&from.name, "name")?,
            job_title: wire::optional_label(&from.job_title, "job_title")?,
            phone: wire::optional_text(&from.phone, "phone", WorkPhone::new)?,
            email: wire::optional_text(&from.email, "email", WorkEmail::new)?,
        })
    }
}

impl From<&Professional> for proto::Professional {
    fn from(professional: &Professional) -> Self {
        Self {
            name: professional.name.as_str().to_owned(),
            job_title: wire::written_label(professional.job_title.as_ref()),
            phone: wire::written(professional.phone.as_ref()),
            email: wire::written(professional.email.as_ref()),
        }
    }
}

impl TryFrom<&proto::Occupation> for Occupation {
    type Error = Malformed;

    fn try_from(from: &proto::Occupation) -> Result<Self, Malformed> {
        Ok(Self {
            rome: wire::text(&from.rome_code, "rome_code", str::parse)?,
            label: wire::optional_label(&from.label_fr, "label_fr")?,
        })
    }
}

impl From<&Occupation> for proto::Occupation {
    fn from(occupation: &Occupation) -> Self {
        Self {
            rome_code: occupation.rome.to_string(),
            label_fr: wire::written_label(occupation.label.as_ref()),
        }
    }
}
