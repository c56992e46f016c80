//! How the columns of a file become persons and records: a YAML file such as those in
//! `deploy/import`.

mod checked;

use std::collections::BTreeMap;
use std::path::Path;

use passerelle_domain::Section;
use serde::{Deserialize, Deserializer, de};

use crate::yaml::{Document, YamlError};

/// How a file is read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The name of the system that the file comes from, as records bear it.
    pub(super) source_system: String,
    /// The sheet of a workbook; the first unless set.
    #[serde(default)]
    pub(super) sheet: Option<String>,
    /// What a cell says where it says nothing, beside nothing at all.
    #[serde(default)]
    pub(super) empty: Vec<String>,
    /// Columns that together tell one person from all others.
    pub(super) reference: Vec<String>,
    /// Who the person is.
    pub(super) identity: BTreeMap<String, Cell>,
    /// What is known of their path.
    #[serde(default)]
    pub(super) records: Vec<RecordOf>,
    /// Columns that are not taken over, said so that none is forgotten.
    #[serde(default)]
    pub(super) left_out: Vec<String>,
}

/// Where a value comes from: one of the first three is set.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cell {
    /// The cell of this column.
    #[serde(default)]
    pub(super) column: Option<String>,
    /// The cells of these, those that say something, with a blank between.
    #[serde(default)]
    pub(super) columns: Vec<String>,
    /// This value, whatever the row says.
    #[serde(default)]
    pub(super) value: Option<String>,
    /// What the cell says, and what it stands for; nothing where that is null.
    #[serde(default)]
    pub(super) codes: BTreeMap<String, Option<String>>,
    /// The system whose codes the vocabulary knows: `cdb`, `caf`.
    #[serde(default)]
    pub(super) codes_of: Option<String>,
}

/// A record that each row may have.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordOf {
    /// What tells it apart among the records of a person.
    pub(super) reference: String,
    /// Its section.
    #[serde(deserialize_with = "section")]
    pub(super) section: Section,
    /// Fields without which there is no such record of the person.
    #[serde(default)]
    pub(super) needs: Vec<String>,
    /// When it was so; the day of the file unless set.
    #[serde(default)]
    pub(super) observed_at: Option<Cell>,
    /// Its version in the system of origin, a whole number that rises; counted by the node unless
    /// set.
    #[serde(default)]
    pub(super) version: Option<Cell>,
    /// What it says.
    pub(super) fields: BTreeMap<String, Cell>,
}

impl Mapping {
    /// Reads a file.
    pub fn read(file: &Path) -> Result<Self, YamlError> {
        Self::parse(&Document::read(file)?)
    }

    /// Reads a document and checks it against what can be filled in.
    pub fn parse(document: &Document) -> Result<Self, YamlError> {
        let mapping: Self = document.parse()?;
        checked::check(&mapping).map_err(|(field, rule)| document.refuse(field, rule))?;
        Ok(mapping)
    }

    /// The sheet of a workbook.
    pub fn sheet(&self) -> Option<&str> {
        self.sheet.as_deref()
    }
}

impl Cell {
    /// The columns that it reads.
    pub(super) fn reads(&self) -> impl Iterator<Item = &String> {
        self.column.iter().chain(&self.columns)
    }
}

fn section<'de, D: Deserializer<'de>>(from: D) -> Result<Section, D::Error> {
    let id = String::deserialize(from)?;
    Section::parse(&id).ok_or_else(|| de::Error::custom("an id of the list `section`"))
}
