use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use passerelle_tlog::{
    Bundle, DirSource, HashReader, TileHashes, TilePath, TileSource, TlogProof, leaf_hash,
    prove_inclusion,
};

use super::{Failure, Prove, published};

impl Prove {
    pub(super) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let source = DirSource::new(&self.dir);
        let head = published(&self.dir, &source, &self.key)?;
        if self.index >= head.size() {
            return Err(Failure::of_file(
                &self.dir,
                format_args!(
                    "has no entry {}: its checkpoint has {} entries",
                    self.index,
                    head.size()
                ),
            ));
        }
        let found = |what: &dyn std::fmt::Display| Failure::of_file(&self.dir, what);
        let hashes = TileHashes::new(&source, head.size());
        let path =
            prove_inclusion(&hashes, self.index, head.size()).map_err(|error| found(&error))?;
        let entry = entry(&source, self.index, head.size()).map_err(|error| found(&error))?;
        let leaf = hashes.hash(0, self.index).map_err(|error| found(&error))?;
        if leaf_hash(&entry) != leaf {
            return Err(found(&format_args!(
                "entry {} does not hash to its leaf",
                self.index
            )));
        }
        let proof = TlogProof::new(self.index, path, &head);
        // The tiles are not to be believed before this.
        proof
            .verify(&entry, &self.key)
            .map_err(|error| found(&error))?;

        fs::create_dir_all(&self.out).map_err(|error| Failure::of_file(&self.out, error))?;
        let proof_file = self.out.join(format!("{}.tlog-proof", self.index));
        let entry_file = self.out.join(format!("{}.entry", self.index));
        create(&entry_file, &entry)?;
        create(&proof_file, proof.to_string().as_bytes())?;
        writeln!(out, "proof: {}", proof_file.display())?;
        writeln!(out, "entry: {}", entry_file.display())?;
        Ok(())
    }
}

/// The bytes of an entry from its bundle, full or as it was published last.
fn entry(source: &DirSource, index: u64, size: u64) -> Result<Vec<u8>, String> {
    let bundle = index / PER_BUNDLE;
    let width = u16::try_from((size - bundle * PER_BUNDLE).min(PER_BUNDLE)).unwrap_or(u16::MAX);
    let path = TilePath::entries(bundle, width).map_err(|error| error.to_string())?;
    let mut read = None;
    // A partial bundle may be gone once the full one is there (C2SP tlog-tiles, "Partial Tiles").
    for candidate in [path, path.full()] {
        read = read.or(source
            .read(&candidate)
            .map_err(|error| format!("{candidate} cannot be read: {error}"))?);
    }
    let bytes = read.ok_or_else(|| format!("{path} is missing"))?;
    let place = usize::try_from(index % PER_BUNDLE).unwrap_or(usize::MAX);
    match Bundle::new(&bytes).nth(place) {
        Some(Ok(entry)) => Ok(entry.to_vec()),
        _ => Err(format!("entry {index} is cut short in {path}")),
    }
}

fn create(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(file)
        .and_then(|mut opened| opened.write_all(bytes))
        .map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => {
                Failure::of_file(file, "exists already and is never overwritten")
            }
            _ => Failure::of_file(file, error),
        })
}

/// C2SP tlog-tiles, "Log Entries".
const PER_BUNDLE: u64 = 256;
