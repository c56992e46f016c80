use passerelle_domain::{Malformed, NodeId};

/// The key of a row, part by part. Each part has one length for its place, or ends in a zero byte,
/// so that a prefix of parts is a prefix of keys and of no others.
#[derive(Clone, Default)]
pub(crate) struct Key(Vec<u8>);

impl Key {
    pub(crate) fn new() -> Self {
        Self(Vec::with_capacity(64))
    }

    /// An id, as many bytes as it always has.
    pub(crate) fn id<const N: usize>(mut self, id: &[u8; N]) -> Self {
        self.0.extend_from_slice(id);
        self
    }

    /// A node.
    pub(crate) fn node(mut self, node: &NodeId) -> Self {
        self.0.extend_from_slice(node.as_str().as_bytes());
        self.0.push(NODE_ENDS);
        self
    }

    /// A number; keys are in the order of their numbers.
    pub(crate) fn u64(self, number: u64) -> Self {
        self.id(&number.to_be_bytes())
    }

    /// A smaller number.
    pub(crate) fn u32(self, number: u32) -> Self {
        self.id(&number.to_be_bytes())
    }

    /// The smallest number.
    pub(crate) fn u8(self, number: u8) -> Self {
        self.id(&[number])
    }

    /// Whatever is left, as the last part.
    pub(crate) fn rest(mut self, rest: &[u8]) -> Self {
        self.0.extend_from_slice(rest);
        self
    }
}

impl std::ops::Deref for Key {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

/// Reads the parts of a key.
pub(crate) struct KeyParts<'a>(&'a [u8]);

impl<'a> KeyParts<'a> {
    pub(crate) fn of(key: &'a [u8]) -> Self {
        Self(key)
    }

    /// An id.
    pub(crate) fn id<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (id, rest) = self.0.split_first_chunk().ok_or_else(malformed)?;
        self.0 = rest;
        Ok(*id)
    }

    /// A node.
    pub(crate) fn node(&mut self) -> Result<NodeId, Malformed> {
        let end = self
            .0
            .iter()
            .position(|byte| *byte == NODE_ENDS)
            .ok_or_else(malformed)?;
        let name = std::str::from_utf8(&self.0[..end]).map_err(|_| malformed())?;
        self.0 = &self.0[end + 1..];
        NodeId::new(name).map_err(|what| what.within("key"))
    }

    /// A number.
    pub(crate) fn u64(&mut self) -> Result<u64, Malformed> {
        self.id().map(u64::from_be_bytes)
    }

    /// A smaller number.
    pub(crate) fn u32(&mut self) -> Result<u32, Malformed> {
        self.id().map(u32::from_be_bytes)
    }

    /// Whatever is left.
    pub(crate) fn rest(self) -> &'a [u8] {
        self.0
    }
}

fn malformed() -> Malformed {
    Malformed::new("key", "the parts that keys of this table have")
}

/// No node id holds it.
const NODE_ENDS: u8 = 0;
