use passerelle_exchange::{Page, Unconfirmed};
use passerelle_proto::agency::v1 as wire;
use passerelle_store::tables::outbox::OutboxKind;

use crate::services::fields;

pub(super) fn page(page: Page<Unconfirmed>) -> wire::ListUnconfirmedResponse {
    wire::ListUnconfirmedResponse {
        items: page.items.into_iter().map(item).collect(),
        next_page_token: page.next.unwrap_or_default(),
    }
}

fn item(one: Unconfirmed) -> wire::Unconfirmed {
    let person = one.person.map(|person| person.to_string());
    wire::Unconfirmed {
        node: one.node.to_string(),
        organisation: one.organisation,
        kind: kind(one.kind).into(),
        person_id: person.unwrap_or_default(),
        since: one.since.to_string(),
        unreachable_since: fields::maybe_instant(one.unreachable_since),
        attempts: one.attempts,
        problem: one.problem,
    }
}

fn kind(kind: OutboxKind) -> wire::UnconfirmedKind {
    match kind {
        OutboxKind::Receipt => wire::UnconfirmedKind::Agreement,
        OutboxKind::Withdrawal => wire::UnconfirmedKind::Withdrawal,
        OutboxKind::Objection => wire::UnconfirmedKind::Objection,
        OutboxKind::PurgeOrder => wire::UnconfirmedKind::Purge,
        OutboxKind::LinkEnd => wire::UnconfirmedKind::LinkEnd,
        OutboxKind::Introduction => wire::UnconfirmedKind::Introduction,
        OutboxKind::IntroductionReply => wire::UnconfirmedKind::IntroductionReply,
        // Nobody waits for it, and it is not listed.
        OutboxKind::Acknowledgement => wire::UnconfirmedKind::Unspecified,
    }
}
