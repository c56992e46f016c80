use passerelle_domain::member::{Member, MemberStatus};
use passerelle_domain::vocabulary::{Class, OrganisationKind};
use passerelle_domain::{Malformed, Timestamp};
use passerelle_exchange::{MemberFile, MemberFilter, MemberShown, Page, PageSize};
use passerelle_policy::Askable;
use passerelle_proto::agency::v1 as wire;

use crate::services::fields;

/// Longest part of a name, and longest code of a territory (a SIREN); most kinds.
const NAME: usize = 120;
const TERRITORY: usize = 9;
const KINDS: usize = 64;

pub(super) fn filter(
    message: &wire::ListMembersRequest,
) -> Result<(MemberFilter, PageSize), Malformed> {
    if message.name.chars().count() > NAME {
        return Err(Malformed::new("name", "at most 120 characters"));
    }
    if message.territory.len() > TERRITORY {
        return Err(Malformed::new("territory", "at most 9 characters"));
    }
    if message.kinds.len() > KINDS {
        return Err(Malformed::new("kinds", "at most 64"));
    }
    let kind = |(i, kind): (usize, &String)| {
        fields::word(
            &format!("kinds[{i}]"),
            kind,
            OrganisationKind::parse,
            "an id of the list organisation_kind",
        )
    };
    let filter = MemberFilter {
        name: message.name.clone(),
        kinds: message
            .kinds
            .iter()
            .enumerate()
            .map(kind)
            .collect::<Result<_, _>>()?,
        territory: message.territory.clone(),
        all: message.include_suspended,
    };
    Ok((filter, PageSize::from_wire(message.page_size)?))
}

pub(super) fn page(page: Page<MemberShown>) -> wire::ListMembersResponse {
    wire::ListMembersResponse {
        members: page.items.into_iter().map(entry).collect(),
        next_page_token: page.next.unwrap_or_default(),
    }
}

pub(super) fn file(file: MemberFile) -> wire::GetMemberResponse {
    wire::GetMemberResponse {
        member: Some(entry(file.shown)),
        to_ask: file.to_ask.iter().map(askable).collect(),
        asked_of_us: file.asked_of_us.iter().map(askable).collect(),
    }
}

fn entry(shown: MemberShown) -> wire::MemberEntry {
    let Member {
        node,
        organisation,
        status,
        ..
    } = shown.member;
    let status = match status {
        MemberStatus::Active => wire::MemberStatus::Active,
        MemberStatus::Suspended => wire::MemberStatus::Suspended,
    };
    wire::MemberEntry {
        node: node.to_string(),
        organisation: organisation.name,
        kind: organisation.kind.id().to_owned(),
        sirets: organisation
            .sirets
            .iter()
            .map(ToString::to_string)
            .collect(),
        territories: organisation.territories.into_iter().collect(),
        contact: organisation.contact,
        own: shown.own,
        status: status.into(),
        unreachable_since: shown
            .unreachable_since
            .map(|since: Timestamp| since.to_string())
            .unwrap_or_default(),
    }
}

fn askable(one: &Askable) -> wire::Askable {
    let numbers = |classes: &std::collections::BTreeSet<Class>| {
        classes
            .iter()
            .map(|class| u32::from(class.as_u8()))
            .collect()
    };
    wire::Askable {
        purpose: one.purpose.id().to_owned(),
        section: one.section.id().to_owned(),
        readable: numbers(&one.read),
        importable: numbers(&one.import),
    }
}
