use std::collections::BTreeSet;
use std::time::Duration;

use passerelle_domain::vocabulary::Class;
use passerelle_domain::{PersonId, Timestamp};
use passerelle_store::tables::links;
use passerelle_tlog::TlogProof;

use bytes::Bytes;
use passerelle_domain::{ExchangeId, LinkId};
use passerelle_linkage::pass::Pin;
use passerelle_proto::exchange::v1::redeem_answer_body::Result as RedeemResult;
use prost::Message;

use super::finish::refused;
use super::*;
use crate::testing::{Federation, Task, awa};
use crate::{IssuePass, IssuedPass};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";

async fn issue(federation: &Federation, person: PersonId) -> IssuedPass {
    let caller = federation.caseworker(THERE);
    let issue = IssuePass {
        person,
        ceiling: None,
        valid_days: Some(30),
    };
    federation
        .node(THERE)
        .issue_pass(&caller, issue)
        .await
        .unwrap()
}

/// What a requester sends: one attempt.
#[derive(Clone)]
struct Sent {
    question: wire::RedeemQuestion,
    number: u32,
}

impl Sent {
    fn new(federation: &Federation, secret: &PassSecret, pin: &Pin) -> Self {
        let exchange = ExchangeId::new(federation.now(), federation.chance());
        let link = LinkId::random(federation.chance());
        let question = wire::RedeemQuestion {
            exchange_id: exchange.as_bytes().to_vec().into(),
            pass_secret: secret.wire_bytes().to_vec().into(),
            pin: pin.reveal().to_owned(),
            birth_name: "Diallo".to_owned(),
            first_name: "Awa".to_owned(),
            birth_date: "2000-04-12".to_owned(),
            link_id: link.as_bytes().to_vec().into(),
            agent: Some((&federation.caseworker(HERE).asking_agent()).into()),
            nonce: vec![3; 32].into(),
        };
        Self {
            question,
            number: 1,
        }
    }

    fn request(&self, sent_at: Timestamp) -> wire::RedeemRequest {
        let body = wire::RedeemBody {
            question: self.question.encode_to_vec().into(),
            attempt: Some(wire::Attempt {
                number: self.number,
                sent_at_millis: sent_at.as_millis(),
                asked_leaf_hash: vec![1; 32].into(),
                held_checkpoint: Bytes::new(),
            }),
        };
        wire::RedeemRequest {
            envelope: Some(wire::Envelope {
                body: body.encode_to_vec().into(),
            }),
        }
    }
}

async fn answer(
    federation: &Federation,
    sent: &Sent,
) -> Result<wire::RedeemResponse, ExchangeError> {
    let request = sent.request(federation.now());
    let node = federation.node(THERE);
    node.answer_redemption(&federation.peer(HERE), &request)
        .await
}

fn result(response: &wire::RedeemResponse) -> RedeemResult {
    let body = &response.envelope.as_ref().unwrap().body;
    let body = wire::RedeemAnswerBody::decode(&**body).unwrap();
    body.result.unwrap()
}

/// All that a requester can see of an answer, beside what is random in it.
#[derive(Debug, PartialEq)]
struct Visible {
    body: usize,
    entry: usize,
    fields: BTreeSet<String>,
    outcome: EntryOutcome,
    sealed: usize,
    logged: u64,
    proof: bool,
    waited: Duration,
}

async fn visible(federation: &Federation, sent: &Sent) -> Visible {
    let node = federation.node(THERE);
    let (arrival, size) = (federation.now(), node.store().log().size());
    let response = answer(federation, sent).await.unwrap();
    let waited = federation.now().since(arrival);
    assert_eq!(result(&response), refused());
    let logged = response.logged.unwrap();
    let log = node.store().log();
    let entry: serde_json::Value = serde_json::from_slice(&logged.entry).unwrap();
    Visible {
        body: response.envelope.unwrap().body.len(),
        entry: logged.entry.len(),
        fields: entry.as_object().unwrap().keys().cloned().collect(),
        outcome: Entry::parse(&logged.entry).unwrap().outcome,
        sealed: log.sealed(size).unwrap().unwrap().len(),
        logged: log.size() - size,
        proof: TlogProof::parse(&logged.proof).is_ok(),
        waited,
    }
}

#[tokio::test]
async fn i13_every_failure_looks_the_same_and_leaves_at_the_same_time() {
    let federation = Federation::new(1);
    let person = federation.register(THERE, "T", awa()).await;
    let hidden = federation.register(THERE, "T-2", awa()).await;
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    let mut seen = Vec::new();

    let pass = issue(&federation, person).await;
    let stranger = PassSecret::random(THERE.parse().unwrap(), federation.chance());
    let unknown = Sent::new(&federation, &stranger, &pass.pin);
    seen.push(("unknown", visible(&federation, &unknown).await));

    let mut wrong_pin = Sent::new(&federation, &pass.secret, &pass.pin);
    wrong_pin.question.pin = if pass.pin.reveal() == "000000" {
        "000001"
    } else {
        "000000"
    }
    .to_owned();
    seen.push(("wrong PIN", visible(&federation, &wrong_pin).await));

    let mut wrong_name = Sent::new(&federation, &pass.secret, &pass.pin);
    wrong_name.question.birth_name = "Belkacem".to_owned();
    seen.push(("wrong name", visible(&federation, &wrong_name).await));
    let mut wrong_date = Sent::new(&federation, &pass.secret, &pass.pin);
    wrong_date.question.birth_date = "2000-04-13".to_owned();
    seen.push(("wrong date", visible(&federation, &wrong_date).await));

    for _ in 0..2 {
        wrong_pin = Sent {
            question: wire::RedeemQuestion {
                exchange_id: Sent::new(&federation, &pass.secret, &pass.pin)
                    .question
                    .exchange_id,
                ..wrong_pin.question
            },
            number: 1,
        };
        visible(&federation, &wrong_pin).await;
    }
    let locked = Sent::new(&federation, &pass.secret, &pass.pin);
    seen.push(("locked", visible(&federation, &locked).await));

    let revoked = issue(&federation, person).await;
    node.revoke_pass(&caller, revoked.id).await.unwrap();
    let sent = Sent::new(&federation, &revoked.secret, &revoked.pin);
    seen.push(("revoked", visible(&federation, &sent).await));

    let of_hidden = issue(&federation, hidden).await;
    federation.protect(THERE, hidden).await;
    let sent = Sent::new(&federation, &of_hidden.secret, &of_hidden.pin);
    seen.push(("protected", visible(&federation, &sent).await));

    let in_use = issue(&federation, person).await;
    let mut sent = Sent::new(&federation, &in_use.secret, &in_use.pin);
    let elsewhere = federation.meet(THERE, "association", Class::MAX).await;
    sent.question.link_id = elsewhere.link.as_bytes().to_vec().into();
    seen.push(("link in use", visible(&federation, &sent).await));

    let expired = issue(&federation, person).await;
    federation.pass(Duration::from_secs(31 * 24 * 3600));
    let sent = Sent::new(&federation, &expired.secret, &expired.pin);
    seen.push(("expired", visible(&federation, &sent).await));

    let (_, first) = &seen[0];
    assert_eq!(first.waited, REDEEM_TICK);
    for (why, other) in &seen {
        assert_eq!(first, other, "{why}");
    }
}

#[tokio::test]
async fn the_true_reason_is_sealed_in_the_log_of_the_issuer() {
    let federation = Federation::new(1);
    let person = federation.register(THERE, "T", awa()).await;
    let pass = issue(&federation, person).await;
    let mut sent = Sent::new(&federation, &pass.secret, &pass.pin);
    sent.question.first_name = "Aïssatou".to_owned();
    answer(&federation, &sent).await.unwrap();
    let officer = federation.caller(THERE, passerelle_domain::AgentRole::PrivacyOfficer, true);
    let file = federation.node(THERE).exchange_file(&officer, 0).unwrap();
    let sealed = file.sealed.unwrap();
    assert_eq!(sealed.fields.reason, "wrong_traits");
    assert_eq!(sealed.person, Some(person));
}

#[tokio::test]
async fn i13_an_attempt_is_durable_before_anything_is_compared() {
    let members = [
        (HERE, passerelle_domain::OrganisationKind::Department),
        (THERE, passerelle_domain::OrganisationKind::MissionLocale),
    ];
    let federation = Federation::driven(1, members, passerelle_store::Drive::Manual);
    let (person, pass) = federation.drive(async {
        let person = federation.register(THERE, "T", awa()).await;
        (person, issue(&federation, person).await)
    });
    let node = federation.node(THERE);
    let attempts_left = || {
        let kept = node
            .read(|view| Ok(passes::find(view, &pass.id)?))
            .unwrap()
            .unwrap();
        let row = serde_json::to_value(pass_row(&kept).unwrap()).unwrap();
        row["state"]["live"]["attempts_left"].as_u64().unwrap()
    };
    // Each time the node goes down before it has compared: five of them lock the pass, whatever
    // the PIN.
    for left in (0..5).rev() {
        let sent = Sent::new(&federation, &pass.secret, &pass.pin);
        let mut attempt = Task::new(answer(&federation, &sent));
        assert!(!attempt.step());
        node.store().step();
        drop(attempt);
        assert_eq!(attempts_left(), left);
    }
    let sent = Sent::new(&federation, &pass.secret, &pass.pin);
    let response = federation.drive(answer(&federation, &sent)).unwrap();
    assert_eq!(result(&response), refused());
    let _ = person;
}

#[tokio::test]
async fn i5_an_attempt_that_comes_twice_is_compared_once() {
    let federation = Federation::new(1);
    let person = federation.register(THERE, "T", awa()).await;
    let pass = issue(&federation, person).await;
    let sent = Sent::new(&federation, &pass.secret, &pass.pin);
    assert!(matches!(
        result(&answer(&federation, &sent).await.unwrap()),
        RedeemResult::Linked(_)
    ));
    let twice = answer(&federation, &sent).await.unwrap();
    assert_eq!(result(&twice), refused());
    let outcomes: Vec<_> = federation
        .entries(THERE)
        .iter()
        .map(|entry| entry.outcome)
        .collect();
    assert_eq!(outcomes, [EntryOutcome::Done, EntryOutcome::Duplicate]);
    // The next attempt is told of the link that stands.
    let next = Sent {
        number: 2,
        ..sent.clone()
    };
    let again = answer(&federation, &next).await.unwrap();
    assert!(matches!(result(&again), RedeemResult::Linked(_)));
    // The same id with another question is no attempt at it.
    let mut other = Sent { number: 3, ..sent };
    other.question.pin = "000000".to_owned();
    assert_eq!(
        answer(&federation, &other).await.unwrap_err(),
        ExchangeError::IdReused("exchange_id")
    );
}

#[tokio::test]
async fn a_pass_that_is_shown_over_a_link_born_elsewhere_counts_as_evidence_from_then_on() {
    let federation = Federation::new(1);
    // Born from a pass of the other node.
    let met = federation.meet(HERE, THERE, Class::MAX).await;
    let node = federation.node(THERE);
    let redeemed_here = || {
        let link = node.read(|view| Ok(links::find(view, &met.link)?));
        link.unwrap().unwrap().own_redemption
    };
    assert!(!redeemed_here());
    let pass = issue(&federation, met.here).await;
    let wrong = Sent::new(&federation, &pass.secret, &Pin::random(federation.chance()));
    assert_eq!(
        result(&answer(&federation, &wrong).await.unwrap()),
        refused()
    );
    assert!(!redeemed_here());
    let sent = Sent::new(&federation, &pass.secret, &pass.pin);
    let RedeemResult::Linked(made) = result(&answer(&federation, &sent).await.unwrap()) else {
        panic!("refused")
    };
    assert_eq!(made.link_id[..], met.link.as_bytes()[..]);
    assert!(redeemed_here());
}

#[tokio::test]
async fn a_pass_is_redeemed_by_three_nodes_and_no_more() {
    let members = ["first", "second", "third", "fourth", THERE];
    let kind = passerelle_domain::OrganisationKind::Association;
    let federation = Federation::of(1, members.map(|node| (node, kind)));
    let person = federation.register(THERE, "T", awa()).await;
    let pass = issue(&federation, person).await;
    let node = federation.node(THERE);
    let mut results = Vec::new();
    for from in &members[..4] {
        let mut sent = Sent::new(&federation, &pass.secret, &pass.pin);
        sent.question.agent = Some((&federation.caseworker(from).asking_agent()).into());
        let request = sent.request(federation.now());
        let response = node
            .answer_redemption(&federation.peer(from), &request)
            .await;
        results.push(matches!(
            result(&response.unwrap()),
            RedeemResult::Linked(_)
        ));
    }
    assert_eq!(results, [true, true, true, false]);
}

#[tokio::test]
async fn what_is_not_well_formed_or_comes_at_the_wrong_time_looks_at_nobody() {
    let federation = Federation::new(1);
    let person = federation.register(THERE, "T", awa()).await;
    let pass = issue(&federation, person).await;
    let node = federation.node(THERE);
    let good = Sent::new(&federation, &pass.secret, &pass.pin);
    let refused = async |request: wire::RedeemRequest| {
        let answered = node
            .answer_redemption(&federation.peer(HERE), &request)
            .await;
        answered.unwrap_err()
    };
    let skewed = good.request(federation.now().plus(Duration::from_secs(61)));
    assert_eq!(refused(skewed).await, ExchangeError::ClockSkew);
    let mut no_nonce = good.clone();
    no_nonce.question.nonce = Bytes::new();
    let error = refused(no_nonce.request(federation.now())).await;
    assert!(matches!(error, ExchangeError::Malformed(m) if m.field() == "question.nonce"));
    let mut no_agent = good.clone();
    no_agent.question.agent = None;
    let error = refused(no_agent.request(federation.now())).await;
    assert!(matches!(error, ExchangeError::Malformed(m) if m.field() == "question.agent"));
    federation.pass(Duration::from_secs(25 * 3600));
    let error = refused(good.request(federation.now())).await;
    assert!(matches!(error, ExchangeError::Malformed(m) if m.field() == "exchange_id"));
    assert_eq!(federation.kinds(THERE), []);
    let attempts = node.read(|view| {
        let id = ExchangeId::from_slice(&good.question.exchange_id)?;
        Ok(attempts::find(view, &HERE.parse().unwrap(), &id)?)
    });
    assert_eq!(attempts, Ok(None));
}
