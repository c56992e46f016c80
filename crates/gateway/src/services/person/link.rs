use passerelle_domain::{LinkId, Malformed};
use passerelle_exchange::{EndedLink, LinkEndCause, LinkFile, LinkState, Page, Unlink};
use passerelle_proto::agency::v1 as wire;

use crate::services::agreement::delivery;
use crate::services::fields;

pub(super) fn id(link_id: &str) -> Result<LinkId, Malformed> {
    link_id.parse().map_err(fields::within("link_id"))
}

pub(super) fn unlink(message: &wire::UnlinkPersonRequest) -> Result<Unlink, Malformed> {
    Ok(Unlink {
        person: fields::person(&message.person_id)?,
        link: id(&message.link_id)?,
        person_asked: match message.reason() {
            wire::UnlinkReason::NotAccompanied => false,
            wire::UnlinkReason::PersonAsked => true,
            wire::UnlinkReason::Unspecified => {
                return Err(Malformed::new("reason", "one of its values, set"));
            }
        },
    })
}

pub(super) fn page(page: Page<LinkFile>) -> wire::ListLinksResponse {
    wire::ListLinksResponse {
        links: page.items.into_iter().map(file).collect(),
        next_page_token: page.next.unwrap_or_default(),
    }
}

pub(super) fn unlinked(link: LinkFile) -> wire::UnlinkPersonResponse {
    wire::UnlinkPersonResponse {
        link: Some(file(link)),
    }
}

pub(super) fn reported(link: LinkFile) -> wire::ReportWrongLinkResponse {
    wire::ReportWrongLinkResponse {
        link: Some(file(link)),
    }
}

fn file(link: LinkFile) -> wire::LinkFile {
    wire::LinkFile {
        link_id: link.id.to_string(),
        node: link.node.to_string(),
        organisation: link.organisation,
        ceiling: u32::from(link.ceiling.as_u8()),
        made_at: link.made_at.to_string(),
        state: match link.state {
            LinkState::Live => wire::LinkState::Live,
            LinkState::Ended => wire::LinkState::Ended,
            LinkState::Reported => wire::LinkState::Reported,
        }
        .into(),
        end: link.end.map(end),
    }
}

fn end(end: EndedLink) -> wire::LinkEnd {
    wire::LinkEnd {
        at: end.at.to_string(),
        cause: match end.cause {
            LinkEndCause::NotAccompanied => wire::LinkEndCause::NotAccompanied,
            LinkEndCause::PersonAsked => wire::LinkEndCause::PersonAsked,
            LinkEndCause::WrongLink => wire::LinkEndCause::WrongLink,
            LinkEndCause::Replaced => wire::LinkEndCause::Replaced,
        }
        .into(),
        here: end.here,
        delivery: Some(delivery(end.delivery)),
    }
}
