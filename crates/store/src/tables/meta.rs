//! Values of the node itself, by name.
//!
//! `meta`: name.

use bytes::Bytes;
use passerelle_proto::storage::v1 as rows;

use super::spec::{Found, Spec};
use super::{Read, TableError, Write};

/// The name of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetaName(&'static str);

impl MetaName {
    /// The version of the tables' forms.
    pub const SCHEMA: Self = Self("schema");
    /// The highest trust list that was in force: epoch and serial.
    pub const TRUST_LIST: Self = Self("trust-list");
    /// That this node was found to be rolled back.
    pub const ROLLED_BACK: Self = Self("rolled-back");
    /// The newest time that was seen.
    pub const NEWEST_TIME: Self = Self("newest-time");
    /// That the node is paused, by whom and since when.
    pub const PAUSED: Self = Self("paused");

    /// A name that a use case keeps something of its own under.
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }
}

/// A value.
pub fn find(read: &impl Read, name: MetaName) -> Result<Option<Bytes>, TableError> {
    let found = META.find::<rows::MetaRow>(read, name.0.as_bytes())?;
    Ok(found.map(|Found { row, .. }| row.value))
}

/// Sets a value.
pub fn put(tx: &mut impl Write, name: MetaName, value: Bytes) -> Result<(), TableError> {
    META.put(tx, None, name.0.as_bytes(), &rows::MetaRow { value })
}

/// Removes a value.
pub fn remove(tx: &mut impl Write, name: MetaName) {
    META.delete(tx, name.0.as_bytes());
}

pub(super) const META: Spec = Spec::new(38, "meta");
