//! From the cells of a row to a person with their records.

use std::collections::BTreeMap;

use passerelle_domain::{CivilDate, Section};
use passerelle_proto::agency::v1::{Identity, ImportRefusal, ImportRow, RecordUpsert};
use passerelle_proto::journey::v1 as proto;

use super::TableRow;
use super::body::{Values, body};
use super::cell::{self, Value};
use super::fields::{CONSTRAINT, IDENTITY, Kind, kind_of};
use super::mapping::{Cell, Mapping, RecordOf};

/// A mapping over the columns of one file.
pub struct Reading<'a> {
    mapping: &'a Mapping,
    at: BTreeMap<&'a str, usize>,
    /// How many there are, those without a name too.
    columns: usize,
    extracted_on: Option<CivilDate>,
}

/// A cell that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedCell {
    /// The column; several with ` + ` between; the field where no column is behind it.
    pub column: String,
    /// The rule that it breaks, without what it says.
    pub rule: String,
}

impl<'a> Reading<'a> {
    /// The mapping over these columns; an error is the first thing that is missing. `extracted_on`
    /// is the day of the file.
    pub fn new(
        mapping: &'a Mapping,
        columns: &'a [String],
        extracted_on: Option<CivilDate>,
    ) -> Result<Self, String> {
        let at: BTreeMap<_, _> = columns.iter().map(String::as_str).zip(0..).collect();
        let missing = read_columns(mapping).find(|column| !at.contains_key(column));
        if let Some(column) = missing {
            return Err(format!("the file has no column `{column}`"));
        }
        let undated = |record: &&RecordOf| record.observed_at.is_none();
        if let (None, Some(record)) = (extracted_on, mapping.records.iter().find(undated)) {
            return Err(format!(
                "the record `{}` has no `observed_at`; give the day of the file (--extracted-on)",
                record.reference
            ));
        }
        Ok(Self {
            mapping,
            at,
            columns: columns.len(),
            extracted_on,
        })
    }

    /// Columns of the file that the mapping does not name.
    pub fn unread(&self) -> Vec<&'a str> {
        let left_out = self.mapping.left_out.iter().map(String::as_str);
        let named: Vec<&str> = read_columns(self.mapping).chain(left_out).collect();
        let columns = self.at.keys().copied();
        columns.filter(|column| !named.contains(column)).collect()
    }

    /// Reads a row: a person with their records, or each cell that does not hold.
    pub fn row(&self, row: &TableRow) -> Result<ImportRow, Vec<RefusedCell>> {
        if !self.is_even(row) {
            return Err(vec![RefusedCell {
                column: String::new(),
                rule: format!("{} cells, one under each column", self.columns),
            }]);
        }
        let mut refused = Vec::new();
        let reference = self.reference(row, &mut refused);
        let identity = self.identity(row, &mut refused);
        let records = self.mapping.records.iter();
        let records: Vec<_> = records
            .filter_map(|record| self.record(record, row, &mut refused))
            .collect();
        if !refused.is_empty() {
            return Err(refused);
        }
        Ok(ImportRow {
            reference,
            identity: Some(identity),
            records,
            distinct: false,
        })
    }

    /// The cell that the node refused.
    pub fn refused(&self, refusal: &ImportRefusal) -> RefusedCell {
        let name = refusal.field.rsplit('.').next().unwrap_or_default();
        let fields = if refusal.record.is_empty() {
            Some(&self.mapping.identity)
        } else {
            let mut records = self.mapping.records.iter();
            let record = records.find(|record| record.reference == refusal.record);
            record.map(|record| &record.fields)
        };
        let cell = fields.and_then(|fields| fields.get(name));
        let column = cell.map(columns_of).filter(|column| !column.is_empty());
        RefusedCell {
            column: column.unwrap_or_else(|| match &refusal.record[..] {
                "" if refusal.field == "reference" => self.mapping.reference.join(" + "),
                "" => refusal.field.clone(),
                record => format!("{record}: {}", refusal.field),
            }),
            rule: refusal.rule.clone(),
        }
    }

    /// The columns that make the reference.
    pub fn reference_columns(&self) -> String {
        self.mapping.reference.join(" + ")
    }

    /// Whether each cell is under its column. Some programs leave out cells at the end that say
    /// nothing; where one in the middle was lost, the last says something.
    fn is_even(&self, row: &TableRow) -> bool {
        let cells = row.cells.len();
        let left_out = cells < self.columns && row.cells.last().is_some_and(String::is_empty);
        cells == self.columns || left_out
    }

    fn reference(&self, row: &TableRow, refused: &mut Vec<RefusedCell>) -> String {
        let columns = self.mapping.reference.iter();
        let parts: Option<Vec<_>> = columns.map(|column| self.says(column, row)).collect();
        parts.map(|parts| parts.join("-")).unwrap_or_else(|| {
            refused.push(RefusedCell {
                column: self.reference_columns(),
                rule: "required: it tells the person from all others".to_owned(),
            });
            String::new()
        })
    }

    fn identity(&self, row: &TableRow, refused: &mut Vec<RefusedCell>) -> Identity {
        let mut values = Values(BTreeMap::new());
        for (name, kind) in IDENTITY {
            let Some(cell) = self.mapping.identity.get(*name) else {
                continue;
            };
            match self.value(cell, *kind, row) {
                Ok(Some(value)) => {
                    values.0.insert(name, value);
                }
                Ok(None) if ["birth_name", "first_names", "birth_date"].contains(name) => {
                    refused.push(RefusedCell {
                        column: columns_of(cell),
                        rule: "required".to_owned(),
                    });
                }
                Ok(None) => {}
                Err(cell) => refused.push(cell),
            }
        }
        Identity {
            birth_name: values.text("birth_name"),
            usage_name: values.text("usage_name"),
            first_names: values.text("first_names"),
            birth_date: values.text("birth_date"),
            sex: values.text("sex"),
            birth_commune: values.text("birth_commune"),
            birth_country: values.text("birth_country"),
            nir: values.text("nir"),
        }
    }

    /// `None` where there is no such record of the person, or a cell of it is refused.
    fn record(
        &self,
        record: &RecordOf,
        row: &TableRow,
        refused: &mut Vec<RefusedCell>,
    ) -> Option<RecordUpsert> {
        let before = refused.len();
        let mut values = Values(BTreeMap::new());
        for (name, cell) in &record.fields {
            // Checked when the mapping was read.
            let kind = kind_of(record.section, name).unwrap_or(Kind::Text);
            match self.value(cell, kind, row) {
                Ok(Some(value)) => {
                    values.0.insert(name, value);
                }
                // Nothing said of a theme is not discussed, and never that there is nothing (I11).
                Ok(None) if record.section == Section::Diagnosis => {
                    if name.starts_with(CONSTRAINT) {
                        values.0.insert(name, Value::new("not_discussed"));
                    }
                }
                Ok(None) => {}
                Err(cell) => refused.push(cell),
            }
        }
        let has = |need: &String| values.0.contains_key(need.as_str());
        if refused.len() == before && !record.needs.iter().all(has) {
            return None;
        }
        let observed_at = self.observed_at(record, row, refused);
        let version = self.version(record, row, refused);
        if refused.len() > before {
            return None;
        }
        Some(RecordUpsert {
            reference: record.reference.clone(),
            version,
            record: Some(proto::OwnRecord {
                record: Some(proto::Record {
                    observed_at,
                    source: Some(proto::Source {
                        system: self.mapping.source_system.clone(),
                        imported: true,
                        ..proto::Source::default()
                    }),
                    body: body(record.section, &values),
                    ..proto::Record::default()
                }),
                note: String::new(),
            }),
        })
    }

    /// The day of the row, or else of the file.
    fn observed_at(
        &self,
        record: &RecordOf,
        row: &TableRow,
        refused: &mut Vec<RefusedCell>,
    ) -> String {
        let of_file = || self.extracted_on.map(|day| day.to_string());
        let Some(cell) = &record.observed_at else {
            return of_file().unwrap_or_default();
        };
        match self.value(cell, Kind::Date, row) {
            Ok(Some(value)) => value.text,
            Ok(None) => of_file().unwrap_or_else(|| {
                refused.push(RefusedCell {
                    column: columns_of(cell),
                    rule: "required where no day of the file is given".to_owned(),
                });
                String::new()
            }),
            Err(cell) => {
                refused.push(cell);
                String::new()
            }
        }
    }

    /// 0, for the node to count, where no column has it.
    fn version(&self, record: &RecordOf, row: &TableRow, refused: &mut Vec<RefusedCell>) -> u64 {
        let Some(cell) = &record.version else {
            return 0;
        };
        let read = self.value(cell, Kind::Text, row).map(|value| {
            let number = value.and_then(|value| value.text.parse().ok());
            number.filter(|number| *number > 0)
        });
        match read {
            Ok(Some(number)) => number,
            Ok(None) => {
                refused.push(RefusedCell {
                    column: columns_of(cell),
                    rule: "a whole number from 1".to_owned(),
                });
                0
            }
            Err(cell) => {
                refused.push(cell);
                0
            }
        }
    }

    /// What the row says of a field; `None` where it says nothing.
    fn value(&self, from: &Cell, kind: Kind, row: &TableRow) -> Result<Option<Value>, RefusedCell> {
        if let Some(value) = &from.value {
            return Ok(cell::read(kind, value).ok());
        }
        let said: Vec<_> = from
            .reads()
            .filter_map(|column| self.says(column, row))
            .collect();
        if said.is_empty() {
            return Ok(None);
        }
        let said = said.join(" ");
        let text = match from.codes.get(&said) {
            Some(None) => return Ok(None),
            Some(Some(meant)) => meant.as_str(),
            None => &said,
        };
        let coded = from
            .codes_of
            .as_deref()
            .and_then(|system| kind.coded(system, text));
        let read = match coded {
            Some(item) => Ok(Value::new(item.id)),
            None => cell::read(kind, text),
        };
        read.map(Some).map_err(|rule| RefusedCell {
            column: columns_of(from),
            rule: rule.to_owned(),
        })
    }

    /// What a cell says, if anything.
    fn says<'r>(&self, column: &str, row: &'r TableRow) -> Option<&'r str> {
        let cell = row.cells.get(*self.at.get(column)?)?.as_str();
        let empty = cell.is_empty() || self.mapping.empty.iter().any(|empty| empty == cell);
        (!empty).then_some(cell)
    }
}

fn columns_of(cell: &Cell) -> String {
    cell.reads()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" + ")
}

fn read_columns(mapping: &Mapping) -> impl Iterator<Item = &str> {
    let records = mapping.records.iter().flat_map(|record| {
        let own = record.observed_at.iter().chain(&record.version);
        record.fields.values().chain(own)
    });
    let cells = mapping.identity.values().chain(records);
    let columns = mapping.reference.iter().chain(cells.flat_map(Cell::reads));
    columns.map(String::as_str)
}
