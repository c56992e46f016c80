use passerelle_domain::Malformed;

use crate::keys::KeyError;

/// Why a table does not answer.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A key file is wrong or missing.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A value is not what was sealed for its row.
    #[error(
        "table {table}: a row does not open: it was changed, moved, or sealed under another key"
    )]
    Unopened {
        /// The table.
        table: &'static str,
    },
    /// A row opens and does not say what a row of its table says.
    #[error("table {table}: a row that this version does not read: {what}")]
    Malformed {
        /// The table.
        table: &'static str,
        /// The field and the rule.
        what: Malformed,
    },
    /// There is no key to seal a row about this person under.
    #[error("table {table}: the person is not known here, or was erased")]
    NoPerson {
        /// The table.
        table: &'static str,
    },
    /// What is to be stored is longer than a row may be.
    #[error("table {table}: more than a row holds")]
    TooLong {
        /// The table.
        table: &'static str,
    },
}
