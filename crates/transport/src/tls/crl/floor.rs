use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use x509_parser::num_bigint::BigUint;

use crate::file;
use crate::tls::LoadError;

/// By issuer, its name in DER: the number of its list (RFC 5280 §5.2.3).
pub(super) type Numbers = BTreeMap<Vec<u8>, BigUint>;

/// The highest numbers of the revocation lists that were in force, kept in a file: an older list that
/// is put back, even while the node is stopped, would let in whom a later one keeps out.
#[derive(Debug)]
pub(in crate::tls) struct Floor {
    file: PathBuf,
    numbers: Numbers,
}

impl Floor {
    /// What the file says; none is there at the first start.
    pub(in crate::tls) fn read(file: &Path) -> Result<Self, LoadError> {
        let text = if file.exists() {
            file::read(file)?
        } else {
            String::new()
        };
        let numbers: Option<Numbers> = text.lines().map(parse).collect();
        Ok(Self {
            numbers: numbers.ok_or_else(|| LoadError::refused(file, "damaged; restore it"))?,
            file: file.to_owned(),
        })
    }

    pub(super) fn is_above(&self, issuer: &[u8], number: &BigUint) -> bool {
        self.numbers.get(issuer).is_some_and(|kept| number < kept)
    }

    /// An authority that is no longer an anchor keeps its number: it may become one again.
    pub(super) fn raise(mut self, numbers: &Numbers) -> Result<(), LoadError> {
        let before = self.numbers.clone();
        for (issuer, number) in numbers {
            let kept = self.numbers.entry(issuer.clone()).or_default();
            *kept = number.max(kept).clone();
        }
        if self.numbers == before {
            return Ok(());
        }
        if let Some(folder) = self.file.parent() {
            file::create_folder(folder)?;
        }
        let lines = self.numbers.iter();
        let text: String = lines
            .map(|(issuer, number)| format!("{} {number}\n", HEXLOWER.encode(issuer)))
            .collect();
        Ok(file::replace(&self.file, &text)?)
    }
}

fn parse(line: &str) -> Option<(Vec<u8>, BigUint)> {
    let (issuer, number) = line.split_once(' ')?;
    let issuer = HEXLOWER.decode(issuer.as_bytes()).ok()?;
    Some((issuer, number.parse().ok()?))
}
