use passerelle_domain::{Malformed, Pii};
use passerelle_exchange::{
    AnswerRectification, Page, RectificationAnswer, RectificationFile, RectificationKind,
    RectificationRefusal, RequestRectification,
};
use passerelle_proto::agency::v1 as wire;

use crate::services::fields;

pub(super) fn request(
    message: wire::RequestRectificationRequest,
) -> Result<RequestRectification, Malformed> {
    let kind = match message.kind() {
        wire::RectificationKind::Rectify => RectificationKind::Rectify,
        wire::RectificationKind::Restrict => RectificationKind::Restrict,
        wire::RectificationKind::Unspecified => {
            return Err(Malformed::new("kind", "to rectify or to restrict"));
        }
    };
    Ok(RequestRectification {
        person: fields::person(&message.person_id)?,
        request: fields::request(&message.request_id)?,
        record: fields::record_name(&message.record_id, message.reference)?,
        kind,
        wrong: Pii::new(message.wrong),
        should_be: Pii::new(message.should_be),
    })
}

pub(super) fn requested(file: RectificationFile) -> wire::RequestRectificationResponse {
    wire::RequestRectificationResponse {
        rectification: Some(rectification(file)),
    }
}

pub(super) fn page(page: Page<RectificationFile>) -> wire::ListRectificationsResponse {
    wire::ListRectificationsResponse {
        rectifications: page.items.into_iter().map(rectification).collect(),
        next_page_token: page.next.unwrap_or_default(),
    }
}

pub(super) fn said(
    message: wire::AnswerRectificationRequest,
) -> Result<AnswerRectification, Malformed> {
    let refusal = match (message.outcome(), refusal(message.refusal)?) {
        (wire::RectificationOutcome::Unspecified, _) => {
            return Err(Malformed::new("outcome", "done or refused"));
        }
        (wire::RectificationOutcome::Done, None) => None,
        (wire::RectificationOutcome::Refused, Some(refusal)) => Some(refusal),
        _ => {
            return Err(Malformed::new(
                "refusal",
                "one where it is refused, and only there",
            ));
        }
    };
    Ok(AnswerRectification {
        person: fields::person(&message.person_id)?,
        rectification: message
            .rectification_id
            .parse()
            .map_err(fields::within("rectification_id"))?,
        refusal,
        explanation: Pii::new(message.explanation),
    })
}

pub(super) fn answered(file: RectificationFile) -> wire::AnswerRectificationResponse {
    wire::AnswerRectificationResponse {
        rectification: Some(rectification(file)),
    }
}

fn rectification(file: RectificationFile) -> wire::Rectification {
    let request = file.request;
    let kind = match request.kind {
        RectificationKind::Rectify => wire::RectificationKind::Rectify,
        RectificationKind::Restrict => wire::RectificationKind::Restrict,
    };
    wire::Rectification {
        rectification_id: request.id.to_string(),
        person_id: request.person.to_string(),
        record_id: request.record.to_string(),
        section: request.section.id().to_owned(),
        kind: kind.into(),
        wrong: request.wrong.into_exposed(),
        should_be: request.should_be.into_exposed(),
        requested_at: request.requested.at.to_string(),
        requested_by: request.requested.agent.into_exposed(),
        age_days: u32::try_from(file.age_days).unwrap_or(u32::MAX),
        answer: request.answer.map(answer),
    }
}

fn answer(answer: RectificationAnswer) -> wire::RectificationAnswer {
    let outcome = match answer.refusal {
        None => wire::RectificationOutcome::Done,
        Some(_) => wire::RectificationOutcome::Refused,
    };
    let refusal = match answer.refusal {
        None => wire::RectificationRefusal::Unspecified,
        Some(RectificationRefusal::Accurate) => wire::RectificationRefusal::Accurate,
        Some(RectificationRefusal::LegalDuty) => wire::RectificationRefusal::LegalDuty,
        Some(RectificationRefusal::Unfounded) => wire::RectificationRefusal::Unfounded,
        Some(RectificationRefusal::Other) => wire::RectificationRefusal::Other,
    };
    wire::RectificationAnswer {
        outcome: outcome.into(),
        refusal: refusal.into(),
        explanation: answer.explanation.into_exposed(),
        answered_at: answer.answered.at.to_string(),
        answered_by: answer.answered.agent.into_exposed(),
    }
}

fn refusal(number: i32) -> Result<Option<RectificationRefusal>, Malformed> {
    match wire::RectificationRefusal::try_from(number) {
        Ok(wire::RectificationRefusal::Unspecified) => Ok(None),
        Ok(wire::RectificationRefusal::Accurate) => Ok(Some(RectificationRefusal::Accurate)),
        Ok(wire::RectificationRefusal::LegalDuty) => Ok(Some(RectificationRefusal::LegalDuty)),
        Ok(wire::RectificationRefusal::Unfounded) => Ok(Some(RectificationRefusal::Unfounded)),
        Ok(wire::RectificationRefusal::Other) => Ok(Some(RectificationRefusal::Other)),
        Err(_) => Err(Malformed::new("refusal", "one of its values")),
    }
}
