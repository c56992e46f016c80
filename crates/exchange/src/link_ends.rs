//! What the end of a link does on either side, in the transaction that ends it.

use passerelle_domain::vocabulary::RefusalReason;
use passerelle_domain::{NodeId, Timestamp, TokenId};
use passerelle_store::Tx;
use passerelle_store::tables::changes::{Change, ChangeKind};
use passerelle_store::tables::incidents::{self, Incident};
use passerelle_store::tables::links::{self, Link, LinkEnd, LinkEndCause, LinkState};
use passerelle_store::tables::withdrawals::{self, WithdrawnChain};
use passerelle_store::tables::{Read, passes};

use crate::ExchangeError;
use crate::changes::append;
use crate::logging::Draft;
use crate::passes::{kept_pass, pass_row};
use crate::purging::purge;
use crate::receipts::add_ground;
use crate::withdrawals::newest_of_chains;

/// The most chains that the entry about an end names among its grounds.
const MOST_GROUNDS: usize = 64;

/// The end of a link, by the order that says so to the other side.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    pub cause: LinkEndCause,
    /// The node that ends it.
    pub by: NodeId,
    pub order: TokenId,
    /// The order, where it came from the other node.
    pub jwt: Option<String>,
}

impl Ending {
    /// Whether it changes where a link stands. A link that was reported stays so.
    pub(crate) fn changes(&self, link: &Link) -> bool {
        match link.state {
            LinkState::Live => true,
            LinkState::Ended => self.cause == LinkEndCause::WrongLink,
            LinkState::Reported => false,
        }
    }

    /// Ends a link for good, with every chain of receipts over it; destroys the copy that came over
    /// it, and logs it.
    pub(crate) fn carry_out(
        &self,
        tx: &mut Tx<'_>,
        link: &Link,
        mut draft: Draft,
    ) -> Result<u64, ExchangeError> {
        self.end_chains(tx, link, &mut draft)?;
        let records = purge(tx, link)?;
        links::put(tx, &self.ended(link, tx.now()))?;
        draft.entry.records = (records > 0).then_some(records);
        let wrong = self.cause == LinkEndCause::WrongLink;
        if wrong {
            draft.entry.reason = Some(RefusalReason::WrongLinkReported);
            revoke_pass(tx, link)?;
        }
        draft.fields.reason = self.reason().to_owned();
        let kind = if wrong {
            ChangeKind::LinkReported
        } else {
            ChangeKind::LinkEnded
        };
        append(tx, &Change::of(link.person, kind).with(&link.peer))?;
        let appended = draft.log(tx)?;
        if wrong {
            let incident = Incident {
                leaf: appended.leaf,
                person: link.person,
                link: link.id,
                peer: link.peer.clone(),
                reported_by: self.by.clone(),
                order: self.order,
                at: tx.now(),
            };
            incidents::put(tx, &incident)?;
        }
        Ok(records)
    }

    fn ended(&self, link: &Link, now: Timestamp) -> Link {
        Link {
            state: match self.cause {
                LinkEndCause::WrongLink => LinkState::Reported,
                _ => LinkState::Ended,
            },
            since: now,
            end: Some(LinkEnd {
                cause: self.cause,
                by: self.by.clone(),
                order: Some(self.order),
            }),
            ..link.clone()
        }
    }

    /// What was agreed over the link ends as if it had been withdrawn, by the same order.
    fn end_chains(
        &self,
        tx: &mut Tx<'_>,
        link: &Link,
        draft: &mut Draft,
    ) -> Result<(), ExchangeError> {
        for newest in newest_of_chains(tx, link)? {
            let withdrawn = WithdrawnChain {
                link: link.id,
                receipt_issuer: newest.receipt.issuer.clone(),
                chain: newest.receipt.chain,
                jwt: self.jwt.clone(),
                withdrawn_at: tx.now(),
                by: self.by.clone(),
                order: self.order,
            };
            if !withdrawals::put(tx, &link.person, &withdrawn)? {
                continue;
            }
            let change = Change::of(link.person, ChangeKind::AgreementWithdrawn).with(&link.peer);
            append(tx, &change.about(&withdrawn.chain))?;
            if draft.receipts.len() < MOST_GROUNDS {
                add_ground(draft, &newest);
            }
        }
        Ok(())
    }

    /// Why, for this node alone.
    const fn reason(&self) -> &'static str {
        match self.cause {
            LinkEndCause::NotAccompanied => "not_accompanied",
            LinkEndCause::PersonAsked => "person_asked",
            LinkEndCause::WrongLink => "wrong_link_reported",
            LinkEndCause::Replaced => "replaced",
        }
    }
}

/// The other side has ended a link before what makes it came.
pub(crate) fn ended_already(link: Link, ended: &links::EndedAhead) -> Link {
    let (state, cause) = if ended.wrong {
        (LinkState::Reported, LinkEndCause::WrongLink)
    } else {
        (LinkState::Ended, LinkEndCause::NotAccompanied)
    };
    Link {
        state,
        end: Some(LinkEnd {
            cause,
            by: link.peer.clone(),
            order: Some(ended.order),
        }),
        ..link
    }
}

/// What the officer is told of a link that the other side reported before what makes it came; `leaf` is the
/// entry that this is logged in.
pub(crate) fn reported_already(link: &Link, leaf: u64) -> Option<Incident> {
    let end = link.end.as_ref()?;
    let order = end.order?;
    (link.state == LinkState::Reported).then(|| Incident {
        leaf,
        person: link.person,
        link: link.id,
        peer: link.peer.clone(),
        reported_by: end.by.clone(),
        order,
        at: link.since,
    })
}

/// The pass that joined two persons joins nobody any more.
fn revoke_pass(tx: &mut Tx<'_>, link: &Link) -> Result<(), ExchangeError> {
    let Some(pass) = link.born_from else {
        return Ok(());
    };
    if let Some(kept) = passes::find(tx, &pass)? {
        let revoked = pass_row(&kept)?.revoke(tx.now());
        passes::put(tx, &kept_pass(&revoked)?)?;
    }
    Ok(())
}

/// Whether the newest link with a node about a person was reported to be wrong.
pub(crate) fn is_reported(
    read: &impl Read,
    person: &passerelle_domain::PersonId,
    peer: &NodeId,
) -> Result<bool, ExchangeError> {
    let links = links::with_peer(read, person, peer)?;
    let newest = links.iter().max_by_key(|link| link.made_at);
    Ok(newest.is_some_and(|link| link.state == LinkState::Reported))
}
