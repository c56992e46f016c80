//! An answer takes the place of what was asked with it, and of nothing else that is held (I6).

use std::collections::BTreeSet;

use bytes::Bytes;
use passerelle_domain::entry::Scope;
use passerelle_domain::{
    Cell, Class, Overview, Pii, RecordUse, Section, Summary, SummaryRecord, Timestamp, action_for,
};
use passerelle_proto::exchange::v1 as wire;
use passerelle_store::tables::copies::{AskedSection, HeldCopy};
use prost::Message;

use crate::ExchangeError;
use crate::journey::copied;

/// What a question asks for.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a>(pub(crate) &'a [Scope]);

impl Asked<'_> {
    fn covers(self, section: Section, class: Class) -> bool {
        self.0
            .iter()
            .any(|scope| scope.section == section && class <= scope.sensitivity)
    }

    fn covers_all(self, asked: &AskedSection) -> bool {
        self.covers(asked.section, asked.highest)
    }

    /// What was asked and answered by now, with what an earlier copy says of what was not asked.
    pub(crate) fn with_earlier(
        self,
        earlier: Option<&HeldCopy>,
        now: Timestamp,
    ) -> Vec<AskedSection> {
        let asked = self.0.iter().map(|scope| AskedSection {
            section: scope.section,
            highest: scope.sensitivity,
            received_at: now,
        });
        let before = earlier.into_iter().flat_map(|held| &held.asked);
        let left = before.filter(|before| !self.covers_all(before));
        asked.chain(left.copied()).collect()
    }

    /// What an answer leaves of an earlier copy: all that was not asked, as far as it may still be
    /// shown.
    pub(crate) fn left_of(
        self,
        earlier: &HeldCopy,
        now: Timestamp,
    ) -> Result<Summary, ExchangeError> {
        let Summary {
            mut records,
            mut not_opened,
            ..
        } = copied(earlier)?;
        records.retain(|one| {
            let record = &one.record;
            now < one.until && !self.covers(record.section(), record.class())
        });
        not_opened.retain(|cell| !self.covers(cell.section, cell.class));
        Ok(summary(records, not_opened, now))
    }

    /// The same after an answer that opens nothing of what was asked.
    pub(crate) fn closed(self, mut left: Summary, usage: Option<RecordUse>) -> Summary {
        for (scope, usage) in self.0.iter().zip(usage.into_iter().cycle()) {
            let classes = Class::ALL
                .iter()
                .filter(|class| **class <= scope.sensitivity);
            left.not_opened.extend(classes.map(|class| Cell {
                section: scope.section,
                class: *class,
                action: action_for(usage),
            }));
        }
        left
    }

    /// The part of a copy that was asked for, as far as it may still be shown.
    pub(crate) fn of(self, held: &HeldCopy, now: Timestamp) -> Result<Summary, ExchangeError> {
        let whole = copied(held)?;
        let (all, records_before) = (whole.not_opened.len(), whole.records.len());
        let Summary {
            overview,
            mut records,
            mut not_opened,
        } = whole;
        records
            .retain(|one| now < one.until && self.covers(one.record.section(), one.record.class()));
        not_opened.retain(|cell| self.covers(cell.section, cell.class));
        if (all, records_before) == (not_opened.len(), records.len()) {
            return Ok(Summary {
                overview,
                records,
                not_opened,
            });
        }
        Ok(summary(records, not_opened, held.received_at))
    }
}

/// An answer and what it left of the copy before, together. A record that comes again under another
/// section or class is the one that came last.
pub(crate) fn together(answer: Summary, left: Summary, now: Timestamp) -> Summary {
    let came: BTreeSet<_> = answer.records.iter().map(|one| one.record.id()).collect();
    let before = left.records.into_iter();
    let before = before.filter(|one| !came.contains(&one.record.id()));
    let records = answer.records.iter().cloned().chain(before).collect();
    let not_opened = answer.not_opened.into_iter().chain(left.not_opened);
    summary(records, not_opened.collect(), now)
}

/// Whether there is nothing in a summary.
pub(crate) fn is_empty(summary: &Summary) -> bool {
    summary.records.is_empty() && summary.not_opened.is_empty()
}

/// A summary as the body of an answer, which is how copies are kept.
pub(crate) fn body_of(summary: &Summary) -> Pii<Bytes> {
    let body = wire::AnswerBody {
        result: Some(wire::answer_body::Result::Summary(summary.into())),
        ..wire::AnswerBody::default()
    };
    Pii::new(Bytes::from(body.encode_to_vec()))
}

/// The holder's overview would tell of what is gone, or not of all that is there.
fn summary(records: Vec<SummaryRecord>, not_opened: BTreeSet<Cell>, now: Timestamp) -> Summary {
    Summary {
        overview: Overview::of(records.iter().map(|one| &one.record), now),
        records,
        not_opened,
    }
}
