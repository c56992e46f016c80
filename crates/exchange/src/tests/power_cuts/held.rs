//! What the nodes hold in the end, and what they have shown each other: plain values, so that what
//! must hold of them can be said without a node.

use std::collections::BTreeMap;

use bytes::Bytes;
use passerelle_domain::entry::Entry;
use passerelle_domain::{Digest, NodeId, PersonId, Question, RecordId, Summary, TokenId};
use passerelle_policy::{Decision, Parties, decide, summarise};
use passerelle_proto::exchange::v1 as wire;
use passerelle_store::tables::copies::{self, Copy, CopySource};
use passerelle_store::tables::deliveries::{self, Delivery};
use passerelle_store::tables::disclosures::{self, Disclosure};
use passerelle_store::tables::links::{self, Link};
use passerelle_store::tables::objections::{self, KeptObjection};
use passerelle_store::tables::outbox::{self, OutboxItem};
use passerelle_store::tables::questions::{self, KeptQuestion};
use passerelle_store::tables::receipts::{self, KeptReceipt};
use passerelle_store::tables::source_states::{self, SourceState};
use passerelle_store::tables::withdrawals::{self, WithdrawnChain};
use passerelle_store::tables::{Read, passes, peer_entries, records};
use passerelle_tlog::{SignedCheckpoint, TlogProof};
use prost::Message;

use super::acknowledged::Acknowledged;
use super::story::{HOLDER, NODES, Story};
use crate::passes::pass_row;
use crate::reading::open_journey;
use crate::standing::holding;
use crate::testing::{Answer, Call};
use crate::{ExchangeError, Passerelle};

/// All of it.
#[derive(Clone)]
pub(super) struct Held {
    pub nodes: BTreeMap<NodeId, Node>,
    /// Checkpoints that left a node: in answers, and with what its outbox delivered.
    pub checkpoints: Vec<(NodeId, SignedCheckpoint)>,
    /// Answers that left a node, with the entry that they were shown with.
    pub answers: Vec<Left>,
    /// Redemptions that the pass has left.
    pub redemptions_left: u64,
    pub acknowledged: Acknowledged,
}

/// An answer that left a node.
#[derive(Clone)]
pub(super) struct Left {
    pub by: NodeId,
    pub body: Digest,
    pub entry: Bytes,
    pub leaf: u64,
}

/// What one node holds about the person.
#[derive(Clone)]
pub(super) struct Node {
    pub log: Vec<Logged>,
    pub links: Vec<Link>,
    pub receipts: Vec<KeptReceipt>,
    pub withdrawals: Vec<WithdrawnChain>,
    pub objections: Vec<KeptObjection>,
    pub disclosures: Vec<Disclosure>,
    pub records: Vec<RecordId>,
    pub copies: Vec<(CopySource, Copy)>,
    pub questions: Vec<KeptQuestion>,
    pub sources: BTreeMap<NodeId, SourceState>,
    pub outbox: Vec<OutboxItem>,
    /// How far what this node has signed is with its peer.
    pub deliveries: Vec<Option<Delivery>>,
    /// What the last question to each source would be answered now.
    pub permitted: BTreeMap<NodeId, Option<Summary>>,
}

/// An entry, and what the other party showed for it.
#[derive(Clone)]
pub(super) struct Logged {
    pub bytes: Bytes,
    pub entry: Entry,
    pub peer_entry: Option<Bytes>,
}

impl Held {
    /// By the nodes of a story.
    pub(super) fn by(story: &Story) -> Self {
        let nodes = NODES.into_iter().map(|name| {
            let node = story.federation.node(name);
            let held = node.read(|view| Node::of(&node, view, story.persons[name]));
            let mut held = held.expect("a store that is read");
            held.permitted = held.permitted(story);
            (node.own().node.clone(), held)
        });
        let nodes = nodes.collect();
        let holder = story.federation.node(HOLDER);
        let pass = holder.read(|view| Ok(passes::find(view, &story.pass.id)?));
        let row = pass_row(&pass.expect("a store that is read").expect("a pass"));
        let row = serde_json::to_value(row.expect("a row")).expect("JSON");
        let left = row["state"]["live"]["redemptions_left"].as_u64();
        Self {
            nodes,
            checkpoints: checkpoints(story),
            answers: answers(story),
            redemptions_left: left.expect("a pass that is live"),
            acknowledged: story.done.clone(),
        }
    }
}

impl Node {
    fn of(node: &Passerelle, view: &impl Read, person: PersonId) -> Result<Self, ExchangeError> {
        let log = node.store().log();
        let entries = log.entries(0..log.size()).expect("a log that is read");
        let log = (0..).zip(entries).map(|(leaf, bytes)| {
            let shown = peer_entries::find(view, leaf)?;
            Ok::<_, ExchangeError>(Logged {
                entry: Entry::parse(&bytes)?,
                bytes,
                peer_entry: shown.map(|shown| shown.entry),
            })
        });
        let log = log.collect::<Result<_, _>>()?;
        let links = links::of_person(view, &person)?;
        let (mut receipts, mut withdrawals) = (Vec::new(), Vec::new());
        for link in &links {
            receipts.extend(receipts::over_link(view, &link.id)?);
            withdrawals.extend(withdrawals::over_link(view, &link.id)?);
        }
        let mut outbox = Vec::new();
        for (peer, _) in outbox::waiting(view)? {
            let waiting = outbox::first(view, &peer, usize::MAX)?;
            outbox.extend(waiting.into_iter().map(|(_, item)| item));
        }
        let mut deliveries = Vec::new();
        for kept in receipts
            .iter()
            .filter(|kept: &&KeptReceipt| kept.issued_here)
        {
            let (id, peer) = (kept.receipt.id, &kept.receipt.audience);
            deliveries.push(deliveries::find(view, id.into(), peer)?);
        }
        for (link, ended) in withdrawals.iter().flat_map(|ended: &WithdrawnChain| {
            let over = links.iter().filter(|link| link.id == ended.link);
            over.map(move |link| (link, ended))
        }) {
            if ended.jwt.is_none() {
                deliveries.push(deliveries::find(view, ended.order.into(), &link.peer)?);
            }
        }
        let sources = source_states::of_person(view, &person)?.into_iter();
        #[allow(clippy::disallowed_methods, reason = "the test looks at everything")]
        let records = records::journey(view, &person)?;
        Ok(Self {
            log,
            links,
            receipts,
            withdrawals,
            objections: objections::of_person(view, &person)?,
            disclosures: disclosures::of_person(view, &person)?,
            records: records.into_iter().map(|record| record.id).collect(),
            copies: copies::of_person(view, &person)?,
            questions: questions::page(view, None, usize::MAX)?,
            sources: sources.map(|(node, known)| (node, known.state)).collect(),
            outbox,
            deliveries,
            permitted: BTreeMap::new(),
        })
    }

    /// Whether an order is the end of a link.
    pub(super) fn ends_link(&self, order: TokenId) -> bool {
        let mut ends = self.links.iter().filter_map(|link| link.end.as_ref());
        ends.any(|end| end.order == Some(order))
    }

    /// What the last question to each source would be answered if it came now.
    fn permitted(&self, story: &Story) -> BTreeMap<NodeId, Option<Summary>> {
        let mut last: BTreeMap<NodeId, &KeptQuestion> = BTreeMap::new();
        for question in &self.questions {
            let newest = last.entry(question.holder.clone()).or_insert(question);
            if newest.asked_at < question.asked_at {
                *newest = question;
            }
        }
        let own = &self.log[0].entry.own.node;
        last.into_iter()
            .map(|(holder, kept)| {
                let node = story.federation.node(holder.as_str());
                let question = wire::Question::decode(&*kept.question).expect("a question");
                let question = Question::try_from(&question).expect("a question");
                let opened = node.read(|view| permitted(&node, view, own, &question));
                (holder, opened.expect("a store that is read"))
            })
            .collect()
    }
}

/// What a node's permits allow of a question now.
fn permitted(
    node: &Passerelle,
    view: &impl Read,
    requester: &NodeId,
    question: &Question,
) -> Result<Option<Summary>, ExchangeError> {
    let list = node.0.trust.list();
    let party = |node: &NodeId| list.member(node).expect("a member");
    let parties = Parties {
        holder: party(&node.own().node).into(),
        requester: party(requester).into(),
    };
    let link = links::find(view, &question.link)?;
    let standing = holding(view, question.link, link.as_ref(), &node.0.denials)?.standing;
    let (_, rules) = node.0.rules.now();
    match decide(question, &standing, &parties, &rules, node.now()) {
        Decision::Permit(permit) => {
            let person = link.expect("a link that a permit is for").person;
            Ok(Some(summarise(open_journey(view, permit, &person)?)))
        }
        Decision::Refusal(_) => Ok(None),
    }
}

/// Every checkpoint that left a node as its own.
fn checkpoints(story: &Story) -> Vec<(NodeId, SignedCheckpoint)> {
    let mut shown = Vec::new();
    for answered in story.federation.network().answered() {
        if let Some(logged) = logged(&answered.answer) {
            shown.push((answered.by, checkpoint(story, logged)));
        }
    }
    for sent in story.federation.network().sent() {
        let Call::Deliver(delivery) = sent.call else {
            continue;
        };
        let envelope = delivery.envelope.expect("an envelope");
        let body = wire::DeliverBody::decode(&*envelope.body).expect("a delivery");
        for item in body.items {
            if let Some(wire::delivery_item::Item::Acknowledgement(shows)) = item.item {
                let logged = shows.logged.expect("an entry that is shown");
                shown.push((sent.from.clone(), checkpoint(story, &logged)));
            }
        }
    }
    shown
}

fn answers(story: &Story) -> Vec<Left> {
    let answers = story.federation.network().answered().into_iter();
    let left = answers.filter_map(|answered| {
        let envelope = match &answered.answer {
            Answer::Ask(response) => response.envelope.clone(),
            Answer::Redeem(response) => response.envelope.clone(),
            Answer::Deliver(_) => None,
        };
        let logged = logged(&answered.answer)?;
        let proof = TlogProof::parse(&logged.proof).expect("a proof");
        Some(Left {
            by: answered.by.clone(),
            body: Digest::of(&envelope?.body),
            entry: logged.entry.clone(),
            leaf: proof.index,
        })
    });
    left.collect()
}

fn logged(answer: &Answer) -> Option<&wire::LoggedEntry> {
    match answer {
        Answer::Ask(response) => response.logged.as_ref(),
        Answer::Redeem(response) => response.logged.as_ref(),
        Answer::Deliver(_) => None,
    }
}

fn checkpoint(story: &Story, logged: &wire::LoggedEntry) -> SignedCheckpoint {
    let entry = Entry::parse(&logged.entry).expect("an entry");
    let key = story.federation.log_key(entry.own.node.as_str());
    let proof = TlogProof::parse(&logged.proof).expect("a proof");
    let verified = proof.verify(&logged.entry, key.verifying_key());
    verified.expect("an entry that is proved to be logged")
}
