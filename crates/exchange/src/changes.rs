//! What happened here that the agency's systems should hear of: read in order, with a cursor.

mod cursor;
mod waiting;

pub(crate) use waiting::Waiting;

use std::time::Duration;

use passerelle_domain::{Caller, NodeId, PersonId, RecordId};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::Tx;
use passerelle_store::tables::Read;
use passerelle_store::tables::changes::{self, Change, ChangeKind, KeptChange};

use crate::{ExchangeError, PageSize, Passerelle};
use cursor::Cursor;

/// The longest that a call waits for something to happen.
pub const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// Which changes to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListChanges {
    /// From where.
    pub from: ChangesFrom,
    /// At most so many.
    pub limit: PageSize,
    /// How long to wait for the first where there is none, at most [`LONGEST_WAIT`].
    pub wait: Duration,
}

/// Where to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangesFrom {
    /// With the oldest that is kept.
    Oldest,
    /// With what happens from now on: a cursor and nothing else.
    Now,
    /// After what a cursor stands for.
    Cursor(String),
}

/// Some changes, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangesPage {
    /// What happened. Of whoever was erased, nothing.
    pub changes: Vec<KeptChange>,
    /// What goes on after them.
    pub cursor: String,
    /// Whether more is there already.
    pub more: bool,
    /// Whether older ones were forgotten that the oldest of this page follows. Only from
    /// [`ChangesFrom::Oldest`]: a cursor that stands before them is refused.
    pub older_forgotten: bool,
}

impl Passerelle {
    /// What happened after a cursor, in order: none is skipped, none comes late, and none twice but
    /// where the caller goes back (I7).
    ///
    /// Where there is nothing yet and the call waits, it is answered when something becomes durable,
    /// when its time is over, or when the node ends.
    pub async fn list_changes(
        &self,
        caller: &Caller,
        request: ListChanges,
    ) -> Result<ChangesPage, ExchangeError> {
        let _access = own_access(caller, OwnAct::FollowChanges)?;
        self.begin_changes().await?;
        // Before the first look: what becomes durable after it is heard.
        let mut watch = self.0.store.watch_changes();
        let mut page = self.changes_page(&request)?;
        let waits = request.from != ChangesFrom::Now && !request.wait.is_zero();
        if !page.changes.is_empty() || !waits {
            return Ok(page);
        }
        let waiting = &self.running().waiting;
        let place = waiting.take(caller.session);
        let _place = place.ok_or(ExchangeError::QuotaExceeded)?;
        let mut time_is_over = self.0.timer.sleep(request.wait.min(LONGEST_WAIT));
        loop {
            tokio::select! {
                biased;
                open = watch.changed() => {
                    page = self.changes_page(&request)?;
                    if !page.changes.is_empty() || !open {
                        return Ok(page);
                    }
                }
                () = waiting.ended() => return Ok(page),
                () = &mut time_is_over => return Ok(page),
            }
        }
    }

    /// From now on nobody waits for changes: those who do are answered. To be called when the node
    /// ends, so that they do not hold it up.
    pub fn end_waits(&self) {
        self.running().waiting.end();
    }

    /// A series is drawn before the first cursor of it is given.
    async fn begin_changes(&self) -> Result<(), ExchangeError> {
        if !self.read(|view| Ok(changes::standing(view)?))?.has_begun() {
            self.transact("begin_changes", |tx| Ok(changes::begin(tx)?))
                .await?;
        }
        Ok(())
    }

    fn changes_page(&self, request: &ListChanges) -> Result<ChangesPage, ExchangeError> {
        self.read(|view| page(view, &request.from, request.limit.get()))
    }
}

fn page(read: &impl Read, from: &ChangesFrom, limit: usize) -> Result<ChangesPage, ExchangeError> {
    // What is durable up to here is seen below, whatever becomes durable meanwhile.
    let before = changes::standing(read)?;
    let after = match from {
        ChangesFrom::Oldest => before.forgotten,
        ChangesFrom::Now => before.newest,
        ChangesFrom::Cursor(text) => Cursor::read(text, read, &before)?,
    };
    let mut found = changes::after(read, after, limit)?;
    found.retain(|one| one.number <= before.newest);
    // What was forgotten while it was read is not skipped in silence.
    let forgotten = changes::standing(read)?.forgotten;
    if matches!(from, ChangesFrom::Cursor(_)) && after < forgotten {
        return Err(ExchangeError::CursorUnknown);
    }
    let next = match found.last() {
        Some(last) if found.len() == limit => last.number,
        _ => before.newest,
    };
    Ok(ChangesPage {
        cursor: Cursor::at(next, read, &before).to_string(),
        more: next < before.newest,
        older_forgotten: *from == ChangesFrom::Oldest && forgotten > 0,
        changes: found,
    })
}

/// Appends a change to what the agency's systems hear of, in the transaction that makes it.
pub(crate) fn append(tx: &mut Tx<'_>, change: &Change) -> Result<(), ExchangeError> {
    let now = tx.now();
    Ok(changes::append(tx, now, change)?)
}

/// What is known of a node in a person's merged journey is another.
pub(crate) fn source_changed(
    tx: &mut Tx<'_>,
    person: &PersonId,
    node: &NodeId,
) -> Result<(), ExchangeError> {
    append(
        tx,
        &Change::of(*person, ChangeKind::SourceChanged).with(node),
    )
}

/// Own records of a person were written or deleted.
pub(crate) fn records_changed(
    tx: &mut Tx<'_>,
    person: PersonId,
    records: &[RecordId],
) -> Result<(), ExchangeError> {
    let change = Change::of(person, ChangeKind::RecordsChanged);
    let change = match records {
        [] => return Ok(()),
        [one] => change.about(one),
        _ => change,
    };
    let records = u64::try_from(records.len()).unwrap_or(u64::MAX);
    append(tx, &Change { records, ..change })
}

#[cfg(test)]
mod tests;
