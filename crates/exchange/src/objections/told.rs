//! Whom an objection is told to, under what names, and how far that is.

use std::collections::BTreeSet;

use passerelle_domain::claim::{NumericDate, Objection, ObjectionScope, PurgeOrder};
use passerelle_domain::{Digest, NodeId, PersonId, TokenId};
use passerelle_store::Tx;
use passerelle_store::tables::deliveries::DeliveryState;
use passerelle_store::tables::links::Link;
use passerelle_store::tables::objections::KeptObjection;
use passerelle_store::tables::outbox::OutboxKind;
use passerelle_store::tables::{Read, disclosures, links, questions};

use crate::ports::Outgoing;
use crate::queue::{Delivery, Signed, delivery, queue};
use crate::{ExchangeError, Passerelle};

impl Passerelle {
    /// The links over which this node has asked, and whose holder an objection concerns.
    pub(super) fn asked_links(
        &self,
        read: &impl Read,
        person: &PersonId,
        scope: &ObjectionScope,
    ) -> Result<Vec<Link>, ExchangeError> {
        // That the person objects to what another node asks is nobody else's affair.
        if !self.binds_as_asker(scope) {
            return Ok(Vec::new());
        }
        let mut asked = Vec::new();
        for holder in questions::holders(read, person)? {
            asked.extend(links::live(read, person, &holder)?);
        }
        Ok(asked)
    }

    /// Whether an objection closes something that this node itself asks for.
    pub(crate) fn binds_as_asker(&self, scope: &ObjectionScope) -> bool {
        match scope {
            ObjectionScope::Requester(node) => *node == self.0.own.node,
            ObjectionScope::All | ObjectionScope::Purposes(_) | ObjectionScope::Sections(_) => true,
        }
    }

    pub(super) fn tell(
        &self,
        tx: &mut Tx<'_>,
        link: &Link,
        kept: &KeptObjection,
        lifts: Option<TokenId>,
    ) -> Result<(), ExchangeError> {
        let objection = Objection {
            issuer: self.0.own.node.clone(),
            audience: link.peer.clone(),
            link: link.id,
            scope: kept.scope.clone(),
            lifts,
            issued_at: NumericDate::of(tx.now()),
            id: told_as(kept.id, link),
        };
        let signed = Signed {
            kind: OutboxKind::Objection,
            peer: link.peer.clone(),
            person: Some(link.person),
            subject: kept.id,
            jwt: self.sign(Outgoing::Objection(&objection))?,
        };
        queue(tx, &signed).map(drop)
    }

    /// Orders the other side of a link to destroy what it received, without a reason.
    pub(crate) fn order_purge(
        &self,
        tx: &mut Tx<'_>,
        link: &Link,
        id: TokenId,
    ) -> Result<(), ExchangeError> {
        let order = PurgeOrder {
            issuer: self.0.own.node.clone(),
            audience: link.peer.clone(),
            link: link.id,
            issued_at: NumericDate::of(tx.now()),
            id,
        };
        let signed = Signed {
            kind: OutboxKind::PurgeOrder,
            peer: link.peer.clone(),
            person: Some(link.person),
            subject: order.id,
            jwt: self.sign(Outgoing::PurgeOrder(&order))?,
        };
        queue(tx, &signed).map(drop)
    }
}

/// The links over which something was disclosed that an objection may close. Whoever received it
/// destroys all of it, and may ask again for what is still open.
pub(crate) fn concerned_receivers(
    read: &impl Read,
    person: &PersonId,
    scope: &ObjectionScope,
) -> Result<Vec<Link>, ExchangeError> {
    let mut links = receiving_links(read, person)?;
    if let ObjectionScope::Requester(node) = scope {
        links.retain(|link| link.peer == *node);
    }
    Ok(links)
}

/// How far those are told whom an objection concerns.
pub(crate) fn objection_deliveries(
    read: &impl Read,
    person: &PersonId,
    objection: TokenId,
) -> Result<Vec<(NodeId, Delivery)>, ExchangeError> {
    let mut by_peer: Vec<(NodeId, Delivery)> = Vec::new();
    for told in told(read, person, objection)? {
        match by_peer.iter_mut().find(|(peer, _)| *peer == told.peer) {
            // One line a partner, the one that is least far.
            Some((_, delivery)) if behind(told.delivery.state) > behind(delivery.state) => {
                *delivery = told.delivery;
            }
            Some(_) => {}
            None => by_peer.push((told.peer, told.delivery)),
        }
    }
    Ok(by_peer)
}

const fn behind(state: DeliveryState) -> u8 {
    match state {
        DeliveryState::Delivered => 0,
        DeliveryState::Queued => 1,
        DeliveryState::Refused => 2,
    }
}

/// Something that a partner is told because of an objection.
pub(super) struct Told {
    pub(super) peer: NodeId,
    pub(super) subject: TokenId,
    delivery: Delivery,
}

pub(super) fn told(
    read: &impl Read,
    person: &PersonId,
    objection: TokenId,
) -> Result<Vec<Told>, ExchangeError> {
    let mut all = Vec::new();
    for link in links::of_person(read, person)? {
        for subject in [objection, ordered_as(objection, &link)] {
            if let Some(delivery) = delivery(read, subject, &link.peer)? {
                all.push(Told {
                    peer: link.peer.clone(),
                    subject,
                    delivery,
                });
            }
        }
    }
    Ok(all)
}

/// The links over which something was disclosed about a person.
fn receiving_links(read: &impl Read, person: &PersonId) -> Result<Vec<Link>, ExchangeError> {
    let disclosed = disclosures::of_person(read, person)?;
    let over: BTreeSet<_> = disclosed.iter().map(|disclosed| disclosed.link).collect();
    let mut receiving = Vec::new();
    for id in over {
        receiving.extend(links::find(read, &id)?);
    }
    Ok(receiving)
}

/// The name under which one partner is told of an objection. Another for each, so that two of them
/// cannot find out that they accompany the same person.
pub(super) fn told_as(objection: TokenId, link: &Link) -> TokenId {
    derived("objection", objection, link)
}

pub(super) fn ordered_as(objection: TokenId, link: &Link) -> TokenId {
    derived("purge-order", objection, link)
}

/// Objections have random ids, which never leave this node: what is derived tells nothing of them.
fn derived(what: &str, objection: TokenId, link: &Link) -> TokenId {
    let digest = Digest::of(format!("passerelle/{what}/1\n{objection}\n{}", link.id).as_bytes());
    let mut id = [0; 16];
    id.copy_from_slice(&digest.as_bytes()[..16]);
    TokenId::from_bytes(id)
}
