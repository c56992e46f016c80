//! What may be shared: [`decide`] weighs one question against one person's receipts, objections
//! and rules, and answers with a [`Permit`] or a [`Refusal`]; [`summarise`] copies what a permit
//! opens into an empty summary. [`preview`] and [`summarise_preview`] do the same for an agent who
//! wants to see what would leave.
//!
//! Pure: the same arguments give the same answer. Not here: the clock (`now` is an argument), I/O,
//! storage, and how the peer or the agent was authenticated.
//!
//! Read first: [`Standing`], [`Permit`], [`Rules`].

mod askable;
mod cells;
mod decide;
mod entitlement;
mod own_access;
mod permit;
mod refusal;
mod rules;
mod standing;
mod summarise;
mod trace;

pub use askable::{Askable, askable};
pub use decide::{Decision, decide, preview};
pub use entitlement::{Parties, Party, entitled};
pub use own_access::{NotAllowed, OwnAccess, OwnAct, own_access};
pub use permit::{Opened, OpenedCell, Permit, PermitGround, Terms, ToPreview, ToSend};
pub use refusal::{Answer, Refusal};
pub use rules::{
    Environment, EvidenceAccepted, Names, Numbers, ObjectionEffect, Review, Row, RowBetween, Rules,
    RulesError, RulesTable,
};
pub use standing::{
    LinkStanding, LocalDenial, LocalRules, OfficerAnswer, Standing, TakenObjection, WithdrawnChain,
};
pub use summarise::{
    MAX_SUMMARY_BYTES, Preview, SummaryTooLarge, check_summary_size, summarise, summarise_preview,
};
pub use trace::{By, Trace, Verdict};
