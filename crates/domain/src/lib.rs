//! What Passerelle talks about: ids, vocabulary, journeys, receipts and other signed claims,
//! members and their rights, log entries; and conversions that refuse what is malformed.
//!
//! Not here: async code, I/O, TLS, storage, the wall clock (time and chance come in through
//! [`Clock`] and [`Rng`]), and no signature is checked here ([`Verified`] only says that one was).
//!
//! Read first: [`Malformed`], the one error of every conversion; [`Verified`]; [`Record`].

mod caller;
mod cell;
pub mod claim;
mod clock;
mod code;
mod contradiction;
mod date;
pub mod entry;
mod id;
mod malformed;
pub mod member;
mod nir;
mod pii;
mod question;
pub mod record;
mod rome;
mod siret;
pub mod summary;
mod text;
mod verified;
pub mod vocabulary;
mod wire;

pub use caller::{Caller, Peer};
pub use cell::Cell;
pub use clock::{Clock, Rng, Sleep, Timer, Timestamp};
pub use code::Code;
pub use contradiction::{Contradiction, Matter, Says, Side, contradictions};
pub use date::{Agreement, CivilDate, PartialDate};
pub use id::{
    AgentRef, ChainId, Digest, ExchangeId, FederationId, LinkId, NodeId, PassId, PersonId,
    RecordId, RectificationId, SessionId, TokenId,
};
pub use malformed::Malformed;
pub use nir::Nir;
pub use pii::Pii;
pub use question::{AskingAgent, Question, action_for, nonce};
pub use record::{Record, RecordBody, RecordParts, SharedRecord};
pub use rome::RomeCode;
pub use siret::{Siren, Siret};
pub use summary::{Overview, OverviewLine, Summary, SummaryRecord};
pub use text::{FreeText, Label, MessageToPartner};
pub use verified::Verified;
pub use vocabulary::{
    AgentRole, Class, EntryKind, EvidenceKind, GivenBy, GrantAction, LawfulBasis, OrganisationKind,
    Purpose, RecordUse, RefusalReason, Section, SessionAssurance,
};
