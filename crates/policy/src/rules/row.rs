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

    fn understand(row: &Row) -> Result<Self, (&'static str, &'static str)> {
        if !is_name(&row.name) {
            return Err(("name", "1 to 64 characters among a-z, 0-9 and -"));
        }
        if row.import && !row.read {
            return Err(("import", "only what may be read can be imported"));
        }
        if !(1..=200).contains(&row.article.chars().count()) {
            return Err(("article", "1 to 200 characters"));
        }
        check_review(&row.review)?;
        let kinds = "values of the list organisation_kind, each once, or any";
        let not_sensitive = |kind: OrganisationKind| !kind.sensitive();
        let name: Arc<str> = row.name.as_str().into();
        Ok(Self {
            holders: values(&row.holder, not_sensitive).ok_or(("holder", kinds))?,
            requesters: values(&row.requester, not_sensitive).ok_or(("requester", kinds))?,
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

fn purposes(names: &Names) -> Result<BTreeSet<Purpose>, (&'static str, &'static str)> {
    values(names, Purpose::between_nodes)
        .filter(|purposes| purposes.iter().all(|purpose| purpose.between_nodes()))
        .ok_or((
            "purpose",
            "purposes that nodes may ask each other for, each once, or any",
        ))
}

fn cells(row: &Row) -> Result<CellSet, (&'static str, &'static str)> {
    let classes =
        classes(&row.class).ok_or(("class", "classes from 1 to 4, each once, at least one"))?;
    if classes.contains(&Class::Health) && row.section == Names::One(ANY.to_owned()) {
        return Err((
            "section",
            "sections named one by one, where the row speaks of class 4",
        ));
    }
    let sections = values(&row.section, |_: Section| true)
        .ok_or(("section", "values of the list section, each once, or any"))?;
    let cell = |section| {
        classes
            .iter()
            .map(move |class| CellSet::one(section, *class))
    };
    Ok(sections.into_iter().flat_map(cell).collect())
}

fn ground(
    name: &Arc<str>,
    cells: CellSet,
    row: &Row,
) -> Result<Ground, (&'static str, &'static str)> {
    let mut evidence = AcceptedEvidence::default();
    match &row.evidence {
        Some(named) => {
            let accepted = accepted(named)
                .ok_or(("evidence", "values of the list evidence_kind, at least one"))?;
            accepted
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

fn values<T: Term>(names: &Names, in_any: impl Fn(T) -> bool) -> Option<BTreeSet<T>> {
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

fn accepted(named: &EvidenceAccepted) -> Option<BTreeSet<Shown>> {
    let whoever = named
        .accepted
        .iter()
        .map(|name| (name, [false, true].as_slice()));
    let with_mfa = named
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

fn check_review(review: &Review) -> Result<(), (&'static str, &'static str)> {
    let Review::Verified { by, on, sha256 } = review else {
        return Ok(());
    };
    if !(1..=120).contains(&by.chars().count()) {
        return Err(("review.by", "1 to 120 characters"));
    }
    if on.parse::<CivilDate>().is_err() {
        return Err(("review.on", "a day, YYYY-MM-DD"));
    }
    if sha256.parse::<Digest>().is_err() {
        return Err(("review.sha256", "64 lower-case hexadecimal digits"));
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(plain)
}
