//! The table of rules: between which organisations, for which purpose, what may be shared at all.
//!
//! Read from data that a privacy officer can read ([`RulesTable`]), compiled into sets of cells.
//! Absent means refused; no row overrides another, so two rows about one cell are an error.

mod compile;
mod evidence;
mod row;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use passerelle_domain::vocabulary::{Class, OrganisationKind, Purpose, Section};
use serde::{Deserialize, Serialize};

use evidence::AcceptedEvidence;
pub(crate) use evidence::Shown;
pub use table::{EvidenceAccepted, Names, Numbers, ObjectionEffect, Review, Row, RulesTable};

use crate::cells::CellSet;

/// Whether real persons are behind the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Rows that no privacy officer has verified count as absent.
    Production,
    /// Every row counts; whoever sees an answer is told that it is an exercise.
    Training,
}

/// The compiled table.
#[derive(Debug)]
pub struct Rules {
    environment: Environment,
    rows: usize,
    grounds: BTreeMap<Between, Ground>,
}

/// The key of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Between {
    holder: OrganisationKind,
    requester: OrganisationKind,
    purpose: Purpose,
}

/// What the rows say for one holder, one requester and one purpose.
#[derive(Debug, Default)]
pub(crate) struct Ground {
    /// Cells that some row speaks of.
    pub(crate) spoken: CellSet,
    /// Cells that any objection closes; the others wait for the officer's answer.
    pub(crate) open_to_objection: CellSet,
    /// Which evidence is enough for which cells.
    pub(crate) evidence: AcceptedEvidence,
    /// The rows, no two of which speak of one cell.
    pub(crate) rows: Vec<GroundRow>,
}

/// What one row lets be done with its cells.
#[derive(Clone, Debug)]
pub(crate) struct GroundRow {
    pub(crate) name: Arc<str>,
    pub(crate) cells: CellSet,
    pub(crate) read: bool,
    pub(crate) import: bool,
}

/// What one row says for one holder, one requester and one purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowBetween {
    /// Its name in the table.
    pub name: String,
    /// The sections and classes that it speaks of.
    pub cells: BTreeSet<(Section, Class)>,
    /// Whether they may be shown to the agent who asks.
    pub read: bool,
    /// Whether the asker's agency system may keep them.
    pub import: bool,
}

impl Ground {
    fn add(&mut self, row: &Self) {
        self.spoken |= row.spoken;
        self.open_to_objection |= row.open_to_objection;
        self.evidence.add(&row.evidence);
        self.rows.extend_from_slice(&row.rows);
    }
}

/// A table that cannot be used. The officer who wrote it mends it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// The table is of a version that this program does not know.
    #[error("version {found} is not known; this program reads version {known}")]
    Version {
        /// What the file says.
        found: u32,
        /// What is read.
        known: u32,
    },
    /// A row says what no row may say.
    #[error("row {row}: {rule}")]
    Row {
        /// Which row, from 0.
        place: usize,
        /// Its name, or its place (`rows[3]`) while it has none that can be shown.
        row: String,
        /// The field of the row, such as `holder[2]` or `review.on`.
        field: String,
        /// What the field must be.
        rule: &'static str,
    },
    /// Two rows speak of one cell.
    #[error("rows {first} and {second} both speak of {cell}; no row overrides another")]
    Twice {
        /// Which row stands later, from 0.
        place: usize,
        /// The row that stands first.
        first: String,
        /// The row that stands later.
        second: String,
        /// Holder, requester, purpose, section and class.
        cell: String,
    },
}

impl RulesError {
    /// What to look at in the table, as a path such as `rows[3].holder[2]`.
    pub fn path(&self) -> String {
        match self {
            Self::Version { .. } => "version".to_owned(),
            Self::Row { place, field, .. } => format!("rows[{place}].{field}"),
            Self::Twice { place, .. } => format!("rows[{place}]"),
        }
    }
}

impl Rules {
    /// Compiles a table for an environment.
    pub fn compile(table: &RulesTable, environment: Environment) -> Result<Self, RulesError> {
        compile::compile(table, environment)
    }

    /// For which environment it was compiled.
    pub const fn environment(&self) -> Environment {
        self.environment
    }

    /// How many rows count in this environment.
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The rows that speak for one holder, one requester and one purpose: no two of one cell.
    pub fn rows_between(
        &self,
        holder: OrganisationKind,
        requester: OrganisationKind,
        purpose: Purpose,
    ) -> Vec<RowBetween> {
        let ground = self.ground(holder, requester, purpose);
        let rows = ground.map_or(&[][..], |ground| &ground.rows);
        let row = |row: &GroundRow| RowBetween {
            name: row.name.to_string(),
            cells: row.cells.iter().collect(),
            read: row.read,
            import: row.import,
        };
        rows.iter().map(row).collect()
    }

    pub(crate) fn ground(
        &self,
        holder: OrganisationKind,
        requester: OrganisationKind,
        purpose: Purpose,
    ) -> Option<&Ground> {
        self.grounds.get(&Between {
            holder,
            requester,
            purpose,
        })
    }
}

#[cfg(test)]
mod tests;
