use bytes::Bytes;

/// A table: one number, 1 to 239, under which keys are in byte order.
///
/// Numbers 0 and 240 to 255 are kept for what an engine writes for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Table(u8);

impl Table {
    /// The table of a number.
    ///
    /// # Panics
    ///
    /// On a number that is kept for engines. Tables are constants: this fails in the build.
    pub const fn new(number: u8) -> Self {
        assert!(
            number >= 1 && number <= Self::LAST,
            "tables are numbered 1 to 239"
        );
        Self(number)
    }

    /// The table of a number that was read, if it is one.
    pub(crate) fn from_number(number: u32) -> Option<Self> {
        let number = u8::try_from(number).ok()?;
        (1..=Self::LAST).contains(&number).then_some(Self(number))
    }

    /// Its number.
    pub const fn number(self) -> u8 {
        self.0
    }

    const LAST: u8 = 239;
}

/// Where a row stands among all rows: the number of its table, then its key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row(Bytes);

impl Row {
    /// The row of a key.
    pub fn new(table: Table, key: &[u8]) -> Self {
        let mut row = Vec::with_capacity(1 + key.len());
        row.push(table.number());
        row.extend_from_slice(key);
        Self(row.into())
    }

    /// From the bytes that [`Row::as_bytes`] gives; `None` when they belong to no table.
    pub fn from_bytes(bytes: Bytes) -> Option<Self> {
        Table::from_number((*bytes.first()?).into())?;
        Some(Self(bytes))
    }

    /// Its table.
    pub fn table(&self) -> Table {
        // Both constructors put the number of a table first.
        Table(self.0[0])
    }

    /// Its key in its table.
    pub fn key(&self) -> Bytes {
        self.0.slice(1..)
    }

    /// Table number and key: rows compare as these bytes do.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same bytes, shared.
    pub(crate) fn into_bytes(self) -> Bytes {
        self.0
    }

    /// The first row after this one.
    pub(crate) fn successor(&self) -> Self {
        let mut next = Vec::with_capacity(self.0.len() + 1);
        next.extend_from_slice(&self.0);
        next.push(0);
        Self(next.into())
    }
}

impl std::borrow::Borrow<[u8]> for Row {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}
