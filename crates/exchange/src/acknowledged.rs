//! The other side of an exchange shows that it logged what it received: kept beside our own entry.

use bytes::Bytes;
use passerelle_domain::entry::Entry;
use passerelle_domain::member::Member;
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{Digest, ExchangeId, NodeId, Peer, PersonId};
use passerelle_proto::exchange::v1 as wire;
use passerelle_proto::exchange::v1::delivery_answer::Outcome;
use passerelle_store::Tx;
use passerelle_store::tables::peer_entries::PeerEntry;
use passerelle_store::tables::{attempts, exchange_index, peer_entries, peers};
use passerelle_tlog::{SignedCheckpoint, VerifyingKey};

use crate::inbox::{done, later, refused};
use crate::receive::hold;
use crate::shown::{Expected, check_shown, continues, log_keys};
use crate::{ExchangeError, Passerelle};

/// An acknowledgement that belongs to one of our entries.
#[derive(Clone)]
struct Acknowledged {
    /// Our entry.
    leaf: u64,
    person: Option<PersonId>,
    shown: PeerEntry,
    /// Under which it was proved, and the proof that its log goes on with what was shown before.
    checkpoint: SignedCheckpoint,
    consistency: Vec<Bytes>,
}

impl Passerelle {
    /// Takes acknowledgements, all in one transaction; an outcome for each, in their order.
    pub(crate) async fn take_acknowledgements(
        &self,
        peer: &Peer,
        messages: Vec<wire::Acknowledgement>,
    ) -> Vec<Outcome> {
        let Ok(member) = self.member(&peer.node) else {
            return messages.iter().map(|_| later()).collect();
        };
        let keys = log_keys(&member, &self.0.own.federation);
        let judged: Vec<_> = messages
            .iter()
            .map(|message| self.acknowledged(&member, &keys, message))
            .collect();
        let good: Vec<Acknowledged> = judged.iter().filter_map(|one| one.clone().ok()).collect();
        let kept = self.keep(&member, keys, good).await;
        judged
            .into_iter()
            .map(|one| match (one, &kept) {
                (Err(outcome), _) => outcome,
                (Ok(_), Ok(())) => done(),
                (Ok(_), Err(_)) => later(),
            })
            .collect()
    }

    async fn keep(
        &self,
        member: &Member,
        keys: Vec<VerifyingKey>,
        good: Vec<Acknowledged>,
    ) -> Result<(), ExchangeError> {
        let node = member.node.clone();
        let kept = self.transact("acknowledged", move |tx| {
            for one in &good {
                hold_shown(tx, &node, &keys, one)?;
                // Its entry was shown before, under an earlier checkpoint: one effect (I5).
                if peer_entries::find(tx, one.leaf)?.is_none() {
                    peer_entries::put(tx, one.leaf, one.person.as_ref(), &one.shown)?;
                }
            }
            Ok(())
        });
        if let Err(error) = kept.await {
            tracing::error!(%error, "acknowledgements cannot be kept");
            return Err(error);
        }
        Ok(())
    }

    fn acknowledged(
        &self,
        member: &Member,
        keys: &[VerifyingKey],
        message: &wire::Acknowledgement,
    ) -> Result<Acknowledged, Outcome> {
        let exchange = ExchangeId::from_slice(&message.exchange_id)
            .map_err(|_| refused("exchange_id: a UUID of version 7"))?;
        let logged = message
            .logged
            .as_ref()
            .ok_or_else(|| refused("logged: must be set"))?;
        let attempts = self
            .read(|view| Ok(attempts::find(view, &member.node, &exchange)?))
            .map_err(|_| later())?
            .ok_or_else(|| refused("exchange_id: an exchange of these two nodes"))?;
        let answered = attempts
            .logged
            .iter()
            .rev()
            .filter(|logged| logged.attempt == message.attempt);
        let mut outcome = refused("attempt: one that was answered");
        for own in answered {
            match self.belongs(member, keys, logged, own.leaf, (exchange, own.attempt)) {
                Ok(acknowledged) => return Ok(acknowledged),
                Err(why) => outcome = why,
            }
        }
        Err(outcome)
    }

    /// What is shown, if it belongs to our entry at `leaf`; else what is answered to it.
    fn belongs(
        &self,
        member: &Member,
        keys: &[VerifyingKey],
        logged: &wire::LoggedEntry,
        leaf: u64,
        (exchange, attempt): (ExchangeId, u32),
    ) -> Result<Acknowledged, Outcome> {
        let unreadable = |what: String| {
            tracing::error!(what, "an entry of the log cannot be read");
            later()
        };
        let bytes = self.0.store.log().entry(leaf);
        let bytes = bytes.map_err(|error| unreadable(error.to_string()))?;
        let own = Entry::parse(&bytes).map_err(|error| unreadable(error.to_string()))?;
        let nothing = || Digest::of(b"");
        let expected = Expected {
            shown_by: &member.node,
            shown_to: &self.0.own.node,
            kinds: &[EntryKind::Received],
            exchange,
            attempt,
            // Our answers name both; a digest of nothing would only match nothing.
            question: own.question.unwrap_or_else(nothing),
            body: own.body.unwrap_or_else(nothing),
        };
        let shown = check_shown(logged, keys, None, expected).map_err(refused)?;
        let person = self
            .read(|view| Ok(exchange_index::find(view, leaf)?.and_then(|entry| entry.person)))
            .map_err(|error| unreadable(error.to_string()))?;
        Ok(Acknowledged {
            leaf,
            person,
            shown: PeerEntry {
                entry: logged.entry.clone(),
                proof: logged.proof.clone(),
            },
            checkpoint: shown.checkpoint,
            consistency: logged.consistency.clone(),
        })
    }
}

/// Holds the checkpoint that came with an acknowledgement, if it is proved to go on with the one that
/// is held. One that is not, because it is older or its sender does not know what is held here, proves
/// its entry all the same, and nothing against its log.
fn hold_shown(
    tx: &mut Tx<'_>,
    node: &NodeId,
    keys: &[VerifyingKey],
    one: &Acknowledged,
) -> Result<(), ExchangeError> {
    let before = peers::find(tx, node)?.unwrap_or_default();
    let held = |key| SignedCheckpoint::open(&before.checkpoint, key).ok();
    let origin = &one.checkpoint.checkpoint().origin;
    let held = keys.iter().find_map(held);
    let held = held.filter(|held| held.checkpoint().origin == *origin);
    if held.is_some_and(|held| continues(&held, &one.checkpoint, &one.consistency).is_err()) {
        return Ok(());
    }
    let mut known = before.clone();
    hold(&mut known, &one.checkpoint);
    if known != before {
        peers::put(tx, node, &known)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
