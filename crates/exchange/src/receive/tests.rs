use std::time::Duration;

use passerelle_domain::vocabulary::{Class, DiagnosisTheme, EntryKind};
use passerelle_domain::{PersonId, Section};
use passerelle_store::tables::questions;
use passerelle_store::tables::source_states::SourceState;

use super::*;
use crate::testing::{Federation, constraint, permit, step, upsert};
use crate::{Direction, FetchSummary, Upserted};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";

#[tokio::test]
async fn i11_an_answer_under_a_receipt_that_has_not_come_is_not_called_withdrawn() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    // The person agrees at the holder, which has not told the asker yet.
    let caller = federation.caseworker(THERE);
    let request = federation.agreement(met.there, HERE, Direction::OwnToPartner, Class::MAX);
    let holder = federation.node(THERE);
    holder.record_agreement(&caller, request).await.unwrap();

    let asking = federation.caseworker(HERE);
    let question = federation.question(met.here, THERE);
    let node = federation.node(HERE);
    let early = node.fetch_summary(&asking, question.clone()).await;
    assert_eq!(
        early.err(),
        Some(ExchangeError::PaperFails(RefusalReason::NoReceipt))
    );
    let last = federation.entries(HERE).pop().unwrap();
    assert_eq!(
        (last.kind, last.outcome),
        (EntryKind::Received, Outcome::NotKept)
    );

    // The same call once more, when the receipt has come.
    federation.deliver_all().await;
    let fetched = node.fetch_summary(&asking, question).await.unwrap();
    assert_eq!(fetched.summary.unwrap().records.len(), 1);
}

#[tokio::test]
async fn a_holder_that_has_seen_every_attempt_is_not_asked_again() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let receipt = federation.receipt(HERE, met.link, THERE, HERE);
    federation.keep(&receipt).await;
    let asking = federation.caseworker(HERE);
    let question = federation.question(met.here, THERE);
    let node = federation.node(HERE);
    federation.network().cut(HERE, THERE);
    let unreachable = node.fetch_summary(&asking, question.clone()).await;
    assert!(unreachable.is_err());
    federation.network().mend(HERE, THERE);
    // As if the holder had answered that it has seen the last attempt that there can be.
    let exchange = question.exchange;
    let exhaust = node.transact("exhaust", move |tx| {
        let mut kept = questions::find(tx, &exchange)?.unwrap();
        kept.last_attempt = u32::MAX;
        Ok(questions::put(tx, &kept)?)
    });
    exhaust.await.unwrap();
    match node.fetch_summary(&asking, question).await {
        Err(ExchangeError::Malformed(fault)) => assert_eq!(fault.field(), "exchange_id"),
        other => panic!("{:?}", other.err()),
    }
}

/// A question for these sections alone.
fn narrow(federation: &Federation, person: PersonId, sections: &[Section]) -> FetchSummary {
    let mut question = federation.question(person, THERE);
    question
        .sections
        .retain(|section, _| sections.contains(section));
    question
}

#[tokio::test]
async fn i6_a_narrower_question_leaves_what_it_does_not_ask_for() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    let mut grant = permit(Class::MAX);
    grant.sections.remove(&Section::ContactCard);
    let receipt = passerelle_domain::claim::Receipt {
        grants: vec![grant],
        ..federation.receipt(HERE, met.link, THERE, HERE)
    };
    federation.keep(&receipt).await;
    let (node, caller) = (federation.node(HERE), federation.caseworker(HERE));
    let ask = async |sections: &[Section]| {
        let question = narrow(&federation, met.here, sections);
        let fetched = node.fetch_summary(&caller, question).await.unwrap();
        fetched.summary.map(|summary| summary.records.len())
    };
    let source = async || {
        let journey = node.merged_journey(&caller, met.here).await.unwrap();
        journey.sources.into_iter().next().unwrap()
    };
    let first = federation.now();
    assert_eq!(ask(&[Section::Steps]).await, Some(1));
    federation.pass(Duration::from_secs(60));
    // Answers without the section, and one that opens nothing at all.
    assert_eq!(ask(&[Section::Status]).await, Some(0));
    federation.pass(Duration::from_secs(60));
    let third = federation.now();
    assert_eq!(ask(&[Section::Project, Section::Status]).await, Some(0));
    let refused = narrow(&federation, met.here, &[Section::ContactCard]);
    let refused = node.fetch_summary(&caller, refused).await;
    assert!(matches!(refused, Err(ExchangeError::PaperFails(_))));

    let shown = source().await;
    assert_eq!(shown.state, SourceState::Received);
    let summary = shown.summary.unwrap();
    assert_eq!(summary.records.len(), 1);
    assert_eq!(summary.records[0].record.section(), Section::Steps);
    let when = |section| {
        let of = shown.asked.iter().find(|asked| asked.section == section);
        of.map(|asked| asked.received_at)
    };
    assert_eq!(when(Section::Steps), Some(first));
    assert_eq!(when(Section::Status), Some(third));
    assert_eq!(when(Section::Project), Some(third));

    // The same question once more: what was permitted then is not any more, and nothing is left.
    federation.protect(THERE, met.there).await;
    assert_eq!(ask(&[Section::Status]).await, None);
    let shown = source().await;
    let not_opened = &shown.summary.unwrap().not_opened;
    assert!(
        not_opened
            .iter()
            .any(|cell| cell.section == Section::Status)
    );
    assert_eq!(ask(&[Section::Steps]).await, None);
    let shown = source().await;
    assert_eq!(shown.state, SourceState::NothingToShare);
    assert_eq!(shown.summary, None);
}

#[tokio::test]
async fn i6_a_record_that_comes_again_in_another_section_is_held_once() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    let receipt = federation.receipt(HERE, met.link, THERE, HERE);
    federation.keep(&receipt).await;
    let (node, caller) = (federation.node(HERE), federation.caseworker(HERE));
    let ask = async |section| {
        let question = narrow(&federation, met.here, &[section]);
        node.fetch_summary(&caller, question).await.unwrap();
        federation.pass(Duration::from_secs(60));
    };
    ask(Section::Steps).await;
    let changed = upsert("R-1", 2, constraint(DiagnosisTheme::Housing));
    let holder = federation.node(THERE);
    let writer = federation.caseworker(THERE);
    let changed = holder.upsert_records(&writer, met.there, vec![changed]);
    assert!(matches!(changed.await.unwrap()[..], [Upserted::Updated(_)]));
    ask(Section::Diagnosis).await;

    let journey = node.merged_journey(&caller, met.here).await.unwrap();
    let records = &journey.sources[0].summary.as_ref().unwrap().records;
    let sections: Vec<_> = records.iter().map(|one| one.record.section()).collect();
    assert_eq!(sections, [Section::Diagnosis]);
}
