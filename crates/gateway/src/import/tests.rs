mod field;
mod files;
mod mapped;

use passerelle_domain::CivilDate;
use passerelle_proto::agency::v1::ImportRow;
use passerelle_proto::journey::v1::record::Body;

use super::{Mapping, Reading, RefusedCell, Table};
use crate::yaml::{Document, YamlError};

fn mapping(text: &str) -> Mapping {
    parsed(text).unwrap()
}

fn parsed(text: &str) -> Result<Mapping, YamlError> {
    Mapping::parse(&Document::new("mapping.yaml", text))
}

/// What the rows of a file say, or the cells that do not hold.
fn read(mapping: &Mapping, table: &Table) -> Vec<Result<ImportRow, Vec<RefusedCell>>> {
    let day: CivilDate = "2026-11-02".parse().unwrap();
    let reading = Reading::new(mapping, &table.columns, Some(day)).unwrap();
    table.rows.iter().map(|row| reading.row(row)).collect()
}

/// A record of a row.
fn record(row: &ImportRow, reference: &str) -> Option<Body> {
    let mut records = row.records.iter();
    let found = records.find(|record| record.reference == reference)?;
    found.record.as_ref()?.record.as_ref()?.body.clone()
}
