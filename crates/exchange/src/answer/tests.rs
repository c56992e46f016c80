use std::collections::BTreeSet;
use std::time::Duration;

use passerelle_domain::LinkId;
use passerelle_domain::claim::ObjectionScope;
use passerelle_domain::vocabulary::RefusalReason;
use passerelle_store::tables::links::LinkState;

use super::*;
use crate::testing::{Federation, Met, step};
use crate::{Objecting, RecordObjection, RequestId};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";

/// All that an asker can see of a refusal, beside what is random in it.
#[derive(Debug, PartialEq)]
struct Visible {
    body: usize,
    entry: usize,
    fields: BTreeSet<String>,
    outcome: Outcome,
    sealed: usize,
    waited: Duration,
}

/// Somebody whose journey `HERE` may read, at `THERE`.
async fn met(federation: &Federation) -> Met {
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    let receipt = federation.receipt(HERE, met.link, THERE, HERE);
    federation.keep(&receipt).await;
    met
}

async fn visible(federation: &Federation, link: LinkId) -> Visible {
    let fetch = federation.question(passerelle_domain::PersonId::from_bytes([0; 16]), THERE);
    let question = Question {
        exchange: fetch.exchange,
        link,
        purpose: fetch.purpose,
        sections: fetch.sections,
        usage: fetch.usage,
        agent: federation.caseworker(HERE).asking_agent(),
        nonce: [5; 32],
    };
    let body = wire::AskBody {
        question: wire::Question::from(&question).encode_to_vec().into(),
        attempt: Some(wire::Attempt {
            number: 1,
            sent_at_millis: federation.now().as_millis(),
            asked_leaf_hash: vec![1; 32].into(),
            held_checkpoint: Bytes::new(),
        }),
        receipts: Vec::new(),
    };
    let request = wire::AskRequest {
        envelope: Some(wire::Envelope {
            body: body.encode_to_vec().into(),
        }),
    };
    let node = federation.node(THERE);
    let (arrival, leaf) = (federation.now(), node.store().log().size());
    let response = node.answer(&federation.peer(HERE), &request).await.unwrap();
    let waited = federation.now().since(arrival);
    let body = response.envelope.unwrap().body;
    let result = wire::AnswerBody::decode(&*body).unwrap().result;
    assert!(matches!(
        result,
        Some(wire::answer_body::Result::NothingToShare(_))
    ));
    let logged = response.logged.unwrap();
    let entry: serde_json::Value = serde_json::from_slice(&logged.entry).unwrap();
    Visible {
        body: body.len(),
        entry: logged.entry.len(),
        fields: entry.as_object().unwrap().keys().cloned().collect(),
        outcome: Entry::parse(&logged.entry).unwrap().outcome,
        sealed: node.store().log().sealed(leaf).unwrap().unwrap().len(),
        waited,
    }
}

#[tokio::test]
async fn i13_not_known_here_and_nothing_may_be_said_look_the_same() {
    let federation = Federation::new(1);
    let mut seen = Vec::new();
    let unknown = LinkId::random(federation.chance());
    seen.push(("unknown", visible(&federation, unknown).await));

    let elsewhere = federation.meet(THERE, "association", Class::MAX).await;
    seen.push((
        "a link with another",
        visible(&federation, elsewhere.link).await,
    ));

    let ended = met(&federation).await;
    federation
        .set_link(THERE, ended.link, LinkState::Ended)
        .await;
    seen.push(("an ended link", visible(&federation, ended.link).await));
    federation
        .set_link(THERE, ended.link, LinkState::Reported)
        .await;
    seen.push(("a reported link", visible(&federation, ended.link).await));

    let objecting = met(&federation).await;
    let request = RecordObjection {
        person: objecting.there,
        request: RequestId::new("once").unwrap(),
        objection: Objecting::To(ObjectionScope::All),
    };
    let caller = federation.caseworker(THERE);
    federation
        .node(THERE)
        .record_objection(&caller, request)
        .await
        .unwrap();
    seen.push(("an objection", visible(&federation, objecting.link).await));

    let hidden = met(&federation).await;
    federation.protect(THERE, hidden.there).await;
    seen.push(("protected", visible(&federation, hidden.link).await));

    let withdrawn = met(&federation).await;
    let caller = federation.caseworker(THERE);
    let chain = {
        let listed = federation
            .node(THERE)
            .list_agreements(&caller, &withdrawn.there);
        listed.unwrap().agreements[0].chain
    };
    let request = crate::WithdrawAgreement {
        person: withdrawn.there,
        chains: vec![chain],
    };
    federation
        .node(THERE)
        .withdraw_agreement(&caller, request)
        .await
        .unwrap();
    seen.push((
        "withdrawn by the holder",
        visible(&federation, withdrawn.link).await,
    ));

    let (_, first) = &seen[0];
    assert_eq!(first.waited, REFUSAL_TICK);
    for (why, other) in &seen {
        assert_eq!(first, other, "{why}");
    }
}

#[test]
fn i13_how_long_the_look_took_does_not_tell_what_was_found() {
    use passerelle_domain::OrganisationKind;
    let members = [
        (HERE, OrganisationKind::Department),
        (THERE, OrganisationKind::MissionLocale),
    ];
    let federation = Federation::driven(1, members, passerelle_store::Drive::Manual);
    let unknown = LinkId::random(federation.chance());
    let (ended, hidden) = federation.drive(async {
        let ended = met(&federation).await.link;
        federation.set_link(THERE, ended, LinkState::Ended).await;
        let hidden = met(&federation).await;
        federation.protect(THERE, hidden.there).await;
        (ended, hidden.link)
    });
    // The log takes so long to write it down.
    let waited = |link, took: u64| {
        let mut asking = crate::testing::Task::new(visible(&federation, link));
        assert!(!asking.step());
        federation.pass(Duration::from_millis(took));
        while !asking.step() {
            federation.step_all();
        }
        asking.output().waited.as_millis()
    };
    let quick = [waited(unknown, 1), waited(ended, 23), waited(hidden, 49)];
    assert_eq!(quick, [50, 50, 50]);
    let slow = [waited(unknown, 99), waited(ended, 51), waited(hidden, 77)];
    assert_eq!(slow, [100, 100, 100]);
}

#[tokio::test]
async fn i3_a_link_that_ends_before_its_standing_is_read_opens_nothing() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    let node = federation.node(THERE);
    let gate = node.store().gate(met.there).exclusive().await;
    // Nothing to share is all that it may see.
    let mut asking = crate::testing::Task::new(visible(&federation, met.link));
    assert!(!asking.step());
    federation.set_link(THERE, met.link, LinkState::Ended).await;
    drop(gate);
    while !asking.step() {}
    assert_eq!(federation.kinds(THERE), [EntryKind::Refused]);
}

#[tokio::test]
async fn i5_an_exchange_is_logged_attempt_by_attempt_on_both_sides() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    let (node, caller) = (federation.node(HERE), federation.caseworker(HERE));
    let question = federation.question(met.here, THERE);
    federation.network().lose_answers(HERE, THERE, 2);
    for _ in 0..2 {
        assert!(node.fetch_summary(&caller, question.clone()).await.is_err());
    }
    assert!(node.fetch_summary(&caller, question.clone()).await.is_ok());
    let attempts = |node: &str, kind: EntryKind| {
        let entries = federation.entries(node);
        let of_kind = entries.iter().filter(|entry| entry.kind == kind);
        of_kind
            .map(|entry| entry.attempt.unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(attempts(HERE, EntryKind::Asked), [1, 2, 3]);
    assert_eq!(attempts(THERE, EntryKind::Disclosed), [1, 2, 3]);
    assert_eq!(attempts(HERE, EntryKind::Received), [3]);
    // Repeated once more, it asks nobody.
    let calls = federation.network().sent().len();
    assert!(node.fetch_summary(&caller, question).await.is_ok());
    assert_eq!(federation.network().sent().len(), calls);
}

#[tokio::test]
async fn i11_more_than_a_message_holds_is_not_called_nothing_to_share() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    let caller = federation.caseworker(THERE);
    for batch in 0..9 {
        let record = |number| {
            let reference = format!("R-{batch}-{number}");
            crate::testing::upsert(&reference, 1, step(&"é".repeat(110)))
        };
        let node = federation.node(THERE);
        let batch = (0..500).map(record).collect();
        let kept = node.upsert_records(&caller, met.there, batch).await;
        kept.unwrap();
    }
    assert_eq!(
        federation.ask(HERE, met.here, THERE).await,
        Err(ExchangeError::PaperFails(RefusalReason::UnsupportedRequest))
    );
    let entry = federation.entries(THERE).pop().unwrap();
    assert_eq!(
        (entry.kind, entry.outcome),
        (EntryKind::Refused, Outcome::Paper)
    );
    assert!(entry.grounds.is_empty() && entry.given.is_empty());
    // Fewer sections, and it is answered.
    let mut question = federation.question(met.here, THERE);
    question.sections.remove(&Section::Steps);
    let asking = federation.caseworker(HERE);
    let fetched = federation.node(HERE).fetch_summary(&asking, question).await;
    assert!(fetched.unwrap().summary.is_some());
}
