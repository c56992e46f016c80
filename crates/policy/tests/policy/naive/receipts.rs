//! What the receipts say.

use std::collections::BTreeMap;

use passerelle_domain::claim::{Effect, Grant, Receipt};
use passerelle_domain::vocabulary::{EvidenceKind, GrantAction, RecordUse, RefusalReason};
use passerelle_domain::{NodeId, Timestamp};
use passerelle_policy::LinkStanding;

use super::row;
use crate::names::{Cell, CellVerdict};
use crate::world::World;

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
    match cause_beside_withdrawals(world, receipt) {
        Some(RefusalReason::ReceiptExpired) => Some(RefusalReason::ReceiptExpired),
        _ if !withdrawn_by(world, receipt).is_empty() => Some(RefusalReason::ReceiptWithdrawn),
        other => other,
    }
}

fn cause_beside_withdrawals(world: &World, receipt: &Receipt) -> Option<RefusalReason> {
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

pub(super) fn live_grants(world: &World) -> Vec<(&Receipt, &Grant)> {
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

pub(super) fn opens(world: &World, receipt: &Receipt, grant: &Grant, cell: Cell) -> bool {
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

pub(super) fn why_no_receipt(world: &World, cell: Cell) -> Vec<RefusalReason> {
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

pub(super) fn denied(world: &World, cell: Cell) -> bool {
    // Coming back on a paper takes back what it allowed, not what it forbade.
    let counts = |receipt: &&Receipt| {
        matches!(
            cause_beside_withdrawals(world, receipt),
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
pub(super) fn opened(world: &World, cell: Cell) -> CellVerdict {
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

/// Whether a receipt that the asker issued and withdrew is why a cell is closed.
pub(super) fn own_withdrawal(world: &World, cells: &BTreeMap<Cell, CellVerdict>) -> bool {
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
