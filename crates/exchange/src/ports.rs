//! What the use cases need of the world: other nodes, signatures, the trust list. Time and chance are
//! ports of `passerelle-domain`; the place for slow work is [`Blocking`].

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use passerelle_domain::claim::{
    AgentProof, Introduction, IntroductionReply, LinkEnd, NoticeCatalogue, Objection, OidcAgent,
    OidcProof, PurgeAnswer, PurgeOrder, Receipt, SessionToken, SystemProof, TrustList, Withdrawal,
};
use passerelle_domain::{Digest, NodeId, Verified};
pub use passerelle_linkage::Blocking;
use passerelle_proto::exchange::v1 as wire;

/// A future that a port returns.
pub type PortFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Other nodes, by name: the implementation dials, authenticates and bounds.
pub trait Peers: Send + Sync {
    /// SHA-256 of the certificate that this node shows now, where channels have one: it is renewed
    /// while the node runs.
    fn own_certificate(&self) -> Option<Digest>;

    /// Sends one attempt at a question.
    fn ask<'a>(
        &'a self,
        peer: &'a NodeId,
        request: wire::AskRequest,
    ) -> PortFuture<'a, Result<Reply<wire::AskResponse>, PeerError>>;

    /// Sends one attempt at redeeming a pass.
    fn redeem<'a>(
        &'a self,
        peer: &'a NodeId,
        request: wire::RedeemRequest,
    ) -> PortFuture<'a, Result<Reply<wire::RedeemResponse>, PeerError>>;

    /// Sends a part of the outbox.
    fn deliver<'a>(
        &'a self,
        peer: &'a NodeId,
        request: wire::DeliverRequest,
    ) -> PortFuture<'a, Result<Reply<wire::DeliverResponse>, PeerError>>;
}

/// What a peer answered, and by which certificate it was known.
#[derive(Clone, PartialEq)]
pub struct Reply<T> {
    /// The message.
    pub message: T,
    /// SHA-256 of the certificate that the peer showed, where the channel tells.
    pub certificate: Option<Digest>,
}

/// Why a call to a peer brought no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    /// It is no live member of the trust list.
    #[error("not a live member of the federation")]
    NotAMember,
    /// It could not be reached, or broke off, or took too long: the call may have been carried out.
    #[error("unreachable")]
    Unreachable,
    /// It refused the call before it looked at the person.
    #[error("refused: {0:?}")]
    Refused(PeerRefusal),
}

/// Why a peer refused a call before it looked at the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerRefusal {
    /// The clocks are more than 60 s apart.
    ClockSkew,
    /// This node is no member there, or suspended.
    NotAMember,
    /// Its trust list has expired.
    TrustListExpired,
    /// It, or this node, was found rolled back.
    RolledBack,
    /// Its log cannot be written.
    LogUnavailable,
    /// Too many calls.
    QuotaExceeded,
    /// The exchange id was used for another question.
    IdReused,
    /// It does not understand the message, or a field of it breaks a rule.
    Invalid,
    /// The purpose or a class is beyond this member's rights.
    NotEntitled,
    /// Something else.
    Other,
}

/// Signs what this node says and checks what others say. Keys, algorithms, `typ` and times are its
/// affair; what the claims mean is not.
pub trait Tokens: Send + Sync {
    /// Signs with the key of the use that the claim calls for.
    fn sign(&self, claim: Outgoing<'_>) -> Result<String, SignFault>;
    /// A receipt issued by `from`, for this node.
    fn receipt(&self, token: &str, from: &NodeId) -> Result<Verified<Receipt>, TokenRefused>;
    /// A withdrawal issued by `from`, for this node.
    fn withdrawal(&self, token: &str, from: &NodeId) -> Result<Verified<Withdrawal>, TokenRefused>;
    /// An objection issued by `from`, for this node.
    fn objection(&self, token: &str, from: &NodeId) -> Result<Verified<Objection>, TokenRefused>;
    /// A purge order issued by `from`, for this node.
    fn purge_order(&self, token: &str, from: &NodeId)
    -> Result<Verified<PurgeOrder>, TokenRefused>;
    /// A purge answer issued by `from`, for this node.
    fn purge_answer(
        &self,
        token: &str,
        from: &NodeId,
    ) -> Result<Verified<PurgeAnswer>, TokenRefused>;
    /// The end of a link, by `from`, for this node.
    fn link_end(&self, token: &str, from: &NodeId) -> Result<Verified<LinkEnd>, TokenRefused>;
    /// An introduction by `from`, to this node.
    fn introduction(
        &self,
        token: &str,
        from: &NodeId,
    ) -> Result<Verified<Introduction>, TokenRefused>;
    /// What `from` says became of an introduction.
    fn introduction_reply(
        &self,
        token: &str,
        from: &NodeId,
    ) -> Result<Verified<IntroductionReply>, TokenRefused>;
    /// An agent proof signed by the key of the agency system of that name.
    fn agent_proof(&self, token: &str, system: &str) -> Result<Verified<AgentProof>, TokenRefused>;
    /// A system proof signed by the key of the agency system of that name.
    fn system_proof(
        &self,
        token: &str,
        system: &str,
    ) -> Result<Verified<SystemProof>, TokenRefused>;
    /// Who an agent is by the word of a configured issuer of OpenID Connect, shown to the agency system
    /// with that certificate. May wait for the issuer's keys.
    fn oidc_agent<'a>(
        &'a self,
        proof: OidcProof<'a>,
        certificate: Digest,
    ) -> PortFuture<'a, Result<Verified<OidcAgent>, IssuerRefused>>;
    /// A session token of this node.
    fn session_token(&self, token: &str) -> Result<Verified<SessionToken>, TokenRefused>;
}

/// What this node signs.
#[derive(Clone, Copy, Debug)]
pub enum Outgoing<'a> {
    /// With the receipt key.
    Receipt(&'a Receipt),
    /// With the receipt key.
    Withdrawal(&'a Withdrawal),
    /// With the receipt key.
    Objection(&'a Objection),
    /// With the receipt key.
    PurgeOrder(&'a PurgeOrder),
    /// With the receipt key.
    PurgeAnswer(&'a PurgeAnswer),
    /// With the receipt key.
    LinkEnd(&'a LinkEnd),
    /// With the receipt key.
    Introduction(&'a Introduction),
    /// With the receipt key.
    IntroductionReply(&'a IntroductionReply),
    /// With the session key.
    SessionToken(&'a SessionToken),
}

/// The node's own signing key failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("signing failed: {0}")]
pub struct SignFault(pub String);

/// Why an issuer's word shows nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssuerRefused {
    /// It breaks a rule.
    Token(TokenRefused),
    /// The keys of the issuer are not known, and cannot be had now.
    NoKeys,
}

/// A token that was refused: the rule that it breaks, without its content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule}")]
pub struct TokenRefused {
    /// The rule.
    pub rule: String,
    /// Whether it may hold later: its key is not known here yet, or its time has not come.
    pub may_pass: bool,
}

/// The trust list in force.
pub trait Trust: Send + Sync {
    /// The list now. Cheap: a shared value that is replaced as a whole.
    fn list(&self) -> Arc<TrustList>;
}

/// The texts that persons are shown before they agree.
pub trait Notices: Send + Sync {
    /// The catalogue now. Cheap: a shared value that is replaced as a whole.
    fn catalogue(&self) -> Arc<NoticeCatalogue>;
}
