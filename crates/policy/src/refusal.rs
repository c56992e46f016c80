use passerelle_domain::vocabulary::RefusalReason;

use crate::trace::Trace;

/// Nothing opens.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub(crate) reason: RefusalReason,
    pub(crate) answer: Answer,
    pub(crate) trace: Trace,
}

/// What the asker is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The same whether the person is unknown here or nothing may be said.
    NothingToShare,
    /// One of the asker's own papers fails, over a link that stands.
    Paper(RefusalReason),
}

impl Refusal {
    /// The true reason, for the sealed part of the holder's log and nobody else.
    pub const fn reason(&self) -> RefusalReason {
        self.reason
    }

    /// What the asker is told.
    pub const fn answer(&self) -> Answer {
        self.answer
    }

    /// Why each cell stayed closed.
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }
}

/// Whether a reason speaks of the asker's own papers and nothing else. All others, also those that
/// the vocabulary lets an asker hear before a person is looked at, say nothing here (I13). A
/// withdrawn receipt is a case of its own: it may be the holder's paper.
pub(crate) fn is_paper(reason: RefusalReason) -> bool {
    use RefusalReason as R;
    matches!(
        reason,
        R::NoReceipt
            | R::ReceiptExpired
            | R::ReceiptReplaced
            | R::ReceiptInvalid
            | R::SectionOutOfScope
            | R::PurposeNotCovered
            | R::ClassNotAllowed
            | R::UseNotAllowed
            | R::EvidenceTooWeak
            | R::SecondFactorRequired
    )
}
