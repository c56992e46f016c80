//! Reading the fields of rows back into what they were made from.

use bytes::Bytes;
use passerelle_domain::{Class, Malformed, Timestamp};

/// A field that reads itself.
pub(crate) fn field<T>(name: &str, read: Result<T, Malformed>) -> Result<T, Malformed> {
    read.map_err(|what| what.within(name))
}

/// A field that is empty where there is nothing.
pub(crate) fn optional<T>(
    name: &str,
    bytes: &Bytes,
    read: impl FnOnce(&[u8]) -> Result<T, Malformed>,
) -> Result<Option<T>, Malformed> {
    if bytes.is_empty() {
        return Ok(None);
    }
    field(name, read(bytes)).map(Some)
}

/// An id of the vocabulary.
pub(crate) fn word<T>(name: &str, read: Option<T>) -> Result<T, Malformed> {
    read.ok_or_else(|| Malformed::new(name, "an id of the vocabulary"))
}

/// A class.
pub(crate) fn class(name: &str, number: u32) -> Result<Class, Malformed> {
    let class = u8::try_from(number)
        .ok()
        .and_then(|number| Class::try_from(number).ok());
    class.ok_or_else(|| Malformed::new(name, "1 to 4"))
}

/// An instant.
pub(crate) fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// An instant, 0 where there is none.
pub(crate) fn maybe_at(millis: u64) -> Option<Timestamp> {
    (millis != 0).then(|| at(millis))
}

/// Milliseconds of an instant, 0 where there is none.
pub(crate) fn maybe_millis(at: Option<Timestamp>) -> u64 {
    at.map_or(0, Timestamp::as_millis)
}

/// The bytes of an id, none where there is none.
pub(crate) fn maybe_bytes<const N: usize>(id: Option<&[u8; N]>) -> Bytes {
    id.map_or_else(Bytes::new, bytes)
}

/// The bytes of an id.
pub(crate) fn bytes<const N: usize>(id: &[u8; N]) -> Bytes {
    Bytes::copy_from_slice(id)
}

/// A state as rows hold it: an enum of the proto file without its value for "not set".
macro_rules! state {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl $name {
            pub(crate) fn to_row(self) -> i32 {
                match self {
                    $(Self::$variant => passerelle_proto::storage::v1::$name::$variant as i32),+
                }
            }

            pub(crate) fn from_row(number: i32) -> Result<Self, passerelle_domain::Malformed> {
                match passerelle_proto::storage::v1::$name::try_from(number) {
                    $(Ok(passerelle_proto::storage::v1::$name::$variant) => Ok(Self::$variant),)+
                    _ => Err(passerelle_domain::Malformed::new("state", "one of its values, set")),
                }
            }
        }
    };
}
pub(crate) use state;
