//! A link ends here: because this organisation no longer accompanies the person, because the person
//! asks for it, or because it joins two persons. In force when the call returns, and the other side
//! is told until it confirms.

use passerelle_domain::claim::{self, LinkEndGround, NumericDate};
use passerelle_domain::entry::Outcome;
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{Caller, LinkId, NodeId, PersonId, Timestamp, TokenId};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::tables::deliveries::DeliveryState;
use passerelle_store::tables::links::{Link, LinkEndCause};
use passerelle_store::tables::outbox::OutboxKind;
use passerelle_store::tables::{Read, links, persons};

use crate::gate::under_gate;
use crate::link_ends::Ending;
use crate::logging::Draft;
use crate::persons::LinkFile;
use crate::ports::Outgoing;
use crate::queue::{Signed, delivery, queue};
use crate::{ExchangeError, Passerelle};

/// Whose link ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unlink {
    /// The person.
    pub person: PersonId,
    /// The link.
    pub link: LinkId,
    /// Whether the person asked for it; else the organisation no longer accompanies them.
    pub person_asked: bool,
}

impl Passerelle {
    /// Ends a link for good. In force here when this returns, even with a full disk; repeating it
    /// shows how far the confirmation is.
    pub async fn unlink_person(
        &self,
        caller: &Caller,
        unlink: Unlink,
    ) -> Result<LinkFile, ExchangeError> {
        let _access = own_access(caller, OwnAct::MeetPerson)?;
        let cause = if unlink.person_asked {
            LinkEndCause::PersonAsked
        } else {
            LinkEndCause::NotAccompanied
        };
        self.end_link(caller, unlink.person, unlink.link, cause)
            .await
    }

    /// Reports that a link joins two persons: sharing stops at once, and the officers of both sides
    /// are told. The privacy officer may, too.
    pub async fn report_wrong_link(
        &self,
        caller: &Caller,
        person: PersonId,
        link: LinkId,
    ) -> Result<LinkFile, ExchangeError> {
        let _access = own_access(caller, OwnAct::MeetPerson)
            .or_else(|_| own_access(caller, OwnAct::Audit))?;
        self.end_link(caller, person, link, LinkEndCause::WrongLink)
            .await
    }

    async fn end_link(
        &self,
        caller: &Caller,
        person: PersonId,
        link: LinkId,
        cause: LinkEndCause,
    ) -> Result<LinkFile, ExchangeError> {
        let link = self.read(|view| link_of_person(view, &person, &link))?;
        let person = link.person;
        // Held until it is durable: a disclosure comes before it or after it (I3).
        let gate = self.0.store.gate(person).exclusive().await;
        let link = self.read(|view| Ok(links::find(view, &link.id)?.unwrap_or(link)))?;
        let ending = Ending {
            cause,
            by: self.0.own.node.clone(),
            order: TokenId::random(self.rng()),
            jwt: None,
        };
        if ending.changes(&link) {
            let signed = self.signed_end(&link, &ending)?;
            let entry = self.entry(EntryKind::Unlinked, Outcome::Done);
            let draft = Draft::new(entry, Some(person))
                .by(caller)
                .with(&link.peer, None);
            let ended = link.clone();
            self.transact_urgent(
                "unlink",
                under_gate(gate, move |tx| {
                    ending.carry_out(tx, &ended, draft.clone())?;
                    queue(tx, &signed)
                }),
            )
            .await?;
        }
        self.wake_outbox();
        self.told_of_end(&link).await
    }

    /// The link as it is now, once the other side has confirmed or the time for it is over.
    async fn told_of_end(&self, link: &Link) -> Result<LinkFile, ExchangeError> {
        let ended = self.read(|view| Ok(links::find(view, &link.id)?))?;
        let end = ended.and_then(|link| link.end);
        if let Some(order) = end.and_then(|end| end.order) {
            self.wait_delivered(&[(order, link.peer.clone())]).await?;
        }
        self.read(|view| {
            let link = links::find(view, &link.id)?.unwrap_or_else(|| link.clone());
            self.link_file(view, link)
        })
    }

    pub(crate) fn signed_end(&self, link: &Link, ending: &Ending) -> Result<Signed, ExchangeError> {
        let claim = claim::LinkEnd {
            issuer: self.0.own.node.clone(),
            audience: link.peer.clone(),
            link: link.id,
            ground: match ending.cause {
                LinkEndCause::WrongLink => LinkEndGround::WrongLink,
                _ => LinkEndGround::Unlinked,
            },
            issued_at: NumericDate::of(self.now()),
            id: ending.order,
        };
        Ok(Signed {
            kind: OutboxKind::LinkEnd,
            peer: link.peer.clone(),
            person: Some(link.person),
            subject: ending.order,
            jwt: self.sign(Outgoing::LinkEnd(&claim))?,
        })
    }

    /// What this node has ended with another about a person goes before a new link: as long as the
    /// other side does not know, it would give the one that ended.
    pub(crate) async fn tell_ends(
        &self,
        person: &PersonId,
        peer: &NodeId,
    ) -> Result<(), ExchangeError> {
        let untold = || self.read(|view| untold(view, &self.0.own.node, person, peer));
        if untold()?.is_none() {
            return Ok(());
        }
        self.deliver_once(peer).await?;
        match untold()? {
            None => Ok(()),
            Some(since) => Err(ExchangeError::PeerUnreachable { since }),
        }
    }
}

/// A link about that person.
fn link_of_person(
    read: &impl Read,
    person: &PersonId,
    link: &LinkId,
) -> Result<Link, ExchangeError> {
    let person = persons::kept(read, person)?;
    if persons::find(read, &person)?.is_none() {
        return Err(ExchangeError::PersonNotFound);
    }
    let files = persons::files(read, &person)?;
    links::find(read, link)?
        .filter(|link| files.contains(&link.person))
        .ok_or_else(|| ExchangeError::not_found("link_id"))
}

/// Since when a peer has not confirmed that a link about a person ended here.
fn untold(
    read: &impl Read,
    own: &NodeId,
    person: &PersonId,
    peer: &NodeId,
) -> Result<Option<Timestamp>, ExchangeError> {
    let mut oldest: Option<Timestamp> = None;
    for link in links::with_peer(read, person, peer)? {
        let order = link.end.filter(|end| end.by == *own);
        let Some(order) = order.and_then(|end| end.order) else {
            continue;
        };
        let told = delivery(read, order, peer)?;
        if told.is_none_or(|told| told.state != DeliveryState::Delivered) {
            oldest = Some(oldest.map_or(link.since, |before| before.min(link.since)));
        }
    }
    Ok(oldest)
}

#[cfg(test)]
mod tests;
