//! The merged journey: the organisation's own records and what others shared, side by side.

mod pages;

pub use pages::{JourneyPage, SourcePart};

use std::collections::BTreeMap;

use passerelle_domain::entry::{Outcome, Scope};
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{
    Caller, CivilDate, Class, Contradiction, NodeId, Overview, PersonId, Record, RecordId, Section,
    Summary, SummaryRecord, Timestamp, contradictions,
};
use passerelle_policy::{OwnAccess, OwnAct, own_access};
use passerelle_proto::exchange::v1 as wire;
use passerelle_store::tables::copies::{self, AskedSection, Copy, HeldCopy};
use passerelle_store::tables::links::{self, LinkState};
use passerelle_store::tables::source_states::{self, SourceStanding, SourceState};
use passerelle_store::tables::{Read, peers, persons, quotas, records};
use passerelle_store::{SharedGuard, Tx};
use prost::Message;

use crate::gate::under_gate;
use crate::logging::Draft;
use crate::records::own_record;
use crate::rectifications::{RecordMark, marks};
use crate::{ExchangeError, Passerelle};

/// All that is known of a person's path here. Nothing is overwritten: every source stands for
/// itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedJourney {
    /// The organisation's own records, those observed last first.
    pub own_records: Vec<Record>,
    /// Those of them that a person contests, or whose use is restricted.
    pub own_marks: BTreeMap<RecordId, RecordMark>,
    /// Other organisations with which a link stands, or from which something came, by name of
    /// their node.
    pub sources: Vec<JourneySource>,
}

/// What one organisation shared, or why nothing of it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JourneySource {
    /// Its node.
    pub node: NodeId,
    /// Its name; the node's where the trust list no longer knows it.
    pub organisation: String,
    /// What is known of it. None of these means `no` (I11).
    pub state: SourceState,
    /// Since when.
    pub since: Timestamp,
    /// The last answer, as far as the agent's role reaches and its records may still be shown.
    pub summary: Option<Summary>,
    /// What of it was asked, and when the answer came; of several sections each its own.
    pub asked: Vec<AskedSection>,
}

impl Passerelle {
    /// Everything that is known of a person's path, as far as the agent's role reaches. When it
    /// shows what another organisation shared, that is in the log before it is shown: once for an
    /// agent, a person and a day.
    pub async fn merged_journey(
        &self,
        caller: &Caller,
        person: PersonId,
    ) -> Result<MergedJourney, ExchangeError> {
        let access = own_access(caller, OwnAct::ReadJourney)?;
        // So that in the wal nothing is viewed after it was purged.
        let person = self.kept(person)?;
        let gate = self.0.store.gate(person).shared().await;
        let journey = self.read(|view| {
            persons::find(view, &person)?.ok_or(ExchangeError::PersonNotFound)?;
            let own_records = own_records(view, &access, &person)?;
            let mut own_marks = marks(view, &person)?;
            own_marks.retain(|id, _| own_records.iter().any(|record| record.id() == *id));
            Ok(MergedJourney {
                own_records,
                own_marks,
                sources: self.sources(view, &access, &person)?,
            })
        })?;
        if journey
            .sources
            .iter()
            .any(|source| source.summary.is_some())
        {
            self.log_viewed(caller, person, &journey.sources, gate)
                .await?;
        }
        Ok(journey)
    }

    /// Where the sources of a journey say different things today, as far as they are shown: the
    /// organisation itself has the place 0, the others follow in their order.
    pub fn contradictions(&self, journey: &MergedJourney) -> Vec<Contradiction> {
        let own = journey.own_records.iter().map(Record::shareable).collect();
        let others = journey.sources.iter().map(|source| {
            let records = source.summary.iter().flat_map(|summary| &summary.records);
            records.map(|one| &one.record).collect()
        });
        let sources: Vec<_> = std::iter::once(own).chain(others).collect();
        contradictions(&sources, CivilDate::of(self.now()))
    }

    fn sources(
        &self,
        view: &impl Read,
        access: &OwnAccess,
        person: &PersonId,
    ) -> Result<Vec<JourneySource>, ExchangeError> {
        let list = self.0.trust.list();
        let now = self.now();
        let mut known: BTreeMap<NodeId, Known> = BTreeMap::new();
        for link in links::of_person(view, person)?
            .into_iter()
            .filter(|link| link.state == LinkState::Live)
        {
            known.entry(link.peer).or_default().linked_since = Some(link.since);
        }
        for (node, standing) in source_states::of_person(view, person)? {
            known.entry(node).or_default().standing = Some(standing);
        }
        for (source, copy) in copies::of_person(view, person)? {
            known.entry(source.holder).or_default().take(copy);
        }
        // What a file that was merged into theirs knew of others, where theirs says nothing of them.
        let mut before: BTreeMap<NodeId, Known> = BTreeMap::new();
        for file in persons::merged_files(view, person)? {
            for (node, standing) in source_states::of_person(view, &file)? {
                before.entry(node).or_default().standing = Some(standing);
            }
            for (source, copy) in copies::of_person(view, &file)? {
                before.entry(source.holder).or_default().take(copy);
            }
        }
        for (node, past) in before {
            known.entry(node).or_insert(past);
        }
        let mut sources = Vec::with_capacity(known.len());
        for (node, known) in known {
            let standing = known.standing(view, &node, now)?;
            let held = known.held.filter(|_| stands(standing.state));
            sources.push(JourneySource {
                asked: held
                    .as_ref()
                    .map(|held| held.asked.clone())
                    .unwrap_or_default(),
                organisation: list.member(&node).map_or_else(
                    || node.to_string(),
                    |member| member.organisation.name.clone(),
                ),
                state: standing.state,
                since: standing.since,
                summary: held.map(|held| shown(&held, access, now)).transpose()?,
                node,
            });
        }
        Ok(sources)
    }

    async fn log_viewed(
        &self,
        caller: &Caller,
        person: PersonId,
        sources: &[JourneySource],
        gate: SharedGuard,
    ) -> Result<(), ExchangeError> {
        // Opaque and random: letters and digits that hold nothing of either.
        let subject = format!("{}/{person}", caller.reference);
        let now = self.now();
        if self.read(|view| Ok(quotas::used(view, now, VIEWED, &subject)?))? > 0 {
            return Ok(());
        }
        let draft = self.viewed(caller, person, sources);
        let transaction = move |tx: &mut Tx<'_>| {
            let now = tx.now();
            // Another call of the same agent may have come first.
            if quotas::add(tx, now, VIEWED, &subject, 1)? == 1 {
                draft.clone().log(tx)?;
            }
            Ok(())
        };
        self.transact("view_copy", under_gate(gate, transaction))
            .await?;
        Ok(())
    }

    fn viewed(&self, caller: &Caller, person: PersonId, sources: &[JourneySource]) -> Draft {
        let shown: Vec<_> = sources
            .iter()
            .filter_map(|source| Some((&source.node, source.summary.as_ref()?)))
            .collect();
        let records = || shown.iter().flat_map(|(_, summary)| &summary.records);
        let mut given: BTreeMap<Section, Class> = BTreeMap::new();
        for record in records().map(|one| &one.record) {
            let highest = given
                .entry(record.section())
                .or_insert_with(|| record.class());
            *highest = record.class().max(*highest);
        }
        let mut entry = self.entry(EntryKind::Viewed, Outcome::Done);
        entry.records = u64::try_from(records().count()).ok();
        entry.given = given
            .into_iter()
            .map(|(section, sensitivity)| Scope {
                section,
                sensitivity,
            })
            .collect();
        let draft = Draft::new(entry, Some(person)).by(caller);
        match shown.as_slice() {
            [(holder, _)] => draft.with(holder, None),
            // One entry a day, whoever shared: with several there is no one other party.
            _ => draft,
        }
    }
}

/// What the tables say of one source.
#[derive(Default)]
struct Known {
    linked_since: Option<Timestamp>,
    standing: Option<SourceStanding>,
    held: Option<HeldCopy>,
    purged: Option<Timestamp>,
}

impl Known {
    /// Of several copies, which came over links that followed each other, the newest counts.
    fn take(&mut self, copy: Copy) {
        match copy {
            Copy::Held(held) => {
                let newer = self
                    .held
                    .as_ref()
                    .is_none_or(|known| known.received_at < held.received_at);
                if newer {
                    self.held = Some(held);
                }
            }
            Copy::Purged { at, .. } => self.purged = self.purged.max(Some(at)),
        }
    }

    fn standing(
        &self,
        view: &impl Read,
        node: &NodeId,
        now: Timestamp,
    ) -> Result<SourceStanding, ExchangeError> {
        let standing = self.standing.unwrap_or_else(|| SourceStanding {
            state: SourceState::NeverAsked,
            since: self.linked_since.unwrap_or(now),
        });
        match (standing.state, &self.held, self.purged) {
            (SourceState::Received, None, Some(at)) => Ok(SourceStanding {
                state: SourceState::Purged,
                since: at,
            }),
            // What was received may have changed since it could last be asked.
            (SourceState::Received, ..) => {
                let since = peers::find(view, node)?.and_then(|peer| peer.unreachable_since);
                Ok(since.map_or(standing, |since| SourceStanding {
                    state: SourceState::Unreachable,
                    since,
                }))
            }
            _ => Ok(standing),
        }
    }
}

/// Whether the last answer stands, as far as anyone knows.
fn stands(state: SourceState) -> bool {
    matches!(state, SourceState::Received | SourceState::Unreachable)
}

fn own_records(
    view: &impl Read,
    access: &OwnAccess,
    person: &PersonId,
) -> Result<Vec<Record>, ExchangeError> {
    #[allow(
        clippy::disallowed_methods,
        reason = "an own agent reads an own journey, as far as their access reaches"
    )]
    let journey = records::journey(view, person)?;
    let reached = journey
        .into_iter()
        .filter(|stored| access.reaches(stored.section, stored.class));
    let mut journey = reached
        .map(|stored| own_record(&stored))
        .collect::<Result<Vec<_>, _>>()?;
    journey.sort_by_key(pages::key);
    Ok(journey)
}

/// A copy, as far as the role reaches and its records may still be shown.
fn shown(held: &HeldCopy, access: &OwnAccess, now: Timestamp) -> Result<Summary, ExchangeError> {
    let summary = copied(held)?;
    let all = summary.records.len();
    let may = |one: &SummaryRecord| {
        access.reaches(one.record.section(), one.record.class()) && now < one.until
    };
    let records: Vec<SummaryRecord> = summary.records.into_iter().filter(may).collect();
    let overview = if records.len() == all {
        summary.overview
    } else {
        // The holder's would tell of what is not shown.
        Overview::of(records.iter().map(|one| &one.record), held.received_at)
    };
    Ok(Summary {
        overview,
        records,
        not_opened: summary.not_opened,
    })
}

pub(crate) fn copied(held: &HeldCopy) -> Result<Summary, ExchangeError> {
    let broken = || ExchangeError::Internal {
        what: "a copy's row: an encoded AnswerBody with a summary".to_owned(),
    };
    let body = wire::AnswerBody::decode(held.body.expose().clone()).map_err(|_| broken())?;
    match body.result {
        Some(wire::answer_body::Result::Summary(summary)) => {
            Summary::try_from(&summary).map_err(|_| broken())
        }
        _ => Err(broken()),
    }
}

/// The kind of quota that counts the days on which an agent opened copies about a person.
const VIEWED: &str = "viewed";

#[cfg(test)]
mod tests;
