use passerelle_domain::vocabulary::RefusalReason;
use passerelle_proto::agency::v1::{
    DeliveryState, GetJourneyRequest, ListAgreementsRequest, SourceState, WithdrawAgreementRequest,
    WithdrawalOutcome,
};

use super::question::{OF_DEPARTEMENT, question};
use super::summary::from_mission_locale;
use super::{Cast, must};
use crate::demo::error::DemoError;
use crate::demo::federation::Federation;
use crate::demo::narrator::{Narrator, fill};

/// She wants no more of it: in force at once, confirmed by both, copies destroyed, the next question
/// refused.
pub(super) async fn withdraw(
    federation: &Federation,
    cast: &Cast,
    chains: Vec<String>,
    tell: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    let texts = tell.texts;
    tell.step(texts.withdrawal_step)?;
    let (desk, other) = (&cast.departement, &cast.mission_locale);
    let agreements = chains.len();
    let request = WithdrawAgreementRequest {
        person_id: desk.person.clone(),
        chains,
    };
    let outcomes = desk.agency.withdraw_agreement(request).await?.outcomes;
    let confirmed = |outcome: &WithdrawalOutcome| {
        let delivery = outcome.delivery.as_ref();
        delivery.is_some_and(|delivery| delivery.state() == DeliveryState::Delivered)
    };
    let all = outcomes.len() == agreements && outcomes.iter().all(confirmed);
    must(all, texts.withdrawal_unconfirmed)?;

    let request = ListAgreementsRequest {
        person_id: other.person.clone(),
    };
    let there = other.agency.list_agreements(request).await?.agreements;
    let node = federation.departement.node().as_str();
    let ended = there
        .iter()
        .filter(|file| file.node == node && !file.withdrawn_at.is_empty());
    must(ended.count() == agreements, texts.withdrawal_unconfirmed)?;
    tell.holds(texts.withdrawal_confirmed)?;

    let request = GetJourneyRequest {
        person_id: desk.person.clone(),
        page_size: 256,
        ..GetJourneyRequest::default()
    };
    let journey = desk.agency.get_journey(request).await?;
    let purged = from_mission_locale(&journey, federation)
        .is_some_and(|source| source.state() == SourceState::Purged && source.summary.is_none());
    must(purged, texts.withdrawal_copy_left)?;
    tell.holds(texts.withdrawal_purged)?;

    let question = question(federation, desk, &OF_DEPARTEMENT);
    let reason = RefusalReason::ReceiptWithdrawn;
    match desk.agency.fetch_summary(question).await {
        Ok(_) => must(false, texts.withdrawal_answered),
        Err(refused) if refused.paper() == Some(reason.id()) => {
            tell.holds(&fill(
                texts.withdrawal_refused,
                &[&tell.language.refusal(reason)],
            ))?;
            Ok(())
        }
        Err(refused) => Err(refused.into()),
    }
}
