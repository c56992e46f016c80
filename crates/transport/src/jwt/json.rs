//! JSON as it was written: members that are there twice stay twice, so that they can be refused.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use crate::jwt::{Part, TokenError};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Unsigned(u64),
    Negative(i64),
    /// Any number with a fraction, an exponent, or past 64 bits: no claim has one.
    OtherNumber,
    Text(String),
    Array(Vec<Self>),
    Object(Members),
}

pub(super) type Members = Vec<(String, Json)>;

impl Json {
    /// The payload of a token: one object, with nothing in it twice and nothing `null`.
    pub(super) fn payload(bytes: &[u8]) -> Result<Self, TokenError> {
        let payload = Self::Object(object(Part::Payload, bytes)?);
        payload.refuse_ambiguity("")?;
        Ok(payload)
    }

    /// RFC 8259 §4 leaves it open which of two members counts, and readers differ: neither does.
    fn refuse_ambiguity(&self, path: &str) -> Result<(), TokenError> {
        match self {
            Self::Null => Err(TokenError::NullClaim(path.to_owned())),
            Self::Array(items) => items
                .iter()
                .enumerate()
                .try_for_each(|(i, item)| item.refuse_ambiguity(&format!("{path}[{i}]"))),
            Self::Object(members) => {
                if let Some(twice) = twice(members) {
                    return Err(TokenError::DuplicateClaim(join(path, twice)));
                }
                members
                    .iter()
                    .try_for_each(|(name, value)| value.refuse_ambiguity(&join(path, name)))
            }
            _ => Ok(()),
        }
    }
}

/// The path of a member that is there twice, at any depth.
pub(super) fn twice_anywhere(path: &str, members: &Members) -> Option<String> {
    if let Some(name) = twice(members) {
        return Some(join(path, name));
    }
    members
        .iter()
        .find_map(|(name, value)| twice_in(&join(path, name), value))
}

fn twice_in(path: &str, value: &Json) -> Option<String> {
    match value {
        Json::Object(members) => twice_anywhere(path, members),
        Json::Array(items) => items.iter().find_map(|item| twice_in(path, item)),
        _ => None,
    }
}

/// The members of the one object that `bytes` are.
pub(super) fn object(part: Part, bytes: &[u8]) -> Result<Members, TokenError> {
    match serde_json::from_slice(bytes) {
        Ok(Json::Object(members)) => Ok(members),
        _ => Err(TokenError::NotJson(part)),
    }
}

/// A member name that is there more than once.
pub(super) fn twice(members: &Members) -> Option<&str> {
    let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names
        .windows(2)
        .find(|pair| pair[0] == pair[1])
        .map(|pair| pair[0])
}

/// The path of a member, as far as it can be shown: a name that is none of ours is not, since it
/// was chosen by whoever made the token.
pub(super) fn join(path: &str, name: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'#');
    let name = if !name.is_empty() && name.len() <= 32 && name.bytes().all(plain) {
        name
    } else {
        "?"
    };
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AsWritten)
    }
}

struct AsWritten;

impl<'de> Visitor<'de> for AsWritten {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Unsigned(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Negative(value))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::OtherNumber)
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Json::Object(members))
    }
}
