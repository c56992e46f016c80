use std::collections::BTreeSet;

use passerelle_domain::claim::{Effect, Grant, Receipt};
use passerelle_domain::vocabulary::{
    Class, EvidenceKind, GrantAction, RecordUse, RefusalReason, Section,
};
use passerelle_domain::{Question, Timestamp, action_for};

use crate::cells::CellSet;
use crate::entitlement::Parties;
use crate::rules::{Ground, Shown};
use crate::standing::{Standing, WithdrawnChain};

/// What every receipt of a standing is weighed against.
pub(super) struct Scales<'a> {
    pub(super) question: &'a Question,
    pub(super) standing: &'a Standing,
    pub(super) parties: &'a Parties<'a>,
    pub(super) ceiling: Class,
    pub(super) ground: &'a Ground,
    pub(super) now: Timestamp,
}

/// Whether a receipt opens anything.
pub(super) enum Life {
    Live,
    /// Another receipt of that chain claims the same version: it opens nothing, but what it closes
    /// stays closed.
    Contested,
    /// The person came back on it: it opens nothing, but what it closes stays closed until its end.
    Withdrawn,
    Dead(RefusalReason),
}

/// How far a grant meets a question, each stage within the one before.
#[derive(Clone, Copy, Default)]
pub(super) struct Reach {
    section: CellSet,
    purpose: CellSet,
    class: CellSet,
    usage: CellSet,
    /// What the grant opens, as far as the receipts go.
    pub(super) evidence: CellSet,
}

impl Scales<'_> {
    /// Whether a receipt is about this link, in this direction.
    pub(super) fn concerns(&self, receipt: &Receipt) -> bool {
        receipt.link == self.question.link
            && receipt.holder == *self.parties.holder.node
            && receipt.requester() == self.parties.requester.node
    }

    pub(super) fn life(&self, receipt: &Receipt) -> Life {
        let withdrawn = self.withdrawals(receipt).next().is_some();
        match self.life_but_for_withdrawals(receipt) {
            Life::Dead(RefusalReason::ReceiptExpired) => Life::Dead(RefusalReason::ReceiptExpired),
            Life::Dead(_) if withdrawn => Life::Dead(RefusalReason::ReceiptWithdrawn),
            _ if withdrawn => Life::Withdrawn,
            life => life,
        }
    }

    fn life_but_for_withdrawals(&self, receipt: &Receipt) -> Life {
        if self.now >= receipt.expires_at.at() {
            Life::Dead(RefusalReason::ReceiptExpired)
        } else if self
            .chain_of(receipt)
            .any(|other| other.version > receipt.version)
        {
            Life::Dead(RefusalReason::ReceiptReplaced)
        } else if !receipt.in_date(self.now) {
            // Its day has not come: as if it were not there yet.
            Life::Dead(RefusalReason::NoReceipt)
        } else if self
            .chain_of(receipt)
            .any(|other| other.version == receipt.version && other != receipt)
        {
            Life::Contested
        } else {
            Life::Live
        }
    }

    fn chain_of(&self, receipt: &Receipt) -> impl Iterator<Item = &Receipt> {
        let (chain, issuer) = (receipt.chain, &receipt.issuer);
        let all = self
            .standing
            .receipts
            .iter()
            .map(|verified| verified.claim());
        all.filter(move |other| other.chain == chain && other.issuer == *issuer)
    }

    fn withdrawals(&self, receipt: &Receipt) -> impl Iterator<Item = &WithdrawnChain> {
        let (chain, issuer) = (receipt.chain, &receipt.issuer);
        self.standing
            .withdrawn
            .iter()
            .filter(move |w| w.chain == chain && w.receipt_issuer == *issuer)
    }

    pub(super) fn withdrawn_by_the_asker(&self, receipt: &Receipt) -> bool {
        let asker = self.parties.requester.node;
        receipt.issuer == *asker
            && self
                .withdrawals(receipt)
                .any(|withdrawn| withdrawn.by == *asker)
    }

    /// How far a permit meets the question.
    pub(super) fn reach(&self, receipt: &Receipt, grant: &Grant) -> Reach {
        let up_to = |(section, highest): (&Section, &Class)| {
            CellSet::up_to(*section, self.ceiling.min(*highest))
        };
        let section: CellSet = grant
            .sections
            .keys()
            .map(|section| CellSet::section(*section))
            .collect();
        let purpose = section.only_if(grant.purposes.contains(&self.question.purpose));
        let class = purpose & grant.sections.iter().map(up_to).collect();
        let usage = class.only_if(grant.actions.contains(&action_for(self.question.usage)));
        // Where no row speaks, no evidence is too weak: the ground is missing, and that is said.
        let too_weak = self.ground.spoken - self.ground.evidence.cells(self.counted(receipt));
        Reach {
            section,
            purpose,
            class,
            usage,
            evidence: usage - too_weak,
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
    pub(super) fn denied(&self, grant: &Grant) -> CellSet {
        let from = |(section, lowest): (&Section, &Class)| CellSet::from(*section, *lowest);
        let closes = grant.effect == Effect::Deny
            && grant.in_force(self.now)
            && grant.purposes.contains(&self.question.purpose)
            && self.closes_usage(&grant.actions);
        grant
            .sections
            .iter()
            .map(from)
            .collect::<CellSet>()
            .only_if(closes)
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
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            section: self.section | other.section,
            purpose: self.purpose | other.purpose,
            class: self.class | other.class,
            usage: self.usage | other.usage,
            evidence: self.evidence | other.evidence,
        }
    }

    /// The cells that stop at each stage, and why.
    pub(super) fn missed(&self) -> [(RefusalReason, CellSet); 5] {
        [
            (RefusalReason::SectionOutOfScope, !self.section),
            (
                RefusalReason::PurposeNotCovered,
                self.section - self.purpose,
            ),
            (RefusalReason::ClassNotAllowed, self.purpose - self.class),
            (RefusalReason::UseNotAllowed, self.class - self.usage),
            (RefusalReason::EvidenceTooWeak, self.usage - self.evidence),
        ]
    }
}
