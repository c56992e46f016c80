//! Section identity: what serves to recognise the person.

use passerelle_proto::journey::v1 as proto;

use super::redacted;
use crate::vocabulary::{Class, IdentityStatus, Open};
use crate::{Malformed, PartialDate, text, wire};

/// What serves to recognise the person. It has no place for a NIR.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Birth name.
    pub birth_name: CivilName,
    /// First names in the order of the civil register.
    pub first_names: FirstNames,
    /// Name in use, where it differs.
    pub usage_name: Option<CivilName>,
    /// Birth date, as far as it is known.
    pub birth_date: PartialDate,
    /// COG code of the commune of birth; none if born abroad or not known.
    pub birth_place: Option<CommuneCode>,
    /// COG code of the country of birth.
    pub birth_country: Option<CountryCode>,
    /// How far it was checked.
    pub status: Open<IdentityStatus>,
}

/// A name of the civil register: 1 to 100 characters on one line, as written there.
#[derive(Clone, PartialEq, Eq)]
pub struct CivilName(String);

/// One to ten first names.
#[derive(Clone, PartialEq, Eq)]
pub struct FirstNames(Vec<CivilName>);

/// A commune, COG code of INSEE: 5 characters, `67482`, `2A004`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CommuneCode([u8; 5]);

/// A country, COG code of INSEE: `99` and three digits; France is `99100`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CountryCode([u8; 5]);

redacted!(Identity, CivilName, FirstNames, CommuneCode, CountryCode);

impl Identity {
    pub(super) fn sensitivity(&self) -> Class {
        self.status.sensitivity()
    }
}

impl CivilName {
    /// Reads a name; the error names no field.
    pub fn new(text: &str) -> Result<Self, Malformed> {
        let fits = (1..=100).contains(&text.chars().count()) && !text.trim().is_empty();
        if !fits || text.chars().any(char::is_control) {
            return Err(Malformed::new("", "1 to 100 characters on one line"));
        }
        text::crossing(text.to_owned()).map(Self)
    }

    /// The name.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FirstNames {
    /// Takes 1 to 10 first names; the error names no field.
    pub fn new(names: Vec<CivilName>) -> Result<Self, Malformed> {
        if (1..=10).contains(&names.len()) {
            Ok(Self(names))
        } else {
            Err(Malformed::new("", "1 to 10 first names"))
        }
    }

    /// The names, in the order of the civil register.
    pub fn as_slice(&self) -> &[CivilName] {
        &self.0
    }
}

impl CommuneCode {
    /// Reads a code; the error names no field.
    pub fn new(text: &str) -> Result<Self, Malformed> {
        let code: Option<[u8; 5]> = text.as_bytes().try_into().ok();
        let fits = |code: &[u8; 5]| {
            let corsica = matches!(&code[..2], b"2A" | b"2B");
            (corsica || code[..2].iter().all(u8::is_ascii_digit))
                && code[2..].iter().all(u8::is_ascii_digit)
        };
        code.filter(fits).map(Self).ok_or_else(|| {
            Malformed::new("", "a COG code of a commune: 5 digits, 2A or 2B in Corsica")
        })
    }

    /// The code.
    pub fn expose(&self) -> &str {
        // Only ASCII is ever stored.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl CountryCode {
    /// Reads a code; the error names no field.
    pub fn new(text: &str) -> Result<Self, Malformed> {
        let code: Option<[u8; 5]> = text.as_bytes().try_into().ok();
        code.filter(|code| code.starts_with(b"99") && code.iter().all(u8::is_ascii_digit))
            .map(Self)
            .ok_or_else(|| Malformed::new("", "a COG code of a country: 99 and three digits"))
    }

    /// The code.
    pub fn expose(&self) -> &str {
        // Only ASCII is ever stored.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl TryFrom<&proto::Identity> for Identity {
    type Error = Malformed;

    fn try_from(from: &proto::Identity) -> Result<Self, Malformed> {
        let names = from.first_names.iter().enumerate();
        let names = names
            .map(|(i, name)| {
                CivilName::new(name).map_err(|e| e.within(&format!("first_names[{i}]")))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            birth_name: wire::text(&from.birth_name, "birth_name", CivilName::new)?,
            first_names: FirstNames::new(names).map_err(|e| e.within("first_names"))?,
            usage_name: wire::optional_text(&from.usage_name, "usage_name", CivilName::new)?,
            birth_date: wire::text(&from.birth_date, "birth_date", str::parse)?,
            birth_place: wire::optional_text(&from.birth_place, "birth_place", CommuneCode::new)?,
            birth_country: wire::optional_text(
                &from.birth_country,
                "birth_country",
                CountryCode::new,
            )?,
            status: wire::open(from.identity_status, "identity_status")?,
        })
    }
}

impl From<&Identity> for proto::Identity {
    fn from(identity: &Identity) -> Self {
        let name = |name: &CivilName| name.0.clone();
        Self {
            birth_name: name(&identity.birth_name),
            first_names: identity.first_names.0.iter().map(name).collect(),
            usage_name: identity.usage_name.as_ref().map(name).unwrap_or_default(),
            birth_date: identity.birth_date.to_string(),
            birth_place: identity
                .birth_place
                .map(|code| code.expose().to_owned())
                .unwrap_or_default(),
            birth_country: identity
                .birth_country
                .map(|code| code.expose().to_owned())
                .unwrap_or_default(),
            identity_status: identity.status.number(),
        }
    }
}
