//! Why each cell is open or closed, for whoever may read the sealed part of the holder's log.

use passerelle_domain::vocabulary::{Class, RefusalReason, Section};

use crate::cells::CellSet;
use crate::permit::{OpenedCell, PermitGround};

/// The verdict on every cell that was asked for. A few words of memory: the decision is made of it.
#[derive(Clone, Debug)]
pub struct Trace {
    pub(crate) asked: CellSet,
    /// What closes, in the order of the list `refusal_reason`, each with the cells it closes.
    pub(crate) closed: Vec<(RefusalReason, CellSet)>,
    pub(crate) opened: Vec<OpenedCell>,
    pub(crate) grounds: Vec<PermitGround>,
}

/// Why one cell is open or closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// Opened on this ground.
    Open(&'a PermitGround),
    /// Closed for these reasons, the one that counts first.
    Closed(Vec<RefusalReason>),
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
        match opened.and_then(|cell| self.grounds.get(cell.ground)) {
            Some(ground) => Verdict::Open(ground),
            None => Verdict::Closed(
                self.closed
                    .iter()
                    .filter(|(_, cells)| cells.contains(section, class))
                    .map(|(reason, _)| *reason)
                    .collect(),
            ),
        }
    }
}
