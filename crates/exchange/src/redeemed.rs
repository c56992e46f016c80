//! The issuer's side of a redemption: an attempt is durable before anything is compared, and every
//! failure is one answer (I13).

mod finish;
mod shown;

use std::sync::Arc;

use passerelle_domain::entry::{Entry, Outcome as EntryOutcome};
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{Digest, Peer, PersonId, Purpose};
use passerelle_linkage::pass::{
    Attempt as PassAttempt, Compared, PassRow, PassSecret, REDEEM_TICK, release_at,
};
use passerelle_linkage::traits::IdentityTraits;
use passerelle_proto::exchange::v1 as wire;
use passerelle_store::tables::attempts::AttemptKind;
use passerelle_store::tables::passes::{self, KeptPass};
use passerelle_store::tables::{Read, attempts, persons};
use passerelle_store::{Head, Refusal as StoreRefusal, TransactError, Tx};
use passerelle_tlog::SignedCheckpoint;

use self::finish::{Finished, Finishing};
use self::shown::Shown;
use crate::attempt::attempts_so_far;
use crate::gate::under_gate;
use crate::logging::logged_entry;
use crate::passerelle::transact_error;
use crate::passes::{kept_pass, pass_row};
use crate::persons::traits_of;
use crate::{ExchangeError, Passerelle};

/// How often a transaction is run again because trust list or rules changed under it.
const TRIES: usize = 4;

/// An attempt that is durable.
enum Begun {
    /// It came before, or after a later one: nothing is compared.
    Duplicate,
    Counted {
        attempt: PassAttempt,
        /// Who carries the pass, with their traits; nobody where it is not known.
        carrier: Option<(PersonId, Option<IdentityTraits>)>,
    },
}

/// What was compared, or that nothing was.
#[derive(Clone)]
struct Judged {
    person: Option<PersonId>,
    compared: Option<Arc<Compared>>,
}

impl Passerelle {
    /// Answers one attempt at redeeming a pass of this node.
    ///
    /// An error means that nothing was looked at. Every answer is in the log before it is returned,
    /// and leaves on a tick, whatever it is.
    pub async fn answer_redemption(
        &self,
        peer: &Peer,
        request: &wire::RedeemRequest,
    ) -> Result<wire::RedeemResponse, ExchangeError> {
        let arrival = self.now();
        let shown = Shown::parse(request, &self.0.own.node)?;
        self.may_disclose(shown.attempt.sent_at)?;
        self.question_in_date(shown.exchange)?;
        self.member(&peer.node)?;
        let held = self.own_checkpoint_shown(shown.attempt.held.as_deref())?;
        let judged = match self.begin(peer, &shown).await? {
            Begun::Duplicate => Judged {
                person: None,
                compared: None,
            },
            Begun::Counted { attempt, carrier } => self.compare(&shown, attempt, carrier).await?,
        };
        let (finished, head) = self.finish(peer, &shown, judged).await?;
        let response = wire::RedeemResponse {
            envelope: Some(wire::Envelope {
                body: finished.body,
            }),
            logged: Some(logged_entry(
                &self.0.store,
                &finished.appended,
                &head,
                held.as_ref().map(SignedCheckpoint::size),
            )?),
        };
        self.wait_until(release_at(arrival, self.now(), REDEEM_TICK))
            .await;
        Ok(response)
    }

    /// Makes the attempt durable: a crash from here on counts as a miss.
    async fn begin(&self, peer: &Peer, shown: &Shown) -> Result<Begun, ExchangeError> {
        let (peer, shown) = (peer.node.clone(), shown.clone());
        let committed = self
            .transact("redeem_begin", move |tx| {
                let kind = AttemptKind::Redeem;
                let mut attempts = attempts_so_far(tx, &peer, shown.exchange, kind, shown.digest)?;
                if shown.attempt.number <= attempts.last {
                    return Ok(Begun::Duplicate);
                }
                attempts.last = shown.attempt.number;
                attempts::put(tx, &peer, &shown.exchange, &attempts)?;
                let pass = known_pass(tx, &shown.secret)?;
                let now = tx.now();
                let row = pass.as_ref().map(|pass| &pass.row);
                let (attempt, counted) = PassAttempt::begin(row, now);
                if let Some(row) = &counted {
                    put_pass(tx, row)?;
                }
                let carrier = match &pass {
                    Some(pass) => Some((pass.person, held_traits(tx, &pass.person)?)),
                    None => None,
                };
                Ok(Begun::Counted { attempt, carrier })
            })
            .await?;
        Ok(committed.value)
    }

    /// Compares PIN and traits, at one cost whatever the pass.
    async fn compare(
        &self,
        shown: &Shown,
        attempt: PassAttempt,
        carrier: Option<(PersonId, Option<IdentityTraits>)>,
    ) -> Result<Judged, ExchangeError> {
        let (person, held) = carrier.map_or((None, None), |(person, held)| (Some(person), held));
        let (node, shown) = (self.clone(), shown.clone());
        let compared = self
            .0
            .blocking
            .compute(move || {
                let decoy = node.running().decoy(node.rng());
                attempt.compare(&shown.pin, &shown.traits, held.as_ref(), decoy)
            })
            .await;
        let compared = compared.ok_or_else(|| ExchangeError::Internal {
            what: "the pool for comparisons is closed".to_owned(),
        })?;
        Ok(Judged {
            person,
            compared: Some(Arc::new(compared)),
        })
    }

    /// Decides, makes the link if there is one to make, and logs, in one frame.
    async fn finish(
        &self,
        peer: &Peer,
        shown: &Shown,
        judged: Judged,
    ) -> Result<(Finished, Arc<Head>), ExchangeError> {
        // A link is made before a disclosure about the person or after it, never during one.
        let gate = match judged.person {
            Some(person) => Some(Arc::new(self.0.store.gate(person).exclusive().await)),
            None => None,
        };
        let finishing = Finishing {
            peer: peer.clone(),
            shown: shown.clone(),
            judged,
            nonce: self.rng().bytes(),
            entry: self.redeemed_entry(shown),
        };
        let mut tries = TRIES;
        loop {
            tries -= 1;
            // The peer may have been suspended since.
            let serials = self.serials();
            self.member(&peer.node)?;
            let finishing = finishing.clone();
            let committed = self
                .0
                .store
                .transact(
                    "redeem_finish",
                    under_gate(gate.clone(), move |tx| finishing.finish(tx, serials)),
                )
                .await;
            match committed {
                Ok(committed) => {
                    let logged = committed.logged.ok_or(ExchangeError::LogUnavailable)?;
                    return Ok((committed.value, logged.head));
                }
                Err(TransactError::Refused(StoreRefusal::Stale)) if tries > 0 => {}
                Err(error) => return Err(transact_error(error)),
            }
        }
    }

    fn redeemed_entry(&self, shown: &Shown) -> Entry {
        Entry {
            exchange: Some(shown.exchange),
            attempt: Some(shown.attempt.number),
            role: Some(shown.agent.role),
            assurance: Some(shown.agent.assurance),
            purpose: Some(Purpose::Identification),
            question: Some(shown.digest),
            peer_leaf: Some(Digest::from_bytes(shown.attempt.asked_leaf)),
            ..self.entry(EntryKind::Redeemed, EntryOutcome::Nothing)
        }
    }
}

/// A pass that is known here.
struct KnownPass {
    person: PersonId,
    kept: KeptPass,
    row: PassRow,
}

fn known_pass(read: &impl Read, secret: &PassSecret) -> Result<Option<KnownPass>, ExchangeError> {
    let Some(kept) = passes::find(read, &secret.id())? else {
        return Ok(None);
    };
    Ok(Some(KnownPass {
        // Of a file that was merged, the pass leads to the one that is kept.
        person: persons::kept(read, &kept.person)?,
        row: pass_row(&kept)?,
        kept,
    }))
}

fn put_pass(tx: &mut Tx<'_>, row: &PassRow) -> Result<(), ExchangeError> {
    passes::put(tx, &kept_pass(row)?)?;
    Ok(())
}

/// What is known of the carrier, to compare with; nothing of somebody who is not to be known here.
fn held_traits(
    read: &impl Read,
    person: &PersonId,
) -> Result<Option<IdentityTraits>, ExchangeError> {
    let person = persons::find(read, person)?.filter(|person| !person.protected);
    person.map(|person| traits_of(&person)).transpose()
}

#[cfg(test)]
mod tests;
