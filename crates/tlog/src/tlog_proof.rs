use std::fmt;

use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::hash::{Hash, leaf_hash};
use crate::key::VerifyingKey;
use crate::note::MAX_NOTE_BYTES;
use crate::proof::{ProofError, verify_inclusion};
use crate::text::{decimal, decode_base64, encode_base64};

/// Longest proof read.
pub const MAX_PROOF_BYTES: usize = MAX_NOTE_BYTES + 64 * 1024;

/// Proof that an entry is in a log, for anyone who holds the entry and the log's key
/// (C2SP tlog-proof, `c2sp.org/tlog-proof@v1`; files end in `.tlog-proof`).
///
/// Parsed, nothing in it is to be believed: [`TlogProof::verify`] decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Opaque data that travels along, unauthenticated. Empty for none.
    pub extra: Vec<u8>,
    /// Number of the leaf.
    pub index: u64,
    /// Inclusion proof, leaf's sibling first, in the tree of the checkpoint.
    pub hashes: Vec<Hash>,
    /// The signed checkpoint, as received.
    pub checkpoint: String,
}

impl TlogProof {
    /// The proof for leaf `index` under a checkpoint, from its inclusion proof in that tree.
    pub fn new(index: u64, hashes: Vec<Hash>, checkpoint: &SignedCheckpoint) -> Self {
        Self {
            extra: Vec::new(),
            index,
            hashes,
            checkpoint: checkpoint.to_string(),
        }
    }

    /// Reads the text form.
    pub fn parse(bytes: &[u8]) -> Result<Self, TlogProofError> {
        if bytes.len() > MAX_PROOF_BYTES {
            return Err(TlogProofError::TooLong);
        }
        let text = str::from_utf8(bytes).map_err(|_| TlogProofError::Form)?;
        let (proof, checkpoint) = text.split_once("\n\n").ok_or(TlogProofError::Form)?;
        let mut lines = proof.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(TlogProofError::Form);
        }
        let extra = match lines.peek().and_then(|line| line.strip_prefix(EXTRA)) {
            None => Vec::new(),
            Some(encoded) => {
                lines.next();
                // "If no extra data is present, this line is omitted": no empty one.
                decode_base64(encoded)
                    .filter(|extra| !extra.is_empty())
                    .ok_or(TlogProofError::Extra)?
            }
        };
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix(INDEX))
            .and_then(decimal)
            .ok_or(TlogProofError::Index)?;
        let hashes = lines
            .map(Hash::from_base64)
            .collect::<Result<_, _>>()
            .map_err(|_| TlogProofError::Hash)?;
        Ok(Self {
            extra,
            index,
            hashes,
            checkpoint: checkpoint.to_owned(),
        })
    }

    /// Checks that the log's key signed the checkpoint and that `entry` is leaf [`index`] of its tree.
    /// Returns the checkpoint, whose cosignatures and consistency with older ones are the caller's to
    /// check.
    ///
    /// [`index`]: TlogProof::index
    pub fn verify(
        &self,
        entry: &[u8],
        log: &VerifyingKey,
    ) -> Result<SignedCheckpoint, TlogProofError> {
        self.verify_leaf(&leaf_hash(entry), log)
    }

    /// As [`TlogProof::verify`], for one who holds the leaf hash alone.
    pub fn verify_leaf(
        &self,
        leaf: &Hash,
        log: &VerifyingKey,
    ) -> Result<SignedCheckpoint, TlogProofError> {
        let head = SignedCheckpoint::open(self.checkpoint.as_bytes(), log)?;
        verify_inclusion(leaf, self.index, head.size(), &self.hashes, head.root())?;
        Ok(head)
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if !self.extra.is_empty() {
            writeln!(f, "{EXTRA}{}", encode_base64(&self.extra))?;
        }
        writeln!(f, "{INDEX}{}", self.index)?;
        for hash in &self.hashes {
            writeln!(f, "{}", hash.to_base64())?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

/// Why a proof of logging is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// Longer than [`MAX_PROOF_BYTES`].
    #[error("a tlog-proof has at most {MAX_PROOF_BYTES} bytes")]
    TooLong,
    /// Not laid out as a proof.
    #[error("not a c2sp.org/tlog-proof@v1")]
    Form,
    /// The `extra` line.
    #[error("the extra line of a tlog-proof holds base64")]
    Extra,
    /// The `index` line.
    #[error("the index of a tlog-proof is a decimal number without leading zeros")]
    Index,
    /// A hash line.
    #[error("the proof lines of a tlog-proof hold one base64 hash each")]
    Hash,
    /// The checkpoint in it.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The entry is not in that tree at that index.
    #[error("the entry is not in the log: {0}")]
    Inclusion(#[from] ProofError),
}

const HEADER: &str = "c2sp.org/tlog-proof@v1";
const EXTRA: &str = "extra ";
const INDEX: &str = "index ";

#[cfg(test)]
mod tests;
