//! Finding a person in the node's own files.

use std::collections::BTreeSet;
use std::fmt;

use passerelle_domain::{Malformed, PartialDate, Pii};

use super::{IdentityTraits, PersonName};
use crate::names::words;

/// One word of a name together with a year of birth. The index keeps its HMAC, never these bytes:
/// they are personal. `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SearchKey(Vec<u8>);

impl SearchKey {
    /// What to hash.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn new(date: PartialDate, word: &str) -> Self {
        Self(format!("name/1\0{:04}\0{word}", date.earliest().year()).into_bytes())
    }
}

impl fmt::Debug for SearchKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SearchKey(***)")
    }
}

/// The keys under which a person is found: one for each word of birth name and name in use, at
/// most 120, each once, in order.
pub fn search_keys(traits: &IdentityTraits) -> Vec<SearchKey> {
    let date = *traits.birth_date.expose();
    let keys: BTreeSet<SearchKey> = name_words(traits)
        .iter()
        .map(|word| SearchKey::new(date, word))
        .collect();
    keys.into_iter().collect()
}

/// A search by an agent of the node's own organisation.
///
/// The index narrows it down ([`Search::keys`]); the traits of each candidate then decide
/// ([`Search::accepts`]).
#[derive(Clone, Debug)]
pub struct Search {
    name: Pii<PersonName>,
    first_name: Option<Pii<PersonName>>,
    birth_date: Pii<PartialDate>,
}

impl Search {
    /// Reads the fields of `passerelle.agency.v1.FindPersonsRequest`; only the first name may be
    /// empty.
    pub fn parse(name: &str, first_name: &str, birth_date: &str) -> Result<Self, Malformed> {
        Ok(Self {
            name: super::needed("name", name, PersonName::new)?,
            first_name: super::known("first_name", first_name, PersonName::new)?,
            birth_date: super::needed("birth_date", birth_date, str::parse)?,
        })
    }

    /// Keys that whoever is sought has every one of; at least one, at most 60.
    pub fn keys(&self) -> Vec<SearchKey> {
        let form = self.name.expose().match_form();
        let keys: BTreeSet<SearchKey> = words(&form)
            .map(|word| SearchKey::new(*self.birth_date.expose(), word))
            .collect();
        keys.into_iter().collect()
    }

    /// Whether a candidate is one of those sought: has all words of the name in its birth name or
    /// name in use, all words of the first name among its first names, and a birth date that may
    /// be the same day.
    pub fn accepts(&self, candidate: &IdentityTraits) -> bool {
        let has_words = |wanted: &Pii<PersonName>, held: &BTreeSet<String>| {
            words(&wanted.expose().match_form()).all(|word| held.contains(word))
        };
        let (wanted, held) = (self.birth_date.expose(), candidate.birth_date.expose());
        let same_day = wanted.earliest() <= held.latest() && held.earliest() <= wanted.latest();
        let first_names = || {
            words(&candidate.first_names.expose().match_form())
                .map(str::to_owned)
                .collect()
        };
        same_day
            && has_words(&self.name, &name_words(candidate))
            && self
                .first_name
                .as_ref()
                .is_none_or(|wanted| has_words(wanted, &first_names()))
    }
}

fn name_words(traits: &IdentityTraits) -> BTreeSet<String> {
    let names = std::iter::once(&traits.birth_name).chain(&traits.usage_name);
    let forms: Vec<String> = names.map(|name| name.expose().match_form()).collect();
    forms
        .iter()
        .flat_map(|form| words(form))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests;
