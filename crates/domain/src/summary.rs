//! The part of a journey that one permit lets through, and the overview that opens it.

mod headline;
mod overview;

use std::collections::BTreeSet;

use passerelle_proto::journey::v1 as proto;

pub use headline::Headline;
pub use overview::{Overview, OverviewLine};

use crate::record::redacted;
use crate::{Cell, Malformed, NodeId, RecordUse, SharedRecord, Timestamp, wire};

/// What a holder lets through.
#[derive(Clone, PartialEq, Eq)]
pub struct Summary {
    /// Computed from the records below, and nothing else.
    pub overview: Overview,
    /// The records.
    pub records: Vec<SummaryRecord>,
    /// What was asked and not opened. It never tells whether a record exists.
    pub not_opened: BTreeSet<Cell>,
}

/// A record that a holder lets through, and on what terms.
#[derive(Clone, PartialEq, Eq)]
pub struct SummaryRecord {
    /// The record.
    pub record: SharedRecord,
    /// The node that holds it.
    pub holder: NodeId,
    /// Whether it may be stored by the agency system.
    pub usage: RecordUse,
    /// Until when it may be shown or kept.
    pub until: Timestamp,
    /// Since when the person contests it and its author has not answered.
    pub contested: Option<Timestamp>,
}

redacted!(Summary, SummaryRecord);

impl TryFrom<&proto::Summary> for Summary {
    type Error = Malformed;

    fn try_from(from: &proto::Summary) -> Result<Self, Malformed> {
        const MANY: usize = 100_000; // The size of a message is bounded long before.
        let overview: Overview = wire::message(from.overview.as_ref(), "overview")?;
        let records: Vec<SummaryRecord> =
            wire::messages(&from.records, "records", MANY, "fewer records")?;
        let mut ids = BTreeSet::new();
        for (i, one) in records.iter().enumerate() {
            if !ids.insert(one.record.id()) {
                return Err(Malformed::new(
                    format!("records[{i}].record.record_id"),
                    "each record once",
                ));
            }
        }
        if overview.lines().any(|line| !ids.contains(&line.record)) {
            return Err(Malformed::new(
                "overview",
                "only lines that stand for a record of the summary",
            ));
        }
        let not_opened: Vec<Cell> =
            wire::messages(&from.not_opened, "not_opened", MANY, "fewer cells")?;
        Ok(Self {
            overview,
            records,
            not_opened: not_opened.into_iter().collect(),
        })
    }
}

impl From<&Summary> for proto::Summary {
    fn from(summary: &Summary) -> Self {
        Self {
            overview: Some((&summary.overview).into()),
            records: summary.records.iter().map(Into::into).collect(),
            not_opened: summary.not_opened.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<&proto::SummaryRecord> for SummaryRecord {
    type Error = Malformed;

    fn try_from(from: &proto::SummaryRecord) -> Result<Self, Malformed> {
        Ok(Self {
            record: wire::message(from.record.as_ref(), "record")?,
            holder: wire::text(&from.holder, "holder", str::parse)?,
            usage: wire::text(&from.usage, "usage", |id| {
                RecordUse::parse(id).ok_or_else(|| Malformed::new("", "display or import"))
            })?,
            until: wire::instant(from.usable_until.as_ref(), "usable_until")?,
            contested: match &from.contested_since {
                None => None,
                since => Some(wire::instant(since.as_ref(), "contested_since")?),
            },
        })
    }
}

impl From<&SummaryRecord> for proto::SummaryRecord {
    fn from(one: &SummaryRecord) -> Self {
        Self {
            record: Some((&one.record).into()),
            holder: one.holder.to_string(),
            usage: one.usage.id().to_owned(),
            usable_until: Some(wire::timestamp(one.until)),
            contested_since: one.contested.map(wire::timestamp),
        }
    }
}

#[cfg(test)]
mod tests;
