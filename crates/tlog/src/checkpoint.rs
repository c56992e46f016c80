use std::fmt;
use std::str::FromStr;

use crate::cosignature::Cosignature;
use crate::hash::Hash;
use crate::key::{KeyName, SignatureType, VerifyingKey};
use crate::note::{Note, NoteError, NoteSignature, Signer};
use crate::signing::KeyPair;
use crate::text::decimal;

/// The head of a log at one size (C2SP tlog-checkpoint): its text form is origin, size and root, one
/// a line. An assertion of nobody until it comes out of a [`SignedCheckpoint`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log, the name of its key.
    pub origin: KeyName,
    /// Number of leaves.
    pub size: u64,
    /// The Merkle tree hash of that many leaves.
    pub root: Hash,
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = self.root.to_base64();
        writeln!(f, "{}\n{}\n{root}", self.origin, self.size)
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    /// Three lines and nothing more: extension lines are opaque to every auditor ("NOT RECOMMENDED")
    /// and refused.
    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let lines = text.strip_suffix('\n').ok_or(CheckpointError::Form)?;
        let mut lines = lines.split('\n');
        let (Some(origin), Some(size), Some(root), None) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::Form);
        };
        Ok(Self {
            origin: origin.parse().map_err(|_| CheckpointError::Origin)?,
            size: decimal(size).ok_or(CheckpointError::Size)?,
            root: Hash::from_base64(root).map_err(|_| CheckpointError::Root)?,
        })
    }
}

/// A checkpoint that bears a valid signature of its log's key: it was opened with that key, or made
/// with its private half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    note: Note,
    checkpoint: Checkpoint,
}

impl SignedCheckpoint {
    /// Reads a signed checkpoint and checks that `log`, the key whose name is the origin, signed it.
    /// Cosignatures stay in it, unchecked: see [`SignedCheckpoint::cosignatures`].
    pub fn open(bytes: &[u8], log: &VerifyingKey) -> Result<Self, CheckpointError> {
        let note = Note::parse(bytes)?;
        note.open(std::slice::from_ref(log))?;
        let checkpoint: Checkpoint = note.text().parse()?;
        // A witness's key of the same name must not pass for the log's.
        if checkpoint.origin != *log.name() || log.kind() != SignatureType::Ed25519 {
            return Err(CheckpointError::OtherLog);
        }
        Ok(Self { note, checkpoint })
    }

    /// A head of its own log, signed by `key`.
    pub(crate) fn sign(key: &KeyPair, size: u64, root: Hash) -> Self {
        let checkpoint = Checkpoint {
            origin: key.verifying_key().name().clone(),
            size,
            root,
        };
        let mut note = Note::unsigned(checkpoint.to_string());
        note.push(key.sign(note.text().as_bytes(), &[]));
        Self { note, checkpoint }
    }

    /// The origin that unverified bytes claim, to choose the key to open them with.
    pub fn claimed_origin(bytes: &[u8]) -> Result<KeyName, CheckpointError> {
        let checkpoint: Checkpoint = Note::parse(bytes)?.text().parse()?;
        Ok(checkpoint.origin)
    }

    /// The head.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.checkpoint.size
    }

    /// The root.
    pub fn root(&self) -> &Hash {
        &self.checkpoint.root
    }

    /// The signed text, without signatures.
    pub fn text(&self) -> &str {
        self.note.text()
    }

    /// The whole note. For one that was opened, exactly the bytes received: the format has one
    /// spelling.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.note.to_string().into_bytes()
    }

    /// Adds a signature line, say of a witness. It is not checked here.
    pub fn push(&mut self, signature: NoteSignature) {
        self.note.push(signature);
    }

    /// Which of these witnesses cosigned, and when; empty if none. A line that names one of them and
    /// does not verify makes all of it an error.
    pub fn cosignatures(&self, witnesses: &[VerifyingKey]) -> Result<Vec<Cosignature>, NoteError> {
        let opened = match self.note.open(witnesses) {
            Err(NoteError::NoKnownSignature) => Vec::new(),
            opened => opened?,
        };
        let cosigned = opened.into_iter().filter_map(|line| match line.signer {
            Signer::Witness(at) => Some(Cosignature {
                witness: line.key.name().clone(),
                at,
            }),
            Signer::Key => None,
        });
        Ok(cosigned.collect())
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

/// Why a checkpoint is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note around it.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Not three lines.
    #[error("a checkpoint has three lines: origin, size, root; extension lines are refused")]
    Form,
    /// The origin could not be the name of a key.
    #[error("the origin of a checkpoint is the name of its log's key")]
    Origin,
    /// Not a decimal number.
    #[error("the size of a checkpoint is a decimal number without leading zeros")]
    Size,
    /// Not a hash.
    #[error("the root of a checkpoint is the base64 of 32 bytes")]
    Root,
    /// Signed by this key for a log of another name, or not by a log key.
    #[error("the checkpoint is not one of this key's log")]
    OtherLog,
}

#[cfg(test)]
mod tests;
