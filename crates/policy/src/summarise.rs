//! The summary: opened records copied into an empty message.

use std::collections::BTreeSet;

use passerelle_domain::{
    Cell, Overview, Record, RecordId, SharedRecord, Summary, SummaryRecord, Timestamp, action_for,
};

use crate::permit::{Opened, Terms, ToPreview};

/// The longest encoding of a summary.
///
/// What is longer is refused whole, with [`SummaryTooLarge`]: a summary has no place to say that
/// something was left out, and what is silently missing reads as "no" (I11). The agent asks again
/// for fewer sections.
pub const MAX_SUMMARY_BYTES: usize = 1 << 20;

/// A summary that is longer than [`MAX_SUMMARY_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the summary takes more than {MAX_SUMMARY_BYTES} bytes; fewer sections must be asked for")]
pub struct SummaryTooLarge;

/// Whether a summary whose encoding takes `bytes` may be sent.
pub const fn check_summary_size(bytes: usize) -> Result<(), SummaryTooLarge> {
    if bytes > MAX_SUMMARY_BYTES {
        Err(SummaryTooLarge)
    } else {
        Ok(())
    }
}

/// Copies what was opened into an empty summary, in the order of the journey.
///
/// Only the shareable part of a record is looked at: a note has no way in. The overview is computed
/// from the copies, so it cannot say more than they do.
pub fn summarise(opened: Opened) -> Summary {
    copied(opened)
}

/// What [`summarise`] would have made of the same journey, for own agents to look at.
pub fn summarise_preview(opened: Opened<ToPreview>) -> Preview {
    Preview(copied(opened))
}

/// A summary that own agents look at, and that is no answer to anybody.
#[derive(Debug)]
#[must_use]
pub struct Preview(Summary);

impl Preview {
    /// What would leave.
    pub const fn summary(&self) -> &Summary {
        &self.0
    }
}

fn copied<Aim>(opened: Opened<Aim>) -> Summary {
    let Opened {
        terms,
        records,
        contested,
        aim: _,
    } = opened;
    let open: Vec<_> = records
        .into_iter()
        .filter_map(|record| {
            let since = contested.get(&record.id()).copied();
            open_part(&terms, record, since)
        })
        .collect();
    let ids: BTreeSet<RecordId> = open.iter().map(|one| one.record.id()).collect();
    let records: Vec<_> = open
        .into_iter()
        .map(|one| forget_the_unopened(one, &ids))
        .collect();
    let action = action_for(terms.usage());
    let not_opened = terms.not_opened();
    Summary {
        overview: Overview::of(records.iter().map(|one| &one.record), terms.decided_at()),
        not_opened: not_opened
            .map(|(section, class)| Cell {
                section,
                class,
                action,
            })
            .collect(),
        records,
    }
}

fn open_part(terms: &Terms, record: Record, contested: Option<Timestamp>) -> Option<SummaryRecord> {
    let cell = terms.open_cell(record.section(), record.class())?;
    Some(SummaryRecord {
        record: record.into_shareable(),
        holder: terms.holder().clone(),
        usage: terms.usage(),
        until: cell.until,
        contested,
    })
}

/// A pointer to a record that is not in the summary would tell that there is one.
fn forget_the_unopened(one: SummaryRecord, ids: &BTreeSet<RecordId>) -> SummaryRecord {
    let stays = one.record.points_to().is_none_or(|id| ids.contains(&id));
    SummaryRecord {
        record: if stays {
            one.record
        } else {
            SharedRecord::without_pointer(one.record)
        },
        ..one
    }
}
