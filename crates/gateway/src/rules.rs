//! The table of rules, as the configuration names it.

use std::path::PathBuf;

use passerelle_domain::Digest;
use passerelle_policy::{Environment, Rules as Compiled, RulesError, RulesTable};

use crate::config::Rules;
use crate::yaml::{Document, YamlError};

/// Reads the table, which must be the one that was accepted where somebody accepted one.
pub fn load(rules: &Rules, environment: Environment) -> Result<Compiled, TableError> {
    let document = Document::read(&rules.path)?;
    if let Some(acceptance) = &rules.acceptance {
        let found = Digest::of(document.text().as_bytes());
        if found != acceptance.sha256 {
            return Err(TableError::NotAccepted {
                file: rules.path.clone(),
                by: acceptance.by.clone(),
                accepted: acceptance.sha256,
                found,
            });
        }
    }
    // JSON is YAML: read so, an error names line and column.
    let table: RulesTable = document.parse()?;
    Compiled::compile(&table, environment).map_err(|source| TableError::Contradictory {
        file: rules.path.clone(),
        source,
    })
}

/// Why a table of rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] YamlError),
    /// It is not the one that was accepted.
    #[error(
        "{}: its SHA-256 is {found}, and {by} accepted {accepted} (`rules.accepted_sha256`); \
         put that file back, or have this one read and accepted",
        file.display()
    )]
    NotAccepted {
        /// The table.
        file: PathBuf,
        /// Who accepted another.
        by: String,
        /// What was accepted.
        accepted: Digest,
        /// What is there.
        found: Digest,
    },
    /// Its rows cannot stand together.
    #[error("{}: {source}", file.display())]
    Contradictory {
        /// The table.
        file: PathBuf,
        /// What is wrong.
        source: RulesError,
    },
}
