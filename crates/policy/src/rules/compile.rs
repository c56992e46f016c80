use std::collections::{BTreeMap, BTreeSet};

use passerelle_domain::vocabulary::{Class, EvidenceKind, OrganisationKind, Purpose, Term};
use passerelle_domain::{CivilDate, Digest};

use super::table::{EvidenceAccepted, Names, Numbers, ObjectionEffect, Review, Row, RulesTable};
use super::{Between, Environment, Ground, Rules, RulesError, Shown};
use crate::cells::CellSet;

const VERSION: u32 = 1;
const ANY: &str = "any";

pub(super) fn compile(table: &RulesTable, environment: Environment) -> Result<Rules, RulesError> {
    if table.version != VERSION {
        return Err(RulesError::Version {
            found: table.version,
            known: VERSION,
        });
    }
    let rows = table
        .rows
        .iter()
        .enumerate()
        .map(|(i, row)| Parsed::read(i, row))
        .collect::<Result<Vec<_>, _>>()?;
    each_name_once(&rows)?;
    // Every row takes part, also those that do not count here: a table must not become
    // contradictory on the day on which a row is verified.
    no_cell_twice(&rows)?;

    let mut rules = Rules {
        environment,
        names: Vec::new(),
        grounds: BTreeMap::new(),
    };
    for row in rows
        .iter()
        .filter(|row| environment == Environment::Training || row.verified)
    {
        let index = rules.names.len();
        rules.names.push(row.name.to_owned());
        for between in row.between() {
            row.add_to(rules.grounds.entry(between).or_default(), index);
        }
    }
    Ok(rules)
}

/// A row whose every value was understood.
struct Parsed<'a> {
    name: &'a str,
    holders: BTreeSet<OrganisationKind>,
    requesters: BTreeSet<OrganisationKind>,
    purposes: BTreeSet<Purpose>,
    cells: CellSet,
    read: bool,
    import: bool,
    objection: ObjectionEffect,
    evidence: Option<BTreeSet<Shown>>,
    verified: bool,
}

impl<'a> Parsed<'a> {
    fn read(place: usize, row: &'a Row) -> Result<Self, RulesError> {
        let fault = |field, rule| {
            let row = if is_name(&row.name) {
                row.name.clone()
            } else {
                format!("rows[{place}]")
            };
            RulesError::Row { row, field, rule }
        };
        if !is_name(&row.name) {
            return Err(fault("name", "1 to 64 characters among a-z, 0-9 and -"));
        }
        if row.import && !row.read {
            return Err(fault("import", "only what may be read can be imported"));
        }
        if !(1..=200).contains(&row.article.chars().count()) {
            return Err(fault("article", "1 to 200 characters"));
        }
        check_review(&row.review).map_err(|rule| fault("review", rule))?;
        let sections = parse(&row.section, |_| true);
        let classes = classes(&row.class)
            .ok_or_else(|| fault("class", "classes from 1 to 4, each once, at least one"))?;
        if classes.contains(&Class::Health) && row.section == Names::One(ANY.to_owned()) {
            return Err(fault(
                "section",
                "sections named one by one where the row opens class 4",
            ));
        }
        let sections = sections
            .ok_or_else(|| fault("section", "values of the list section, each once, or any"))?;
        let kinds = "values of the list organisation_kind, each once, or any";
        Ok(Self {
            name: &row.name,
            holders: parse(&row.holder, |kind: OrganisationKind| !kind.sensitive())
                .ok_or_else(|| fault("holder", kinds))?,
            requesters: parse(&row.requester, |kind: OrganisationKind| !kind.sensitive())
                .ok_or_else(|| fault("requester", kinds))?,
            purposes: parse(&row.purpose, Purpose::between_nodes)
                .filter(|purposes: &BTreeSet<Purpose>| {
                    purposes.iter().all(|purpose| purpose.between_nodes())
                })
                .ok_or_else(|| {
                    fault(
                        "purpose",
                        "purposes that nodes may ask each other for, each once, or any",
                    )
                })?,
            cells: sections
                .iter()
                .flat_map(|section| classes.iter().map(|class| CellSet::one(*section, *class)))
                .collect(),
            read: row.read,
            import: row.import,
            objection: row.objection,
            evidence: row
                .evidence
                .as_ref()
                .map(|accepted| {
                    evidence(accepted).ok_or_else(|| {
                        fault("evidence", "values of the list evidence_kind, at least one")
                    })
                })
                .transpose()?,
            verified: row.review.is_verified(),
        })
    }

    fn between(&self) -> impl Iterator<Item = Between> {
        self.holders.iter().flat_map(move |holder| {
            self.requesters.iter().flat_map(move |requester| {
                self.purposes.iter().map(move |purpose| Between {
                    holder: *holder,
                    requester: *requester,
                    purpose: *purpose,
                })
            })
        })
    }

    fn add_to(&self, ground: &mut Ground, index: usize) {
        ground.rows.push((self.cells, index));
        ground.spoken |= self.cells;
        ground.read |= self.cells.only_if(self.read);
        ground.import |= self.cells.only_if(self.import);
        ground.open_to_objection |= self.cells.only_if(self.objection == ObjectionEffect::Open);
        for shown in Shown::all() {
            let enough = match &self.evidence {
                Some(accepted) => self.cells.only_if(accepted.contains(&shown)),
                None => enough_by_default(shown) & self.cells,
            };
            ground.evidence.accept(shown, enough);
        }
    }
}

fn enough_by_default(shown: Shown) -> CellSet {
    let cell = |(section, class)| CellSet::one(section, class).only_if(shown.enough_for(class));
    CellSet::ALL.iter().map(cell).collect()
}

fn parse<T: Term>(names: &Names, in_any: impl Fn(T) -> bool) -> Option<BTreeSet<T>> {
    let names = match names {
        Names::One(name) if name == ANY => {
            return Some(
                T::ALL
                    .iter()
                    .copied()
                    .filter(|value| in_any(*value))
                    .collect(),
            );
        }
        Names::One(name) => std::slice::from_ref(name),
        Names::Several(names) => names,
    };
    let values = names
        .iter()
        .map(|name| T::parse(name))
        .collect::<Option<BTreeSet<_>>>()?;
    (!values.is_empty() && values.len() == names.len()).then_some(values)
}

fn classes(numbers: &Numbers) -> Option<BTreeSet<Class>> {
    let numbers = match numbers {
        Numbers::One(number) => std::slice::from_ref(number),
        Numbers::Several(numbers) => numbers,
    };
    let classes = numbers
        .iter()
        .map(|number| Class::try_from(*number).ok())
        .collect::<Option<BTreeSet<_>>>()?;
    (!classes.is_empty() && classes.len() == numbers.len()).then_some(classes)
}

fn evidence(accepted: &EvidenceAccepted) -> Option<BTreeSet<Shown>> {
    let whoever = accepted
        .accepted
        .iter()
        .map(|name| (name, [false, true].as_slice()));
    let with_mfa = accepted
        .accepted_with_agent_mfa
        .iter()
        .map(|name| (name, [true].as_slice()));
    let mut shown = BTreeSet::new();
    for (name, agent_mfa) in whoever.chain(with_mfa) {
        let kind = EvidenceKind::parse(name)?;
        shown.extend(agent_mfa.iter().map(|agent_mfa| Shown {
            kind,
            agent_mfa: *agent_mfa,
        }));
    }
    (!shown.is_empty()).then_some(shown)
}

fn check_review(review: &Review) -> Result<(), &'static str> {
    let Review::Verified { by, on, sha256 } = review else {
        return Ok(());
    };
    if !(1..=120).contains(&by.chars().count()) {
        return Err("by: 1 to 120 characters");
    }
    if on.parse::<CivilDate>().is_err() {
        return Err("on: a day, YYYY-MM-DD");
    }
    if sha256.parse::<Digest>().is_err() {
        return Err("sha256: 64 lower-case hexadecimal digits");
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(plain)
}

fn each_name_once(rows: &[Parsed<'_>]) -> Result<(), RulesError> {
    let mut names = BTreeSet::new();
    match rows.iter().find(|row| !names.insert(row.name)) {
        Some(row) => Err(RulesError::Row {
            row: row.name.to_owned(),
            field: "name",
            rule: "each name once",
        }),
        None => Ok(()),
    }
}

fn no_cell_twice(rows: &[Parsed<'_>]) -> Result<(), RulesError> {
    let mut spoken: BTreeMap<Between, Vec<&Parsed<'_>>> = BTreeMap::new();
    for row in rows {
        for between in row.between() {
            let before = spoken.entry(between).or_default();
            for other in before.iter() {
                if let Some((section, class)) = (other.cells & row.cells).iter().next() {
                    let Between {
                        holder,
                        requester,
                        purpose,
                    } = between;
                    return Err(RulesError::Twice {
                        first: other.name.to_owned(),
                        second: row.name.to_owned(),
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
