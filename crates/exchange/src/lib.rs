//! The use cases of a node: record, ask, answer, withdraw; and the ports through which they reach
//! the world.
//!
//! Not here: gRPC, TLS, tokens' signatures, engines, configuration files. A use case takes domain
//! values and a [`Caller`](passerelle_domain::Caller) or a [`Peer`](passerelle_domain::Peer), and
//! gives back domain values or wire messages; `gateway` carries them.
//!
//! Read first: [`Passerelle`], one organisation's node; the [`ports`]; [`ExchangeError`].

mod abandoned;
mod acknowledged;
mod agreements;
mod answer;
mod attempt;
mod audit;
mod caseload;
mod changes;
mod contacts;
mod deliver;
mod directory;
mod error;
mod explain;
mod fetch;
mod gate;
mod import;
mod inbox;
mod incidents;
mod introductions;
mod journey;
mod link_ends;
mod logging;
mod merging;
mod notices;
mod objected;
mod objections;
mod outbox;
mod own_papers;
mod paging;
mod passerelle;
mod passes;
mod persons;
pub mod ports;
mod preview;
mod purged;
mod purging;
mod queue;
mod reading;
mod receipts;
mod receive;
mod records;
mod rectifications;
mod redeem;
mod redeemed;
mod requests;
mod running;
mod sessions;
mod shown;
mod standing;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
mod trimming;
mod unconfirmed;
mod unlink;
mod unlinked;
mod upkeep;
mod verdicts;
mod weighing;
mod withdrawals;
mod withdrawn;

pub use agreements::{
    AgreementCopy, AgreementFile, AgreementOutcome, Agreements, Direction, ObjectionFile, Partner,
    RecordAgreement,
};
pub use audit::{
    ExchangeFile, ExchangeFilter, LatestCheckpoint, LoggedExchange, ShownByPeer, Verification,
};
pub use caseload::{Assigned, AssignmentChange, CaseloadOf};
pub use changes::{ChangesFrom, ChangesPage, LONGEST_WAIT, ListChanges};
pub use contacts::Contact;
pub use directory::{MemberFile, MemberFilter, MemberShown};
pub use error::ExchangeError;
pub use explain::{ExplainDecision, Explained, ExplainedEntry, UsedReceipt};
pub use fetch::{FetchSummaries, FetchSummary, Fetched, HolderOutcome};
pub use import::{ImportRow, ImportedRow, RefusedPart, Writing};
pub use incidents::IncidentFile;
pub use introductions::{
    AcceptInto, AcceptIntroduction, Introduce, IntroductionFile, IntroductionFilter,
    IntroductionShown, IntroductionSide,
};
pub use journey::{JourneyPage, JourneySource, MergedJourney, SourcePart};
pub use notices::{NoticeAsked, NoticeFilter, NoticeFound};
pub use objections::{AnswerObjection, Objecting, RecordObjection, RecordedObjection};
pub use outbox::Progress;
pub use paging::{Page, PageSize};
pub use passerelle::{Limits, Own, Parts, Passerelle, RulesInForce};
pub use passerelle_store::tables::caseload::{Assignment, CaseloadAgent, SetAssignment};
pub use passerelle_store::tables::changes::{ChangeKind, KeptChange};
pub use passerelle_store::tables::copies::AskedSection;
pub use passerelle_store::tables::introductions::{Introduction, IntroductionState};
pub use passerelle_store::tables::links::{LinkEndCause, LinkState};
pub use passerelle_store::tables::records::RecordAct;
pub use passerelle_store::tables::rectifications::{
    Rectification, RectificationAnswer, RectificationKind, RectificationRefusal,
};
pub use passerelle_store::tables::source_states::SourceState;
pub use passerelle_store::{KnownAgent, OpenedPart};
pub use passes::{IssuePass, IssuedPass, PassFile};
pub use persons::{
    EndedLink, FindPersons, IdentityChange, LinkFile, MergedFile, PersonFile, PersonLink,
    RegisterPerson, Registered, UpdatePerson,
};
pub use preview::{PreviewSummary, Previewed};
pub use queue::Delivery;
pub use records::{
    BEYOND_SESSION, Change, DeleteRecord, DeletedAs, HistoryEntry, HistoryPage, KeptAs, KeptRecord,
    Made, RecordName, UpsertRecord, Upserted,
};
pub use rectifications::{
    AnswerRectification, RecordMark, RectificationFile, RequestRectification,
};
pub use redeem::{RedeemPass, Redeemed};
pub use requests::RequestId;
pub use sessions::{AgencySystem, BlockedAgent, OpenedSession, SessionProof};
pub use unconfirmed::Unconfirmed;
pub use unlink::Unlink;
pub use verdicts::{CellVerdict, ClosedBy, ClosingSource, DecidedCell};
pub use withdrawals::{WithdrawAgreement, WithdrawalOutcome};
