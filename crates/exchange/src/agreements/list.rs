use std::cmp::Reverse;

use passerelle_domain::claim::{Grant, ObjectionScope};
use passerelle_domain::{Caller, ChainId, LawfulBasis, NodeId, PersonId, Timestamp, TokenId};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::tables::links::Link;
use passerelle_store::tables::objections::{KeptObjection, OfficerAnswer};
use passerelle_store::tables::receipts::KeptReceipt;
use passerelle_store::tables::withdrawals::WithdrawnChain;
use passerelle_store::tables::{Read, links, objections, persons, withdrawals};

use super::Direction;
use crate::objections::objection_deliveries;
use crate::queue::{Delivery, delivery};
use crate::withdrawals::newest_of_chains;
use crate::{ExchangeError, Passerelle};

/// The agreements and objections of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreements {
    /// The newest first.
    pub agreements: Vec<AgreementFile>,
    /// The newest first.
    pub objections: Vec<ObjectionFile>,
}

/// An agreement with one partner, as it stands: the newest receipt of its chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementFile {
    /// The partner.
    pub node: NodeId,
    /// Which way the journey may be read.
    pub direction: Direction,
    /// The chain.
    pub chain: ChainId,
    /// Its version.
    pub version: u32,
    /// The ground.
    pub basis: LawfulBasis,
    /// The lines.
    pub grants: Vec<Grant>,
    /// From when it holds.
    pub not_before: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Since when it is withdrawn; `None` where it is not.
    pub withdrawn_at: Option<Timestamp>,
    /// Whether this node issued it; else the partner did.
    pub issued_here: bool,
    /// Whether the partner has it, or has confirmed its withdrawal.
    pub delivery: Delivery,
}

/// An objection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectionFile {
    /// Names it.
    pub id: TokenId,
    /// The node that took it.
    pub issuer: NodeId,
    /// What it closes.
    pub scope: ObjectionScope,
    /// What this node's privacy officer has answered.
    pub officer: OfficerAnswer,
    /// Since when.
    pub since: Timestamp,
    /// Since when it is lifted; `None` where it stands.
    pub lifted_at: Option<Timestamp>,
    /// Whether it was taken here, and can be lifted here; else a partner took it.
    pub taken_here: bool,
    /// The partners who are told.
    pub deliveries: Vec<(NodeId, Delivery)>,
}

impl Passerelle {
    /// The agreements and objections of one person, with what partners have confirmed.
    pub fn list_agreements(
        &self,
        caller: &Caller,
        person: &PersonId,
    ) -> Result<Agreements, ExchangeError> {
        let _access = own_access(caller, OwnAct::ReadJourney)?;
        self.read(|view| {
            let person = &persons::kept(view, person)?;
            if persons::find(view, person)?.is_none() {
                return Err(ExchangeError::PersonNotFound);
            }
            Ok(Agreements {
                agreements: self.agreements_of(view, person)?,
                objections: objections_of(view, person)?,
            })
        })
    }

    fn agreements_of(
        &self,
        read: &impl Read,
        person: &PersonId,
    ) -> Result<Vec<AgreementFile>, ExchangeError> {
        let mut files = Vec::new();
        for link in links::of_person(read, person)? {
            let withdrawn = withdrawals::over_link(read, &link.id)?;
            for newest in newest_of_chains(read, &link)? {
                let ended = withdrawn.iter().find(|withdrawn| ends(withdrawn, &newest));
                files.push(self.file_of(read, &link, newest, ended)?);
            }
        }
        files.sort_by_key(|file| Reverse(file.not_before));
        Ok(files)
    }

    fn file_of(
        &self,
        read: &impl Read,
        link: &Link,
        kept: KeptReceipt,
        ended: Option<&WithdrawnChain>,
    ) -> Result<AgreementFile, ExchangeError> {
        let told = match ended {
            Some(ended) => delivery(read, ended.order, &link.peer)?,
            None => delivery(read, kept.receipt.id, &link.peer)?,
        };
        // What was not sent from here came from there.
        let since = ended.map_or(kept.received_at, |ended| ended.withdrawn_at);
        let receipt = kept.receipt.into_claim();
        Ok(AgreementFile {
            node: link.peer.clone(),
            direction: if receipt.holder == self.0.own.node {
                Direction::OwnToPartner
            } else {
                Direction::PartnerToOwn
            },
            chain: receipt.chain,
            version: receipt.version,
            basis: receipt.basis,
            grants: receipt.grants,
            not_before: receipt.not_before.at(),
            expires_at: receipt.expires_at.at(),
            withdrawn_at: ended.map(|ended| ended.withdrawn_at),
            issued_here: kept.issued_here,
            delivery: told.unwrap_or_else(|| Delivery::known_there(since)),
        })
    }
}

pub(super) fn ends(withdrawn: &WithdrawnChain, kept: &KeptReceipt) -> bool {
    (&withdrawn.receipt_issuer, withdrawn.chain) == (&kept.receipt.issuer, kept.receipt.chain)
}

fn objections_of(read: &impl Read, person: &PersonId) -> Result<Vec<ObjectionFile>, ExchangeError> {
    let mut files = Vec::new();
    let mut all = Vec::new();
    for file in persons::files(read, person)? {
        all.extend(objections::of_person(read, &file)?);
    }
    for objection in all.into_iter().filter(|one| one.lifts.is_none()) {
        files.push(objection_file(read, person, objection)?);
    }
    files.sort_by_key(|file| Reverse(file.since));
    Ok(files)
}

fn objection_file(
    read: &impl Read,
    person: &PersonId,
    objection: KeptObjection,
) -> Result<ObjectionFile, ExchangeError> {
    Ok(ObjectionFile {
        deliveries: objection_deliveries(read, person, objection.id)?,
        id: objection.id,
        issuer: objection.issuer,
        officer: objection.officer,
        scope: objection.scope,
        since: objection.taken_at,
        lifted_at: objection.lifted_at,
        taken_here: objection.via.is_none(),
    })
}
