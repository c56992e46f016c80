mod progress;
mod prove;

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use passerelle_tlog::{
    Depth, DirSource, SignedCheckpoint, TlogProof, VerifyingKey, verify_consistency_of, verify_log,
};

use super::Failure;
use progress::Progress;

#[derive(Debug, Subcommand)]
pub(super) enum LogCommand {
    /// Check every tile and every entry of a log against its checkpoint. Names what is wrong first.
    ///
    /// A node keeps its log under `data_dir`, in log/NODE.FEDERATION/exchange/HALF-YEAR, such as
    /// log/ml-nord.spie.example/exchange/2026h2; `passerelle trust-list show` prints its key.
    Verify(Verify),
    /// Prove that an entry is in a log: writes INDEX.tlog-proof and INDEX.entry.
    Prove(Prove),
    /// Check a proof: that the log's key signed the checkpoint, and that the entry is in its tree.
    VerifyProof(VerifyProof),
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// Folder that holds `checkpoint` and `tile`
    dir: PathBuf,
    /// The log's verifier key, as the trust list has it: NAME+ID+KEY
    #[arg(long, value_name = "VKEY")]
    key: VerifyingKey,
    /// An older checkpoint of the same log: check that the log has only grown since
    #[arg(long, value_name = "FILE")]
    old: Option<PathBuf>,
    /// Check hashes alone: peers and witnesses are given no entries
    #[arg(long)]
    without_entries: bool,
}

#[derive(Debug, Args)]
pub(super) struct Prove {
    /// Folder that holds `checkpoint` and `tile`
    dir: PathBuf,
    /// Number of the entry, from 0
    index: u64,
    /// The log's verifier key
    #[arg(long, value_name = "VKEY")]
    key: VerifyingKey,
    /// Folder for the two files; never overwritten
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct VerifyProof {
    /// The proof, a .tlog-proof file
    file: PathBuf,
    /// The log's verifier key
    #[arg(long, value_name = "VKEY")]
    key: VerifyingKey,
    /// The entry; the file of the same name that ends in .entry if not given
    #[arg(long, value_name = "FILE")]
    entry: Option<PathBuf>,
}

impl LogCommand {
    pub(super) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        match self {
            Self::Verify(command) => command.run(out),
            Self::Prove(command) => command.run(out),
            Self::VerifyProof(command) => command.run(out),
        }
    }
}

impl Verify {
    fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let source = DirSource::new(&self.dir);
        let head = published(&self.dir, &source, &self.key)?;
        let found = |finding: passerelle_tlog::Finding| Failure::of_file(&self.dir, finding);
        if let Some(file) = &self.old {
            let bytes = fs::read(file).map_err(|error| Failure::of_file(file, error))?;
            let old = SignedCheckpoint::open(&bytes, &self.key)
                .map_err(|error| Failure::of_file(file, error))?;
            verify_consistency_of(&source, &old, &head).map_err(found)?;
        }
        let depth = if self.without_entries {
            Depth::Tiles
        } else {
            Depth::Entries
        };
        let mut progress = Progress::new(head.size());
        let report =
            verify_log(&source, &head, depth, |leaves| progress.show(leaves)).map_err(found)?;
        progress.end();
        writeln!(out, "{}: holds", self.dir.display())?;
        writeln!(out, "origin: {}", head.checkpoint().origin)?;
        writeln!(out, "size: {}", head.size())?;
        writeln!(out, "root: {}", head.root())?;
        writeln!(out, "tiles_checked: {}", report.tiles)?;
        writeln!(out, "entries_checked: {}", report.entries)?;
        Ok(())
    }
}

impl VerifyProof {
    fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let read = |file: &Path| fs::read(file).map_err(|error| Failure::of_file(file, error));
        let proof = TlogProof::parse(&read(&self.file)?)
            .map_err(|error| Failure::of_file(&self.file, error))?;
        let entry = self
            .entry
            .unwrap_or_else(|| self.file.with_extension("entry"));
        let head = proof
            .verify(&read(&entry)?, &self.key)
            .map_err(|error| Failure::of_file(&self.file, error))?;
        writeln!(out, "{}: holds", self.file.display())?;
        writeln!(out, "origin: {}", head.checkpoint().origin)?;
        writeln!(out, "index: {}", proof.index)?;
        writeln!(out, "size: {}", head.size())?;
        Ok(())
    }
}

/// The checkpoint in the folder, signed by the log's key.
fn published(
    dir: &Path,
    source: &DirSource,
    key: &VerifyingKey,
) -> Result<SignedCheckpoint, Failure> {
    let file = dir.join("checkpoint");
    let bytes = source.checkpoint().map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::of_file(
            dir,
            "holds no checkpoint; a node keeps its log in log/NODE.FEDERATION/exchange/HALF-YEAR \
             under its data_dir",
        ),
        _ => Failure::of_file(&file, error),
    })?;
    SignedCheckpoint::open(&bytes, key).map_err(|error| Failure::of_file(&file, error))
}
