use std::fs;
use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use passerelle_domain::claim::NoticeCatalogue;
use passerelle_domain::{Clock, FederationId, Timestamp};
use passerelle_transport::jwt::SigningKey;
use passerelle_transport::notices;

use super::Failure;
use crate::notices::{drafted, verified};

#[derive(Debug, Subcommand)]
pub(super) enum NoticesCommand {
    /// Sign a draft, with the texts inside.
    ///
    /// The draft is YAML: `federation`, and `texts` with `id`, `lang`, `title`, `file`, `from` and if
    /// wanted `until` each. `deploy/notices.example` is one.
    Sign(Sign),
    /// Check a signed catalogue: signature, federation, and that each text is what it says.
    Verify(Verify),
    /// Check a signed catalogue and show what is in it, or one of its texts.
    Show(Show),
}

#[derive(Debug, Args)]
pub(super) struct Sign {
    /// The draft, YAML
    draft: PathBuf,
    /// The private key: the coordinator's, or one of the organisation's own
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// File for the signed catalogue; never overwritten
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The signed catalogue
    file: PathBuf,
    /// The public key that must have signed it
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The federation
    #[arg(long, value_name = "NAME")]
    federation: FederationId,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    #[command(flatten)]
    catalogue: Verify,
    /// Print the text with this SHA-256, and nothing else
    #[arg(long, value_name = "SHA256")]
    text: Option<passerelle_domain::Digest>,
}

impl NoticesCommand {
    pub(super) fn run(self, out: &mut dyn Write, clock: &dyn Clock) -> Result<(), Failure> {
        let now = clock.now();
        match self {
            Self::Sign(command) => command.run(out, now),
            Self::Verify(command) => {
                let catalogue = command.catalogue(now)?;
                writeln!(out, "{}: holds", command.file.display())?;
                writeln!(out, "texts: {}", catalogue.texts.len())?;
                Ok(())
            }
            Self::Show(command) => command.run(out, now),
        }
    }
}

impl Sign {
    fn run(self, out: &mut dyn Write, now: Timestamp) -> Result<(), Failure> {
        let catalogue = drafted(&self.draft, now)?;
        let key = SigningKey::load(&self.key)?;
        let token = notices::sign(&catalogue, &key)
            .map_err(|error| Failure::of_file(&self.draft, error))?;
        if self.out.exists() {
            return Err(Failure::of_file(
                &self.out,
                "exists already and is never overwritten",
            ));
        }
        fs::write(&self.out, format!("{token}\n"))
            .map_err(|error| Failure::of_file(&self.out, error))?;
        writeln!(out, "catalogue: {}", self.out.display())?;
        writeln!(out, "texts: {}", catalogue.texts.len())?;
        Ok(())
    }
}

impl Verify {
    fn catalogue(&self, now: Timestamp) -> Result<NoticeCatalogue, Failure> {
        Ok(verified(&self.file, &self.key, &self.federation, now)?)
    }
}

impl Show {
    fn run(self, out: &mut dyn Write, now: Timestamp) -> Result<(), Failure> {
        let catalogue = self.catalogue.catalogue(now)?;
        if let Some(sha256) = self.text {
            let mut texts = catalogue.texts.iter();
            let text = texts.find(|text| text.sha256 == sha256);
            let missing = || Failure::of_file(&self.catalogue.file, "holds no such text");
            write!(out, "{}", text.ok_or_else(missing)?.text)?;
            return Ok(());
        }
        writeln!(out, "federation: {}", catalogue.federation)?;
        writeln!(out, "issued: {}", catalogue.issued_at.at())?;
        writeln!(out, "texts:")?;
        for text in &catalogue.texts {
            let state = if text.is_shown(now) {
                "shown"
            } else {
                "not shown"
            };
            let until = text.until.map(|day| format!(" until {day}"));
            writeln!(out, "  - {} ({}): {}", text.id, text.lang, text.title)?;
            writeln!(
                out,
                "      from {}{}: {state} today",
                text.from,
                until.unwrap_or_default()
            )?;
            writeln!(out, "      sha256: {}", text.sha256)?;
        }
        Ok(())
    }
}
