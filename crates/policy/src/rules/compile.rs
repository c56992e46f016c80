use std::collections::{BTreeMap, BTreeSet};

use super::row::ParsedRow;
use super::table::RulesTable;
use super::{Between, Environment, Rules, RulesError};

const VERSION: u32 = 1;

pub(super) fn compile(table: &RulesTable, environment: Environment) -> Result<Rules, RulesError> {
    if table.version != VERSION {
        return Err(RulesError::Version {
            found: table.version,
            known: VERSION,
        });
    }
    let read = |(place, row)| ParsedRow::read(place, row);
    let mut rows = table
        .rows
        .iter()
        .enumerate()
        .map(read)
        .collect::<Result<Vec<_>, _>>()?;
    each_name_once(&rows)?;
    // Every row takes part, also those that do not count here: a table must not become
    // contradictory on the day on which a row is verified.
    no_cell_twice(&rows)?;

    rows.retain(|row| environment == Environment::Training || row.verified);
    let mut rules = Rules {
        environment,
        rows: rows.len(),
        grounds: BTreeMap::new(),
    };
    for row in rows {
        for between in row.between() {
            rules.grounds.entry(between).or_default().add(&row.ground);
        }
    }
    Ok(rules)
}

fn each_name_once(rows: &[ParsedRow]) -> Result<(), RulesError> {
    let mut names = BTreeSet::new();
    let twice = |(_, row): &(usize, &ParsedRow)| !names.insert(row.name.clone());
    match rows.iter().enumerate().find(twice) {
        Some((place, row)) => Err(RulesError::Row {
            place,
            row: row.name.to_string(),
            field: "name".to_owned(),
            rule: "each name once",
        }),
        None => Ok(()),
    }
}

fn no_cell_twice(rows: &[ParsedRow]) -> Result<(), RulesError> {
    let mut spoken: BTreeMap<Between, Vec<&ParsedRow>> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        for between in row.between() {
            let before = spoken.entry(between).or_default();
            for other in before.iter() {
                let both = other.ground.spoken & row.ground.spoken;
                if let Some((section, class)) = both.iter().next() {
                    let Between {
                        holder,
                        requester,
                        purpose,
                    } = between;
                    return Err(RulesError::Twice {
                        place,
                        first: other.name.to_string(),
                        second: row.name.to_string(),
                        cell: format!(
                            "{holder} to {requester}, {purpose}, {section}, class {class}"
                        ),
                    });
                }
            }
            before.push(row);
        }
    }
    Ok(())
}
