//! A person was informed, or agreed, at this node: one receipt a partner and basis, each with its
//! own names, so that nobody learns who else accompanies the person.

mod copy;
mod list;
mod prepare;

use std::sync::Arc;

use passerelle_domain::claim::{Grant, Notice, NumericDate};
use passerelle_domain::entry::Outcome;
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{
    Caller, ChainId, EvidenceKind, GivenBy, LawfulBasis, LinkId, Malformed, NodeId, PersonId,
    Timestamp, TokenId,
};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::tables::Read;
use passerelle_store::tables::changes::{Change, ChangeKind};
use passerelle_store::tables::outbox::OutboxKind;
use passerelle_store::tables::receipts::KeptReceipt;
use passerelle_store::{ExclusiveGuard, Tx};
use serde::{Deserialize, Serialize};

pub use copy::AgreementCopy;
pub use list::{AgreementFile, Agreements, ObjectionFile};
use prepare::Prepared;

use crate::changes::append;
use crate::gate::under_gate;
use crate::logging::Draft;
use crate::queue::{Delivery, Signed, delivery, queue};
use crate::receipts::{Place, add_ground, live_link, place, put_in_force};
use crate::requests::{Request, RequestId};
use crate::{ExchangeError, Passerelle};

/// The most partners in one call.
const MOST_PARTNERS: usize = 32;
/// What a person was told, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordAgreement {
    /// The person.
    pub person: PersonId,
    /// Chosen by the caller: repeating a call with it records nothing again.
    pub request: RequestId,
    /// With whom, and which way, 1 to 32; with each a link must stand.
    pub partners: Vec<Partner>,
    /// The ground.
    pub basis: LawfulBasis,
    /// Who was informed or agreed.
    pub given_by: GivenBy,
    /// The text that was shown, of the catalogue, and shown today.
    pub notice: Notice,
    /// How it is known that it was the person.
    pub evidence: EvidenceKind,
    /// What is opened and closed, 1 to 16 lines.
    pub grants: Vec<Grant>,
    /// When it ends; `None`: 12 months for a consent, 24 for anything else.
    pub expires_at: Option<Timestamp>,
    /// The chain that it goes on with, which this node has begun with the one partner.
    pub replaces: Option<ChainId>,
}

/// A partner of an agreement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Partner {
    /// The other node.
    pub node: NodeId,
    /// Which way the journey may be read.
    pub direction: Direction,
}

/// Which way a journey may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Direction {
    /// This organisation reads what the partner holds.
    PartnerToOwn,
    /// The partner reads what this organisation holds.
    OwnToPartner,
}

/// What became of an agreement with one partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementOutcome {
    /// The partner.
    pub node: NodeId,
    /// The chain: names it, to withdraw.
    pub chain: ChainId,
    /// Its version in the chain.
    pub version: u32,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whether the partner has it.
    pub delivery: Delivery,
}

/// A receipt that was recorded, as its request remembers it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Recorded {
    node: NodeId,
    link: LinkId,
    receipt: TokenId,
    chain: ChainId,
    version: u32,
    expires_at: NumericDate,
}

impl Passerelle {
    /// Records an agreement: one receipt for each partner, in their order. What holds for one holds
    /// for all, or nothing is recorded; a call that broke off half-way is completed by repeating it.
    pub async fn record_agreement(
        &self,
        caller: &Caller,
        mut request: RecordAgreement,
    ) -> Result<Vec<AgreementOutcome>, ExchangeError> {
        let _access = own_access(caller, OwnAct::MeetPerson)?;
        self.may_exchange()?;
        self.check(&request)?;
        let mut recorded = Vec::new();
        {
            // A disclosure comes before the receipts or after them, never in between (I3).
            let (person, gate) = self.kept_gate(request.person).await?;
            request.person = person;
            let gate = Arc::new(gate);
            for step in self.steps(caller, &request)? {
                recorded.push(match step {
                    Step::Before(before) => before,
                    Step::Now(prepared) => self.record(caller, *prepared, &gate).await?,
                });
            }
        }
        self.wake_outbox();
        let told = recorded.iter().map(|one| (one.receipt, one.node.clone()));
        self.wait_delivered(&told.collect::<Vec<_>>()).await?;
        self.read(|view| {
            recorded
                .into_iter()
                .map(|one| one.outcome(view, self.now()))
                .collect()
        })
    }

    /// What can be said of a request without looking at the person.
    fn check(&self, request: &RecordAgreement) -> Result<(), ExchangeError> {
        let partners = &request.partners;
        if partners.is_empty() || partners.len() > MOST_PARTNERS {
            return Err(Malformed::new("partners", "1 to 32 partners").into());
        }
        let twice = |(i, partner)| partners[..i].contains(partner);
        if partners.iter().enumerate().any(twice) {
            return Err(Malformed::new("partners", "each partner once a direction").into());
        }
        if request.replaces.is_some() && partners.len() > 1 {
            let rule = "with one partner: the one of that agreement";
            return Err(Malformed::new("replaces_chain", rule).into());
        }
        if request.expires_at.is_some_and(|at| at <= self.now()) {
            return Err(Malformed::new("expires_at", "in the future").into());
        }
        Ok(())
    }

    /// What is to be done for each partner; an error if it cannot be done for one.
    fn steps(
        &self,
        caller: &Caller,
        request: &RecordAgreement,
    ) -> Result<Vec<Step>, ExchangeError> {
        let text = request.text()?;
        let of = |(number, partner)| {
            let what = format!("agreement {number}");
            let asked = Request::of(caller, &what, &request.request, &text);
            if let Some(before) = self.read(|view| asked.answered(view))? {
                return Ok(Step::Before(Recorded::read(&before)?));
            }
            self.check_notice(&request.notice)?;
            let prepared = self.prepare(caller, request, partner, asked)?;
            Ok(Step::Now(Box::new(prepared)))
        };
        request.partners.iter().enumerate().map(of).collect()
    }

    async fn record(
        &self,
        caller: &Caller,
        prepared: Prepared,
        gate: &Arc<ExclusiveGuard>,
    ) -> Result<Recorded, ExchangeError> {
        let entry = self.entry(EntryKind::Agreed, Outcome::Done);
        let draft = Draft::new(entry, Some(prepared.link.person))
            .by(caller)
            .with(&prepared.link.peer, None);
        // What is signed here was checked here.
        let kept = KeptReceipt::issued(prepared.receipt.clone(), prepared.jwt.clone(), self.now());
        let committed = self
            .transact(
                "agree",
                under_gate(Arc::clone(gate), move |tx| {
                    record(tx, &prepared, &kept, &draft)
                }),
            )
            .await?;
        Ok(committed.value)
    }
}

/// What is to be done for one partner.
enum Step {
    /// Nothing: it was recorded by an earlier call.
    Before(Recorded),
    Now(Box<Prepared>),
}

fn record(
    tx: &mut Tx<'_>,
    prepared: &Prepared,
    kept: &KeptReceipt,
    draft: &Draft,
) -> Result<Recorded, ExchangeError> {
    // A call with the same id about somebody else may have come meanwhile.
    if let Some(before) = prepared.asked.answered(tx)? {
        return Recorded::read(&before);
    }
    let receipt = &prepared.receipt;
    let link = live_link(tx, &receipt.link, &receipt.audience)?.ok_or(ExchangeError::NoLink)?;
    match place(tx, kept)? {
        Place::Next => {}
        Place::Full(bound) => return Err(Malformed::new("partners", bound).into()),
        Place::Known | Place::Broken(_) => {
            return Err(ExchangeError::Internal {
                what: "a receipt does not go on with its chain".to_owned(),
            });
        }
    }
    let kept = &KeptReceipt {
        received_at: tx.now(),
        ..kept.clone()
    };
    let mut draft = draft.clone();
    put_in_force(tx, &link, kept, &mut draft)?;
    let signed = Signed {
        kind: OutboxKind::Receipt,
        peer: link.peer.clone(),
        person: Some(link.person),
        subject: receipt.id,
        jwt: prepared.jwt.clone(),
    };
    queue(tx, &signed)?;
    add_ground(&mut draft, kept);
    draft.log(tx)?;
    let change = Change::of(link.person, ChangeKind::AgreementRecorded).with(&link.peer);
    append(tx, &change.about(&receipt.chain))?;
    let recorded = Recorded {
        node: link.peer,
        link: link.id,
        receipt: receipt.id,
        chain: receipt.chain,
        version: receipt.version,
        expires_at: receipt.expires_at,
    };
    prepared.asked.answer(tx, &recorded.written()?)?;
    Ok(recorded)
}

impl RecordAgreement {
    /// What makes two requests the same.
    fn text(&self) -> Result<String, ExchangeError> {
        let expires_at = self.expires_at.map(Timestamp::as_millis);
        let said = (
            (&self.person, &self.partners, self.basis, self.given_by),
            (&self.notice, self.evidence, &self.grants),
            (expires_at, self.replaces),
        );
        serde_json::to_string(&said).map_err(|_| unwritable())
    }
}

impl Recorded {
    fn outcome(self, read: &impl Read, now: Timestamp) -> Result<AgreementOutcome, ExchangeError> {
        let told = delivery(read, self.receipt, &self.node)?;
        Ok(AgreementOutcome {
            node: self.node,
            chain: self.chain,
            version: self.version,
            expires_at: self.expires_at.at(),
            delivery: told.unwrap_or_else(|| Delivery::known_there(now)),
        })
    }

    fn written(&self) -> Result<Vec<u8>, ExchangeError> {
        serde_json::to_vec(self).map_err(|_| unwritable())
    }

    fn read(bytes: &[u8]) -> Result<Self, ExchangeError> {
        serde_json::from_slice(bytes).map_err(|_| unwritable())
    }
}

fn unwritable() -> ExchangeError {
    ExchangeError::Internal {
        what: "what a request has answered cannot be written or read".to_owned(),
    }
}

#[cfg(test)]
mod tests;
