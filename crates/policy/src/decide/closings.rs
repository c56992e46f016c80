use passerelle_domain::vocabulary::RefusalReason;

use crate::cells::CellSet;

/// What closes, each reason once, in the order of the list `refusal_reason`.
#[derive(Default)]
pub(super) struct Closings(Vec<(RefusalReason, CellSet)>);

impl Closings {
    pub(super) fn close(&mut self, reason: RefusalReason, cells: CellSet) {
        if cells.is_empty() {
            return;
        }
        match self.0.binary_search_by_key(&reason, |(other, _)| *other) {
            Ok(at) => self.0[at].1 |= cells,
            Err(at) => self.0.insert(at, (reason, cells)),
        }
    }

    pub(super) fn cells(&self) -> CellSet {
        self.0.iter().map(|(_, cells)| *cells).collect()
    }

    pub(super) fn into_reasons(self) -> Vec<(RefusalReason, CellSet)> {
        self.0
    }
}
