//! Why an exchange came out as it did: what the log says was decided then, and what the same question
//! would come to now.

mod asked;
mod held;

use passerelle_domain::entry::{Entry, Outcome, Scope};
use passerelle_domain::vocabulary::{AgentRole, EntryKind, LawfulBasis, RefusalReason};
use passerelle_domain::{
    Caller, ChainId, ExchangeId, NodeId, PersonId, Purpose, Question, RecordUse, Timestamp, TokenId,
};
use passerelle_policy::{OwnAct, Standing, own_access, preview};

use crate::verdicts::{DecidedCell, verdicts};
use crate::weighing::parties;
use crate::{ExchangeError, Passerelle};

/// Which exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainDecision {
    /// The exchange.
    pub exchange: ExchangeId,
    /// The node that asked; `None` where this node did.
    pub asked_by: Option<NodeId>,
}

/// What is known of one exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The person of this node; `None` where a question named no link that was known.
    pub person: Option<PersonId>,
    /// The node that was asked.
    pub holder: NodeId,
    /// The node that asked.
    pub requester: NodeId,
    /// Why.
    pub purpose: Purpose,
    /// To what use.
    pub usage: RecordUse,
    /// What was asked.
    pub asked: Vec<Scope>,
    /// What the log says of it, the oldest first.
    pub entries: Vec<ExplainedEntry>,
    /// What the same question would come to now; none where there is nobody to decide about, or no
    /// member to decide between.
    pub cells: Vec<DecidedCell>,
    /// The time of that decision.
    pub decided_at: Timestamp,
}

/// What one entry of the log says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedEntry {
    /// Its place in the log.
    pub leaf: u64,
    /// Its kind.
    pub kind: EntryKind,
    /// The attempt.
    pub attempt: u32,
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: Outcome,
    /// What was given.
    pub given: Vec<Scope>,
    /// How many records.
    pub records: Option<u64>,
    /// Why not, as the asker was told.
    pub told: Option<RefusalReason>,
    /// Why not, truly: the holder's to know.
    pub reason: Option<RefusalReason>,
    /// The receipts that opened what was given, as far as they are kept.
    pub receipts: Vec<UsedReceipt>,
}

/// A receipt under which something was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedReceipt {
    /// Who issued it.
    pub issuer: NodeId,
    /// Its `jti`.
    pub receipt: TokenId,
    /// Its chain.
    pub chain: ChainId,
    /// Its place in the chain.
    pub version: u32,
    /// The basis that it states.
    pub basis: LawfulBasis,
}

impl Passerelle {
    /// Explains an exchange from what this node knows of it.
    ///
    /// What was decided then is read from the log; which receipts, rows and objections speak for and
    /// against each cell is decided anew, since standing and rules may have changed. At the node that
    /// asked that is how far its own papers and rules reach: what the holder closes besides is its
    /// secret, and here unknown.
    pub fn explain_decision(
        &self,
        caller: &Caller,
        request: &ExplainDecision,
    ) -> Result<Explained, ExchangeError> {
        let _access = own_access(caller, OwnAct::ReadJourney)?;
        let explained = match &request.asked_by {
            Some(requester) => self.explain_held(caller, requester, request.exchange)?,
            None => self.explain_asked(caller, request.exchange)?,
        };
        // Whoever asked about somebody who is not known here is for the officer to look into.
        if explained.person.is_none() && caller.role != AgentRole::PrivacyOfficer {
            return Err(unknown());
        }
        Ok(explained)
    }

    /// What a question would come to now between these two.
    fn decided_now(
        &self,
        caller: &Caller,
        (holder, requester): (&NodeId, &NodeId),
        question: &Question,
        standing: &Standing,
        now: Timestamp,
    ) -> Vec<DecidedCell> {
        let list = self.0.trust.list();
        let (_, rules) = self.0.rules.now();
        let Ok(parties) = parties(&list, holder, requester) else {
            return Vec::new();
        };
        let decision = preview(question, standing, &parties, &rules, now);
        verdicts(decision.trace(), caller)
    }

    /// The entry at that place, where it is still kept.
    fn entry_at(&self, leaf: u64) -> Option<Entry> {
        let bytes = self.0.store.log().entry(leaf).ok()?;
        Entry::parse(&bytes).ok()
    }
}

impl ExplainedEntry {
    fn of(leaf: u64, entry: &Entry) -> Self {
        Self {
            leaf,
            kind: entry.kind,
            attempt: entry.attempt.unwrap_or_default(),
            at: entry.at,
            outcome: entry.outcome,
            given: entry.given.clone(),
            records: entry.records,
            told: entry.reason,
            reason: None,
            receipts: Vec::new(),
        }
    }
}

fn unknown() -> ExchangeError {
    ExchangeError::not_found("exchange_id")
}

#[cfg(test)]
mod tests;
