use std::collections::BTreeSet;

use passerelle_domain::claim::{Effect, Grant, Receipt};
use passerelle_domain::vocabulary::{
    Class, EvidenceKind, GrantAction, RecordUse, RefusalReason, Section,
};
use passerelle_domain::{Question, Timestamp, action_for};

use super::closings::Closings;
use crate::cells::CellSet;
use crate::entitlement::Parties;
use crate::rules::{Ground, Shown};
use crate::standing::{Standing, WithdrawnChain};

/// What the receipts over a link say to a question.
#[derive(Default)]
pub(super) struct Papers<'a> {
    any_live: bool,
    reach: Reach,
    denied: CellSet,
    openings: Vec<Opening<'a>>,
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
    cells: CellSet,
}

enum Life {
    Live,
    /// Another receipt of that chain claims the same version: it opens nothing, but what it closes
    /// stays closed.
    Contested,
    Dead(RefusalReason),
}

/// How far a grant meets a question, each stage within the one before.
#[derive(Clone, Copy, Default)]
struct Reach {
    section: CellSet,
    purpose: CellSet,
    class: CellSet,
    usage: CellSet,
    evidence: CellSet,
}

/// What every receipt of a standing is weighed against.
#[derive(Clone, Copy)]
pub(super) struct Scales<'a> {
    pub(super) question: &'a Question,
    pub(super) standing: &'a Standing,
    pub(super) parties: &'a Parties<'a>,
    pub(super) ceiling: Class,
    pub(super) ground: &'a Ground,
    pub(super) now: Timestamp,
}

impl<'a> Papers<'a> {
    pub(super) fn weigh(scales: Scales<'a>) -> Self {
        let mut papers = Self::default();
        for receipt in scales
            .standing
            .receipts
            .iter()
            .map(|verified| verified.claim())
        {
            if scales.concerns(receipt) {
                papers.add(receipt, &scales);
            }
        }
        papers
    }

    fn add(&mut self, receipt: &'a Receipt, scales: &Scales<'_>) {
        let life = scales.life(receipt);
        if !matches!(life, Life::Dead(_)) {
            self.denied |= receipt
                .grants
                .iter()
                .map(|grant| scales.denied(grant))
                .collect();
        }
        match life {
            Life::Live => {
                self.any_live = true;
                self.add_live(receipt, scales);
            }
            Life::Contested => self.add_dead(RefusalReason::ReceiptInvalid, receipt, scales),
            Life::Dead(reason) => self.add_dead(reason, receipt, scales),
        }
    }

    fn add_live(&mut self, receipt: &'a Receipt, scales: &Scales<'_>) {
        for grant in receipt
            .grants
            .iter()
            .filter(|grant| grant.effect == Effect::Permit)
        {
            let reach = scales.reach(receipt, grant);
            if !grant.in_force(scales.now) {
                self.dead.push(Dead {
                    reason: RefusalReason::ReceiptExpired,
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

    fn add_dead(&mut self, reason: RefusalReason, receipt: &Receipt, scales: &Scales<'_>) {
        let permits = receipt
            .grants
            .iter()
            .filter(|grant| grant.effect == Effect::Permit);
        let cells = permits
            .map(|grant| scales.reach(receipt, grant).evidence)
            .collect();
        self.dead.push(Dead { reason, cells });
        if reason == RefusalReason::ReceiptWithdrawn && scales.withdrawn_by_the_asker(receipt) {
            self.own_withdrawn = Some(self.own_withdrawn.unwrap_or_default() | cells);
        }
    }

    /// Why the receipts leave cells closed.
    pub(super) fn close(&self, asked: CellSet, closings: &mut Closings) {
        let closed = asked - self.reach.evidence;
        for dead in &self.dead {
            // With no live receipt at all, any dead one says more than that there is none.
            closings.close(
                dead.reason,
                if self.any_live {
                    closed & dead.cells
                } else {
                    closed
                },
            );
        }
        if self.any_live {
            self.reach.close(asked, closings);
        } else if self.dead.is_empty() {
            closings.close(RefusalReason::NoReceipt, closed);
        }
        closings.close(RefusalReason::PersonDenied, asked & self.denied);
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
            // The issuer and its `jti` break ties, so that the order of the receipts means nothing.
            let id = |opening: &Opening<'a>| (&opening.receipt.issuer, opening.receipt.id);
            b.until.cmp(&a.until).then_with(|| id(a).cmp(&id(b)))
        });
        self.openings
    }
}

impl Scales<'_> {
    /// Whether a receipt is about this link, in this direction.
    fn concerns(&self, receipt: &Receipt) -> bool {
        receipt.link == self.question.link
            && receipt.holder == *self.parties.holder.node
            && receipt.requester() == self.parties.requester.node
    }

    fn life(&self, receipt: &Receipt) -> Life {
        let mut others = self
            .standing
            .receipts
            .iter()
            .map(|verified| verified.claim());
        let same_chain =
            |other: &Receipt| other.chain == receipt.chain && other.issuer == receipt.issuer;
        if self.now >= receipt.expires_at.at() {
            Life::Dead(RefusalReason::ReceiptExpired)
        } else if self.withdrawals(receipt).next().is_some() {
            Life::Dead(RefusalReason::ReceiptWithdrawn)
        } else if others
            .clone()
            .any(|other| same_chain(other) && other.version > receipt.version)
        {
            Life::Dead(RefusalReason::ReceiptReplaced)
        } else if !receipt.in_date(self.now) {
            // Its day has not come: as if it were not there yet.
            Life::Dead(RefusalReason::NoReceipt)
        } else if others
            .any(|other| same_chain(other) && other.version == receipt.version && other != receipt)
        {
            Life::Contested
        } else {
            Life::Live
        }
    }

    fn withdrawals(&self, receipt: &Receipt) -> impl Iterator<Item = &WithdrawnChain> {
        let (chain, issuer) = (receipt.chain, &receipt.issuer);
        self.standing
            .withdrawn
            .iter()
            .filter(move |w| w.chain == chain && w.receipt_issuer == *issuer)
    }

    fn withdrawn_by_the_asker(&self, receipt: &Receipt) -> bool {
        let asker = self.parties.requester.node;
        receipt.issuer == *asker
            && self
                .withdrawals(receipt)
                .any(|withdrawn| withdrawn.by == *asker)
    }

    fn reach(&self, receipt: &Receipt, grant: &Grant) -> Reach {
        let class_stage = |(section, class): (&Section, &Class)| {
            CellSet::up_to(*section, (*class).min(self.ceiling))
        };
        let section: CellSet = grant
            .sections
            .keys()
            .map(|section| CellSet::section(*section))
            .collect();
        let purpose = section.only_if(grant.purposes.contains(&self.question.purpose));
        let class = purpose & grant.sections.iter().map(class_stage).collect();
        let usage = class.only_if(grant.actions.contains(&action_for(self.question.usage)));
        let enough = self.ground.evidence.cells(self.counted(receipt));
        // Where no row speaks, no evidence is too weak: the ground is missing, and that is said.
        let evidence = usage - (self.ground.spoken - enough);
        Reach {
            section,
            purpose,
            class,
            usage,
            evidence,
        }
    }

    /// The evidence of a receipt as this holder counts it. What does not count is still what an
    /// agent attests.
    fn counted(&self, receipt: &Receipt) -> Shown {
        let shown = Shown::from(receipt.evidence);
        let issuer = if receipt.issuer == *self.parties.holder.node {
            &self.parties.holder
        } else {
            &self.parties.requester
        };
        let counts = match shown.kind {
            EvidenceKind::Attested | EvidenceKind::SignedPaper => true,
            EvidenceKind::Pass => self.standing.pass_redeemed,
            EvidenceKind::Franceconnect | EvidenceKind::KnownChannelCode => {
                issuer.rights.evidence.contains(&shown.kind)
            }
        };
        Shown {
            kind: if counts {
                shown.kind
            } else {
                EvidenceKind::Attested
            },
            ..shown
        }
    }

    /// What a grant closes for this question.
    fn denied(&self, grant: &Grant) -> CellSet {
        let closes = grant.effect == Effect::Deny
            && grant.in_force(self.now)
            && grant.purposes.contains(&self.question.purpose)
            && self.closes_usage(&grant.actions);
        let cells = grant
            .sections
            .iter()
            .map(|(section, lowest)| CellSet::from(*section, *lowest))
            .collect::<CellSet>();
        cells.only_if(closes)
    }

    /// What may not be read cannot be imported either.
    fn closes_usage(&self, actions: &BTreeSet<GrantAction>) -> bool {
        match self.question.usage {
            RecordUse::Display => actions.contains(&GrantAction::Read),
            RecordUse::Import => {
                actions.contains(&GrantAction::Read) || actions.contains(&GrantAction::Import)
            }
        }
    }
}

impl Reach {
    fn or(self, other: Self) -> Self {
        Self {
            section: self.section | other.section,
            purpose: self.purpose | other.purpose,
            class: self.class | other.class,
            usage: self.usage | other.usage,
            evidence: self.evidence | other.evidence,
        }
    }

    /// Each cell closes at the first stage that no grant passes.
    fn close(&self, asked: CellSet, closings: &mut Closings) {
        closings.close(RefusalReason::SectionOutOfScope, asked - self.section);
        closings.close(
            RefusalReason::PurposeNotCovered,
            asked & (self.section - self.purpose),
        );
        closings.close(
            RefusalReason::ClassNotAllowed,
            asked & (self.purpose - self.class),
        );
        closings.close(
            RefusalReason::UseNotAllowed,
            asked & (self.class - self.usage),
        );
        closings.close(
            RefusalReason::EvidenceTooWeak,
            asked & (self.usage - self.evidence),
        );
    }
}
