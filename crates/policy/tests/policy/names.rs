//! What a decision says, in a form that can be compared.

use std::collections::BTreeMap;

use passerelle_domain::vocabulary::{Class, LawfulBasis, RefusalReason, Section};
use passerelle_domain::{ChainId, NodeId, Timestamp, TokenId};
use passerelle_policy::{Answer, Decision, Verdict};

pub(crate) type Cell = (Section, Class);

/// The verdict on one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CellVerdict {
    Open {
        issuer: NodeId,
        receipt: TokenId,
        chain: ChainId,
        version: u32,
        basis: LawfulBasis,
        until: Timestamp,
    },
    Closed(Vec<RefusalReason>),
}

/// Everything that a decision says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) cells: BTreeMap<Cell, CellVerdict>,
    pub(crate) not_opened: Vec<Cell>,
    /// None for a permit.
    pub(crate) refused: Option<(RefusalReason, Answer)>,
}

impl Said {
    pub(crate) fn by<Aim>(decision: &Decision<Aim>) -> Self {
        let (refused, terms) = match decision {
            Decision::Permit(permit) => (None, Some(permit.terms())),
            Decision::Refusal(refusal) => (Some((refusal.reason(), refusal.answer())), None),
        };
        let cells = decision
            .trace()
            .verdicts()
            .map(|(section, class, verdict)| {
                let verdict = match verdict {
                    Verdict::Open { ground, .. } => CellVerdict::Open {
                        issuer: ground.issuer.clone(),
                        receipt: ground.receipt,
                        chain: ground.chain,
                        version: ground.version,
                        basis: ground.basis,
                        until: terms.unwrap().open_cell(section, class).unwrap().until,
                    },
                    Verdict::Closed(reasons) => {
                        let mut reasons: Vec<_> =
                            reasons.into_iter().map(|(reason, _)| reason).collect();
                        reasons.dedup();
                        CellVerdict::Closed(reasons)
                    }
                };
                ((section, class), verdict)
            });
        let cells: BTreeMap<_, _> = cells.collect();
        let not_opened = match terms {
            Some(terms) => terms.not_opened().collect(),
            None => cells.keys().copied().collect(),
        };
        Self {
            cells,
            not_opened,
            refused,
        }
    }

    pub(crate) fn open(&self) -> Vec<Cell> {
        let open =
            |(_, verdict): &(&Cell, &CellVerdict)| matches!(verdict, CellVerdict::Open { .. });
        self.cells
            .iter()
            .filter(open)
            .map(|(cell, _)| *cell)
            .collect()
    }

    pub(crate) fn reason(&self) -> Option<RefusalReason> {
        self.refused.map(|(reason, _)| reason)
    }

    pub(crate) fn answer(&self) -> Option<Answer> {
        self.refused.map(|(_, answer)| answer)
    }
}

/// What opens in a world.
pub(crate) fn open(world: &super::world::World) -> Vec<Cell> {
    Said::by(&world.decide()).open()
}

/// Whether everything in `fewer` is in `more`.
pub(crate) fn within(fewer: &[Cell], more: &[Cell]) -> bool {
    fewer.iter().all(|cell| more.contains(cell))
}
