use passerelle_domain::claim::{Effect, Grant, Receipt};
use passerelle_domain::vocabulary::RefusalReason;
use passerelle_domain::{ChainId, NodeId, Timestamp, TokenId};

use super::closings::Closings;
use super::scales::{Life, Reach, Scales};
use crate::cells::CellSet;
use crate::trace::By;

/// What the receipts over a link say to a question.
#[derive(Default)]
pub(super) struct Papers<'a> {
    any_live: bool,
    /// How far the live permits together meet the question.
    reach: Reach,
    openings: Vec<Opening<'a>>,
    denied: Vec<(By, CellSet)>,
    dead: Vec<Dead>,
    /// What receipts would open that the asker itself issued and withdrew, if there are any.
    own_withdrawn: Option<CellSet>,
}

/// A live grant, and what it opens as far as the receipts go.
pub(super) struct Opening<'a> {
    pub(super) cells: CellSet,
    pub(super) receipt: &'a Receipt,
    pub(super) until: Timestamp,
}

/// A receipt or a grant that opens nothing any more, and what it would open if it did.
struct Dead {
    reason: RefusalReason,
    by: By,
    cells: CellSet,
}

impl<'a> Papers<'a> {
    pub(super) fn weigh(scales: &Scales<'a>) -> Self {
        let mut papers = Self::default();
        let receipts = scales
            .standing
            .receipts
            .iter()
            .map(|verified| verified.claim());
        for receipt in receipts.filter(|receipt| scales.concerns(receipt)) {
            papers.add(receipt, scales);
        }
        papers
    }

    fn add(&mut self, receipt: &'a Receipt, scales: &Scales<'_>) {
        match scales.life(receipt) {
            Life::Live => {
                self.any_live = true;
                self.add_permits(receipt, scales);
                self.add_denies(receipt, scales);
            }
            Life::Contested => {
                self.add_dead(RefusalReason::ReceiptInvalid, receipt, scales);
                self.add_denies(receipt, scales);
            }
            Life::Withdrawn => {
                self.add_dead(RefusalReason::ReceiptWithdrawn, receipt, scales);
                self.add_denies(receipt, scales);
            }
            Life::Dead(reason) => self.add_dead(reason, receipt, scales),
        }
    }

    fn add_permits(&mut self, receipt: &'a Receipt, scales: &Scales<'_>) {
        for grant in permits(receipt) {
            let reach = scales.reach(receipt, grant);
            if !grant.in_force(scales.now) {
                self.dead.push(Dead {
                    reason: RefusalReason::ReceiptExpired,
                    by: by(receipt),
                    cells: reach.evidence,
                });
                continue;
            }
            self.reach = self.reach.or(reach);
            let end = receipt.expires_at;
            self.openings.push(Opening {
                cells: reach.evidence,
                receipt,
                until: grant.until.map_or(end, |until| until.min(end)).at(),
            });
        }
    }

    fn add_denies(&mut self, receipt: &Receipt, scales: &Scales<'_>) {
        let cells = receipt
            .grants
            .iter()
            .map(|grant| scales.denied(grant))
            .collect();
        self.denied.push((by(receipt), cells));
    }

    fn add_dead(&mut self, reason: RefusalReason, receipt: &Receipt, scales: &Scales<'_>) {
        let cells = permits(receipt)
            .map(|grant| scales.reach(receipt, grant).evidence)
            .collect();
        self.dead.push(Dead {
            reason,
            by: by(receipt),
            cells,
        });
        if reason == RefusalReason::ReceiptWithdrawn && scales.withdrawn_by_the_asker(receipt) {
            self.own_withdrawn = Some(self.own_withdrawn.unwrap_or_default() | cells);
        }
    }

    /// Says why the receipts leave cells closed.
    pub(super) fn close(&self, asked: CellSet, closings: &mut Closings) {
        let closed = asked - self.reach.evidence;
        for dead in &self.dead {
            // With no live receipt at all, any dead one says more than that there is none.
            let cells = if self.any_live {
                closed & dead.cells
            } else {
                closed
            };
            closings.close(dead.reason, dead.by.clone(), cells);
        }
        if self.any_live {
            for (reason, cells) in self.reach.missed() {
                closings.close(reason, By::Absence, asked & cells);
            }
        } else if self.dead.is_empty() {
            closings.close(RefusalReason::NoReceipt, By::Absence, closed);
        }
        for (by, cells) in &self.denied {
            closings.close(RefusalReason::PersonDenied, by.clone(), asked & *cells);
        }
    }

    /// Whether the asker may hear that these cells are closed by a withdrawal: only of a paper that
    /// it issued and withdrew itself.
    pub(super) fn tells_withdrawal(&self, closed: CellSet) -> bool {
        self.own_withdrawn
            .is_some_and(|cells| !self.any_live || !(cells & closed).is_empty())
    }

    /// The grants that open, the one that lasts longest first.
    pub(super) fn into_openings(mut self) -> Vec<Opening<'a>> {
        self.openings.sort_by(|a, b| {
            // Ties are broken by what names a receipt, so that the order of receipts means nothing.
            b.until
                .cmp(&a.until)
                .then_with(|| name(a.receipt).cmp(&name(b.receipt)))
        });
        self.openings
    }
}

fn permits(receipt: &Receipt) -> impl Iterator<Item = &Grant> {
    receipt
        .grants
        .iter()
        .filter(|grant| grant.effect == Effect::Permit)
}

fn name(receipt: &Receipt) -> (&NodeId, TokenId, ChainId, u32) {
    (&receipt.issuer, receipt.id, receipt.chain, receipt.version)
}

fn by(receipt: &Receipt) -> By {
    By::Receipt {
        issuer: receipt.issuer.clone(),
        id: receipt.id,
    }
}
