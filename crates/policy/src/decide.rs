//! The decision.

mod closings;
mod holder_side;
mod papers;

use passerelle_domain::vocabulary::{Class, RefusalReason};
use passerelle_domain::{Question, Timestamp};

use crate::cells::CellSet;
use crate::entitlement::{Parties, asked_cells, entitled};
use crate::permit::{OpenedCell, Permit, PermitGround, Terms};
use crate::refusal::{Answer, Refusal, is_paper};
use crate::rules::{Ground, Rules};
use crate::standing::{LinkStanding, Standing};
use crate::trace::Trace;
use closings::Closings;
use papers::{Opening, Papers, Scales};

/// What came of a question.
#[derive(Debug)]
#[must_use]
pub enum Decision {
    /// Some of what was asked is open.
    Permit(Permit),
    /// Nothing is.
    Refusal(Refusal),
}

impl Decision {
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
    let asked = asked_cells(question);
    let ceiling = match ceiling(&standing.link).and_then(|ceiling| {
        entitled(question, &parties.requester)?;
        Ok(ceiling)
    }) {
        Ok(ceiling) => ceiling,
        Err(reason) => return Decision::Refusal(refusal_of_all(reason, asked)),
    };
    let nothing = Ground::default();
    let scales = Scales {
        question,
        standing,
        parties,
        ceiling,
        ground: rules
            .ground(
                parties.holder.kind,
                parties.requester.kind,
                question.purpose,
            )
            .unwrap_or(&nothing),
        now,
    };
    let papers = Papers::weigh(scales);
    let mut closings = Closings::default();
    papers.close(asked, &mut closings);
    holder_side::close(&scales, asked, &mut closings);

    let open = asked - closings.cells();
    if open.is_empty() {
        Decision::Refusal(refusal(asked, &papers, closings))
    } else {
        Decision::Permit(permit(&scales, rules, asked, open, papers, closings))
    }
}

/// The highest class over the link, or why nothing goes over it.
fn ceiling(link: &LinkStanding) -> Result<Class, RefusalReason> {
    match link {
        LinkStanding::Unknown => Err(RefusalReason::PersonUnknown),
        LinkStanding::Ended => Err(RefusalReason::NoLink),
        LinkStanding::Reported => Err(RefusalReason::WrongLinkReported),
        LinkStanding::Live { ceiling } => Ok(ceiling.unwrap_or(Class::MAX)),
    }
}

/// What has nothing to do with a cell or a paper: the asker learns nothing of it.
fn refusal_of_all(reason: RefusalReason, asked: CellSet) -> Refusal {
    Refusal {
        reason,
        answer: Answer::NothingToShare,
        trace: Trace {
            asked,
            closed: vec![(reason, asked)],
            opened: Vec::new(),
            grounds: Vec::new(),
        },
    }
}

fn refusal(asked: CellSet, papers: &Papers<'_>, closings: Closings) -> Refusal {
    let closed = closings.into_reasons();
    // `entitled` has refused a question without cells, and each cell is closed for some reason.
    let (reason, cells) = closed
        .first()
        .copied()
        .unwrap_or((RefusalReason::NothingToShare, asked));
    let told = is_paper(reason)
        && (reason != RefusalReason::ReceiptWithdrawn || papers.tells_withdrawal(cells));
    Refusal {
        reason,
        answer: if told {
            Answer::Paper(reason)
        } else {
            Answer::NothingToShare
        },
        trace: Trace {
            asked,
            closed,
            opened: Vec::new(),
            grounds: Vec::new(),
        },
    }
}

fn permit(
    scales: &Scales<'_>,
    rules: &Rules,
    asked: CellSet,
    open: CellSet,
    papers: Papers<'_>,
    closings: Closings,
) -> Permit {
    let (opened, grounds) = name_receipts(open, papers.into_openings());
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
            environment: rules.environment(),
            open,
            trace: Trace {
                asked,
                closed: closings.into_reasons(),
                opened,
                grounds,
            },
        },
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
    let known =
        |ground: &PermitGround| ground.issuer == receipt.issuer && ground.receipt == receipt.id;
    grounds.iter().position(known).unwrap_or_else(|| {
        grounds.push(PermitGround {
            issuer: receipt.issuer.clone(),
            receipt: receipt.id,
            chain: receipt.chain,
            basis: receipt.basis,
        });
        grounds.len() - 1
    })
}

#[cfg(test)]
mod tests;
