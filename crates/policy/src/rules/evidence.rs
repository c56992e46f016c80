use passerelle_domain::claim::Evidence;
use passerelle_domain::vocabulary::{Class, EvidenceKind};

use crate::cells::CellSet;

const KINDS: usize = EvidenceKind::ALL.len();

/// A kind of evidence, and whether the agent who recorded it had a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shown {
    pub(crate) kind: EvidenceKind,
    pub(crate) agent_mfa: bool,
}

impl Shown {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let both = |kind: &EvidenceKind| {
            [false, true].map(|agent_mfa| Self {
                kind: *kind,
                agent_mfa,
            })
        };
        EvidenceKind::ALL.iter().flat_map(both)
    }

    const fn index(self) -> usize {
        self.kind as usize * 2 + self.agent_mfa as usize
    }

    /// What is enough for a class where the row does not say.
    pub(crate) fn enough_for(self, class: Class) -> bool {
        match class {
            Class::Professional | Class::LivingConditions => true,
            Class::Social => self.kind != EvidenceKind::Attested,
            Class::Health => match self.kind {
                EvidenceKind::Franceconnect | EvidenceKind::Pass => true,
                EvidenceKind::SignedPaper => self.agent_mfa,
                EvidenceKind::Attested | EvidenceKind::KnownChannelCode => false,
            },
        }
    }
}

impl From<Evidence> for Shown {
    fn from(evidence: Evidence) -> Self {
        Self {
            kind: evidence.kind,
            agent_mfa: evidence.agent_mfa,
        }
    }
}

/// For each evidence, the cells for which it is enough.
#[derive(Debug, Default)]
pub(crate) struct AcceptedEvidence([CellSet; KINDS * 2]);

impl AcceptedEvidence {
    pub(crate) fn accept(&mut self, shown: Shown, cells: CellSet) {
        self.0[shown.index()] |= cells;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (cells, more) in self.0.iter_mut().zip(other.0) {
            *cells |= more;
        }
    }

    /// The cells for which `shown` is enough.
    pub(crate) fn cells(&self, shown: Shown) -> CellSet {
        self.0[shown.index()]
    }
}
