//! What comes of a question: the standing weighed, the journey read as far as it was permitted, and
//! what an entry says of it. An answer to another organisation and a look at what it would be come
//! about in the same way.

use passerelle_domain::claim::TrustList;
use passerelle_domain::entry::{Ground, Outcome};
use passerelle_domain::vocabulary::RefusalReason;
use passerelle_domain::{Digest, LinkId, NodeId};
use passerelle_policy::{Answer, Decision, LocalDenial, Opened, Parties, Refusal, Standing, Terms};
use passerelle_store::View;
use passerelle_store::tables::links::{self, Link};

use crate::ExchangeError;
use crate::answer::scopes;
use crate::logging::Draft;
use crate::reading::open_journey;
use crate::standing::{Holding, holding};

/// What a question came to, and the journey where it is opened.
pub(crate) enum Weighed<Aim> {
    Opened(Opened<Aim>),
    Refused(Refusal),
}

/// The two between whom a question is decided.
pub(crate) fn parties<'a>(
    list: &'a TrustList,
    holder: &NodeId,
    requester: &NodeId,
) -> Result<Parties<'a>, ExchangeError> {
    let member = |node| list.member(node).ok_or(ExchangeError::MemberUnknown);
    Ok(Parties {
        holder: member(holder)?.into(),
        requester: member(requester)?.into(),
    })
}

/// Looks at the standing, decides, and reads what was permitted: in one view, which unwraps the key
/// of the person once.
pub(crate) fn weighed<Aim>(
    view: &View<'_>,
    id: LinkId,
    link: Option<&Link>,
    denials: &[LocalDenial],
    weigh: impl FnOnce(&Standing) -> Decision<Aim>,
) -> Result<(Holding, Weighed<Aim>), ExchangeError> {
    // It was looked up before the gate of its person was taken, and may have ended since. One that
    // was made since is not known: the gate of its person is not held.
    let link = match link {
        Some(_) => links::find(view, &id)?,
        None => None,
    };
    let holding = holding(view, id, link.as_ref(), denials)?;
    let weighed = match weigh(&holding.standing) {
        Decision::Permit(permit) => {
            // A live link is the first thing that a permit needs.
            let link = link.ok_or(ExchangeError::PersonNotFound)?;
            Weighed::Opened(open_journey(view, permit, &link.person)?)
        }
        Decision::Refusal(refusal) => Weighed::Refused(refusal),
    };
    Ok((holding, weighed))
}

/// Says in an entry what is opened, and under what.
pub(crate) fn permitted(draft: &mut Draft, terms: &Terms, holding: &Holding) {
    let partial = terms.not_opened().next().is_some();
    let entry = &mut draft.entry;
    entry.outcome = if partial {
        Outcome::Partial
    } else {
        Outcome::Done
    };
    entry.given = scopes(terms.given());
    for ground in terms.grounds() {
        draft
            .receipts
            .push(holding.digest(&ground.issuer, ground.receipt));
        entry.grounds.push(Ground {
            // Sealing puts the reference that the person's key derives for this one entry.
            receipt_ref: Digest::from_bytes([0; 32]),
            basis: ground.basis,
        });
    }
}

/// A summary that no message holds is refused whole: there is no place in it to say that something
/// was left out, and a silent gap would be read as *no* (I11). Nor is it *nothing to share*: the asker,
/// whose papers hold, is told that no system answers this request, and may ask for fewer sections.
pub(crate) fn too_large(draft: &mut Draft) -> Answer {
    tracing::error!("a summary is larger than a message may be: nothing of it was disclosed");
    paper_fails(draft, RefusalReason::UnsupportedRequest)
}

/// Says in an entry that nothing is opened, and why.
pub(crate) fn refused(draft: &mut Draft, refusal: &Refusal) -> Answer {
    if let Answer::Paper(reason) = refusal.answer() {
        paper_fails(draft, reason);
    }
    refusal.reason().id().clone_into(&mut draft.fields.reason);
    refusal.answer()
}

/// What the asker itself can mend, and is told.
fn paper_fails(draft: &mut Draft, reason: RefusalReason) -> Answer {
    reason.id().clone_into(&mut draft.fields.reason);
    draft.entry.outcome = Outcome::Paper;
    draft.entry.reason = Some(reason);
    Answer::Paper(reason)
}
