//! What surrounds a question in one attempt, and what a node looks at before it looks at the person.

use std::time::Duration;

use passerelle_domain::claim::Freshness;
use passerelle_domain::{Digest, ExchangeId, Malformed, NodeId, Timestamp};
use passerelle_proto::exchange::v1 as wire;
use passerelle_store::Shown;
use passerelle_store::tables::Read;
use passerelle_store::tables::attempts::{self, AttemptKind, Attempts};
use passerelle_tlog::SignedCheckpoint;

use crate::passerelle::SUSPENDED;
use crate::{ExchangeError, Passerelle};

/// How long a question may be asked.
pub(crate) const QUESTION_LIFE: Duration = Duration::from_secs(24 * 3600);

/// How long a holder remembers an exchange: a node that was away acknowledges late.
const EXCHANGE_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// What changes from one attempt to the next, checked for its form.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub number: u32,
    pub sent_at: Timestamp,
    /// Leaf hash of the requester's entry `asked`.
    pub asked_leaf: [u8; 32],
    /// The last checkpoint of this node's log that the sender holds.
    pub held: Option<Vec<u8>>,
}

impl TryFrom<Option<&wire::Attempt>> for Attempt {
    type Error = Malformed;

    fn try_from(from: Option<&wire::Attempt>) -> Result<Self, Malformed> {
        let from = from.ok_or_else(|| Malformed::new("attempt", "must be set"))?;
        if from.number == 0 {
            return Err(Malformed::new("attempt.number", "1 or more"));
        }
        Ok(Self {
            number: from.number,
            sent_at: Timestamp::from_millis(from.sent_at_millis),
            asked_leaf: (&from.asked_leaf_hash[..])
                .try_into()
                .map_err(|_| Malformed::new("attempt.asked_leaf_hash", "32 bytes"))?,
            held: (!from.held_checkpoint.is_empty()).then(|| from.held_checkpoint.to_vec()),
        })
    }
}

impl Passerelle {
    /// Whether this node may begin an exchange at all now.
    pub(crate) fn may_exchange(&self) -> Result<(), ExchangeError> {
        if self.0.store.is_rolled_back() {
            return Err(ExchangeError::RolledBack);
        }
        if self.0.store.clock_fault().is_some() {
            return Err(ExchangeError::ClockSkew);
        }
        let list = self.0.trust.list();
        if list.freshness(self.now()) == Freshness::Expired {
            return Err(ExchangeError::TrustListExpired);
        }
        // The others would not even let it connect, which looks as if they were out of reach.
        match list.member(&self.0.own.node) {
            Some(own) if !own.is_live() => Err(SUSPENDED),
            _ => Ok(()),
        }
    }

    /// Whether this node may disclose anything at all now, and to a peer whose clock says `sent_at`.
    pub(crate) fn may_disclose(&self, sent_at: Timestamp) -> Result<(), ExchangeError> {
        self.may_exchange()?;
        if sent_at.distance(self.now()) > self.0.limits.clock_skew {
            return Err(ExchangeError::ClockSkew);
        }
        Ok(())
    }

    /// Whether the log that a peer has seen is the beginning of this one. A checkpoint that this
    /// node signed and does not have any more says that the node was rolled back: it stops
    /// disclosing, for good. Any other checkpoint is the peer's mistake and changes nothing.
    pub(crate) fn own_checkpoint_shown(
        &self,
        held: Option<&[u8]>,
    ) -> Result<Option<SignedCheckpoint>, ExchangeError> {
        let Some(bytes) = held else { return Ok(None) };
        let log = self.0.store.log();
        // Most peers show what they were shown a moment ago: a signature costs more than a decision.
        if let Some(head) = log.handed_out(bytes) {
            return Ok(Some(head.checkpoint.clone()));
        }
        let shown = SignedCheckpoint::open(bytes, log.verifying_key()).map_err(|_| {
            Malformed::new(
                "attempt.held_checkpoint",
                "a checkpoint signed by this node's log",
            )
        })?;
        // Noted durably by the store, which says in its log what to do.
        match self.0.store.rolled_back(bytes) {
            Ok(Shown::Known) => Ok(Some(shown)),
            Ok(Shown::NotOurs | Shown::RolledBack) => Err(ExchangeError::RolledBack),
            Err(error) => {
                tracing::error!(%error, "the log cannot be read, or the mark of a rollback not written");
                Err(ExchangeError::LogUnavailable)
            }
        }
    }

    /// Whether a question of that id may still be asked at `now`.
    pub(crate) fn question_in_date(&self, exchange: ExchangeId) -> Result<(), ExchangeError> {
        let now = self.now();
        let made = exchange.made_at();
        if made > now.plus(self.0.limits.clock_skew) {
            return Err(Malformed::new("exchange_id", "not made in the future").into());
        }
        if now.since(made) > QUESTION_LIFE {
            return Err(Malformed::new("exchange_id", "made less than 24 hours ago").into());
        }
        Ok(())
    }
}

/// What a peer has attempted of an exchange so far, which this attempt must go on with: the same
/// kind, the same question.
pub(crate) fn attempts_so_far(
    read: &impl Read,
    peer: &NodeId,
    exchange: ExchangeId,
    kind: AttemptKind,
    question: Digest,
) -> Result<Attempts, ExchangeError> {
    match attempts::find(read, peer, &exchange)? {
        Some(before) if (before.kind, before.question) != (kind, question) => {
            Err(ExchangeError::IdReused("exchange_id"))
        }
        Some(before) => Ok(before),
        None => Ok(Attempts {
            kind,
            question,
            second_factor: false,
            last: 0,
            expires_at: exchange.made_at().plus(EXCHANGE_KEPT),
            logged: Vec::new(),
        }),
    }
}
