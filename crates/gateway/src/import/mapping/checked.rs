use std::collections::BTreeSet;

use passerelle_linkage::names::match_form;

use super::{Cell, Mapping, RecordOf};
use crate::import::cell;
use crate::import::fields::{CONSTRAINT, IDENTITY, Kind, kind_of, of_section};
use crate::import::run::OF_ONE;

/// A field and the rule that it breaks.
type Refused = (String, String);

/// What the shape of a mapping does not show.
pub(super) fn check(mapping: &Mapping) -> Result<(), Refused> {
    reference(mapping)?;
    for (name, cell) in &mapping.identity {
        let field = format!("identity.{name}");
        let kind = IDENTITY.iter().find(|(known, _)| known == name);
        let Some((_, kind)) = kind else {
            let known: Vec<_> = IDENTITY.iter().map(|(name, _)| *name).collect();
            return refuse(field, format!("one of {}", known.join(", ")));
        };
        filled(&field, cell, *kind)?;
    }
    for needed in ["birth_name", "first_names", "birth_date"] {
        if !mapping.identity.contains_key(needed) {
            return refuse("identity", format!("`{needed}` is missing; write it"));
        }
    }
    if mapping.records.len() > OF_ONE {
        return refuse("records", format!("at most {OF_ONE}"));
    }
    let mut references = BTreeSet::new();
    for (at, record) in mapping.records.iter().enumerate() {
        let field = format!("records[{at}]");
        if !references.insert(&record.reference) {
            return refuse(format!("{field}.reference"), "each record has its own");
        }
        of_record(&field, record)?;
    }
    Ok(())
}

fn reference(mapping: &Mapping) -> Result<(), Refused> {
    match &mapping.reference[..] {
        [] => refuse("reference", "at least one column"),
        [only] => {
            let name = match_form(only);
            let words: BTreeSet<_> = name.split(' ').collect();
            // The number of a claimant is that of a household.
            let household = ["CAF", "MSA", "ALLOCATAIRE"];
            if household.iter().any(|word| words.contains(word)) {
                return refuse(
                    "reference",
                    "a CAF or MSA number is that of a household; name a further column",
                );
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn of_record(field: &str, record: &RecordOf) -> Result<(), Refused> {
    let Some(known) = of_section(record.section) else {
        return refuse(
            format!("{field}.section"),
            "a section that rows can fill: status, project, orientation, contact_card, steps, contracts, diagnosis",
        );
    };
    for (name, cell) in &record.fields {
        let field = format!("{field}.fields.{name}");
        let Some(kind) = kind_of(record.section, name) else {
            let known: Vec<_> = known.iter().map(|(name, _)| *name).collect();
            return refuse(field, format!("one of {}", known.join(", ")));
        };
        if name.starts_with(CONSTRAINT) && cell.codes.values().any(Option::is_none) {
            return refuse(
                field,
                "a cell that says something is not nothing (I11); write not_discussed, present or closed",
            );
        }
        filled(&field, cell, kind)?;
    }
    for need in &record.needs {
        if !record.fields.contains_key(need) {
            return refuse(
                format!("{field}.needs"),
                format!("`{need}` is no field of this record"),
            );
        }
    }
    if let Some(cell) = &record.observed_at {
        filled(&format!("{field}.observed_at"), cell, Kind::Date)?;
    }
    if let Some(cell) = &record.version {
        filled(&format!("{field}.version"), cell, Kind::Text)?;
    }
    Ok(())
}

fn filled(field: &str, cell: &Cell, kind: Kind) -> Result<(), Refused> {
    let sources = [
        cell.column.is_some(),
        !cell.columns.is_empty(),
        cell.value.is_some(),
    ];
    if sources.into_iter().filter(|set| *set).count() != 1 {
        return refuse(field, "exactly one of column, columns and value");
    }
    if cell.codes_of.is_some() && !kind.is_listed() {
        return refuse(field, "codes_of stands only in a field of the vocabulary");
    }
    let written = cell.codes.values().flatten().chain(&cell.value);
    for value in written {
        if let Err(rule) = cell::read(kind, value) {
            return refuse(field, format!("`{value}`: {rule}"));
        }
    }
    Ok(())
}

fn refuse<T>(field: impl Into<String>, rule: impl Into<String>) -> Result<T, Refused> {
    Err((field.into(), rule.into()))
}
