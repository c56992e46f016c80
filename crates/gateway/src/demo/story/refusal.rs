use passerelle_domain::entry::Outcome;
use passerelle_domain::vocabulary::RefusalReason;
use passerelle_proto::agency::v1::IssuePassResponse;

use super::audited::{Logged, agree, logged};
use super::question::{OF_ASSOCIATION, question};
use super::{Cast, must, pass};
use crate::demo::error::DemoError;
use crate::demo::federation::Federation;
use crate::demo::narrator::{Narrator, fill};

/// The association redeems the pass too, has no receipt, and is refused. Gives the entry that says
/// so in the log of the mission locale.
pub(super) async fn of_the_association(
    federation: &Federation,
    cast: &Cast,
    shown: &IssuePassResponse,
    tell: &mut Narrator<'_>,
) -> Result<Logged, DemoError> {
    let texts = tell.texts;
    tell.step(texts.refusal_step)?;
    let desk = &cast.association;
    pass::redeem(federation, desk, shown, texts.pass_of_other).await?;
    tell.holds(texts.refusal_linked)?;

    let question = question(federation, desk, &OF_ASSOCIATION);
    let exchange = question.exchange_id.clone();
    let reason = RefusalReason::NoReceipt;
    let Err(refused) = desk.agency.fetch_summary(question).await else {
        return Err(DemoError::Step(texts.refusal_answered.to_owned()));
    };
    if refused.paper() != Some(reason.id()) {
        return Err(refused.into());
    }
    tell.holds(&fill(texts.refusal_told, &[&tell.language.refusal(reason)]))?;

    let there = logged(federation, &federation.mission_locale, "refused", &exchange).await?;
    let here = logged(federation, &federation.association, "received", &exchange).await?;
    let (there, here) = there
        .zip(here)
        .ok_or_else(|| DemoError::Step(texts.logs_differ.to_owned()))?;
    let says_so = |logged: &Logged| {
        logged.entry.outcome == Outcome::Paper && logged.entry.reason == Some(reason)
    };
    let both = agree(&there.entry, &here.entry) && says_so(&there) && says_so(&here);
    must(both, texts.logs_differ)?;
    tell.holds(&fill(texts.refusal_logged, &[&there.index, &here.index]))?;
    Ok(there)
}
