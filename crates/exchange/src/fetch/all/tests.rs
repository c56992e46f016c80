use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{Timestamp, TokenId};

use super::*;
use crate::testing::{Federation, awa, step};

const HERE: &str = "departement";
const THERE: [&str; 2] = ["association", "mission-locale"];

/// Somebody whom two others accompany, each with one record more than the one before; a receipt
/// stands with each.
async fn accompanied(federation: &Federation) -> PersonId {
    let reference = TokenId::random(federation.chance()).to_string();
    let here = federation.register(HERE, &reference, awa()).await;
    for (number, holder) in THERE.into_iter().enumerate() {
        let there = federation.register(holder, &reference, awa()).await;
        let link = federation.link((holder, there), (HERE, here), Class::MAX);
        let link = link.await;
        for record in 0..=number {
            let reference = format!("R-{record}");
            federation
                .write(holder, there, &reference, step("Soudure"))
                .await;
        }
        let receipt = federation.receipt(HERE, link, holder, HERE);
        federation.keep(&receipt).await;
    }
    here
}

fn everything(federation: &Federation, person: PersonId) -> FetchSummaries {
    let one = federation.question(person, THERE[0]);
    FetchSummaries {
        person,
        holders: BTreeSet::new(),
        exchange: one.exchange,
        purpose: one.purpose,
        sections: one.sections,
        usage: one.usage,
    }
}

async fn asked(
    federation: &Federation,
    request: &FetchSummaries,
) -> Result<Vec<HolderOutcome>, ExchangeError> {
    let caller = federation.caseworker(HERE);
    let node = federation.node(HERE);
    node.fetch_summaries(&caller, request.clone()).await
}

/// How many records each opened, or why not.
fn told(outcomes: &[HolderOutcome]) -> Vec<(&str, Result<usize, ExchangeError>)> {
    let one = |one: &HolderOutcome| match &one.outcome {
        Ok(fetched) => Ok(fetched
            .summary
            .as_ref()
            .map_or(0, |some| some.records.len())),
        Err(error) => Err(error.clone()),
    };
    outcomes
        .iter()
        .map(|outcome| (outcome.holder.as_str(), one(outcome)))
        .collect()
}

fn entries_asked(federation: &Federation) -> usize {
    let kinds = federation.kinds(HERE).into_iter();
    kinds.filter(|kind| *kind == EntryKind::Asked).count()
}

#[tokio::test]
async fn every_linked_holder_is_asked_once_and_a_repeated_call_asks_nobody_again() {
    let federation = Federation::new(1);
    let person = accompanied(&federation).await;
    let request = everything(&federation, person);
    let first = asked(&federation, &request).await.unwrap();
    assert_eq!(told(&first), [(THERE[0], Ok(1)), (THERE[1], Ok(2))]);
    assert_eq!(entries_asked(&federation), 2);
    assert_ne!(first[0].exchange, first[1].exchange);

    let again = asked(&federation, &request).await.unwrap();
    assert_eq!(told(&again), told(&first));
    assert_eq!(again[1].exchange, first[1].exchange);
    assert_eq!(
        entries_asked(&federation),
        2,
        "each attempt is in the log (I5)"
    );
}

#[tokio::test]
async fn i8_a_holder_that_cannot_be_reached_keeps_nothing_from_the_others() {
    let federation = Federation::new(1);
    let person = accompanied(&federation).await;
    let request = everything(&federation, person);
    federation.network().cut(HERE, THERE[0]);
    let outcomes = asked(&federation, &request).await.unwrap();
    let unreachable = |since: Timestamp| Err(ExchangeError::PeerUnreachable { since });
    assert_eq!(
        told(&outcomes),
        [(THERE[0], unreachable(federation.now())), (THERE[1], Ok(2))]
    );

    // The same call once more, when the line is back: only the one is asked that did not answer.
    federation.network().mend(HERE, THERE[0]);
    let again = asked(&federation, &request).await.unwrap();
    assert_eq!(told(&again), [(THERE[0], Ok(1)), (THERE[1], Ok(2))]);
    assert_eq!(entries_asked(&federation), 3);
}

#[tokio::test]
async fn named_holders_alone_are_asked_each_with_its_outcome() {
    let federation = Federation::new(1);
    let person = accompanied(&federation).await;
    let named = |names: &[&str]| FetchSummaries {
        holders: names.iter().map(|name| name.parse().unwrap()).collect(),
        ..everything(&federation, person)
    };
    let request = named(&[THERE[1], "nobody-knows"]);
    let outcomes = asked(&federation, &request).await.unwrap();
    assert_eq!(
        told(&outcomes),
        [
            (THERE[1], Ok(2)),
            ("nobody-knows", Err(ExchangeError::MemberUnknown)),
        ]
    );

    let many: Vec<String> = (0..17).map(|number| format!("node-{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    match asked(&federation, &named(&many)).await {
        Err(ExchangeError::Malformed(fault)) => assert_eq!(fault.field(), "holders"),
        _ => panic!("too many are refused"),
    }
}

#[tokio::test]
async fn what_keeps_this_node_from_asking_anybody_is_an_error_of_the_whole() {
    let federation = Federation::new(1);
    let person = accompanied(&federation).await;
    let request = everything(&federation, person);
    let node = federation.node(HERE);
    let alone = federation.caller(
        HERE,
        passerelle_domain::vocabulary::AgentRole::Caseworker,
        false,
    );
    let refused = node.fetch_summaries(&alone, request.clone()).await;
    assert_eq!(refused.err(), Some(ExchangeError::SecondFactorRequired));
    let nobody = FetchSummaries {
        person: PersonId::random(federation.chance()),
        ..request
    };
    assert_eq!(
        asked(&federation, &nobody).await.err(),
        Some(ExchangeError::PersonNotFound)
    );
    assert_eq!(entries_asked(&federation), 0);
}

#[tokio::test]
async fn nobody_is_asked_about_whom_no_link_stands() {
    let federation = Federation::new(1);
    let person = federation.register(HERE, "D-1", awa()).await;
    let request = everything(&federation, person);
    assert_eq!(told(&asked(&federation, &request).await.unwrap()), []);
}
