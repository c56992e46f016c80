//! From JSON into the claims of one kind of token, with the path and the kind of what is wrong.
//!
//! `serde_json` would take an array for an object, and says what is wrong only in words that show
//! the value.

use std::fmt;

use serde::de::value::StringDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess,
    SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use crate::jwt::TokenError;
use crate::jwt::json::{self, Json};

/// Reads the claims that `payload` is.
pub(super) fn read<C: DeserializeOwned>(payload: Json) -> Result<C, TokenError> {
    C::deserialize(Value(payload)).map_err(|fault| {
        let path = fault.path;
        match fault.kind {
            Kind::Unknown => TokenError::UnknownClaim(path),
            Kind::Missing => TokenError::MissingClaim(path),
            Kind::Twice => TokenError::DuplicateClaim(path),
            Kind::Mistyped => TokenError::MistypedClaim(path),
            Kind::Invalid => TokenError::InvalidClaim(path),
        }
    })
}

/// What is wrong, and where.
#[derive(Debug)]
struct Fault {
    kind: Kind,
    path: String,
}

#[derive(Debug)]
enum Kind {
    Unknown,
    Missing,
    Twice,
    Mistyped,
    Invalid,
}

impl Fault {
    fn here(kind: Kind) -> Self {
        Self {
            kind,
            path: String::new(),
        }
    }

    fn at(kind: Kind, name: &str) -> Self {
        Self {
            kind,
            path: json::join("", name),
        }
    }

    /// The same fault, seen from the object around it.
    fn within(self, name: &str) -> Self {
        let outer = json::join("", name);
        let path = match self.path.as_str() {
            "" => outer,
            inner if inner.starts_with('[') => format!("{outer}{inner}"),
            inner => format!("{outer}.{inner}"),
        };
        Self { path, ..self }
    }

    /// The same fault, seen from the array around it.
    fn within_item(self, index: usize) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') {
            ""
        } else {
            "."
        };
        Self {
            path: format!("[{index}]{dot}{}", self.path),
            ..self
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.path, self.kind)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::here(Kind::Invalid)
    }

    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self::here(Kind::Mistyped)
    }

    fn unknown_field(name: &str, _: &'static [&'static str]) -> Self {
        Self::at(Kind::Unknown, name)
    }

    fn missing_field(name: &'static str) -> Self {
        Self::at(Kind::Missing, name)
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::at(Kind::Twice, name)
    }
}

struct Value(Json);

impl<'de> Deserializer<'de> for Value {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Json::Null => visitor.visit_unit(),
            Json::Bool(value) => visitor.visit_bool(value),
            Json::Unsigned(value) => visitor.visit_u64(value),
            Json::Negative(value) => visitor.visit_i64(value),
            Json::OtherNumber => Err(Fault::here(Kind::Mistyped)),
            Json::Text(value) => visitor.visit_string(value),
            Json::Array(items) => visitor.visit_seq(Items {
                items: items.into_iter().enumerate(),
            }),
            Json::Object(members) => visitor.visit_map(Object {
                members: members.into_iter(),
                value: None,
            }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    /// Derived code would also take the members in order from an array.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.0 {
            Json::Object(_) => self.deserialize_any(visitor),
            _ => Err(Fault::here(Kind::Mistyped)),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.0 {
            Json::Text(name) => visitor.visit_enum(Variant { name, value: None }),
            Json::Object(members) => {
                let mut members = members.into_iter();
                match (members.next(), members.next()) {
                    (Some((name, value)), None) => visitor.visit_enum(Variant {
                        name,
                        value: Some(value),
                    }),
                    _ => Err(Fault::here(Kind::Invalid)),
                }
            }
            _ => Err(Fault::here(Kind::Mistyped)),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

struct Items {
    items: std::iter::Enumerate<std::vec::IntoIter<Json>>,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some((index, item)) = self.items.next() else {
            return Ok(None);
        };
        seed.deserialize(Value(item))
            .map(Some)
            .map_err(|fault| fault.within_item(index))
    }
}

struct Object {
    members: std::vec::IntoIter<(String, Json)>,
    value: Option<(String, Json)>,
}

impl<'de> MapAccess<'de> for Object {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let Some((name, value)) = self.members.next() else {
            return Ok(None);
        };
        let key: StringDeserializer<Fault> = name.clone().into_deserializer();
        self.value = Some((name, value));
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        // Asked for after a key, as the trait says; otherwise there is nothing to give.
        let (name, value) = self
            .value
            .take()
            .ok_or_else(|| Fault::here(Kind::Invalid))?;
        seed.deserialize(Value(value))
            .map_err(|fault| fault.within(&name))
    }
}

struct Variant {
    name: String,
    value: Option<Json>,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(mut self, seed: V) -> Result<(V::Value, Self), Fault> {
        let name: StringDeserializer<Fault> = std::mem::take(&mut self.name).into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        if self.value.is_some() {
            Err(Fault::here(Kind::Mistyped))
        } else {
            Ok(())
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        seed.deserialize(Value(
            self.value.ok_or_else(|| Fault::here(Kind::Mistyped))?,
        ))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        Value(self.value.ok_or_else(|| Fault::here(Kind::Mistyped))?).deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let value = Value(self.value.ok_or_else(|| Fault::here(Kind::Mistyped))?);
        value.deserialize_struct("", fields, visitor)
    }
}
