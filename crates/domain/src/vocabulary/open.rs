//! Enum values that a newer peer may know and this version does not.

use std::fmt;

use super::{Class, Classed, Wire};

/// A value of a list as it came from the wire: one that this version knows, or a number that it
/// keeps and passes on.
///
/// `Debug` shows nothing: the value is part of somebody's record (I10).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Open<T>(Inner<T>);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Inner<T> {
    Known(T),
    Unknown(i32),
}

impl<T: Wire> Open<T> {
    /// The value with this number; none for 0, which says that nothing was set.
    pub fn from_number(number: i32) -> Option<Self> {
        match T::Proto::try_from(number) {
            Ok(proto) => T::from_proto(proto).map(|value| Self(Inner::Known(value))),
            Err(_) => Some(Self(Inner::Unknown(number))),
        }
    }

    /// The number as it travels.
    pub fn number(self) -> i32 {
        match self.0 {
            Inner::Known(value) => value.to_proto().into(),
            Inner::Unknown(number) => number,
        }
    }

    /// The value, if this version knows it.
    pub fn known(self) -> Option<T> {
        match self.0 {
            Inner::Known(value) => Some(value),
            Inner::Unknown(_) => None,
        }
    }
}

impl<T: Wire + Classed> Open<T> {
    /// How sensitive it is; an unknown value counts 4 in a list that holds class 4, else 3.
    pub fn sensitivity(self) -> Class {
        match self.0 {
            Inner::Known(value) => value.sensitivity(),
            Inner::Unknown(_) => T::list().unknown_class(),
        }
    }
}

impl<T> From<T> for Open<T> {
    fn from(value: T) -> Self {
        Self(Inner::Known(value))
    }
}

impl<T> fmt::Debug for Open<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
