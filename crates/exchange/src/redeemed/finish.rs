//! The second transaction of an attempt: what was compared is decided, with the pass as it is by then.

use bytes::Bytes;
use passerelle_domain::entry::{Entry, Outcome as EntryOutcome};
use passerelle_domain::{Class, Digest, Peer};
use passerelle_linkage::pass::{Outcome, PassRefusal, PassRow};
use passerelle_proto::exchange::v1 as wire;
use passerelle_proto::exchange::v1::redeem_answer_body::Result as RedeemResult;
use passerelle_store::tables::attempts::AttemptKind;
use passerelle_store::tables::changes::{Change, ChangeKind};
use passerelle_store::tables::links::{Link, LinkState};
use passerelle_store::tables::{attempts, links, passes};
use passerelle_store::{KnownAgent, Serials, Tx};
use prost::Message;

use super::shown::Shown;
use super::{Judged, known_pass, put_pass};
use crate::ExchangeError;
use crate::attempt::attempts_so_far;
use crate::changes::append;
use crate::logging::{Appended, Draft};
use crate::shown::seen_of;

/// The second transaction of an attempt.
#[derive(Clone)]
pub(super) struct Finishing {
    pub(super) peer: Peer,
    pub(super) shown: Shown,
    pub(super) judged: Judged,
    pub(super) nonce: [u8; 32],
    pub(super) entry: Entry,
}

/// What is logged and sent.
pub(super) struct Finished {
    pub(super) appended: Appended,
    pub(super) body: Bytes,
}

impl Finishing {
    /// Decides, makes the link if there is one to make, and logs.
    pub(super) fn finish(
        &self,
        tx: &mut Tx<'_>,
        serials: Serials,
    ) -> Result<Finished, ExchangeError> {
        tx.decided_under(serials);
        let (result, outcome, reason) = match self.decide(tx)? {
            Verdict::Linked(made) => (RedeemResult::Linked(made), EntryOutcome::Done, ""),
            Verdict::Refused(reason) => (refused(), EntryOutcome::Nothing, reason),
            Verdict::Duplicate => (refused(), EntryOutcome::Duplicate, ""),
        };
        let body = wire::RedeemAnswerBody {
            exchange_id: Bytes::copy_from_slice(self.shown.exchange.as_bytes()),
            attempt: self.shown.attempt.number,
            nonce: Bytes::copy_from_slice(&self.nonce),
            result: Some(result),
        };
        let body = Bytes::from(body.encode_to_vec());
        let entry = Entry {
            // Not with a refusal: all of them have the same members (I13).
            peer_checkpoint: match outcome {
                EntryOutcome::Done => seen_of(tx, &self.peer.node)?,
                _ => None,
            },
            outcome,
            body: Some(Digest::of(&body)),
            ..self.entry.clone()
        };
        let mut draft = Draft::new(entry, self.judged.person)
            .with(&self.peer.node, Some(self.peer.certificate));
        draft.fields.agent = Some(KnownAgent::from(&self.shown.agent));
        reason.clone_into(&mut draft.fields.reason);
        let appended = draft.log(tx)?;
        self.note_logged(tx, appended.leaf)?;
        Ok(Finished { appended, body })
    }

    fn decide(&self, tx: &mut Tx<'_>) -> Result<Verdict, ExchangeError> {
        let Some(compared) = &self.judged.compared else {
            return Ok(Verdict::Duplicate);
        };
        let now = tx.now();
        let pass = known_pass(tx, &self.shown.secret)?;
        let standing = match &pass {
            Some(pass) => links::live(tx, &pass.person, &self.peer.node)?,
            None => None,
        };
        let row = pass.as_ref().map(|pass| &pass.row);
        let finished = compared.finish(row, standing.is_some(), now);
        let verdict = match (finished.outcome, standing) {
            (Outcome::Refused(refusal), _) => Verdict::Refused(reason(refusal)),
            (Outcome::StandingLink(_), Some(link)) => {
                // It may be born from a pass of the other node: this one was shown here.
                let link = Link {
                    own_redemption: true,
                    ..link
                };
                links::put(tx, &link)?;
                Verdict::linked(&link)
            }
            // Nobody but the requester draws link ids: one that is in use here is another's, or one
            // that has ended, and is not revived.
            (_, _) if links::find(tx, &self.shown.proposed)?.is_some() => {
                return Ok(Verdict::Refused("link_in_use"));
            }
            (Outcome::NewLink(terms) | Outcome::StandingLink(terms), _) => {
                let link = Link {
                    id: self.shown.proposed,
                    person: pass.as_ref().map_or(terms.person, |pass| pass.person),
                    peer: self.peer.node.clone(),
                    born_from: row.map(PassRow::id),
                    own_redemption: true,
                    ceiling: Some(terms.ceiling),
                    state: LinkState::Live,
                    since: now,
                    made_at: now,
                    end: None,
                };
                links::put(tx, &link)?;
                let change = Change::of(link.person, ChangeKind::LinkMade);
                append(tx, &change.with(&link.peer))?;
                if let Some(pass) = &pass {
                    passes::put_redeemed(tx, &pass.kept, &self.peer.node, &link.id)?;
                }
                Verdict::linked(&link)
            }
        };
        if let Some(row) = &finished.row {
            put_pass(tx, row)?;
        }
        Ok(verdict)
    }

    fn note_logged(&self, tx: &mut Tx<'_>, leaf: u64) -> Result<(), ExchangeError> {
        let (peer, exchange) = (&self.peer.node, self.shown.exchange);
        let kind = AttemptKind::Redeem;
        let mut attempts = attempts_so_far(tx, peer, exchange, kind, self.shown.digest)?;
        attempts.note_logged(self.shown.attempt.number, leaf);
        attempts::put(tx, peer, &exchange, &attempts)?;
        Ok(())
    }
}

/// What is answered.
enum Verdict {
    Linked(wire::LinkMade),
    /// The true reason, for this node alone.
    Refused(&'static str),
    Duplicate,
}

impl Verdict {
    fn linked(link: &Link) -> Self {
        Self::Linked(wire::LinkMade {
            link_id: Bytes::copy_from_slice(link.id.as_bytes()),
            ceiling: link.ceiling.unwrap_or(Class::MAX).as_u8().into(),
        })
    }
}

pub(super) const fn refused() -> RedeemResult {
    RedeemResult::Refused(wire::PassRefused {})
}

/// The true reason, sealed in this node's log.
const fn reason(refusal: PassRefusal) -> &'static str {
    match refusal {
        PassRefusal::Unknown => "unknown",
        PassRefusal::Revoked => "revoked",
        PassRefusal::Expired => "expired",
        PassRefusal::Locked => "locked",
        PassRefusal::WrongPin => "wrong_pin",
        PassRefusal::WrongTraits => "wrong_traits",
        PassRefusal::PinReplaced => "pin_replaced",
        PassRefusal::Spent => "spent",
    }
}
