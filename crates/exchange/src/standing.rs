//! What a holder knows about one person and one requester, gathered for a decision.

use passerelle_domain::{Digest, LinkId, NodeId, TokenId};
use passerelle_policy::{
    LinkStanding, LocalDenial, LocalRules, OfficerAnswer, Standing, TakenObjection, WithdrawnChain,
};
use passerelle_store::tables::Read;
use passerelle_store::tables::links::{Link, LinkState};
use passerelle_store::tables::objections::{self, KeptObjection};
use passerelle_store::tables::receipts::{self, KeptReceipt};
use passerelle_store::tables::{persons, withdrawals};

use crate::ExchangeError;

/// A standing, with what the log says of its receipts.
pub(crate) struct Holding {
    pub standing: Standing,
    kept: Vec<KeptReceipt>,
}

impl Holding {
    /// The digest of the receipt of that issuer and `jti`.
    pub(crate) fn digest(&self, issuer: &NodeId, receipt: TokenId) -> Digest {
        let found = self
            .kept
            .iter()
            .find(|kept| kept.receipt.issuer == *issuer && kept.receipt.id == receipt);
        // A ground names a receipt of this standing; a digest of nothing would only make a
        // reference that no receipt matches.
        found.map_or_else(|| Digest::of(b""), |kept| kept.digest)
    }
}

/// What there is to weigh when a question over `link` comes; `None` where no such link is known.
/// `denials` are the organisation's own rules.
pub(crate) fn holding(
    view: &impl Read,
    id: LinkId,
    link: Option<&Link>,
    denials: &[LocalDenial],
) -> Result<Holding, ExchangeError> {
    let Some(link) = link else {
        return Ok(Holding {
            standing: Standing::unknown(),
            kept: Vec::new(),
        });
    };
    let kept = receipts::over_link(view, &id)?;
    let person = persons::find(view, &link.person)?;
    let standing = Standing {
        link: match link.state {
            LinkState::Live => LinkStanding::Live {
                ceiling: link.ceiling,
            },
            LinkState::Ended => LinkStanding::Ended,
            LinkState::Reported => LinkStanding::Reported,
        },
        receipts: kept.iter().map(|kept| kept.receipt.clone()).collect(),
        withdrawn: withdrawals::over_link(view, &id)?
            .into_iter()
            .map(|withdrawn| WithdrawnChain {
                receipt_issuer: withdrawn.receipt_issuer,
                chain: withdrawn.chain,
                by: withdrawn.by,
            })
            .collect(),
        objections: objections::of_person(view, &link.person)?
            .into_iter()
            .map(taken)
            .collect(),
        pass_redeemed: link.own_redemption,
        local: LocalRules {
            // A person whose row is gone was erased: nothing is said of them.
            protected: person.is_none_or(|person| person.protected),
            denials: denials.to_vec(),
        },
    };
    Ok(Holding { standing, kept })
}

/// An objection as a decision weighs it.
pub(crate) fn taken(kept: KeptObjection) -> TakenObjection {
    TakenObjection {
        issuer: kept.issuer,
        id: kept.id,
        scope: kept.scope,
        lifts: kept.lifts,
        officer: match kept.officer {
            objections::OfficerAnswer::Pending => OfficerAnswer::Pending,
            objections::OfficerAnswer::Upheld => OfficerAnswer::Upheld,
            objections::OfficerAnswer::Overruled => OfficerAnswer::Overruled,
        },
    }
}
