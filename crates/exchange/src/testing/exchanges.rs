use std::future::Future;

use passerelle_domain::claim::{Effect, Grant};
use passerelle_domain::entry::Entry;
use passerelle_domain::vocabulary::{
    Class, EntryKind, EvidenceKind, GivenBy, GrantAction, LawfulBasis, Purpose, RecordUse, Section,
};
use passerelle_domain::{ExchangeId, LinkId, NodeId, Peer, PersonId, TokenId};
use passerelle_proto::exchange::v1 as wire;
use passerelle_proto::exchange::v1::{delivery_answer, delivery_item};
use passerelle_store::tables::outbox;
use prost::Message;

use super::network::{certificate, name};
use super::{Federation, Task, awa, notice};
use crate::{Direction, ExchangeError, FetchSummary, Partner, RecordAgreement, RequestId};

impl Federation {
    /// Delivers what waits in all outboxes and can be delivered, until nothing can.
    pub async fn deliver_all(&self) {
        let mut moved = true;
        while moved {
            moved = false;
            for node in self.names().cloned().collect::<Vec<_>>() {
                let node = self.node(node.as_str());
                let waiting = node.read(|view| Ok(outbox::waiting(view)?));
                for (peer, _) in waiting.expect("a store that is read") {
                    let progress = node
                        .deliver_once(&peer)
                        .await
                        .expect("a store that takes it");
                    moved |= progress.settled > 0;
                }
            }
        }
    }

    /// Registers somebody new at two nodes, who carried a pass of that ceiling from the first to the
    /// second.
    pub async fn meet(&self, issuer: &str, redeemer: &str, ceiling: Class) -> Met {
        let reference = TokenId::random(self.chance()).to_string();
        let there = self.register(issuer, &reference, awa()).await;
        let here = self.register(redeemer, &reference, awa()).await;
        let link = self.link((issuer, there), (redeemer, here), ceiling).await;
        Met { there, here, link }
    }

    /// A caseworker asks another node for everything: how many records came, `None` where there is
    /// nothing to share.
    pub async fn ask(
        &self,
        requester: &str,
        person: PersonId,
        holder: &str,
    ) -> Result<Option<usize>, ExchangeError> {
        let caller = self.caseworker(requester);
        let question = self.question(person, holder);
        let fetched = self
            .node(requester)
            .fetch_summary(&caller, question)
            .await?;
        Ok(fetched.summary.map(|summary| summary.records.len()))
    }

    /// The kinds of a node's entries, in their order.
    pub fn kinds(&self, node: &str) -> Vec<EntryKind> {
        self.entries(node).iter().map(|entry| entry.kind).collect()
    }

    /// A question for everything about a person, never asked before.
    pub fn question(&self, person: PersonId, holder: &str) -> FetchSummary {
        FetchSummary {
            person,
            holder: name(holder),
            exchange: ExchangeId::new(self.now(), self.chance()),
            purpose: Purpose::PathwayFollowUp,
            sections: Section::ALL
                .iter()
                .map(|section| (*section, Class::MAX))
                .collect(),
            usage: RecordUse::Display,
        }
    }

    /// An agreement that opens all sections up to `highest` for everything, on a public task and
    /// with a signed paper, never recorded before.
    pub fn agreement(
        &self,
        person: PersonId,
        partner: &str,
        direction: Direction,
        highest: Class,
    ) -> RecordAgreement {
        let drawn = TokenId::random(self.chance());
        RecordAgreement {
            person,
            request: RequestId::new(drawn.to_string()).expect("22 characters"),
            partners: vec![Partner {
                node: name(partner),
                direction,
            }],
            basis: LawfulBasis::PublicTask,
            given_by: GivenBy::Person,
            notice: notice(),
            evidence: EvidenceKind::SignedPaper,
            grants: vec![permit(highest)],
            expires_at: None,
            replaces: None,
        }
    }

    /// Shows a node a checkpoint that it has signed of a log longer than its own.
    pub fn show_rolled_back(&self, node: &str) {
        let store = self.node(node).store().clone();
        let root = passerelle_tlog::Hash::try_from(&[1_u8; 32][..]).expect("32 bytes");
        let newer = self
            .log_key(node)
            .sign_checkpoint(store.log().size() + 1, root);
        store
            .rolled_back(&newer.to_bytes())
            .expect("a mark that is written");
    }

    /// A node, as another sees it when it calls.
    pub fn peer(&self, node: &str) -> Peer {
        Peer {
            node: name(node),
            federation: self.node(node).own().federation.clone(),
            certificate: certificate(&name(node)),
        }
    }

    /// A delivery of these items, made now.
    pub fn delivery(&self, items: Vec<delivery_item::Item>) -> wire::DeliverRequest {
        let items = (1..).zip(items).map(|(number, item)| wire::DeliveryItem {
            number,
            item: Some(item),
        });
        let body = wire::DeliverBody {
            sent_at_millis: self.now().as_millis(),
            nonce: vec![7; 32].into(),
            held_checkpoint: bytes::Bytes::new(),
            items: items.collect(),
        };
        wire::DeliverRequest {
            envelope: Some(wire::Envelope {
                body: body.encode_to_vec().into(),
            }),
        }
    }

    /// Has a node take a delivery of another; what it answers to each item.
    pub async fn deliver(
        &self,
        from: &str,
        to: &str,
        items: Vec<delivery_item::Item>,
    ) -> Vec<delivery_answer::Outcome> {
        let request = self.delivery(items);
        let taken = self
            .node(to)
            .take_delivery(&self.peer(from), &request)
            .await;
        let envelope = taken
            .expect("a delivery that is taken")
            .envelope
            .expect("an envelope");
        let body = wire::DeliverAnswerBody::decode(&*envelope.body).expect("an answer");
        let outcome = |answer: wire::DeliveryAnswer| answer.outcome.expect("an outcome");
        body.answers.into_iter().map(outcome).collect()
    }

    /// All entries of a node's log, in their order.
    pub fn entries(&self, node: &str) -> Vec<Entry> {
        let node = self.node(node);
        let log = node.store().log();
        let entries = log.entries(0..log.size()).expect("a log that is read");
        let read = |bytes: &bytes::Bytes| Entry::parse(bytes).expect("an entry");
        entries.iter().map(read).collect()
    }

    /// Moves a future and, with stores that are moved by hand, the stores, until it is at its end.
    pub fn drive<'a, T>(&self, future: impl Future<Output = T> + 'a) -> T {
        let mut task = Task::new(future);
        while !task.step() {
            self.step_all();
        }
        task.output()
    }

    /// Steps the writers of all nodes; says how many transactions they answered.
    pub fn step_all(&self) -> usize {
        let nodes: Vec<NodeId> = self.names().cloned().collect();
        let step = |node: &NodeId| self.node(node.as_str()).store().step();
        nodes.iter().map(step).sum()
    }
}

/// A person whom two nodes know.
#[derive(Clone, Copy, Debug)]
pub struct Met {
    /// At the node that issued the pass.
    pub there: PersonId,
    /// At the node that redeemed it.
    pub here: PersonId,
    /// Their link.
    pub link: LinkId,
}

/// Opens all sections up to a class, to read and to import, for all purposes.
pub fn permit(highest: Class) -> Grant {
    Grant {
        effect: Effect::Permit,
        actions: [GrantAction::Read, GrantAction::Import].into(),
        sections: Section::ALL
            .iter()
            .map(|section| (*section, highest))
            .collect(),
        purposes: Purpose::ALL
            .iter()
            .copied()
            .filter(|purpose| purpose.between_nodes())
            .collect(),
        until: None,
    }
}
