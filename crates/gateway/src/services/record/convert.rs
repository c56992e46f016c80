use passerelle_domain::{Malformed, Pii};
use passerelle_exchange::{
    Change, DeleteRecord, DeletedAs, HistoryEntry, HistoryPage, KeptAs, KeptRecord, Made, Page,
    UpsertRecord, Upserted,
};
use passerelle_proto::agency::v1 as wire;
use passerelle_proto::agency::v1::{DeleteStatus, RecordChangeKind, UpsertStatus};

use crate::errors::record_refused;
use crate::services::fields;

/// The records' references, to name them in the answer.
pub(super) fn references(records: &[wire::RecordUpsert]) -> Vec<String> {
    records.iter().map(|one| one.reference.clone()).collect()
}

/// A record that says nothing is for the use case to refuse: it keeps no other out.
pub(in crate::services) fn record(one: wire::RecordUpsert) -> UpsertRecord {
    UpsertRecord {
        reference: Pii::new(one.reference),
        version: one.version,
        record: one.record.unwrap_or_default(),
    }
}

pub(super) fn results(
    references: Vec<String>,
    results: Vec<Upserted>,
) -> wire::UpsertRecordsResponse {
    let both = references.into_iter().zip(results);
    wire::UpsertRecordsResponse {
        results: both
            .map(|(reference, upserted)| result(reference, upserted))
            .collect(),
    }
}

fn result(reference: String, upserted: Upserted) -> wire::UpsertResult {
    match upserted {
        Upserted::Created(kept) => kept_as(reference, UpsertStatus::Created, kept),
        Upserted::Updated(kept) => kept_as(reference, UpsertStatus::Updated, kept),
        Upserted::Unchanged(kept) => kept_as(reference, UpsertStatus::Unchanged, kept),
        Upserted::Outdated(kept) => kept_as(reference, UpsertStatus::Outdated, kept),
        Upserted::Refused(malformed) => wire::UpsertResult {
            reference,
            status: UpsertStatus::Refused.into(),
            field: malformed.field().to_owned(),
            rule: malformed.rule().to_owned(),
            message_fr: record_refused(&malformed).to_owned(),
            ..wire::UpsertResult::default()
        },
    }
}

fn kept_as(reference: String, status: UpsertStatus, kept: KeptAs) -> wire::UpsertResult {
    wire::UpsertResult {
        reference,
        status: status.into(),
        record_id: kept.record.to_string(),
        sensitivity: u32::from(kept.class.as_u8()),
        ..wire::UpsertResult::default()
    }
}

pub(super) fn given(kept: KeptRecord) -> wire::GetRecordResponse {
    wire::GetRecordResponse {
        record: Some(as_kept(kept)),
    }
}

pub(super) fn page(page: Page<KeptRecord>) -> wire::ListRecordsResponse {
    wire::ListRecordsResponse {
        records: page.items.into_iter().map(as_kept).collect(),
        next_page_token: page.next.unwrap_or_default(),
    }
}

fn as_kept(kept: KeptRecord) -> wire::KeptRecord {
    wire::KeptRecord {
        record_id: kept.id.to_string(),
        reference: kept.reference.into_exposed(),
        version: kept.version,
        sensitivity: kept.class.as_u8().into(),
        record: Some(kept.record),
        contested_since: fields::maybe_instant(kept.mark.contested),
        restricted_since: fields::maybe_instant(kept.mark.restricted),
    }
}

pub(super) fn delete(message: wire::DeleteRecordRequest) -> Result<DeleteRecord, Malformed> {
    Ok(DeleteRecord {
        person: fields::person(&message.person_id)?,
        record: fields::record_name(&message.record_id, message.reference)?,
        version: message.version,
    })
}

pub(super) fn deleted(deleted: DeletedAs) -> wire::DeleteRecordResponse {
    let (status, record, at) = match deleted {
        DeletedAs::Deleted(record, at) => (DeleteStatus::Deleted, record, Some(at)),
        DeletedAs::Already(record, at) => (DeleteStatus::AlreadyDeleted, record, Some(at)),
        DeletedAs::Outdated(record) => (DeleteStatus::Outdated, record, None),
    };
    wire::DeleteRecordResponse {
        status: status.into(),
        record_id: record.to_string(),
        deleted_at: at.map(|at| at.to_string()).unwrap_or_default(),
    }
}

pub(super) fn history(history: HistoryPage) -> wire::ListRecordHistoryResponse {
    wire::ListRecordHistoryResponse {
        record_id: history.record.to_string(),
        changes: history.page.items.into_iter().map(change).collect(),
        next_page_token: history.page.next.unwrap_or_default(),
    }
}

fn change(entry: HistoryEntry) -> wire::RecordChange {
    let kind = match entry.made {
        Made::Created => RecordChangeKind::Created,
        Made::Updated => RecordChangeKind::Updated,
        Made::Deleted => RecordChangeKind::Deleted,
        Made::Restored => RecordChangeKind::Restored,
    };
    let withheld = entry.changes.is_none();
    let fields = entry.changes.into_iter().flatten().map(field).collect();
    let told = wire::RecordChange {
        kind: kind.into(),
        version: entry.version,
        fields,
        withheld,
        ..wire::RecordChange::default()
    };
    match entry.by {
        Some(by) => wire::RecordChange {
            changed_at: by.at.to_string(),
            agency_system: by.system,
            agent: by.agent.into_exposed(),
            role: by.role.id().to_owned(),
            assurance: by.assurance.id().to_owned(),
            ..told
        },
        None => told,
    }
}

fn field(change: Change) -> wire::FieldChange {
    wire::FieldChange {
        path: change.path,
        former: change.former.into_exposed(),
        later: change.later.into_exposed(),
    }
}
