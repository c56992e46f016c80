//! Why each cell of a decision is open or closed, as own agents and the officer may read it.

use passerelle_domain::vocabulary::{AgentRole, Class, RefusalReason, Section};
use passerelle_domain::{Caller, NodeId, Timestamp, TokenId};
use passerelle_policy::{By, PermitGround, Trace, Verdict};

/// The verdict on one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidedCell {
    /// The section.
    pub section: Section,
    /// The class.
    pub class: Class,
    /// Open, or closed and why.
    pub verdict: CellVerdict,
}

/// Whether a cell is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellVerdict {
    /// It is.
    Open {
        /// The receipt that opens it.
        ground: PermitGround,
        /// The row of the rules that allows it.
        rule: String,
        /// The end of the receipt or of its grant, whichever comes first.
        until: Timestamp,
    },
    /// It is not, for each of these alone; the first is the one that counts.
    Closed(Vec<ClosedBy>),
}

/// What closes a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedBy {
    /// Why.
    pub reason: RefusalReason,
    /// What the reason comes from.
    pub source: ClosingSource,
    /// Issuer and `jti` of the receipt or objection, where it is one that the reader may know.
    pub paper: Option<(NodeId, TokenId)>,
    /// The row of the rules, where it is one.
    pub rule: Option<String>,
}

/// What a reason comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClosingSource {
    /// What is not there: a receipt, a row, a right, a second factor.
    Absence,
    /// A receipt, or one of its grants.
    Receipt,
    /// A row of the rules.
    Rule,
    /// An objection of the person.
    Objection,
    /// The holder's own organisation.
    Organisation,
    /// The link.
    Link,
}

/// The verdicts of a trace, as `caller` may read them: which objection closes a cell is for the
/// officer, since where it was taken tells who else accompanies the person.
pub(crate) fn verdicts(trace: &Trace, caller: &Caller) -> Vec<DecidedCell> {
    let all = caller.role == AgentRole::PrivacyOfficer;
    let verdicts = trace.verdicts();
    verdicts
        .map(|(section, class, verdict)| DecidedCell {
            section,
            class,
            verdict: match verdict {
                Verdict::Open { ground, row, until } => CellVerdict::Open {
                    ground: ground.clone(),
                    rule: row.to_owned(),
                    until,
                },
                Verdict::Closed(reasons) => CellVerdict::Closed(closed_by(&reasons, all)),
            },
        })
        .collect()
}

fn closed_by(reasons: &[(RefusalReason, &By)], all: bool) -> Vec<ClosedBy> {
    let mut closed = Vec::with_capacity(reasons.len());
    for (reason, by) in reasons {
        let (source, paper, rule) = match by {
            By::Absence => (ClosingSource::Absence, None, None),
            By::Receipt { issuer, id } => {
                (ClosingSource::Receipt, Some((issuer.clone(), *id)), None)
            }
            By::Row(name) => (ClosingSource::Rule, None, Some(name.to_string())),
            By::Objection { issuer, id } => {
                let named = all.then(|| (issuer.clone(), *id));
                (ClosingSource::Objection, named, None)
            }
            By::Organisation => (ClosingSource::Organisation, None, None),
            By::Link => (ClosingSource::Link, None, None),
        };
        let one = ClosedBy {
            reason: *reason,
            source,
            paper,
            rule,
        };
        // How many objections there are is not for everyone, either.
        if !closed.contains(&one) {
            closed.push(one);
        }
    }
    closed
}
