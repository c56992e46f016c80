//! Files of persons, taken over into the own node: `passerelle import`.
//!
//! A file is read here, cell by cell, as a mapping says ([`Mapping`]); rows that hold go to the node
//! by `ImportService`, which keeps each whole or not at all. Nothing here writes what a cell says
//! anywhere but into those calls: a report names line, column and rule (I10).
//!
//! Read first: [`Mapping`], [`Reading`], [`run()`].

mod body;
mod cell;
mod decoded;
mod fields;
mod mapping;
mod report;
mod row;
mod run;
mod table;

pub(crate) use decoded::decoded;
pub use mapping::Mapping;
pub use report::{Finding, Outcome, Report};
pub use row::{Reading, RefusedCell};
pub use run::{Importing, RunError, Tally, run};
pub use table::{Table, TableError, TableRow};

#[cfg(test)]
mod tests;
