use bytes::Bytes;
use passerelle_domain::{Digest, PersonId};

use super::{TableError, exchange_index, persons};
use crate::rows::ReadRows;
use crate::seal::{
    OpenedPart, SealedEntry, SealedFields, Sealing, open_part, receipt_ref_of, seal_part, tag_of,
};
use crate::table::Table;
use crate::tx::Tx;
use crate::view::View;

/// What reads tables: a read view of a store, or a transaction.
///
/// The functions of each table take one.
pub trait Read: Sealed {
    /// Opens the sealed part of the entry at `leaf`, which has this commitment. `None` where it was
    /// erased.
    fn open_sealed(
        &self,
        leaf: u64,
        part: &[u8],
        commitment: &Digest,
    ) -> Result<Option<OpenedPart>, TableError>
    where
        Self: Sized,
    {
        let sealer = self.sealing().sealer();
        let keys = sealer.keys();
        match exchange_index::owner(self, leaf)? {
            exchange_index::Owner::Person(person) => match persons::key(self, &person)? {
                None => Ok(None),
                Some(key) => open_part(keys, &key.entries, part, commitment)
                    .map(Some)
                    .ok_or(NOT_SEALED_HERE),
            },
            exchange_index::Owner::Nobody => open_part(keys, keys.nobody(), part, commitment)
                .map(Some)
                .ok_or(NOT_SEALED_HERE),
            exchange_index::Owner::Erased => Ok(None),
        }
    }

    /// The tag that the entry of a sealed part bears if it is about this person: how the entries of
    /// a person are found where there is no index. `None` for a person without a key.
    fn tag(&self, person: &PersonId, part: &[u8]) -> Result<Option<Digest>, TableError>
    where
        Self: Sized,
    {
        let key = persons::key(self, person)?;
        Ok(key.and_then(|key| tag_of(&key.entries, part)))
    }

    /// How the entry of a sealed part names a receipt, by the receipt's digest. `None` for a person
    /// without a key.
    fn receipt_ref(
        &self,
        person: &PersonId,
        part: &[u8],
        receipt: &Digest,
    ) -> Result<Option<Digest>, TableError>
    where
        Self: Sized,
    {
        let key = persons::key(self, person)?;
        Ok(key.and_then(|key| receipt_ref_of(&key.entries, part, receipt)))
    }
}

/// What changes tables: a transaction.
pub trait Write: Read + SealedMut {
    /// Seals what an entry about a person is to keep to itself, before the entry is written:
    /// `receipts` are the digests of the receipts among its grounds, in their order.
    fn seal(
        &mut self,
        person: &PersonId,
        fields: &SealedFields,
        receipts: &[Digest],
    ) -> Result<SealedEntry, TableError>
    where
        Self: Sized,
    {
        let key = persons::key(self, person)?.ok_or(TableError::NoPerson { table: SEALED_PART })?;
        let sealer = self.sealing().sealer();
        seal_part(
            sealer.keys(),
            &key.entries,
            Some(person),
            fields,
            receipts,
            sealer.rng(),
        )
        .ok_or(TableError::TooLong { table: SEALED_PART })
    }

    /// The same for an entry about nobody: without the keys of the node it cannot be told from one
    /// about somebody, neither by its values nor by its length.
    fn seal_nobody(
        &mut self,
        fields: &SealedFields,
        receipts: &[Digest],
    ) -> Result<SealedEntry, TableError>
    where
        Self: Sized,
    {
        let sealer = self.sealing().sealer();
        let keys = sealer.keys();
        seal_part(keys, keys.nobody(), None, fields, receipts, sealer.rng())
            .ok_or(TableError::TooLong { table: SEALED_PART })
    }
}

impl<T: Sealed> Read for T {}
impl<T: SealedMut> Write for T {}

/// Rows as they are stored.
///
/// Public in a private module: nobody outside of this crate implements it.
pub trait Sealed: ReadRows {
    /// What seals and opens them.
    fn sealing(&self) -> &Sealing<'_>;
}

/// Rows as they are stored, to be changed.
pub trait SealedMut: Sealed {
    /// Sets a row to a value that is sealed already.
    fn put_row(&mut self, table: Table, key: &[u8], value: Bytes);

    /// Removes a row; none is no error.
    fn delete_row(&mut self, table: Table, key: &[u8]);
}

impl Sealed for View<'_> {
    fn sealing(&self) -> &Sealing<'_> {
        Self::sealing(self)
    }
}

impl Sealed for Tx<'_> {
    fn sealing(&self) -> &Sealing<'_> {
        Self::sealing(self)
    }
}

impl SealedMut for Tx<'_> {
    fn put_row(&mut self, table: Table, key: &[u8], value: Bytes) {
        self.put(table, key, value);
    }

    fn delete_row(&mut self, table: Table, key: &[u8]) {
        self.delete(table, key);
    }
}

const SEALED_PART: &str = "sealed part";
const NOT_SEALED_HERE: TableError = TableError::Unopened { table: SEALED_PART };
