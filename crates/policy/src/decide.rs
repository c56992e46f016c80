//! The decision.

mod closings;
mod holder_side;
mod papers;
mod scales;

use std::marker::PhantomData;

use passerelle_domain::vocabulary::{Class, RefusalReason};
use passerelle_domain::{Question, Timestamp};

use crate::cells::CellSet;
use crate::entitlement::{Parties, asked_cells, entitled};
use crate::permit::{OpenedCell, Permit, PermitGround, Terms, ToPreview, ToSend};
use crate::refusal::{Answer, Refusal, is_paper};
use crate::rules::{Environment, Ground, Rules};
use crate::standing::{LinkStanding, Standing};
use crate::trace::{By, Trace};
use closings::Closings;
use papers::{Opening, Papers};
use scales::Scales;

/// What came of a question.
#[derive(Debug)]
#[must_use]
pub enum Decision<Aim = ToSend> {
    /// Some of what was asked is open.
    Permit(Permit<Aim>),
    /// Nothing is.
    Refusal(Refusal),
}

impl<Aim> Decision<Aim> {
    /// Why each cell is open or not.
    pub const fn trace(&self) -> &Trace {
        match self {
            Self::Permit(permit) => permit.terms().trace(),
            Self::Refusal(refusal) => refusal.trace(),
        }
    }
}

/// Decides on each cell that a question asks for.
///
/// A cell is open if the link stands, some live receipt permits it with enough evidence, the
/// requester's rights and the rules allow it, its agent has the second factor that the class
/// calls for, and neither a deny, an objection nor a rule of the organisation closes it, however
/// specific the permit.
pub fn decide(
    question: &Question,
    standing: &Standing,
    parties: &Parties<'_>,
    rules: &Rules,
    now: Timestamp,
) -> Decision {
    decided(question, standing, parties, rules, now)
}

/// Decides in the same way on a question that nobody has asked, for own agents to see what would
/// leave, and why: nothing can be sent with what it permits.
pub fn preview(
    question: &Question,
    standing: &Standing,
    parties: &Parties<'_>,
    rules: &Rules,
    now: Timestamp,
) -> Decision<ToPreview> {
    decided(question, standing, parties, rules, now)
}

fn decided<Aim>(
    question: &Question,
    standing: &Standing,
    parties: &Parties<'_>,
    rules: &Rules,
    now: Timestamp,
) -> Decision<Aim> {
    let asked = asked_cells(question);
    let ceiling = match may_be_weighed(question, standing, parties) {
        Ok(ceiling) => ceiling,
        Err((reason, by)) => return Decision::Refusal(refusal_of_all(reason, by, asked)),
    };
    let nothing = Ground::default();
    let (holder, requester) = (parties.holder.kind, parties.requester.kind);
    let scales = Scales {
        question,
        standing,
        parties,
        ceiling,
        ground: rules
            .ground(holder, requester, question.purpose)
            .unwrap_or(&nothing),
        now,
    };
    let papers = Papers::weigh(&scales);
    let mut closings = Closings::default();
    papers.close(asked, &mut closings);
    holder_side::close(&scales, asked, &mut closings);

    let open = asked - closings.cells();
    if open.is_empty() {
        Decision::Refusal(refusal(asked, &papers, closings))
    } else {
        Decision::Permit(permit(
            &scales,
            rules.environment(),
            asked,
            open,
            papers,
            closings,
        ))
    }
}

/// The highest class over the link; or why nothing goes over it, or nothing is asked that may be.
fn may_be_weighed(
    question: &Question,
    standing: &Standing,
    parties: &Parties<'_>,
) -> Result<Class, (RefusalReason, By)> {
    let ceiling = match standing.link {
        LinkStanding::Unknown => return Err((RefusalReason::PersonUnknown, By::Absence)),
        LinkStanding::Ended => return Err((RefusalReason::NoLink, By::Link)),
        LinkStanding::Reported => return Err((RefusalReason::WrongLinkReported, By::Link)),
        LinkStanding::Live { ceiling } => ceiling.unwrap_or(Class::MAX),
    };
    entitled(question, &parties.requester).map_err(|reason| (reason, By::Absence))?;
    Ok(ceiling)
}

/// What has nothing to do with one cell or one paper: the asker learns nothing of it.
fn refusal_of_all(reason: RefusalReason, by: By, asked: CellSet) -> Refusal {
    let mut closings = Closings::default();
    closings.close(reason, by, asked);
    Refusal {
        reason,
        answer: Answer::NothingToShare,
        trace: trace_of_refusal(asked, closings),
    }
}

fn refusal(asked: CellSet, papers: &Papers<'_>, closings: Closings) -> Refusal {
    // `entitled` has refused a question without cells, and each cell is closed for some reason.
    let reason = closings
        .first_reason()
        .unwrap_or(RefusalReason::NothingToShare);
    let told = match reason {
        RefusalReason::ReceiptWithdrawn => papers.tells_withdrawal(closings.cells_of(reason)),
        reason => is_paper(reason),
    };
    Refusal {
        reason,
        answer: if told {
            Answer::Paper(reason)
        } else {
            Answer::NothingToShare
        },
        trace: trace_of_refusal(asked, closings),
    }
}

fn trace_of_refusal(asked: CellSet, closings: Closings) -> Trace {
    Trace {
        asked,
        closings: closings.into_vec(),
        opened: Vec::new(),
        grounds: Vec::new(),
        rows: Vec::new(),
    }
}

fn permit<Aim>(
    scales: &Scales<'_>,
    environment: Environment,
    asked: CellSet,
    open: CellSet,
    papers: Papers<'_>,
    closings: Closings,
) -> Permit<Aim> {
    let (opened, grounds) = name_receipts(open, papers.into_openings());
    let rows = scales
        .ground
        .rows
        .iter()
        .map(|row| (row.name.clone(), row.cells & open));
    let Scales {
        question, parties, ..
    } = scales;
    Permit {
        terms: Terms {
            exchange: question.exchange,
            link: question.link,
            holder: parties.holder.node.clone(),
            requester: parties.requester.node.clone(),
            purpose: question.purpose,
            usage: question.usage,
            agent: question.agent.clone(),
            environment,
            decided_at: scales.now,
            open,
            trace: Trace {
                asked,
                closings: closings.into_vec(),
                opened,
                grounds,
                rows: rows.filter(|(_, cells)| !cells.is_empty()).collect(),
            },
        },
        aim: PhantomData,
    }
}

/// Gives each open cell the receipt that opens it longest.
fn name_receipts(
    open: CellSet,
    openings: Vec<Opening<'_>>,
) -> (Vec<OpenedCell>, Vec<PermitGround>) {
    let mut unnamed = open;
    let mut opened = Vec::new();
    let mut grounds: Vec<PermitGround> = Vec::new();
    for opening in openings {
        let cells = unnamed & opening.cells;
        if cells.is_empty() {
            continue;
        }
        unnamed = unnamed - cells;
        let ground = place_of(&opening, &mut grounds);
        opened.extend(cells.iter().map(|(section, class)| OpenedCell {
            section,
            class,
            ground,
            until: opening.until,
        }));
    }
    opened.sort_by_key(|cell| (cell.section, cell.class));
    (opened, grounds)
}

fn place_of(opening: &Opening<'_>, grounds: &mut Vec<PermitGround>) -> usize {
    let receipt = opening.receipt;
    let ground = PermitGround {
        issuer: receipt.issuer.clone(),
        receipt: receipt.id,
        chain: receipt.chain,
        version: receipt.version,
        basis: receipt.basis,
    };
    grounds
        .iter()
        .position(|known| *known == ground)
        .unwrap_or_else(|| {
            grounds.push(ground);
            grounds.len() - 1
        })
}
