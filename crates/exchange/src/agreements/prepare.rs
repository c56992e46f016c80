//! A receipt is made ready: everything about it is checked before anything is recorded.

use std::time::Duration;

use passerelle_domain::claim::{
    Claim, Effect, Evidence, Grant, NumericDate, Receipt, WithdrawalMeans,
};
use passerelle_domain::member::Member;
use passerelle_domain::{Caller, ChainId, LawfulBasis, Malformed, NodeId, TokenId};
use passerelle_store::tables::links::Link;
use passerelle_store::tables::receipts::{self, KeptReceipt};
use passerelle_store::tables::{Read, links, persons, withdrawals};

use super::{Direction, Partner, RecordAgreement};
use crate::ports::Outgoing;
use crate::receipts::{Place, place};
use crate::requests::Request;
use crate::{ExchangeError, Passerelle};

/// How long a consent lasts where nothing else is said.
pub(super) const CONSENT: Duration = Duration::from_secs(365 * 24 * 3600);
/// How long anything else does.
pub(super) const OTHER_BASIS: Duration = Duration::from_secs(730 * 24 * 3600);

/// A receipt that is ready to be recorded.
#[derive(Clone)]
pub(super) struct Prepared {
    pub(super) asked: Request,
    pub(super) link: Link,
    pub(super) receipt: Receipt,
    pub(super) jwt: String,
}

impl Passerelle {
    /// Makes a receipt for one partner; an error if it cannot be recorded.
    pub(super) fn prepare(
        &self,
        caller: &Caller,
        request: &RecordAgreement,
        partner: &Partner,
        asked: Request,
    ) -> Result<Prepared, ExchangeError> {
        self.partner(&partner.node)?;
        let link = self.read(|view| {
            if persons::find(view, &request.person)?.is_none() {
                return Err(ExchangeError::PersonNotFound);
            }
            let link = links::live(view, &request.person, &partner.node)?;
            link.ok_or(ExchangeError::NoLink)
        })?;
        for (i, grant) in request.grants.iter().enumerate() {
            check_ceiling(grant, &link).map_err(|e| e.within(&format!("grants[{i}]")))?;
        }
        let receipt = self.receipt(caller, request, partner, &link)?;
        receipt.check().map_err(in_words_of_request)?;
        let ends_later = |grant: &Grant| grant.until.is_some_and(|at| at > receipt.expires_at);
        if let Some(i) = request.grants.iter().position(ends_later) {
            let rule = "not after the agreement ends";
            return Err(Malformed::new(format!("grants[{i}].until"), rule).into());
        }
        let jwt = self.sign(Outgoing::Receipt(&receipt))?;
        if jwt.len() > Receipt::MAX_BYTES {
            let rule = "fewer lines: the receipt would be longer than 4 KiB";
            return Err(Malformed::new("grants", rule).into());
        }
        // What cannot be recorded for one is recorded for none.
        let kept = KeptReceipt::issued(receipt.clone(), jwt.clone(), self.now());
        if let Place::Full(bound) = self.read(|view| place(view, &kept))? {
            return Err(Malformed::new("partners", bound).into());
        }
        Ok(Prepared {
            asked,
            link,
            receipt,
            jwt,
        })
    }

    fn receipt(
        &self,
        caller: &Caller,
        request: &RecordAgreement,
        partner: &Partner,
        link: &Link,
    ) -> Result<Receipt, ExchangeError> {
        let own = &self.0.own.node;
        let holder = match partner.direction {
            Direction::PartnerToOwn => partner.node.clone(),
            Direction::OwnToPartner => own.clone(),
        };
        let (chain, version) = match request.replaces {
            None => (ChainId::random(self.rng()), 1),
            Some(chain) => {
                let last = self.read(|view| last_of(view, own, link, &chain))?;
                if (&last.receipt.holder, last.receipt.basis) != (&holder, request.basis) {
                    let rule = "an agreement in the same direction and on the same ground";
                    return Err(Malformed::new("replaces_chain", rule).into());
                }
                (chain, last.receipt.version + 1)
            }
        };
        let now = self.now();
        let expires_at = request
            .expires_at
            .unwrap_or_else(|| now.plus(life(request.basis)));
        let list = self.0.trust.list();
        let means = list.member(own).ok_or(ExchangeError::MemberUnknown)?;
        Ok(Receipt {
            issuer: own.clone(),
            audience: partner.node.clone(),
            link: link.id,
            id: TokenId::random(self.rng()),
            issued_at: NumericDate::of(now),
            not_before: NumericDate::of(now),
            expires_at: NumericDate::of(expires_at),
            holder,
            chain,
            version,
            basis: request.basis,
            given_by: request.given_by,
            notice: request.notice.clone(),
            evidence: Evidence {
                kind: request.evidence,
                agent_mfa: caller.second_factor,
            },
            grants: request.grants.clone(),
            withdrawal: withdrawal_means(means),
        })
    }
}

/// The newest receipt of a chain that this node has begun and not ended.
fn last_of(
    read: &impl Read,
    own: &NodeId,
    link: &Link,
    chain: &ChainId,
) -> Result<KeptReceipt, ExchangeError> {
    let last = receipts::chain(read, &link.id, own, chain)?.pop();
    let last = last.ok_or_else(|| ExchangeError::not_found("replaces_chain"))?;
    if withdrawals::find(read, &link.id, own, chain)?.is_some() {
        // A chain never revives: a new agreement begins a new one.
        return Err(Malformed::new("replaces_chain", "an agreement that was not withdrawn").into());
    }
    Ok(last)
}

/// Nothing is recorded that the pass, on which the link rests, does not let the receipt open.
fn check_ceiling(grant: &Grant, link: &Link) -> Result<(), Malformed> {
    let Some(ceiling) = link.ceiling else {
        return Ok(());
    };
    let above = grant.sections.values().any(|class| *class > ceiling);
    if grant.effect == Effect::Permit && above {
        return Err(Malformed::new(
            "sections",
            "no class above the ceiling of the link",
        ));
    }
    Ok(())
}

const fn life(basis: LawfulBasis) -> Duration {
    match basis {
        LawfulBasis::Consent | LawfulBasis::ExplicitConsent => CONSENT,
        _ => OTHER_BASIS,
    }
}

/// Where the person goes to come back on it: to this organisation.
fn withdrawal_means(own: &Member) -> WithdrawalMeans {
    let organisation = &own.organisation;
    let mut text = organisation.name.clone();
    if !organisation.contact.is_empty() {
        text = format!("{text}, {}", organisation.contact);
    }
    let plain = text.chars().filter(|c| !c.is_control());
    WithdrawalMeans(plain.take(200).collect())
}

const EXPIRES: &str =
    "in the future; at most 12 months from now for a consent, 24 on any other ground";

/// A fault of the receipt, as the caller would look for it in the request.
fn in_words_of_request(fault: Malformed) -> Malformed {
    match fault.field() {
        "exp" => Malformed::new("expires_at", EXPIRES),
        _ => fault,
    }
}
