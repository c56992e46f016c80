use bytes::{Bytes, BytesMut};
use passerelle_domain::{Malformed, PersonId};
use prost::Message;

use super::key::Key;
use super::{Read, TableError, Write, persons};
use crate::seal::Header;
use crate::table::Table;

/// One table: how its rows are sealed and opened.
#[derive(Clone, Copy)]
pub(crate) struct Spec {
    pub(crate) table: Table,
    pub(crate) name: &'static str,
    /// The version of the form of its rows.
    version: u8,
    /// Whether a value may be longer than an engine takes, and is then stored in parts.
    long: bool,
}

/// Whose key seals a row.
pub(crate) type Owner<'a> = Option<&'a PersonId>;

/// A row as it was found.
pub(crate) struct Found<M> {
    pub(crate) key: Bytes,
    pub(crate) owner: Option<PersonId>,
    pub(crate) row: M,
}

impl Spec {
    pub(crate) const fn new(number: u8, name: &'static str) -> Self {
        Self {
            table: Table::new(number),
            name,
            version: 1,
            long: false,
        }
    }

    /// A table of values that may be long.
    pub(crate) const fn long(self) -> Self {
        Self { long: true, ..self }
    }

    /// One row.
    pub(crate) fn find<M: Message + Default>(
        &self,
        read: &impl Read,
        key: &[u8],
    ) -> Result<Option<Found<M>>, TableError> {
        match read.get(self.table, key) {
            None => Ok(None),
            Some(value) => self.open(read, Bytes::copy_from_slice(key), value),
        }
    }

    /// Whether there is a row, whoever can open it.
    pub(crate) fn exists(&self, read: &impl Read, key: &[u8]) -> bool {
        read.get(self.table, key).is_some()
    }

    /// All rows whose keys start with `prefix`.
    pub(crate) fn all<M: Message + Default>(
        &self,
        read: &impl Read,
        prefix: &[u8],
    ) -> Result<Vec<Found<M>>, TableError> {
        self.page(read, prefix, None, usize::MAX)
    }

    /// At most `limit` rows whose keys start with `prefix`, those after the key `after`. Fewer only
    /// where there are no more: rows that are as if they were not there do not count.
    pub(crate) fn page<M: Message + Default>(
        &self,
        read: &impl Read,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Found<M>>, TableError> {
        let mut found = Vec::new();
        let mut after = after.map(Bytes::copy_from_slice);
        loop {
            let wanted = limit - found.len();
            let rows = scan(read, self.table, prefix, after.as_deref(), wanted);
            let more = rows.len() == wanted;
            after = rows.last().map(|(key, _)| key.clone());
            found.reserve(rows.len());
            for (key, value) in rows {
                found.extend(self.open(read, key, value)?);
            }
            if !more || found.len() == limit {
                return Ok(found);
            }
        }
    }

    /// Keys of at most `limit` rows that start with `prefix`, those after the key `after`; nothing
    /// is opened.
    pub(crate) fn keys(
        &self,
        read: &impl Read,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Vec<Bytes> {
        let rows = scan(read, self.table, prefix, after, limit);
        rows.into_iter().map(|(key, _)| key).collect()
    }

    /// Whose key seals a row, if there is a row.
    #[allow(
        clippy::option_option,
        reason = "no row, a row of the node, a row about a person"
    )]
    pub(crate) fn owner(
        &self,
        read: &impl Read,
        key: &[u8],
    ) -> Result<Option<Option<PersonId>>, TableError> {
        let Some(value) = read.get(self.table, key) else {
            return Ok(None);
        };
        let value = if self.long {
            value.get(1..)
        } else {
            Some(&value[..])
        };
        let header = value
            .and_then(Header::read)
            .ok_or_else(|| self.unopened())?;
        Ok(Some(header.owner))
    }

    /// Sets a row.
    pub(crate) fn put(
        &self,
        tx: &mut impl Write,
        owner: Owner<'_>,
        key: &[u8],
        row: &impl Message,
    ) -> Result<(), TableError> {
        let header = Header {
            version: self.version,
            owner: owner.copied(),
        };
        let person;
        let sealing = match owner {
            Some(id) => {
                person = persons::key(tx, id)?.ok_or(TableError::NoPerson { table: self.name })?;
                &person.rows
            }
            None => tx
                .sealing()
                .sealer()
                .keys()
                .table(self.table.number())
                .ok_or_else(|| self.unopened())?,
        };
        let value = sealing.seal(self.name, key, header, row, tx.sealing().sealer().rng());
        if self.long {
            return self.put_long(tx, key, &value);
        }
        if value.len() > LONGEST {
            return Err(TableError::TooLong { table: self.name });
        }
        tx.put_row(self.table, key, value);
        Ok(())
    }

    /// Removes a row; none is no error.
    pub(crate) fn delete(&self, tx: &mut impl Write, key: &[u8]) {
        if self.long {
            self.delete_parts(tx, key, 0);
        }
        tx.delete_row(self.table, key);
    }

    /// The error for what a row says.
    pub(crate) fn malformed(&self, what: Malformed) -> TableError {
        TableError::Malformed {
            table: self.name,
            what,
        }
    }

    fn unopened(&self) -> TableError {
        TableError::Unopened { table: self.name }
    }

    /// `None` for a row whose person's key is gone.
    fn open<M: Message + Default>(
        &self,
        read: &impl Read,
        key: Bytes,
        value: Bytes,
    ) -> Result<Option<Found<M>>, TableError> {
        let value = if self.long {
            self.join(read, &key, &value)?
        } else {
            value
        };
        let header = Header::read(&value).ok_or_else(|| self.unopened())?;
        if header.version != self.version {
            let what = Malformed::new("version", "the version of this program's rows");
            return Err(self.malformed(what));
        }
        let opened = match header.owner {
            None => {
                let sealing = read.sealing().sealer().keys().table(self.table.number());
                sealing.and_then(|sealing| sealing.open(self.name, &key, header, &value))
            }
            Some(person) => {
                let Some(sealing) = persons::key(read, &person)? else {
                    return Ok(None);
                };
                sealing.rows.open(self.name, &key, header, &value)
            }
        };
        let opened = opened.ok_or_else(|| self.unopened())?;
        let row = M::decode(opened)
            .map_err(|_| self.malformed(Malformed::new("row", "a message of its kind")))?;
        Ok(Some(Found {
            key,
            owner: header.owner,
            row,
        }))
    }

    /// A long value stands in parts: the row says how many follow, and holds the first.
    fn put_long(&self, tx: &mut impl Write, key: &[u8], value: &Bytes) -> Result<(), TableError> {
        let mut parts = value.chunks(LONGEST_PART);
        let more = u8::try_from(parts.len().saturating_sub(1));
        let more = more.map_err(|_| TableError::TooLong { table: self.name })?;
        self.delete_parts(tx, key, more);
        let first = parts.next().unwrap_or_default();
        let mut row = BytesMut::with_capacity(1 + first.len());
        row.extend_from_slice(&[more]);
        row.extend_from_slice(first);
        tx.put_row(self.table, key, row.freeze());
        for (number, part) in (0..more).zip(parts) {
            tx.put_row(PARTS, &self.part(number, key), value.slice_ref(part));
        }
        Ok(())
    }

    fn join(&self, read: &impl Read, key: &[u8], row: &Bytes) -> Result<Bytes, TableError> {
        let (&more, first) = row.split_first().ok_or_else(|| self.unopened())?;
        if more == 0 {
            return Ok(row.slice(1..));
        }
        let mut value = BytesMut::from(first);
        for number in 0..more {
            let part = read
                .get(PARTS, &self.part(number, key))
                .ok_or_else(|| self.unopened())?;
            value.extend_from_slice(&part);
        }
        Ok(value.freeze())
    }

    fn delete_parts(&self, tx: &mut impl Write, key: &[u8], from: u8) {
        let row = tx.get(self.table, key);
        let more = row.and_then(|row| row.first().copied()).unwrap_or(0);
        for number in from..more {
            tx.delete_row(PARTS, &self.part(number, key));
        }
    }

    fn part(&self, number: u8, key: &[u8]) -> Key {
        Key::new().u8(self.table.number()).rest(key).u8(number)
    }
}

/// At most `limit` rows whose keys start with `prefix`, those after the key `after`.
fn scan(
    read: &impl Read,
    table: Table,
    prefix: &[u8],
    after: Option<&[u8]>,
    limit: usize,
) -> Vec<(Bytes, Bytes)> {
    // The first key there can be after another is that key and a zero byte.
    let from = after.map_or_else(Key::new, |after| Key::new().rest(after).u8(0));
    read.scan(table, prefix, &from, limit)
}

/// The further parts of long values: pieces of a sealed value, whose tag covers them all.
const PARTS: Table = Table::new(2);

/// The longest value that engines take.
const LONGEST: usize = 64 * 1024;
const LONGEST_PART: usize = 60_000;
