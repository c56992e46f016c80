//! What was received may be shown until a day; from then on it is not kept either (I6).

use std::collections::BTreeSet;
use std::sync::Arc;

use passerelle_domain::entry::{Entry, Outcome};
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{Overview, Summary, SummaryRecord, Timestamp};
use passerelle_store::Tx;
use passerelle_store::tables::copies::{self, Copy, CopySource, HeldCopy};
use passerelle_store::tables::source_states::{self, SourceStanding, SourceState};

use crate::changes::source_changed;
use crate::gate::under_gate;
use crate::journey::copied;
use crate::logging::Draft;
use crate::merging::body_of;
use crate::{ExchangeError, Passerelle};

/// Copies that are read at a time.
const STRIDE: usize = 256;

impl Passerelle {
    /// Destroys, of the copies of what others shared, what may be shown no longer: in the log what is
    /// destroyed is not viewed after.
    pub(crate) async fn trim_copies(&self) -> Result<(), ExchangeError> {
        loop {
            let due = self.read(|view| Ok(copies::due(view, self.now(), STRIDE)?))?;
            if due.is_empty() {
                return Ok(());
            }
            for (at, source) in due {
                let gate = Arc::new(self.0.store.gate(source.person).exclusive().await);
                let entry = self.entry(EntryKind::Purged, Outcome::Done);
                let trim = move |tx: &mut Tx<'_>| trim(tx, &source, at, &entry);
                self.transact("trim", under_gate(gate, trim)).await?;
            }
        }
    }
}

/// When the first record of a summary may be shown no longer.
pub(crate) fn first_end(summary: &Summary) -> Option<Timestamp> {
    summary.records.iter().map(|record| record.until).min()
}

fn trim(
    tx: &mut Tx<'_>,
    source: &CopySource,
    at: Timestamp,
    entry: &Entry,
) -> Result<(), ExchangeError> {
    copies::remove_due(tx, source, at);
    let Some(Copy::Held(held)) = copies::find(tx, source)? else {
        return Ok(());
    };
    let now = tx.now();
    let (left, over, not_opened) = match copied(&held) {
        Ok(summary) => {
            let records = summary.records.into_iter();
            let (left, over): (Vec<SummaryRecord>, Vec<_>) =
                records.partition(|record| now < record.until);
            (left, over.len() as u64, summary.not_opened)
        }
        // What cannot be read is shown to nobody, and must not keep the others from their end.
        Err(error) => {
            tracing::error!(%error, peer = %source.holder, "a copy cannot be read and is destroyed");
            (Vec::new(), held.records, BTreeSet::new())
        }
    };
    if over == 0 {
        // A newer copy, which is due when its own time comes.
        return Ok(());
    }
    if left.is_empty() {
        copies::purge(tx, source, now)?;
        let standing = SourceStanding {
            state: SourceState::Purged,
            since: now,
        };
        source_states::put(tx, &source.person, &source.holder, standing)?;
    } else {
        let kept = left.iter().map(|one| &one.record);
        let summary = Summary {
            // The holder's would tell of what is gone.
            overview: Overview::of(kept, held.received_at),
            records: left,
            not_opened,
        };
        put_trimmed(tx, source, held, &summary)?;
    }
    source_changed(tx, &source.person, &source.holder)?;
    let mut entry = entry.clone();
    entry.records = Some(over);
    let mut draft = Draft::new(entry, Some(source.person)).with(&source.holder, None);
    "expired".clone_into(&mut draft.fields.reason);
    draft.log(tx)?;
    Ok(())
}

/// Keeps a copy of which something is gone, or to which something has come.
pub(crate) fn put_trimmed(
    tx: &mut Tx<'_>,
    source: &CopySource,
    held: HeldCopy,
    summary: &Summary,
) -> Result<(), ExchangeError> {
    let trimmed = HeldCopy {
        body: body_of(summary),
        records: u64::try_from(summary.records.len()).unwrap_or(u64::MAX),
        ..held
    };
    copies::put(tx, source, &trimmed)?;
    if let Some(next) = first_end(summary) {
        copies::put_due(tx, source, next)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
