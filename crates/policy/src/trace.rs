//! Why each cell is open or closed, for whoever may read the sealed part of the holder's log.

use std::sync::Arc;

use passerelle_domain::vocabulary::{Class, RefusalReason, Section};
use passerelle_domain::{NodeId, Timestamp, TokenId};

use crate::cells::CellSet;
use crate::permit::{OpenedCell, PermitGround};

/// The verdict on every cell that was asked for. A few words of memory: the decision is made of it.
#[derive(Clone, Debug)]
pub struct Trace {
    pub(crate) asked: CellSet,
    pub(crate) closings: Vec<Closing>,
    pub(crate) opened: Vec<OpenedCell>,
    pub(crate) grounds: Vec<PermitGround>,
    pub(crate) rows: Vec<(Arc<str>, CellSet)>,
}

/// A reason, what it comes from, and the cells that it closes.
#[derive(Clone, Debug)]
pub(crate) struct Closing {
    pub(crate) reason: RefusalReason,
    pub(crate) by: By,
    pub(crate) cells: CellSet,
}

/// Why one cell is open or closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// Open.
    Open {
        /// The receipt that opens it.
        ground: &'a PermitGround,
        /// The row of the rules that allows it.
        row: &'a str,
        /// The end of the receipt or of its grant, whichever comes first.
        until: Timestamp,
    },
    /// Closed, by each of these alone; the first is the one that counts.
    Closed(Vec<(RefusalReason, &'a By)>),
}

/// What a reason comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// What is not there: a receipt, a row, a right, a second factor.
    Absence,
    /// This receipt, or one of its grants.
    Receipt {
        /// Who issued it.
        issuer: NodeId,
        /// Its `jti`.
        id: TokenId,
    },
    /// This row of the rules, by its name.
    Row(Arc<str>),
    /// This objection.
    Objection {
        /// Who took it.
        issuer: NodeId,
        /// Its `jti`.
        id: TokenId,
    },
    /// A rule of the holder's organisation.
    Organisation,
    /// The link.
    Link,
}

impl Trace {
    /// The verdict on each cell that was asked for, in the order of the sections.
    pub fn verdicts(&self) -> impl Iterator<Item = (Section, Class, Verdict<'_>)> {
        self.asked
            .iter()
            .map(|(section, class)| (section, class, self.verdict(section, class)))
    }

    fn verdict(&self, section: Section, class: Class) -> Verdict<'_> {
        let opened = self
            .opened
            .iter()
            .find(|cell| cell.section == section && cell.class == class);
        let ground = opened.and_then(|cell| Some((self.grounds.get(cell.ground)?, cell.until)));
        let row = self
            .rows
            .iter()
            .find(|(_, cells)| cells.contains(section, class));
        match ground.zip(row) {
            Some(((ground, until), (row, _))) => Verdict::Open { ground, row, until },
            None => Verdict::Closed(
                self.closings
                    .iter()
                    .filter(|closing| closing.cells.contains(section, class))
                    .map(|closing| (closing.reason, &closing.by))
                    .collect(),
            ),
        }
    }
}
