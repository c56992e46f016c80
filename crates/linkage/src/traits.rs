//! The civil traits of a person, as the organisation that accompanies them knows them.

mod birthplace;
mod name;
mod search;
mod shown;

use std::fmt;

use passerelle_domain::{Malformed, Nir, PartialDate, Pii};
use serde::{Deserialize, Serialize};

pub use birthplace::{Birthplace, CogCode};
pub use name::PersonName;
pub use search::{Search, SearchKey, search_keys};
pub use shown::ShownTraits;

/// Who a person is. Read from a [`TraitsForm`], which is also its serde form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "TraitsForm", into = "TraitsForm")]
pub struct IdentityTraits {
    /// The name at birth.
    pub birth_name: Pii<PersonName>,
    /// The name in use, where it differs.
    pub usage_name: Option<Pii<PersonName>>,
    /// All first names, in order, separated by blanks.
    pub first_names: Pii<PersonName>,
    /// As far as it is known.
    pub birth_date: Pii<PartialDate>,
    /// Where known.
    pub sex: Option<Pii<Sex>>,
    /// Where known.
    pub birthplace: Option<Pii<Birthplace>>,
    /// Only where the trust list lets the organisation keep it. Never shown, never exported.
    pub nir: Option<Pii<Nir>>,
}

/// Sex, as civil status has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// `female`.
    Female,
    /// `male`.
    Male,
}

/// Traits as they come in a message and as they are stored: plain texts, empty where not known.
///
/// The fields, and the fields that a refusal names, are those of `passerelle.agency.v1.Identity`.
/// `Debug` shows nothing.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TraitsForm {
    /// 1 to 120 characters.
    pub birth_name: String,
    /// At most 120 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub usage_name: String,
    /// 1 to 120 characters, in order, separated by blanks.
    pub first_names: String,
    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub birth_date: String,
    /// `female` or `male`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sex: String,
    /// COG code of a commune, 5 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub birth_commune: String,
    /// COG code of a country, `99` and 3 digits.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub birth_country: String,
    /// 13 characters, or 15 with the key.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub nir: String,
}

impl Sex {
    /// Reads `female` or `male`; the error names no field.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        match text {
            "female" => Ok(Self::Female),
            "male" => Ok(Self::Male),
            _ => Err(Malformed::new("", "female, male, or empty")),
        }
    }

    /// `female` or `male`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
        }
    }
}

impl TryFrom<TraitsForm> for IdentityTraits {
    type Error = Malformed;

    fn try_from(form: TraitsForm) -> Result<Self, Malformed> {
        Ok(Self {
            birth_name: needed("birth_name", &form.birth_name, PersonName::new)?,
            usage_name: known("usage_name", &form.usage_name, PersonName::new)?,
            first_names: needed("first_names", &form.first_names, PersonName::new)?,
            birth_date: needed("birth_date", &form.birth_date, str::parse)?,
            sex: known("sex", &form.sex, Sex::parse)?,
            birthplace: Birthplace::read(&form.birth_commune, &form.birth_country)?.map(Pii::new),
            nir: known("nir", &form.nir, str::parse)?,
        })
    }
}

impl From<IdentityTraits> for TraitsForm {
    fn from(traits: IdentityTraits) -> Self {
        let place = |wanted: fn(&Birthplace) -> Option<&CogCode>| {
            let code = traits
                .birthplace
                .as_ref()
                .and_then(|place| wanted(place.expose()));
            code.map_or_else(String::new, |code| code.as_str().to_owned())
        };
        Self {
            birth_commune: place(Birthplace::commune),
            birth_country: place(Birthplace::country),
            birth_name: traits.birth_name.into_exposed().into(),
            usage_name: traits
                .usage_name
                .map_or_else(String::new, |name| name.into_exposed().into()),
            first_names: traits.first_names.into_exposed().into(),
            birth_date: traits.birth_date.expose().to_string(),
            sex: traits
                .sex
                .map_or_else(String::new, |sex| sex.expose().as_str().to_owned()),
            nir: traits
                .nir
                .map_or_else(String::new, |nir| nir.expose().expose().to_owned()),
        }
    }
}

impl fmt::Debug for TraitsForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TraitsForm(***)")
    }
}

fn needed<T>(
    field: &'static str,
    text: &str,
    read: impl FnOnce(&str) -> Result<T, Malformed>,
) -> Result<Pii<T>, Malformed> {
    read(text)
        .map(Pii::new)
        .map_err(|error| error.within(field))
}

fn known<T>(
    field: &'static str,
    text: &str,
    read: impl FnOnce(&str) -> Result<T, Malformed>,
) -> Result<Option<Pii<T>>, Malformed> {
    if text.is_empty() {
        return Ok(None);
    }
    needed(field, text, read).map(Some)
}

#[cfg(test)]
pub(crate) mod tests;
