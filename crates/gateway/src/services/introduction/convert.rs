use passerelle_domain::claim::IntroductionOutcome;
use passerelle_domain::{GivenBy, Malformed, Pii, Purpose, TokenId};
use passerelle_exchange::{
    AcceptInto, AcceptIntroduction, Introduce, IntroductionFile, IntroductionFilter,
    IntroductionSide, IntroductionState, Page,
};
use passerelle_proto::agency::v1 as wire;

use crate::services::agreement::{delivery, shown};
use crate::services::fields;

pub(super) fn introduce(message: wire::IntroduceRequest) -> Result<Introduce, Malformed> {
    Ok(Introduce {
        person: fields::person(&message.person_id)?,
        request: fields::request(&message.request_id)?,
        node: fields::node("node", &message.node)?,
        purpose: fields::word(
            "purpose",
            &message.purpose,
            Purpose::parse,
            "a purpose of the vocabulary",
        )?,
        notice: shown(message.notice.as_ref())?,
        given_by: fields::word(
            "given_by",
            &message.given_by,
            GivenBy::parse,
            "an id of the list given_by",
        )?,
        message: Pii::new(message.message_to_partner),
        ceiling: match message.ceiling {
            0 => None,
            set => Some(fields::class("ceiling", set)?),
        },
        valid_days: (message.valid_days != 0).then_some(message.valid_days),
    })
}

pub(super) fn filter(
    message: &wire::ListIntroductionsRequest,
) -> Result<IntroductionFilter, Malformed> {
    let side = match message.side() {
        wire::IntroductionSide::Sent => IntroductionSide::Sent,
        wire::IntroductionSide::Received => IntroductionSide::Received,
        wire::IntroductionSide::Unspecified => {
            return Err(Malformed::new("side", "sent or received"));
        }
    };
    Ok(IntroductionFilter {
        side,
        person: fields::if_set(&message.person_id, fields::person)?,
        waiting: message.waiting_only,
    })
}

pub(super) fn accept(
    message: wire::AcceptIntroductionRequest,
) -> Result<AcceptIntroduction, Malformed> {
    let into = match (message.person_id.is_empty(), message.reference.is_empty()) {
        (false, true) => AcceptInto::Person(fields::person(&message.person_id)?),
        (true, false) => AcceptInto::New(Pii::new(message.reference)),
        _ => {
            return Err(Malformed::new(
                "person_id",
                "one of person_id and reference",
            ));
        }
    };
    Ok(AcceptIntroduction {
        id: id(&message.introduction_id)?,
        birth_date: Pii::new(message.birth_date),
        into,
    })
}

pub(super) fn id(text: &str) -> Result<TokenId, Malformed> {
    text.parse().map_err(fields::within("introduction_id"))
}

pub(super) fn reason(reason: wire::IntroductionRefusal) -> Result<IntroductionOutcome, Malformed> {
    use wire::IntroductionRefusal as Said;
    match reason {
        Said::NotConcerned => Ok(IntroductionOutcome::NotConcerned),
        Said::NoCapacity => Ok(IntroductionOutcome::NoCapacity),
        Said::PersonAbsent => Ok(IntroductionOutcome::PersonAbsent),
        Said::Other => Ok(IntroductionOutcome::Other),
        Said::Unspecified => Err(Malformed::new("reason", "one of its values, set")),
    }
}

pub(super) fn page(page: Page<IntroductionFile>) -> wire::ListIntroductionsResponse {
    wire::ListIntroductionsResponse {
        introductions: page.items.into_iter().map(file).collect(),
        next_page_token: page.next.unwrap_or_default(),
    }
}

pub(super) fn file(file: IntroductionFile) -> wire::Introduction {
    let (state, refusal) = stands(&file);
    let row = file.introduction;
    let side = match file.side {
        IntroductionSide::Sent => wire::IntroductionSide::Sent,
        IntroductionSide::Received => wire::IntroductionSide::Received,
    };
    let (initials, message) = file.shown.map_or_else(Default::default, |shown| {
        (shown.initials.into_exposed(), shown.message.into_exposed())
    });
    wire::Introduction {
        introduction_id: row.id.to_string(),
        side: side.into(),
        node: row.peer.to_string(),
        organisation: file.organisation,
        state: state.into(),
        refusal: refusal.into(),
        purpose: row.purpose.id().to_owned(),
        ceiling: row.ceiling.as_u8().into(),
        since: row.since.to_string(),
        expires_at: row.expires_at.to_string(),
        person_id: row.person.map(|id| id.to_string()).unwrap_or_default(),
        link_id: row.link.map(|id| id.to_string()).unwrap_or_default(),
        initials,
        message,
        delivery: file.delivery.map(delivery),
    }
}

fn stands(file: &IntroductionFile) -> (wire::IntroductionState, wire::IntroductionRefusal) {
    use wire::{IntroductionRefusal as Why, IntroductionState as Told};
    match file.introduction.state {
        IntroductionState::Open if file.expired => (Told::Expired, Why::Unspecified),
        IntroductionState::Open => (Told::Open, Why::Unspecified),
        IntroductionState::Accepted => (Told::Accepted, Why::Unspecified),
        IntroductionState::NotConcerned => (Told::Declined, Why::NotConcerned),
        IntroductionState::NoCapacity => (Told::Declined, Why::NoCapacity),
        IntroductionState::PersonAbsent => (Told::Declined, Why::PersonAbsent),
        IntroductionState::Other => (Told::Declined, Why::Other),
        IntroductionState::Withdrawn => (Told::Withdrawn, Why::Unspecified),
        IntroductionState::Locked => (Told::Locked, Why::Unspecified),
    }
}
