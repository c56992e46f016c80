//! The second evaluator: for each cell, the rules as sentences, from the raw fields alone.

mod receipts;

use std::collections::BTreeMap;

use passerelle_domain::claim::ObjectionScope;
use passerelle_domain::vocabulary::{
    AgentRole, Class, Purpose, RecordUse, RefusalReason, Section, SessionAssurance,
};
use passerelle_policy::{
    Answer, Environment, LinkStanding, LocalDenial, Names, Numbers, ObjectionEffect, OfficerAnswer,
    Review, Row, TakenObjection,
};

use crate::names::{Cell, CellVerdict, Said};
use crate::world::World;
use receipts::{denied, live_grants, opened, opens, own_withdrawal, why_no_receipt};

/// What a decision must say.
pub(crate) fn expected(world: &World) -> Said {
    let asked = asked(world);
    let blanket = blanket(world);
    let cells: BTreeMap<Cell, CellVerdict> = match blanket {
        Some(reason) => asked
            .iter()
            .map(|cell| (*cell, CellVerdict::Closed(vec![reason])))
            .collect(),
        None => asked
            .iter()
            .map(|cell| (*cell, verdict(world, *cell)))
            .collect(),
    };
    let closed = |cell: &Cell| matches!(cells[cell], CellVerdict::Closed(_));
    let not_opened: Vec<Cell> = asked.iter().copied().filter(closed).collect();
    let refused = (not_opened.len() == asked.len()).then(|| {
        let reason = blanket.unwrap_or_else(|| {
            let first = |verdict: &CellVerdict| match verdict {
                CellVerdict::Closed(reasons) => reasons[0],
                CellVerdict::Open { .. } => panic!("nothing is open"),
            };
            cells
                .values()
                .map(first)
                .min_by_key(|reason| place(*reason))
                .unwrap()
        });
        let told = match blanket {
            Some(_) => Answer::NothingToShare,
            None => answer(world, reason, &cells),
        };
        (reason, told)
    });
    Said {
        cells,
        not_opened,
        refused,
    }
}

fn asked(world: &World) -> Vec<Cell> {
    let mut cells = vec![];
    for section in Section::ALL {
        for class in Class::ALL {
            if world
                .question
                .sections
                .get(section)
                .is_some_and(|highest| class <= highest)
            {
                cells.push((*section, *class));
            }
        }
    }
    cells
}

fn blanket(world: &World) -> Option<RefusalReason> {
    match world.standing.link {
        LinkStanding::Unknown => return Some(RefusalReason::PersonUnknown),
        LinkStanding::Ended => return Some(RefusalReason::NoLink),
        LinkStanding::Reported => return Some(RefusalReason::WrongLinkReported),
        LinkStanding::Live { .. } => {}
    }
    let never = ["person_access", "statistics", "fraud_detection", "sanction"];
    if never.contains(&world.question.purpose.id()) {
        return Some(RefusalReason::PurposeForbidden);
    }
    if world.question.sections.is_empty() {
        return Some(RefusalReason::UnsupportedRequest);
    }
    if !asked(world).iter().any(|cell| entitled(world, *cell)) {
        return Some(RefusalReason::OrganisationNotEntitled);
    }
    None
}

fn verdict(world: &World, cell: Cell) -> CellVerdict {
    let mut reasons = vec![];
    if !live_grants(world)
        .iter()
        .any(|(receipt, grant)| opens(world, receipt, grant, cell))
    {
        reasons.extend(why_no_receipt(world, cell));
    }
    if cell.1 >= Class::Social && !world.question.agent.second_factor {
        reasons.push(RefusalReason::SecondFactorRequired);
    }
    if !entitled(world, cell) {
        reasons.push(RefusalReason::OrganisationNotEntitled);
    }
    match row(world, cell) {
        Some(row) if row.read => {
            if world.question.usage == RecordUse::Import && !row.import {
                reasons.push(RefusalReason::UseNotAllowed);
            }
        }
        _ => reasons.push(RefusalReason::LegalGroundMissing),
    }
    if objected(world, cell) {
        reasons.push(RefusalReason::Objection);
    }
    if denied(world, cell) {
        reasons.push(RefusalReason::PersonDenied);
    }
    if world.standing.local.protected {
        reasons.push(RefusalReason::ProtectedMembership);
    }
    if world
        .standing
        .local
        .denials
        .iter()
        .any(|denial| matches_here(world, denial, cell))
    {
        reasons.push(RefusalReason::LocalRule);
    }
    if reasons.is_empty() {
        return opened(world, cell);
    }
    reasons.sort_by_key(|reason| place(*reason));
    reasons.dedup();
    CellVerdict::Closed(reasons)
}

fn place(reason: RefusalReason) -> usize {
    RefusalReason::ALL
        .iter()
        .position(|other| *other == reason)
        .unwrap()
}

fn answer(world: &World, reason: RefusalReason, cells: &BTreeMap<Cell, CellVerdict>) -> Answer {
    let papers = [
        "no_receipt",
        "receipt_expired",
        "receipt_replaced",
        "receipt_invalid",
        "section_out_of_scope",
        "purpose_not_covered",
        "class_not_allowed",
        "use_not_allowed",
        "evidence_too_weak",
        "second_factor_required",
    ];
    if papers.contains(&reason.id())
        || (reason.id() == "receipt_withdrawn" && own_withdrawal(world, cells))
    {
        Answer::Paper(reason)
    } else {
        Answer::NothingToShare
    }
}

fn entitled(world: &World, cell: Cell) -> bool {
    let agent = &world.question.agent;
    let role_works_with = match agent.role {
        AgentRole::Caseworker => true,
        AgentRole::Reception => ["identity", "contact_card"].contains(&cell.0.id()),
        AgentRole::PrivacyOfficer | AgentRole::Operator => false,
    };
    let highest = world.requester.rights.purposes.get(&world.question.purpose);
    agent.assurance != SessionAssurance::System
        && role_works_with
        && highest.is_some_and(|highest| cell.1 <= *highest)
}

fn row(world: &World, cell: Cell) -> Option<&Row> {
    let counts = |row: &&Row| {
        world.environment == Environment::Training || matches!(row.review, Review::Verified { .. })
    };
    let any_kind = |kind: &str| {
        passerelle_domain::vocabulary::OrganisationKind::parse(kind).is_some_and(|k| !k.sensitive())
    };
    let matches = |row: &&Row| {
        names(&row.holder, world.holder.kind.id(), any_kind)
            && names(&row.requester, world.requester.kind.id(), any_kind)
            && names(&row.purpose, world.question.purpose.id(), |id| {
                Purpose::parse(id).is_some()
            })
            && names(&row.section, cell.0.id(), |_| true)
            && match &row.class {
                Numbers::One(class) => *class == cell.1.as_u8(),
                Numbers::Several(classes) => classes.contains(&cell.1.as_u8()),
            }
    };
    world.table.rows.iter().filter(counts).find(matches)
}

fn names(names: &Names, id: &str, in_any: impl Fn(&str) -> bool) -> bool {
    match names {
        Names::One(name) if name == "any" => in_any(id),
        Names::One(name) => name == id,
        Names::Several(names) => names.iter().any(|name| name == id),
    }
}

fn objected(world: &World, cell: Cell) -> bool {
    let objections = &world.standing.objections;
    let lifted = |one: &TakenObjection| {
        objections
            .iter()
            .any(|other| other.issuer == one.issuer && other.lifts == Some(one.id))
    };
    let about = |one: &TakenObjection| match &one.scope {
        ObjectionScope::All => true,
        ObjectionScope::Purposes(purposes) => purposes.contains(&world.question.purpose),
        ObjectionScope::Sections(sections) => sections.contains(&cell.0),
        ObjectionScope::Requester(node) => *node == world.requester.node,
    };
    let binds = |one: &TakenObjection| {
        one.officer != OfficerAnswer::Overruled
            || row(world, cell).is_some_and(|row| row.objection == ObjectionEffect::Open)
    };
    objections
        .iter()
        .any(|one| one.lifts.is_none() && !lifted(one) && about(one) && binds(one))
}

fn matches_here(world: &World, denial: &LocalDenial, cell: Cell) -> bool {
    let requester = denial.requester.as_ref();
    requester.is_none_or(|node| *node == world.requester.node)
        && denial
            .purpose
            .is_none_or(|purpose| purpose == world.question.purpose)
        && denial.section.is_none_or(|section| section == cell.0)
}
