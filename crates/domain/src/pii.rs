//! Personal data that cannot be printed by accident.

use std::fmt;

/// A personal value: `Debug` and `Display` print `***` (invariant I10).
///
/// Reading it is spelt out with [`Pii::expose`], so that a search for that word lists every place
/// where personal data leaves its wrapping.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pii<T>(T);

impl<T> Pii<T> {
    /// Wraps a personal value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself, unwrapped for good.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T> fmt::Display for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T> From<T> for Pii<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

/// Serialises the value itself, for the few claims whose members are personal.
pub(crate) mod plain {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Pii;

    pub(crate) fn serialize<T: Serialize, S: Serializer>(
        value: &Pii<T>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.expose().serialize(to)
    }

    pub(crate) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Pii<T>, D::Error> {
        T::deserialize(from).map(Pii::new)
    }
}
