use passerelle_federation_tests::*;
use passerelle_proto::agency::v1::{
    AcceptIntroductionRequest, IntroduceRequest, IntroductionSide, ListIntroductionsRequest,
    ShownNotice,
};
use prost::Message;

use super::{ASSOCIATION, Told};

pub(super) const MESSAGE: &str = "Apprivoise les girouettes de la vallée";

/// The person is introduced to the association, where a birth date that is not theirs is tried: who they
/// are stays there, sealed.
pub(super) async fn play(federation: &Federation, linked: &Linked, agent: &Agent, told: &mut Told) {
    let there = Agency::open(federation, ASSOCIATION, agent).await;
    let introduce = linked.holder.request(IntroduceRequest {
        person_id: linked.here.clone(),
        request_id: "introduction".to_owned(),
        node: ASSOCIATION.to_owned(),
        purpose: "pathway_follow_up".to_owned(),
        notice: Some(ShownNotice {
            notice_id: "spie-information".to_owned(),
            lang: "fr".to_owned(),
            sha256: passerelle_domain::Digest::of(NOTICE).to_string(),
        }),
        given_by: "person".to_owned(),
        message_to_partner: MESSAGE.to_owned(),
        ..IntroduceRequest::default()
    });
    Agency::told(linked.holder.introductions().introduce(introduce)).await;
    let list = there.request(ListIntroductionsRequest {
        side: IntroductionSide::Received.into(),
        waiting_only: true,
        ..ListIntroductionsRequest::default()
    });
    let arrived = Agency::told(there.introductions().list_introductions(list)).await;
    told.given.extend(arrived.encode_to_vec());
    let accept = there.request(AcceptIntroductionRequest {
        introduction_id: arrived.introductions[0].introduction_id.clone(),
        birth_date: "2000-11-23".to_owned(),
        reference: super::REFERENCE.to_owned(),
        ..AcceptIntroductionRequest::default()
    });
    let missed = there.introductions().accept_introduction(accept).await;
    told.errors += &format!("{:?}", missed.unwrap_err());
}
