use std::time::Duration;

use passerelle_domain::{Malformed, NodeId};
use passerelle_exchange::{
    ChangeKind, ChangesFrom, ChangesPage, KeptChange, LONGEST_WAIT, ListChanges, PageSize,
};
use passerelle_proto::agency::v1 as wire;

pub(super) fn list(message: wire::ListChangesRequest) -> Result<ListChanges, Malformed> {
    let limit = PageSize::from_wire(message.limit)
        .map_err(|_| Malformed::new("limit", "1 to 256, or 0 for 50"))?;
    let wait = Duration::from_secs(message.wait_seconds.into());
    if wait > LONGEST_WAIT {
        return Err(Malformed::new("wait_seconds", "0 to 20"));
    }
    let from = from(message.start, message.cursor)?;
    Ok(ListChanges { from, limit, wait })
}

fn from(start: i32, cursor: String) -> Result<ChangesFrom, Malformed> {
    use wire::ChangesStart as Start;
    match (Start::try_from(start), cursor.is_empty()) {
        (Ok(Start::Unspecified | Start::Oldest), true) => Ok(ChangesFrom::Oldest),
        (Ok(Start::Now), true) => Ok(ChangesFrom::Now),
        (Ok(Start::Unspecified), false) => Ok(ChangesFrom::Cursor(cursor)),
        (Ok(_), false) => Err(Malformed::new("start", "not with a cursor")),
        (Err(_), _) => Err(Malformed::new("start", "one of its values")),
    }
}

pub(super) fn page(
    page: ChangesPage,
    name: impl Fn(&NodeId) -> Option<String>,
) -> wire::ListChangesResponse {
    let changes = page.changes.into_iter();
    wire::ListChangesResponse {
        changes: changes.map(|kept| change(kept, &name)).collect(),
        cursor: page.cursor,
        more: page.more,
        older_forgotten: page.older_forgotten,
    }
}

fn change(kept: KeptChange, name: impl Fn(&NodeId) -> Option<String>) -> wire::Change {
    let KeptChange { at, change, .. } = kept;
    let node = change.node.map(|node| (name(&node), node.to_string()));
    let (organisation, node) = node.unwrap_or_default();
    wire::Change {
        at: at.to_string(),
        kind: kind(change.kind).into(),
        person_id: change
            .person
            .map(|person| person.to_string())
            .unwrap_or_default(),
        organisation: organisation.unwrap_or_else(|| node.clone()),
        node,
        subject: change.subject,
        purpose: change
            .purpose
            .map(|purpose| purpose.id().to_owned())
            .unwrap_or_default(),
        records: change.records,
    }
}

fn kind(kind: ChangeKind) -> wire::ChangeKind {
    use wire::ChangeKind as Told;
    match kind {
        ChangeKind::PersonRegistered => Told::PersonRegistered,
        ChangeKind::PersonUpdated => Told::PersonUpdated,
        ChangeKind::RecordsChanged => Told::RecordsChanged,
        ChangeKind::SourceChanged => Told::SourceChanged,
        ChangeKind::AgreementRecorded => Told::AgreementRecorded,
        ChangeKind::AgreementArrived => Told::AgreementArrived,
        ChangeKind::AgreementWithdrawn => Told::AgreementWithdrawn,
        ChangeKind::ObjectionRecorded => Told::ObjectionRecorded,
        ChangeKind::ObjectionLifted => Told::ObjectionLifted,
        ChangeKind::ObjectionAnswered => Told::ObjectionAnswered,
        ChangeKind::LinkMade => Told::LinkMade,
        ChangeKind::LinkEnded => Told::LinkEnded,
        ChangeKind::LinkReported => Told::LinkReported,
        ChangeKind::PersonsMerged => Told::PersonsMerged,
        ChangeKind::PersonsParted => Told::PersonsParted,
        ChangeKind::AskedBy => Told::AskedBy,
        ChangeKind::ReceivedBy => Told::ReceivedBy,
        ChangeKind::IntroductionSent => Told::IntroductionSent,
        ChangeKind::IntroductionArrived => Told::IntroductionArrived,
        ChangeKind::IntroductionAnswered => Told::IntroductionAnswered,
        ChangeKind::IntroductionWithdrawn => Told::IntroductionWithdrawn,
    }
}
