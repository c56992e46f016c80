use std::collections::BTreeSet;
use std::sync::Arc;

use passerelle_domain::vocabulary::{
    Class, EvidenceKind, OrganisationKind, Purpose, Section, Term,
};
use passerelle_domain::{CivilDate, Digest};

use super::evidence::{AcceptedEvidence, Shown};
use super::table::{EvidenceAccepted, Names, Numbers, ObjectionEffect, Review, Row};
use super::{Between, Ground, GroundRow, RulesError};
use crate::cells::CellSet;

const ANY: &str = "any";

/// A field of the row, and what it must be.
type Fault = (String, &'static str);

/// A row whose every value was understood.
pub(super) struct ParsedRow {
    pub(super) name: Arc<str>,
    holders: BTreeSet<OrganisationKind>,
    requesters: BTreeSet<OrganisationKind>,
    purposes: BTreeSet<Purpose>,
    /// What the row says, the same wherever it applies.
    pub(super) ground: Ground,
    pub(super) verified: bool,
}

impl ParsedRow {
    /// Reads the row that stands at `place`.
    pub(super) fn read(place: usize, row: &Row) -> Result<Self, RulesError> {
        let fault = |(field, rule)| RulesError::Row {
            place,
            row: if is_name(&row.name) {
                row.name.clone()
            } else {
                format!("rows[{place}]")
            },
            field,
            rule,
        };
        Self::understand(row).map_err(fault)
    }

    fn understand(row: &Row) -> Result<Self, Fault> {
        if !is_name(&row.name) {
            return Err(fault("name", "1 to 64 characters among a-z, 0-9 and -"));
        }
        if row.import && !row.read {
            return Err(fault("import", "only what may be read can be imported"));
        }
        if !(1..=200).contains(&row.article.chars().count()) {
            return Err(fault("article", "1 to 200 characters"));
        }
        check_review(&row.review)?;
        let name: Arc<str> = row.name.as_str().into();
        Ok(Self {
            holders: kinds("holder", &row.holder)?,
            requesters: kinds("requester", &row.requester)?,
            purposes: purposes(&row.purpose)?,
            ground: ground(&name, cells(row)?, row)?,
            name,
            verified: row.review.is_verified(),
        })
    }

    /// Between whom and for what the row speaks.
    pub(super) fn between(&self) -> impl Iterator<Item = Between> {
        let pairs = self.holders.iter().flat_map(|holder| {
            self.requesters
                .iter()
                .map(move |requester| (holder, requester))
        });
        pairs.flat_map(|(holder, requester)| {
            self.purposes.iter().map(|purpose| Between {
                holder: *holder,
                requester: *requester,
                purpose: *purpose,
            })
        })
    }
}

fn kinds(field: &str, names: &Names) -> Result<BTreeSet<OrganisationKind>, Fault> {
    let rule = "values of the list organisation_kind, each once, or any";
    if is_any(names) {
        return Ok(every(|kind: &OrganisationKind| !kind.sensitive()));
    }
    values(field, names, OrganisationKind::parse, rule)
}

fn purposes(names: &Names) -> Result<BTreeSet<Purpose>, Fault> {
    let rule = "purposes that nodes may ask each other for, each once, or any";
    let between_nodes = |purpose: &Purpose| purpose.between_nodes();
    if is_any(names) {
        return Ok(every(between_nodes));
    }
    let parse = |name: &str| Purpose::parse(name).filter(between_nodes);
    values("purpose", names, parse, rule)
}

fn cells(row: &Row) -> Result<CellSet, Fault> {
    let classes = classes(&row.class)
        .map_err(|field| (field, "classes from 1 to 4, each once, at least one"))?;
    let sections = if !is_any(&row.section) {
        let rule = "values of the list section, each once, or any";
        values("section", &row.section, Section::parse, rule)?
    } else if classes.contains(&Class::Health) {
        let rule = "sections named one by one, where the row speaks of class 4";
        return Err(fault("section", rule));
    } else {
        every(|_: &Section| true)
    };
    let cell = |section| {
        classes
            .iter()
            .map(move |class| CellSet::one(section, *class))
    };
    Ok(sections.into_iter().flat_map(cell).collect())
}

fn ground(name: &Arc<str>, cells: CellSet, row: &Row) -> Result<Ground, Fault> {
    let mut evidence = AcceptedEvidence::default();
    match &row.evidence {
        Some(named) => {
            accepted(named)?
                .into_iter()
                .for_each(|shown| evidence.accept(shown, cells));
        }
        None => {
            Shown::all().for_each(|shown| evidence.accept(shown, cells & enough_by_default(shown)))
        }
    }
    Ok(Ground {
        spoken: cells,
        open_to_objection: cells.only_if(row.objection == ObjectionEffect::Open),
        evidence,
        rows: vec![GroundRow {
            name: name.clone(),
            cells,
            read: row.read,
            import: row.import,
        }],
    })
}

fn enough_by_default(shown: Shown) -> CellSet {
    let classes = Class::ALL.iter().filter(|class| shown.enough_for(**class));
    classes
        .map(|class| CellSet::every_section_at(*class))
        .collect()
}

fn is_any(names: &Names) -> bool {
    matches!(names, Names::One(name) if name == ANY)
}

fn every<T: Term + Ord>(counts: impl Fn(&T) -> bool) -> BTreeSet<T> {
    T::ALL
        .iter()
        .copied()
        .filter(|value| counts(value))
        .collect()
}

/// The values that are named, each once and at least one; else the name that is to blame.
fn values<T: Ord>(
    field: &str,
    names: &Names,
    parse: impl Fn(&str) -> Option<T>,
    rule: &'static str,
) -> Result<BTreeSet<T>, Fault> {
    match names {
        Names::One(name) => {
            let value = parse(name).ok_or_else(|| fault(field, rule))?;
            Ok(BTreeSet::from([value]))
        }
        Names::Several(names) => {
            each_once(field, names, |name| parse(name)).map_err(|field| (field, rule))
        }
    }
}

fn classes(numbers: &Numbers) -> Result<BTreeSet<Class>, String> {
    let class = |number: &u8| Class::try_from(*number).ok();
    match numbers {
        Numbers::One(number) => class(number)
            .map(|class| BTreeSet::from([class]))
            .ok_or_else(|| "class".to_owned()),
        Numbers::Several(numbers) => each_once("class", numbers, class),
    }
}

/// At least one, each once; else what is to blame: an item, or the list that is empty.
fn each_once<N, T: Ord>(
    field: &str,
    written: &[N],
    read: impl Fn(&N) -> Option<T>,
) -> Result<BTreeSet<T>, String> {
    let mut all = BTreeSet::new();
    for (i, one) in written.iter().enumerate() {
        if !read(one).is_some_and(|value| all.insert(value)) {
            return Err(format!("{field}[{i}]"));
        }
    }
    if all.is_empty() {
        return Err(field.to_owned());
    }
    Ok(all)
}

fn accepted(named: &EvidenceAccepted) -> Result<BTreeSet<Shown>, Fault> {
    let rule = "values of the list evidence_kind, at least one";
    let mut shown = BTreeSet::new();
    for (field, names, agent_mfa) in [
        ("accepted", &named.accepted, [false, true].as_slice()),
        (
            "accepted_with_agent_mfa",
            &named.accepted_with_agent_mfa,
            [true].as_slice(),
        ),
    ] {
        for (i, name) in names.iter().enumerate() {
            let kind = EvidenceKind::parse(name)
                .ok_or_else(|| fault(&format!("evidence.{field}[{i}]"), rule))?;
            shown.extend(agent_mfa.iter().map(|agent_mfa| Shown {
                kind,
                agent_mfa: *agent_mfa,
            }));
        }
    }
    if shown.is_empty() {
        return Err(fault("evidence", rule));
    }
    Ok(shown)
}

fn check_review(review: &Review) -> Result<(), Fault> {
    let Review::Verified { by, on, sha256 } = review else {
        return Ok(());
    };
    if !(1..=120).contains(&by.chars().count()) {
        return Err(fault("review.by", "1 to 120 characters"));
    }
    if on.parse::<CivilDate>().is_err() {
        return Err(fault("review.on", "a day, YYYY-MM-DD"));
    }
    if sha256.parse::<Digest>().is_err() {
        return Err(fault("review.sha256", "64 lower-case hexadecimal digits"));
    }
    Ok(())
}

fn fault(field: &str, rule: &'static str) -> Fault {
    (field.to_owned(), rule)
}

fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(plain)
}
