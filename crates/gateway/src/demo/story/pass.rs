use passerelle_domain::ExchangeId;
use passerelle_proto::agency::v1::{
    IssuePassRequest, IssuePassResponse, LinkState, ListLinksRequest, RedeemPassRequest,
};

use super::{Cast, Desk, must};
use crate::demo::error::DemoError;
use crate::demo::federation::Federation;
use crate::demo::narrator::{Narrator, fill};

/// Receipts over a link born from the pass may open everything, health included.
const CEILING: u32 = 4;

/// The mission locale prints a pass; the département redeems it with the person.
pub(super) async fn hand_over(
    federation: &Federation,
    cast: &Cast,
    tell: &mut Narrator<'_>,
) -> Result<IssuePassResponse, DemoError> {
    let texts = tell.texts;
    tell.step(texts.pass_step)?;
    let holder = &cast.mission_locale;
    let request = IssuePassRequest {
        person_id: holder.person.clone(),
        ceiling: CEILING,
        ..IssuePassRequest::default()
    };
    let pass = holder.agency.issue_pass(request).await?;
    tell.say(texts.pass_issued)?;
    tell.item(&fill(texts.pass_printed, &[&pass.pass_text, &pass.pin]))?;
    redeem(federation, &cast.departement, &pass, texts.pass_of_other).await?;
    tell.holds(texts.pass_redeemed)?;
    Ok(pass)
}

/// Shows the pass to an organisation, which must learn that it is the mission locale's.
pub(super) async fn redeem(
    federation: &Federation,
    desk: &Desk,
    pass: &IssuePassResponse,
    otherwise: &str,
) -> Result<(), DemoError> {
    let world = &federation.world;
    let request = RedeemPassRequest {
        person_id: desk.person.clone(),
        exchange_id: ExchangeId::new(world.clock.now(), &*world.rng).to_string(),
        pass_text: pass.pass_text.clone(),
        pin: pass.pin.clone(),
        ..RedeemPassRequest::default()
    };
    let redeemed = desk.agency.redeem_pass(request).await?;
    let issuer = federation.mission_locale.organisation;
    let request = ListLinksRequest {
        person_id: desk.person.clone(),
        ..ListLinksRequest::default()
    };
    let links = desk.agency.list_links(request).await?.links;
    let made = links
        .iter()
        .any(|link| link.node == issuer.node && link.state() == LinkState::Live);
    must(
        redeemed.node == issuer.node && redeemed.ceiling == CEILING && made,
        otherwise,
    )
}
