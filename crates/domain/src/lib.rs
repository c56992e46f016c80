//! What Passerelle talks about: ids, vocabulary, journeys, receipts and other signed claims,
//! members and their rights, log entries; and conversions that refuse what is malformed.
//!
//! Not here: async code, I/O, TLS, storage, the wall clock (time and chance come in through
//! [`Clock`] and [`Rng`]), and no signature is checked here ([`Verified`] only says that one was).
//!
//! Read first: [`Malformed`], the one error of every conversion; [`Verified`]; [`Record`].

mod caller;
pub mod claim;
mod clock;
mod date;
pub mod entry;
mod id;
mod malformed;
pub mod member;
mod nir;
mod pii;
mod question;
mod siret;
mod text;
mod verified;
pub mod vocabulary;

pub use caller::{Caller, Peer};
pub use clock::{Clock, Rng, Sleep, Timer, Timestamp};
pub use date::{Agreement, CivilDate, PartialDate};
pub use id::{
    AgentRef, ChainId, Digest, ExchangeId, FederationId, LinkId, NodeId, PassId, PersonId, RecordId, SessionId,
    TokenId,
};
pub use malformed::Malformed;
pub use nir::Nir;
pub use pii::Pii;
pub use question::{AskingAgent, Question, action_for, nonce};
pub use siret::{Siren, Siret};
pub use text::{FreeText, Label, MessageToPartner};
pub use verified::Verified;
pub use vocabulary::{
    AgentRole, Class, EntryKind, EvidenceKind, GivenBy, GrantAction, LawfulBasis, OrganisationKind, Purpose, RecordUse,
    RefusalReason, Section, SessionAssurance,
};
