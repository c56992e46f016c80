//! With which organisations a person is linked, or was.

use passerelle_domain::{Caller, Class, LinkId, NodeId, PersonId, Timestamp};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::tables::links::{self, Link, LinkEndCause, LinkState};
use passerelle_store::tables::{Read, persons};

use crate::paging::{Page, PageSize, page_token};
use crate::queue::{Delivery, delivery};
use crate::{ExchangeError, Passerelle};

/// A link about a person, whether it stands or ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkFile {
    /// The link.
    pub id: LinkId,
    /// The other node.
    pub node: NodeId,
    /// Its organisation's name; the node's where the trust list no longer knows it.
    pub organisation: String,
    /// The highest class that any receipt over the link may open.
    pub ceiling: Class,
    /// When it was made.
    pub made_at: Timestamp,
    /// Where it stands.
    pub state: LinkState,
    /// How it ended, where it did and that is known.
    pub end: Option<EndedLink>,
}

/// How a link ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedLink {
    /// When.
    pub at: Timestamp,
    /// Why, as far as this node knows.
    pub cause: LinkEndCause,
    /// Whether it was ended here.
    pub here: bool,
    /// Whether the other side knows, and its copies are gone.
    pub delivery: Delivery,
}

impl Passerelle {
    /// All links about a person, by node; those that ended, too. `token` is that of the page before,
    /// empty for the first.
    pub fn list_links(
        &self,
        caller: &Caller,
        person: &PersonId,
        size: PageSize,
        token: &str,
    ) -> Result<Page<LinkFile>, ExchangeError> {
        let _access = own_access(caller, OwnAct::FindPerson)?;
        let after: Option<LinkId> = page_token(token)?;
        self.read(|view| {
            let person = persons::kept(view, person)?;
            persons::find(view, &person)?.ok_or(ExchangeError::PersonNotFound)?;
            let mut all = links::of_person(view, &person)?;
            if let Some(after) = after {
                let place = all.iter().position(|link| link.id == after);
                all.drain(..place.map_or(0, |place| place + 1));
            }
            let more = all.len() > size.get();
            all.truncate(size.get());
            let last = all.last().map(|link| link.id.to_string());
            let file = |link| self.link_file(view, link);
            Ok(Page {
                items: all.into_iter().map(file).collect::<Result<_, _>>()?,
                next: last.filter(|_| more),
            })
        })
    }

    pub(crate) fn link_file(
        &self,
        read: &impl Read,
        link: Link,
    ) -> Result<LinkFile, ExchangeError> {
        let end = match &link.end {
            None => None,
            Some(end) => {
                let told = match end.order {
                    Some(order) => delivery(read, order, &link.peer)?,
                    None => None,
                };
                Some(EndedLink {
                    at: link.since,
                    cause: end.cause,
                    here: end.by == self.0.own.node,
                    delivery: told.unwrap_or_else(|| Delivery::known_there(link.since)),
                })
            }
        };
        Ok(LinkFile {
            id: link.id,
            organisation: self.organisation(&link.peer),
            ceiling: link.ceiling.unwrap_or(Class::MAX),
            made_at: link.made_at,
            state: link.state,
            end,
            node: link.peer,
        })
    }

    /// The name of a node's organisation; the node's where the trust list does not know it.
    pub(crate) fn organisation(&self, node: &NodeId) -> String {
        self.0.trust.list().member(node).map_or_else(
            || node.to_string(),
            |member| member.organisation.name.clone(),
        )
    }
}
