use passerelle_domain::{Malformed, PersonId, Pii};
use passerelle_exchange::{ImportRow, ImportedRow, RefusedPart, Writing};
use passerelle_proto::agency::v1 as wire;
use passerelle_proto::agency::v1::ImportRowStatus as Status;

use crate::errors::{person_refused, record_refused};
use crate::services::{person, record};

pub(super) fn writing(dry_run: bool) -> Writing {
    if dry_run {
        Writing::Rehearse
    } else {
        Writing::Keep
    }
}

pub(super) fn rows(rows: Vec<wire::ImportRow>) -> Result<Vec<ImportRow>, Malformed> {
    let numbered = rows.into_iter().enumerate();
    numbered.map(|(at, one)| row(at, one)).collect()
}

fn row(at: usize, row: wire::ImportRow) -> Result<ImportRow, Malformed> {
    let identity = row
        .identity
        .ok_or_else(|| Malformed::new(format!("rows[{at}].identity"), "must be set"))?;
    Ok(ImportRow {
        reference: Pii::new(row.reference),
        identity: person::convert::form(identity),
        records: row
            .records
            .into_iter()
            .map(record::convert::record)
            .collect(),
        distinct: row.distinct,
    })
}

pub(super) fn results(results: Vec<ImportedRow>) -> wire::ImportRowsResponse {
    wire::ImportRowsResponse {
        results: results.into_iter().map(result).collect(),
    }
}

fn result(imported: ImportedRow) -> wire::ImportRowResult {
    let (status, person) = match &imported {
        ImportedRow::Created(person) => (Status::Created, *person),
        ImportedRow::Updated(person) => (Status::Updated, Some(*person)),
        ImportedRow::Unchanged(person) => (Status::Unchanged, Some(*person)),
        ImportedRow::Refused(_) => (Status::Refused, None),
        ImportedRow::LooksLike(_) => (Status::LooksLike, None),
    };
    let (refusals, looks_like) = match imported {
        ImportedRow::Refused(parts) => (parts.into_iter().map(refusal).collect(), Vec::new()),
        ImportedRow::LooksLike(persons) => {
            let ids = persons.iter().map(PersonId::to_string).collect();
            (Vec::new(), ids)
        }
        _ => (Vec::new(), Vec::new()),
    };
    wire::ImportRowResult {
        status: status.into(),
        person_id: person.map(|id| id.to_string()).unwrap_or_default(),
        refusals,
        looks_like,
    }
}

fn refusal(part: RefusedPart) -> wire::ImportRefusal {
    let text = match part.record {
        Some(_) => record_refused(&part.malformed),
        None => person_refused(&part.malformed),
    };
    wire::ImportRefusal {
        record: part.record.map(Pii::into_exposed).unwrap_or_default(),
        field: part.malformed.field().to_owned(),
        rule: part.malformed.rule().to_owned(),
        message_fr: text.to_owned(),
    }
}
