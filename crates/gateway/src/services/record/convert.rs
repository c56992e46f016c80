use passerelle_domain::Pii;
use passerelle_exchange::{KeptAs, UpsertRecord, Upserted};
use passerelle_proto::agency::v1 as wire;
use passerelle_proto::agency::v1::UpsertStatus;

use crate::errors::record_refused;

/// The records' references, to name them in the answer.
pub(super) fn references(records: &[wire::RecordUpsert]) -> Vec<String> {
    records.iter().map(|one| one.reference.clone()).collect()
}

/// A record that says nothing is for the use case to refuse: it keeps no other out.
pub(super) fn record(one: wire::RecordUpsert) -> UpsertRecord {
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
