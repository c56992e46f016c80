use passerelle_domain::vocabulary::RefusalReason;

use crate::cells::CellSet;
use crate::trace::{By, Closing};

/// What closes, in the order of the list `refusal_reason`; each reason once for what it comes from.
#[derive(Default)]
pub(super) struct Closings(Vec<Closing>);

impl Closings {
    pub(super) fn close(&mut self, reason: RefusalReason, by: By, cells: CellSet) {
        if cells.is_empty() {
            return;
        }
        // The enum is declared in the order of the list, and ordered so.
        match self
            .0
            .binary_search_by(|other| (other.reason, &other.by).cmp(&(reason, &by)))
        {
            Ok(at) => self.0[at].cells |= cells,
            Err(at) => self.0.insert(at, Closing { reason, by, cells }),
        }
    }

    pub(super) fn cells(&self) -> CellSet {
        self.0.iter().map(|closing| closing.cells).collect()
    }

    pub(super) fn cells_of(&self, reason: RefusalReason) -> CellSet {
        self.0
            .iter()
            .filter(|closing| closing.reason == reason)
            .map(|closing| closing.cells)
            .collect()
    }

    /// The reason that counts: the first of the list among those that close any cell.
    pub(super) fn first_reason(&self) -> Option<RefusalReason> {
        self.0.first().map(|closing| closing.reason)
    }

    pub(super) fn into_vec(self) -> Vec<Closing> {
        self.0
    }
}
