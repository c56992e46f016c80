use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use passerelle_domain::{Digest, FederationId, NodeId, Peer};
use passerelle_proto::exchange::v1 as wire;

use crate::ports::{PeerError, PeerRefusal, Peers, PortFuture, Reply};
use crate::{ExchangeError, Passerelle};

/// Carries calls between the nodes of one process. Clones are the same network.
#[derive(Clone)]
pub struct Network {
    federation: FederationId,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    nodes: BTreeMap<NodeId, Passerelle>,
    cut: BTreeSet<(NodeId, NodeId)>,
    lost: BTreeMap<(NodeId, NodeId), usize>,
    sent: Vec<Sent>,
    answered: Vec<Answered>,
}

/// A call that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Who called.
    pub from: NodeId,
    /// Whom.
    pub to: NodeId,
    /// What.
    pub call: Call,
    /// Whether it was handed over: the line was not cut.
    pub arrived: bool,
}

/// A call of one node to another.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    /// `Ask`.
    Ask(wire::AskRequest),
    /// `Redeem`.
    Redeem(wire::RedeemRequest),
    /// `Deliver`.
    Deliver(wire::DeliverRequest),
}

impl Eq for Call {}

/// An answer that left a node, whether or not it arrived.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Who answered.
    pub by: NodeId,
    /// Whom.
    pub to: NodeId,
    /// What.
    pub answer: Answer,
}

/// What a node gives back for a call.
#[derive(Clone, Debug)]
pub enum Answer {
    /// To `Ask`.
    Ask(wire::AskResponse),
    /// To `Redeem`.
    Redeem(wire::RedeemResponse),
    /// To `Deliver`.
    Deliver(wire::DeliverResponse),
}

impl From<wire::AskResponse> for Answer {
    fn from(response: wire::AskResponse) -> Self {
        Self::Ask(response)
    }
}

impl From<wire::RedeemResponse> for Answer {
    fn from(response: wire::RedeemResponse) -> Self {
        Self::Redeem(response)
    }
}

impl From<wire::DeliverResponse> for Answer {
    fn from(response: wire::DeliverResponse) -> Self {
        Self::Deliver(response)
    }
}

impl Network {
    /// Without nodes.
    pub fn new(federation: FederationId) -> Self {
        Self {
            federation,
            state: Arc::default(),
        }
    }

    /// Another network with the same past, without nodes.
    pub fn fork(&self) -> Self {
        let state = self.state();
        let fork = State {
            nodes: BTreeMap::new(),
            cut: state.cut.clone(),
            lost: state.lost.clone(),
            sent: state.sent.clone(),
            answered: state.answered.clone(),
        };
        Self {
            federation: self.federation.clone(),
            state: Arc::new(Mutex::new(fork)),
        }
    }

    /// The port `Peers` of a node.
    pub fn line(&self, from: &NodeId) -> Arc<dyn Peers> {
        Arc::new(Line {
            from: from.clone(),
            network: self.clone(),
        })
    }

    /// From now on calls to this node go to `node`.
    pub fn join(&self, node: Passerelle) {
        let name = node.own().node.clone();
        self.state().nodes.insert(name, node);
    }

    /// From now on calls to this node find nobody.
    pub fn leave(&self, node: &NodeId) {
        self.state().nodes.remove(node);
    }

    /// Cuts the line between two nodes, both ways.
    pub fn cut(&self, one: &str, other: &str) {
        self.state().cut.extend(both_ways(one, other));
    }

    /// Mends the line between two nodes.
    pub fn mend(&self, one: &str, other: &str) {
        let mut state = self.state();
        for line in both_ways(one, other) {
            state.cut.remove(&line);
        }
    }

    /// Loses the answers to the next `calls` calls: they are carried out, and the caller does not
    /// learn it.
    pub fn lose_answers(&self, from: &str, to: &str, calls: usize) {
        self.state().lost.insert((name(from), name(to)), calls);
    }

    /// All calls so far, in their order.
    pub fn sent(&self) -> Vec<Sent> {
        self.state().sent.clone()
    }

    /// All answers so far, in their order.
    pub fn answered(&self) -> Vec<Answered> {
        self.state().answered.clone()
    }

    /// Notes a call and gives the node that it reaches.
    fn reach(
        &self,
        from: &NodeId,
        to: &NodeId,
        call: Call,
    ) -> Result<(Passerelle, Peer), PeerError> {
        let mut state = self.state();
        let node = state.nodes.get(to).cloned();
        let node = node.filter(|_| !state.cut.contains(&(from.clone(), to.clone())));
        state.sent.push(Sent {
            from: from.clone(),
            to: to.clone(),
            call,
            arrived: node.is_some(),
        });
        let peer = Peer {
            node: from.clone(),
            federation: self.federation.clone(),
            certificate: certificate(from),
        };
        node.map(|node| (node, peer)).ok_or(PeerError::Unreachable)
    }

    /// What comes back of an answer.
    fn back<T: Clone + Into<Answer>>(
        &self,
        from: &NodeId,
        to: &NodeId,
        answer: Result<T, ExchangeError>,
    ) -> Result<Reply<T>, PeerError> {
        if let Ok(message) = &answer {
            self.state().answered.push(Answered {
                by: to.clone(),
                to: from.clone(),
                answer: message.clone().into(),
            });
        }
        if let Some(left @ 1..) = self.state().lost.get_mut(&(from.clone(), to.clone())) {
            *left -= 1;
            return Err(PeerError::Unreachable);
        }
        match answer {
            Ok(message) => Ok(Reply {
                message,
                certificate: Some(certificate(to)),
            }),
            Err(error) => Err(PeerError::Refused(refusal(&error))),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one node sees of the network.
struct Line {
    from: NodeId,
    network: Network,
}

impl Peers for Line {
    fn own_certificate(&self) -> Option<Digest> {
        Some(certificate(&self.from))
    }

    fn ask<'a>(
        &'a self,
        peer: &'a NodeId,
        request: wire::AskRequest,
    ) -> PortFuture<'a, Result<Reply<wire::AskResponse>, PeerError>> {
        Box::pin(async move {
            let (node, caller) =
                self.network
                    .reach(&self.from, peer, Call::Ask(request.clone()))?;
            let answer = node.answer(&caller, &request).await;
            self.network.back(&self.from, peer, answer)
        })
    }

    fn redeem<'a>(
        &'a self,
        peer: &'a NodeId,
        request: wire::RedeemRequest,
    ) -> PortFuture<'a, Result<Reply<wire::RedeemResponse>, PeerError>> {
        Box::pin(async move {
            let (node, caller) =
                self.network
                    .reach(&self.from, peer, Call::Redeem(request.clone()))?;
            let answer = node.answer_redemption(&caller, &request).await;
            self.network.back(&self.from, peer, answer)
        })
    }

    fn deliver<'a>(
        &'a self,
        peer: &'a NodeId,
        request: wire::DeliverRequest,
    ) -> PortFuture<'a, Result<Reply<wire::DeliverResponse>, PeerError>> {
        Box::pin(async move {
            let (node, caller) =
                self.network
                    .reach(&self.from, peer, Call::Deliver(request.clone()))?;
            let answer = node.take_delivery(&caller, &request).await;
            self.network.back(&self.from, peer, answer)
        })
    }
}

/// The certificate that a node shows.
pub(super) fn certificate(node: &NodeId) -> Digest {
    Digest::of(node.as_str().as_bytes())
}

/// What a caller learns of an error of the node that it called.
fn refusal(error: &ExchangeError) -> PeerRefusal {
    match error {
        ExchangeError::ClockSkew => PeerRefusal::ClockSkew,
        ExchangeError::MemberUnknown => PeerRefusal::NotAMember,
        ExchangeError::TrustListExpired => PeerRefusal::TrustListExpired,
        ExchangeError::RolledBack => PeerRefusal::RolledBack,
        ExchangeError::LogUnavailable => PeerRefusal::LogUnavailable,
        ExchangeError::QuotaExceeded => PeerRefusal::QuotaExceeded,
        ExchangeError::IdReused(_) => PeerRefusal::IdReused,
        ExchangeError::Malformed(_) => PeerRefusal::Invalid,
        ExchangeError::NotEntitled(_) => PeerRefusal::NotEntitled,
        _ => PeerRefusal::Other,
    }
}

fn both_ways(one: &str, other: &str) -> [(NodeId, NodeId); 2] {
    [(name(one), name(other)), (name(other), name(one))]
}

pub(super) fn name(node: &str) -> NodeId {
    NodeId::new(node).expect("the name of a node")
}
