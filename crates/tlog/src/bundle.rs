/// Longest entry: its length is written in 16 bits (C2SP tlog-tiles, "Log entries").
pub const MAX_ENTRY_BYTES: usize = u16::MAX as usize;

/// Appends an entry to a bundle: its length in two bytes, big-endian, then its bytes.
pub fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), EntryTooLong> {
    let length = u16::try_from(entry.len()).map_err(|_| EntryTooLong { bytes: entry.len() })?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The entries of a bundle, in order. Ends at the first that is cut short, with an error.
#[derive(Debug, Clone)]
pub struct Bundle<'a> {
    rest: &'a [u8],
}

impl<'a> Bundle<'a> {
    /// Reads the bytes of a bundle.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What was not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    fn split(&self) -> Option<(&'a [u8], &'a [u8])> {
        let (length, rest) = self.rest.split_first_chunk()?;
        rest.split_at_checked(u16::from_be_bytes(*length).into())
    }
}

impl<'a> Iterator for Bundle<'a> {
    type Item = Result<&'a [u8], BundleError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let Some((entry, rest)) = self.split() else {
            self.rest = &[];
            return Some(Err(BundleError));
        };
        self.rest = rest;
        Some(Ok(entry))
    }
}

/// The entry does not fit a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an entry has at most 65535 bytes, this one has {bytes}")]
pub struct EntryTooLong {
    /// Its length.
    pub bytes: usize,
}

/// The bundle ends inside an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bundle ends inside an entry")]
pub struct BundleError;

#[cfg(test)]
mod tests;
