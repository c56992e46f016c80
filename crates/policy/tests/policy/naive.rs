//! The second evaluator: for each cell, the rules as sentences, from the raw fields alone.

use std::collections::BTreeMap;

use passerelle_domain::claim::{Effect, Grant, ObjectionScope, Receipt};
use passerelle_domain::vocabulary::{
    AgentRole, Class, EvidenceKind, GrantAction, Purpose, RecordUse, RefusalReason, Section,
    SessionAssurance,
};
use passerelle_domain::{NodeId, Timestamp};
use passerelle_policy::{
    Answer, Environment, LinkStanding, LocalDenial, Names, Numbers, ObjectionEffect, OfficerAnswer,
    Review, Row, TakenObjection,
};

use crate::names::{Cell, CellVerdict, Said};
use crate::world::World;

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

// --- receipts ---

fn about(world: &World) -> Vec<&Receipt> {
    let about = |receipt: &&Receipt| {
        receipt.link == world.question.link
            && receipt.holder == world.holder.node
            && [&receipt.issuer, &receipt.audience].contains(&&world.requester.node)
            && [&receipt.issuer, &receipt.audience].contains(&&world.holder.node)
    };
    world
        .standing
        .receipts
        .iter()
        .map(|receipt| receipt.claim())
        .filter(about)
        .collect()
}

/// Why a receipt opens nothing; none while it does.
fn cause_of_death(world: &World, receipt: &Receipt) -> Option<RefusalReason> {
    let chain = || {
        let all = world
            .standing
            .receipts
            .iter()
            .map(|receipt| receipt.claim());
        all.filter(|other| (&other.issuer, other.chain) == (&receipt.issuer, receipt.chain))
    };
    if receipt.expires_at.as_secs() <= world.now {
        return Some(RefusalReason::ReceiptExpired);
    }
    if !withdrawn_by(world, receipt).is_empty() {
        return Some(RefusalReason::ReceiptWithdrawn);
    }
    if chain().map(|other| other.version).max() > Some(receipt.version) {
        return Some(RefusalReason::ReceiptReplaced);
    }
    if receipt.not_before.as_secs() > world.now {
        return Some(RefusalReason::NoReceipt);
    }
    if !chain()
        .filter(|other| other.version == receipt.version)
        .all(|other| other == receipt)
    {
        return Some(RefusalReason::ReceiptInvalid);
    }
    None
}

fn withdrawn_by<'a>(world: &'a World, receipt: &Receipt) -> Vec<&'a NodeId> {
    let withdrawn = world.standing.withdrawn.iter();
    withdrawn
        .filter(|w| w.receipt_issuer == receipt.issuer && w.chain == receipt.chain)
        .map(|w| &w.by)
        .collect()
}

fn live_grants(world: &World) -> Vec<(&Receipt, &Grant)> {
    let live = about(world)
        .into_iter()
        .filter(|receipt| cause_of_death(world, receipt).is_none());
    live.flat_map(|receipt| receipt.grants.iter().map(move |grant| (receipt, grant)))
        .filter(|(_, grant)| grant.effect == Effect::Permit && !ended(world, grant))
        .collect()
}

fn ended(world: &World, grant: &Grant) -> bool {
    grant
        .until
        .is_some_and(|until| until.as_secs() <= world.now)
}

fn names_section(grant: &Grant, cell: Cell) -> bool {
    grant.sections.contains_key(&cell.0)
}

fn names_purpose(world: &World, grant: &Grant) -> bool {
    grant.purposes.contains(&world.question.purpose)
}

fn reaches_class(world: &World, grant: &Grant, cell: Cell) -> bool {
    let below_ceiling = match world.standing.link {
        LinkStanding::Live {
            ceiling: Some(ceiling),
        } => cell.1 <= ceiling,
        _ => true,
    };
    below_ceiling
        && grant
            .sections
            .get(&cell.0)
            .is_some_and(|highest| cell.1 <= *highest)
}

fn names_use(world: &World, grant: &Grant) -> bool {
    grant.actions.contains(&match world.question.usage {
        RecordUse::Display => GrantAction::Read,
        RecordUse::Import => GrantAction::Import,
    })
}

fn opens(world: &World, receipt: &Receipt, grant: &Grant, cell: Cell) -> bool {
    grant.effect == Effect::Permit
        && names_section(grant, cell)
        && names_purpose(world, grant)
        && reaches_class(world, grant, cell)
        && names_use(world, grant)
        && enough(world, receipt, cell)
}

fn enough(world: &World, receipt: &Receipt, cell: Cell) -> bool {
    let Some(row) = row(world, cell) else {
        return true;
    };
    let (kind, mfa) = (counted(world, receipt), receipt.evidence.agent_mfa);
    if let Some(evidence) = &row.evidence {
        let has = |list: &[String]| list.iter().any(|name| name == kind.id());
        return has(&evidence.accepted) || (mfa && has(&evidence.accepted_with_agent_mfa));
    }
    match cell.1.as_u8() {
        1 | 2 => true,
        3 => kind.id() != "attested",
        _ => matches!(kind.id(), "franceconnect" | "pass") || (kind.id() == "signed_paper" && mfa),
    }
}

fn counted(world: &World, receipt: &Receipt) -> EvidenceKind {
    let said = receipt.evidence.kind;
    let issuer_may = if receipt.issuer == world.holder.node {
        world.holder.rights.evidence.contains(&said)
    } else {
        world.requester.rights.evidence.contains(&said)
    };
    match said.id() {
        "pass" if !world.standing.pass_redeemed => EvidenceKind::Attested,
        "franceconnect" | "known_channel_code" if !issuer_may => EvidenceKind::Attested,
        _ => said,
    }
}

fn why_no_receipt(world: &World, cell: Cell) -> Vec<RefusalReason> {
    let about = about(world);
    if about.is_empty() {
        return vec![RefusalReason::NoReceipt];
    }
    let dead = about
        .iter()
        .filter_map(|r| cause_of_death(world, r).map(|cause| (r, cause)));
    let dead: Vec<_> = dead.collect();
    if dead.len() == about.len() {
        return dead.into_iter().map(|(_, cause)| cause).collect();
    }
    let mut reasons = vec![];
    for (receipt, cause) in dead {
        if receipt
            .grants
            .iter()
            .any(|grant| opens(world, receipt, grant, cell))
        {
            reasons.push(cause);
        }
    }
    for receipt in about
        .iter()
        .filter(|receipt| cause_of_death(world, receipt).is_none())
    {
        let ended = receipt.grants.iter().filter(|grant| ended(world, grant));
        if ended
            .clone()
            .any(|grant| opens(world, receipt, grant, cell))
        {
            reasons.push(RefusalReason::ReceiptExpired);
        }
    }
    let mut left = live_grants(world);
    type Passes<'a> = &'a dyn Fn(&Receipt, &Grant) -> bool;
    let stages: [(RefusalReason, Passes<'_>); 5] = [
        (RefusalReason::SectionOutOfScope, &|_, grant| {
            names_section(grant, cell)
        }),
        (RefusalReason::PurposeNotCovered, &|_, grant| {
            names_purpose(world, grant)
        }),
        (RefusalReason::ClassNotAllowed, &|_, grant| {
            reaches_class(world, grant, cell)
        }),
        (RefusalReason::UseNotAllowed, &|_, grant| {
            names_use(world, grant)
        }),
        (RefusalReason::EvidenceTooWeak, &|receipt, _| {
            enough(world, receipt, cell)
        }),
    ];
    for (reason, passes) in stages {
        left.retain(|(receipt, grant)| passes(receipt, grant));
        if left.is_empty() {
            reasons.push(reason);
            break;
        }
    }
    reasons
}

fn denied(world: &World, cell: Cell) -> bool {
    let counts = |receipt: &&Receipt| {
        matches!(
            cause_of_death(world, receipt),
            None | Some(RefusalReason::ReceiptInvalid)
        )
    };
    let closing: &[GrantAction] = match world.question.usage {
        RecordUse::Display => &[GrantAction::Read],
        RecordUse::Import => &[GrantAction::Read, GrantAction::Import],
    };
    about(world)
        .into_iter()
        .filter(counts)
        .flat_map(|receipt| &receipt.grants)
        .any(|grant| {
            grant.effect == Effect::Deny
                && !ended(world, grant)
                && names_purpose(world, grant)
                && closing.iter().any(|action| grant.actions.contains(action))
                && grant
                    .sections
                    .get(&cell.0)
                    .is_some_and(|lowest| cell.1 >= *lowest)
        })
}

/// The receipt that opens a cell the longest; the smallest by name among equals.
fn opened(world: &World, cell: Cell) -> CellVerdict {
    let mut candidates: Vec<(Timestamp, &Receipt)> = vec![];
    for (receipt, grant) in live_grants(world) {
        if opens(world, receipt, grant, cell) {
            let ends = [Some(receipt.expires_at), grant.until];
            let until = ends
                .into_iter()
                .flatten()
                .map(|end| end.as_secs())
                .min()
                .unwrap();
            candidates.push((Timestamp::from_secs(until), receipt));
        }
    }
    let longest = candidates.iter().map(|(until, _)| *until).max().unwrap();
    candidates.retain(|(until, _)| *until == longest);
    candidates.sort_by_key(|(_, receipt)| {
        (
            receipt.issuer.clone(),
            receipt.id,
            receipt.chain,
            receipt.version,
        )
    });
    let (until, receipt) = candidates[0];
    CellVerdict::Open {
        issuer: receipt.issuer.clone(),
        receipt: receipt.id,
        chain: receipt.chain,
        version: receipt.version,
        basis: receipt.basis,
        until,
    }
}

// --- rights, rules, and what the holder closes ---

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

// --- what is told ---

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

/// Whether a receipt that the asker issued and withdrew is why a cell is closed.
fn own_withdrawal(world: &World, cells: &BTreeMap<Cell, CellVerdict>) -> bool {
    let some_live = about(world)
        .iter()
        .any(|receipt| cause_of_death(world, receipt).is_none());
    let own = |receipt: &&Receipt| {
        receipt.issuer == world.requester.node
            && cause_of_death(world, receipt) == Some(RefusalReason::ReceiptWithdrawn)
            && withdrawn_by(world, receipt).contains(&&world.requester.node)
    };
    let closed_by_receipts = |cell: &Cell| {
        !live_grants(world)
            .iter()
            .any(|(receipt, grant)| opens(world, receipt, grant, *cell))
    };
    about(world).into_iter().filter(own).any(|receipt| {
        let would_open = |cell: &Cell| {
            receipt
                .grants
                .iter()
                .any(|g| opens(world, receipt, g, *cell))
        };
        !some_live
            || cells
                .keys()
                .any(|cell| closed_by_receipts(cell) && would_open(cell))
    })
}
