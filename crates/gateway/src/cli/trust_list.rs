mod draft;
mod shown;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use passerelle_domain::claim::CoordinatorKey;
use passerelle_domain::{Clock, FederationId, Malformed, Timestamp};
use passerelle_transport::jwt::{CoordinatorKeys, SigningKey, VerifyingKey};
use passerelle_transport::trust_list::{self, AcceptedList};

use super::Failure;
use crate::yaml::{Document, YamlError};
use draft::Draft;
use shown::Shown;

#[derive(Debug, Subcommand)]
pub(super) enum TrustListCommand {
    /// Sign a draft, as the list that follows another or as the first.
    ///
    /// The draft is YAML: `federation`, `epoch`, `coordinator_keys` and `members`, and if wanted
    /// `soft_expiry_days` (30) and `hard_expiry_days` (90). Its number, its date and the list before
    /// it are filled in here.
    Sign(Sign),
    /// Check a signed list: signature, times, and that each list in the file follows the one before.
    Verify(Verify),
    /// Check a signed list and show what it says.
    Show(Verify),
}

#[derive(Debug, Args)]
pub(super) struct Sign {
    /// The draft, YAML
    draft: PathBuf,
    /// The coordinator's private key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The signed list in force; leave out for the first
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
    /// The public key that signed it; the coordinator's own if not given
    #[arg(long, value_name = "FILE", requires = "previous")]
    previous_key: Option<PathBuf>,
    /// File for the signed list; never overwritten
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The signed list; several, one a line, the oldest first
    file: PathBuf,
    /// The public key that signed the first of them, as pinned
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The federation
    #[arg(long, value_name = "NAME")]
    federation: FederationId,
}

impl TrustListCommand {
    pub(super) fn run(self, out: &mut dyn Write, clock: &dyn Clock) -> Result<(), Failure> {
        let now = clock.now();
        match self {
            Self::Sign(command) => command.run(out, now),
            Self::Verify(command) => {
                let list = command.last(now)?;
                let (epoch, serial) = list.list().number();
                writeln!(out, "{}: holds", command.file.display())?;
                writeln!(out, "number: {epoch}.{serial}")?;
                writeln!(out, "sha256: {}", list.sha256())?;
                Ok(())
            }
            Self::Show(command) => {
                let list = command.last(now)?;
                write!(out, "{}", Shown { list: &list, now }).map_err(Failure::from)
            }
        }
    }
}

impl Sign {
    fn run(self, out: &mut dyn Write, now: Timestamp) -> Result<(), Failure> {
        let document = Document::read(&self.draft)?;
        let draft: Draft = document.parse()?;
        let key = SigningKey::load(&self.key)?;
        let previous = match &self.previous {
            None => None,
            Some(file) => Some(self.previous_list(file, &draft.federation, &key, now)?),
        };
        let list = draft.list(previous.as_ref(), now);
        if let Err(malformed) = passerelle_domain::claim::Claim::check(&list) {
            return Err(refused_draft(&document, &malformed).into());
        }
        let signs_next = |record: &CoordinatorKey| record.kid == key.kid();
        if previous.is_none() && !list.coordinator_keys.iter().any(signs_next) {
            let rule = "the key that signs the first list is one of them, or no list could follow";
            return Err(document.refuse("coordinator_keys", rule).into());
        }
        let number = list.number();
        let token = trust_list::sign(list, previous.as_ref(), &key)
            .map_err(|error| Failure::of_file(&self.draft, error))?;
        if self.out.exists() {
            return Err(Failure::of_file(
                &self.out,
                "exists already and is never overwritten",
            ));
        }
        fs::write(&self.out, format!("{token}\n"))
            .map_err(|error| Failure::of_file(&self.out, error))?;
        writeln!(out, "trust_list: {}", self.out.display())?;
        writeln!(out, "number: {}.{}", number.0, number.1)?;
        Ok(())
    }

    fn previous_list(
        &self,
        file: &Path,
        federation: &FederationId,
        key: &SigningKey,
        now: Timestamp,
    ) -> Result<AcceptedList, Failure> {
        let keys = match &self.previous_key {
            Some(public) => pinned(federation, public)?,
            None => own(federation, key)?,
        };
        last_of(file, keys, now)
    }
}

impl Verify {
    fn last(&self, now: Timestamp) -> Result<AcceptedList, Failure> {
        last_of(&self.file, pinned(&self.federation, &self.key)?, now)
    }
}

/// Checks the lists of a file, each with the keys that the one before it gives; the last.
fn last_of(
    file: &Path,
    mut keys: CoordinatorKeys,
    now: Timestamp,
) -> Result<AcceptedList, Failure> {
    let text = fs::read_to_string(file).map_err(|error| Failure::of_file(file, error))?;
    let mut last: Option<AcceptedList> = None;
    for (number, token) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_ascii().is_empty())
    {
        let refused =
            |what: String| Failure::new(format!("{}, line {}: {what}", file.display(), number + 1));
        let list =
            trust_list::verify(token, &keys, now).map_err(|error| refused(error.to_string()))?;
        if let Some(before) = &last {
            trust_list::follows(list.list(), before).map_err(|error| refused(error.to_string()))?;
        }
        keys = list.coordinator_keys().clone();
        last = Some(list);
    }
    last.ok_or_else(|| Failure::of_file(file, "holds no signed list"))
}

/// In the words of the draft, which writes days and not dates.
fn refused_draft(document: &Document, malformed: &Malformed) -> YamlError {
    match malformed.field() {
        "exp" => document.refuse(
            "hard_expiry_days",
            "1 to 400 days, and not fewer than soft_expiry_days",
        ),
        field => document.refuse(field, malformed.rule()),
    }
}

fn pinned(federation: &FederationId, file: &Path) -> Result<CoordinatorKeys, Failure> {
    let pem = fs::read_to_string(file).map_err(|error| Failure::of_file(file, error))?;
    let key = VerifyingKey::from_pem(&pem).map_err(|error| Failure::of_file(file, error))?;
    let record = CoordinatorKey {
        kid: key.kid().to_owned(),
        alg: key.algorithm(),
        public_key: pem,
    };
    Ok(CoordinatorKeys::of(federation, [&record])?)
}

fn own(federation: &FederationId, key: &SigningKey) -> Result<CoordinatorKeys, Failure> {
    let record = CoordinatorKey {
        kid: key.kid().to_owned(),
        alg: key.algorithm(),
        public_key: key.public_key_pem().to_owned(),
    };
    Ok(CoordinatorKeys::of(federation, [&record])?)
}
