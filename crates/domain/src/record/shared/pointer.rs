//! A record may point to another one of the same journey, which a reader may not be allowed to
//! know of.

use super::SharedRecord;
use crate::RecordId;
use crate::record::RecordBody;

impl SharedRecord {
    /// The record that this one points to: the objective that a step serves.
    pub const fn points_to(&self) -> Option<RecordId> {
        match &self.parts.body {
            RecordBody::Step(step) => step.objective,
            _ => None,
        }
    }

    /// The same record, pointing to no other.
    pub fn without_pointer(mut self) -> Self {
        if let RecordBody::Step(step) = &mut self.parts.body {
            step.objective = None;
        }
        self
    }
}
