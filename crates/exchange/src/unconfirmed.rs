//! What other nodes have not confirmed yet, over all persons: a work list.

use std::fmt;
use std::str::FromStr;

use passerelle_domain::{Caller, Malformed, NodeId, PersonId, Timestamp};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::tables::outbox::{self, OutboxItem, OutboxKind, OutboxPlace};
use passerelle_store::tables::{Read, peers};

use crate::paging::page_token;
use crate::{ExchangeError, Page, PageSize, Passerelle};

/// Something signed that waits for another node to confirm it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unconfirmed {
    /// The node.
    pub node: NodeId,
    /// Its organisation's name; the node's where the trust list no longer knows it.
    pub organisation: String,
    /// What it is.
    pub kind: OutboxKind,
    /// About whom; `None` for who is no longer kept here.
    pub person: Option<PersonId>,
    /// Since when it waits.
    pub since: Timestamp,
    /// Since when the node cannot be reached, if it cannot.
    pub unreachable_since: Option<Timestamp>,
    /// How often the node was reached and did not confirm it.
    pub attempts: u32,
    /// Why it did not, the last time, in English, for the operator; empty if it never was.
    pub problem: String,
}

impl Passerelle {
    /// What other nodes have not confirmed: by name of the node, of each first what ends something, the
    /// oldest first. That answers arrived is not among it: nobody waits for that.
    pub fn list_unconfirmed(
        &self,
        caller: &Caller,
        size: PageSize,
        token: &str,
    ) -> Result<Page<Unconfirmed>, ExchangeError> {
        let _access = own_access(caller, OwnAct::ReadJourney)?;
        let after = page_token::<Place>(token)?.map(|place| place.0);
        self.read(|view| {
            let found = outbox::orders(view, after.as_ref(), size.get())?;
            let last = found.last().filter(|_| found.len() == size.get());
            let next = last.map(|(place, _)| Place(place.clone()).to_string());
            let told = found
                .into_iter()
                .map(|(place, item)| self.told(view, place, item));
            Ok(Page {
                items: told.collect::<Result<_, _>>()?,
                next,
            })
        })
    }

    fn told(
        &self,
        read: &impl Read,
        place: OutboxPlace,
        item: OutboxItem,
    ) -> Result<Unconfirmed, ExchangeError> {
        let peer = peers::find(read, &place.peer)?;
        Ok(Unconfirmed {
            organisation: self.named(&place.peer).organisation,
            node: place.peer,
            kind: item.kind,
            person: item.person,
            since: item.created_at,
            unreachable_since: peer.and_then(|peer| peer.unreachable_since),
            attempts: item.attempts,
            problem: item.last_error,
        })
    }
}

/// Where a page ended. It names a node, and nobody.
struct Place(OutboxPlace);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(place) = self;
        write!(f, "{}.{}.{}", place.peer, place.priority, place.number)
    }
}

impl FromStr for Place {
    type Err = Malformed;

    fn from_str(token: &str) -> Result<Self, Malformed> {
        let rule = || Malformed::new("", "a place in the list");
        let mut parts = token.split('.');
        let (Some(peer), Some(priority), Some(number), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(rule());
        };
        Ok(Self(OutboxPlace {
            peer: peer.parse()?,
            priority: priority.parse().map_err(|_| rule())?,
            number: number.parse().map_err(|_| rule())?,
        }))
    }
}

#[cfg(test)]
mod tests;
