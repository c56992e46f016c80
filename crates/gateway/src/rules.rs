//! The table of rules, as the configuration names it.

use std::path::PathBuf;

use passerelle_domain::Digest;
use passerelle_policy::{Environment, Rules as Compiled, RulesTable};

use crate::config::Rules;
use crate::yaml::{Document, YamlError};

/// Reads the table, which must be the one that was accepted where somebody accepted one. In
/// production somebody must have, and something must be left once the rows that nobody verified
/// count as absent: a node that may share nothing is no node.
pub fn load(rules: &Rules, environment: Environment) -> Result<Compiled, TableError> {
    let file = || rules.path.clone();
    let document = Document::read(&rules.path)?;
    if environment == Environment::Production && rules.acceptance.is_none() {
        return Err(TableError::AcceptedByNobody { file: file() });
    }
    if let Some(acceptance) = &rules.acceptance {
        let found = Digest::of(document.text().as_bytes());
        if found != acceptance.sha256 {
            return Err(TableError::NotAccepted {
                file: file(),
                by: acceptance.by.clone(),
                accepted: acceptance.sha256,
                found,
            });
        }
    }
    // JSON is YAML: read so, an error names line and column.
    let table: RulesTable = document.parse()?;
    let compiled = Compiled::compile(&table, environment)
        .map_err(|error| document.refuse(error.path(), error.to_string()))?;
    if environment == Environment::Production && compiled.rows() == 0 {
        return Err(TableError::NothingCounts { file: file() });
    }
    Ok(compiled)
}

/// Why a table of rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// It cannot be read, or says what no table may say: the place, the field and the rule.
    #[error(transparent)]
    Unreadable(#[from] YamlError),
    /// Production needs one that somebody accepted.
    #[error(
        "{}: `environment: production` needs rules that somebody accepted; have them read, and \
         write accepted_sha256, accepted_by and accepted_on under `rules`",
        file.display()
    )]
    AcceptedByNobody {
        /// The table.
        file: PathBuf,
    },
    /// Nobody has verified a row of it.
    #[error(
        "{}: no row counts in production, because nobody has verified any (`review`); the example \
         is for training alone",
        file.display()
    )]
    NothingCounts {
        /// The table.
        file: PathBuf,
    },
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
}

#[cfg(test)]
mod tests;
