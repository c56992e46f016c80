use std::path::PathBuf;

use passerelle_domain::{Digest, NodeId, Purpose, Section, Timestamp};
use passerelle_policy::LocalDenial;
use serde::{Deserialize, Deserializer};

/// The rules of what may be shared.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Written")]
pub struct Rules {
    /// `path`: the table of rules, JSON.
    pub path: PathBuf,
    /// `accepted_sha256`, `accepted_by`, `accepted_on`: all three or none. A node in production
    /// starts only with them, and only if the file is the one that was accepted.
    pub acceptance: Option<Acceptance>,
    /// `denials`: what the organisation closes besides, whatever persons agree to.
    pub denials: Vec<LocalDenial>,
}

/// Who took responsibility for a table of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// SHA-256 of the file, 64 hexadecimal digits.
    pub sha256: Digest,
    /// Who accepted it: name and function.
    pub by: String,
    /// When, `YYYY-MM-DD`.
    pub on: String,
}

/// As it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    path: PathBuf,
    accepted_sha256: Option<Digest>,
    #[serde(default, deserialize_with = "named")]
    accepted_by: Option<String>,
    #[serde(default, deserialize_with = "day")]
    accepted_on: Option<String>,
    #[serde(default)]
    denials: Vec<Denial>,
}

/// One of `denials`; what it does not name matches anything.
#[derive(Deserialize)]
#[serde(try_from = "WrittenDenial")]
struct Denial(LocalDenial);

/// As it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDenial {
    requester: Option<NodeId>,
    purpose: Option<Purpose>,
    section: Option<Section>,
}

impl TryFrom<WrittenDenial> for Denial {
    type Error = &'static str;

    fn try_from(written: WrittenDenial) -> Result<Self, Self::Error> {
        let WrittenDenial {
            requester,
            purpose,
            section,
        } = written;
        if requester.is_none() && purpose.is_none() && section.is_none() {
            return Err(
                "a denial names a requester, a purpose or a section; this one would close all",
            );
        }
        Ok(Self(LocalDenial {
            requester,
            purpose,
            section,
        }))
    }
}

impl TryFrom<Written> for Rules {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let acceptance = match (
            written.accepted_sha256,
            written.accepted_by,
            written.accepted_on,
        ) {
            (Some(sha256), Some(by), Some(on)) => Some(Acceptance { sha256, by, on }),
            (None, None, None) => None,
            _ => {
                return Err(
                    "accepted_sha256, accepted_by and accepted_on go together; write all three or none",
                );
            }
        };
        Ok(Self {
            path: written.path,
            acceptance,
            denials: written.denials.into_iter().map(|one| one.0).collect(),
        })
    }
}

fn named<'de, D: Deserializer<'de>>(yaml: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(yaml)?;
    let length = text.trim().chars().count();
    if (1..=120).contains(&length) {
        Ok(Some(text))
    } else {
        Err(serde::de::Error::custom(
            "name and function, 1 to 120 characters",
        ))
    }
}

fn day<'de, D: Deserializer<'de>>(yaml: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(yaml)?;
    match Timestamp::parse(&format!("{text}T00:00:00Z")) {
        Ok(_) => Ok(Some(text)),
        Err(_) => Err(serde::de::Error::custom("a day, such as 2026-11-24")),
    }
}
