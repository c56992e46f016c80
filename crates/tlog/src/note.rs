use std::fmt::{self, Write as _};
use std::str::FromStr;

use crate::cosignature::CosignedAt;
use crate::key::{KeyId, KeyName, VerifyingKey};
use crate::text::{decode_base64, encode_base64};

/// Longest note read: 16 signatures of the largest post-quantum kind, and more.
pub const MAX_NOTE_BYTES: usize = 128 * 1024;

/// Most signature lines read. Verifiers must take 16 (C2SP signed-note, "Format").
pub const MAX_SIGNATURES: usize = 64;

/// A text and the signatures under it (C2SP signed-note). Nothing in it is to be believed before
/// [`Note::open`] has said who signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl Note {
    /// A note without signatures yet. Invariant of the caller: the text is one that parses.
    pub(crate) fn unsigned(text: String) -> Self {
        Self {
            text,
            signatures: Vec::new(),
        }
    }

    /// Reads a signed note: well-formed, nothing verified.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLong);
        }
        let note = str::from_utf8(bytes).map_err(|_| NoteError::Form)?;
        // The text may hold blank lines itself: it ends at the last one.
        let (end, _) = note.rmatch_indices("\n\n").next().ok_or(NoteError::Form)?;
        let (text, signatures) = (&note[..=end], &note[end + 2..]);
        check_text(text)?;
        let lines = signatures.strip_suffix('\n').ok_or(NoteError::Form)?;
        if lines.bytes().filter(|byte| *byte == b'\n').count() >= MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures);
        }
        Ok(Self {
            text: text.to_owned(),
            signatures: lines
                .split('\n')
                .map(str::parse)
                .collect::<Result<_, _>>()?,
        })
    }

    /// The text, with its final newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, in order, known and unknown.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds a signature line, after those that are there.
    pub(crate) fn push(&mut self, signature: NoteSignature) {
        self.signatures.push(signature);
    }

    /// Who among `keys` signed this note.
    ///
    /// A signature counts by key name and id together. Lines of other keys are ignored; a line that
    /// names a key of ours and does not verify makes the note worthless, whatever else it bears; so
    /// does the absence of any line of ours (C2SP signed-note, "Signatures").
    pub fn open<'k>(&self, keys: &'k [VerifyingKey]) -> Result<Vec<Opened<'k>>, NoteError> {
        let mut opened = Vec::new();
        for signature in &self.signatures {
            let Some(key) = keys
                .iter()
                .find(|key| *key.name() == signature.name && key.id() == signature.id)
            else {
                continue;
            };
            let signer = key
                .verify(&self.text, &signature.signature)
                .ok_or_else(|| NoteError::BadSignature(signature.name.clone()))?;
            opened.push(Opened { key, signer });
        }
        if opened.is_empty() {
            return Err(NoteError::NoKnownSignature);
        }
        Ok(opened)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        f.write_char('\n')?;
        self.signatures
            .iter()
            .try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

/// A signature of a note that was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened<'k> {
    /// The key that verified it.
    pub key: &'k VerifyingKey,
    /// As what it signed.
    pub signer: Signer,
}

/// As what a key signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// The text itself (type 0x01).
    Key,
    /// That at this time it was the largest consistent head it had seen (type 0x04).
    Witness(CosignedAt),
}

/// One signature line, `— <name> <base64(id || signature)>`, without its newline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    name: KeyName,
    id: KeyId,
    signature: Vec<u8>,
}

impl NoteSignature {
    pub(crate) fn new(key: &VerifyingKey, signature: Vec<u8>) -> Self {
        Self {
            name: key.name().clone(),
            id: key.id(),
            signature,
        }
    }

    /// Name of the key that is said to have signed.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// Its identifier.
    pub fn id(&self) -> KeyId {
        self.id
    }
}

impl FromStr for NoteSignature {
    type Err = NoteError;

    fn from_str(line: &str) -> Result<Self, NoteError> {
        let (name, encoded) = line
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.split_once(' '))
            .ok_or(NoteError::SignatureLine)?;
        let bytes = decode_base64(encoded).ok_or(NoteError::SignatureLine)?;
        match bytes.split_first_chunk() {
            Some((id, signature)) if !signature.is_empty() => Ok(Self {
                name: name.parse().map_err(|_| NoteError::SignatureLine)?,
                id: KeyId(*id),
                signature: signature.to_owned(),
            }),
            _ => Err(NoteError::SignatureLine),
        }
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.id.0[..], &self.signature].concat();
        write!(f, "{PREFIX}{} {}", self.name, encode_base64(&bytes))
    }
}

/// "Signed notes MUST be valid UTF-8 and MUST NOT contain any ASCII control characters (those below
/// U+0020) other than newline."
fn check_text(text: &str) -> Result<(), NoteError> {
    let control = text.bytes().any(|byte| byte < b' ' && byte != b'\n');
    if control || !text.ends_with('\n') {
        return Err(NoteError::Form);
    }
    Ok(())
}

/// Why a note is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Longer than [`MAX_NOTE_BYTES`].
    #[error("a note has at most {MAX_NOTE_BYTES} bytes")]
    TooLong,
    /// No text, no blank line before the signatures, no final newline, control characters.
    #[error("not a signed note: text, a blank line, signature lines, in UTF-8")]
    Form,
    /// A line under the text is no signature.
    #[error("a signature line is written — <key name> <base64>")]
    SignatureLine,
    /// More than [`MAX_SIGNATURES`].
    #[error("a note has at most {MAX_SIGNATURES} signatures")]
    TooManySignatures,
    /// The signature of a known key does not verify.
    #[error("the signature of {0} does not verify")]
    BadSignature(KeyName),
    /// Nobody we know signed.
    #[error("no signature of a known key")]
    NoKnownSignature,
}

/// U+2014 and a space.
const PREFIX: &str = "\u{2014} ";

#[cfg(test)]
mod tests;
