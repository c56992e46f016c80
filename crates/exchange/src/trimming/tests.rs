use std::time::Duration;

use passerelle_domain::claim::{Grant, NumericDate, Receipt};
use passerelle_domain::vocabulary::{Class, DiagnosisTheme, Section};

use super::*;
use crate::testing::{Federation, Met, constraint, permit, step};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What is kept at `HERE`.
fn copy(federation: &Federation, met: Met) -> Copy {
    let all = federation
        .node(HERE)
        .read(|view| Ok(copies::of_person(view, &met.here)?));
    all.unwrap().remove(0).1
}

fn sections(copy: &Copy) -> Vec<Section> {
    let Copy::Held(held) = copy else {
        panic!("{copy:?}")
    };
    let records = copied(held).unwrap().records;
    records.iter().map(|one| one.record.section()).collect()
}

#[tokio::test]
async fn i6_what_may_be_shown_no_longer_is_not_kept_either() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    let housing = constraint(DiagnosisTheme::Housing);
    federation.write(THERE, met.there, "R-2", housing).await;
    let until = |section, days| Grant {
        sections: [(section, Class::MAX)].into(),
        until: Some(NumericDate::of(federation.now().plus(DAY * days))),
        ..permit(Class::MAX)
    };
    let receipt = Receipt {
        grants: vec![until(Section::Steps, 1), until(Section::Diagnosis, 2)],
        ..federation.receipt(HERE, met.link, THERE, HERE)
    };
    federation.keep(&receipt).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(2)));
    let node = federation.node(HERE);
    node.keep_up().await.unwrap();
    assert_eq!(sections(&copy(&federation, met)).len(), 2);

    federation.pass(DAY);
    node.keep_up().await.unwrap();
    assert_eq!(sections(&copy(&federation, met)), [Section::Diagnosis]);
    let caller = federation.caseworker(HERE);
    let journey = node.merged_journey(&caller, met.here).await.unwrap();
    assert_eq!(journey.sources[0].state, SourceState::Received);

    federation.pass(DAY);
    node.keep_up().await.unwrap();
    assert!(matches!(
        copy(&federation, met),
        Copy::Purged { records: 1, .. }
    ));
    let journey = node.merged_journey(&caller, met.here).await.unwrap();
    assert_eq!(journey.sources[0].state, SourceState::Purged);

    let purged = federation.entries(HERE).into_iter();
    let purged = purged.filter(|entry| entry.kind == EntryKind::Purged);
    let records: Vec<_> = purged.map(|entry| entry.records).collect();
    assert_eq!(records, [Some(1), Some(1)]);
    let size = federation.entries(HERE).len();
    node.keep_up().await.unwrap();
    assert_eq!(federation.entries(HERE).len(), size);
}

#[tokio::test]
async fn i6_a_newer_copy_outlives_the_end_of_the_one_before() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    let receipt = federation.receipt(HERE, met.link, THERE, HERE);
    let short = Receipt {
        expires_at: NumericDate::of(federation.now().plus(DAY)),
        ..receipt.clone()
    };
    federation.keep(&short).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    federation
        .keep(&federation.receipt(HERE, met.link, THERE, HERE))
        .await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    federation.pass(DAY);
    federation.node(HERE).keep_up().await.unwrap();
    assert_eq!(sections(&copy(&federation, met)), [Section::Steps]);
}

#[tokio::test]
async fn i6_a_copy_that_cannot_be_read_keeps_nothing_else_from_its_end() {
    let federation = Federation::new(1);
    let node = federation.node(HERE);
    let mut all = Vec::new();
    for _ in 0..2 {
        let met = federation.meet(THERE, HERE, Class::MAX).await;
        federation
            .write(THERE, met.there, "R-1", step("Soudure"))
            .await;
        let end = NumericDate::of(federation.now().plus(DAY));
        let receipt = Receipt {
            grants: vec![Grant {
                until: Some(end),
                ..permit(Class::MAX)
            }],
            ..federation.receipt(HERE, met.link, THERE, HERE)
        };
        federation.keep(&receipt).await;
        assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
        all.push(met);
    }
    let broken = all[0];
    let spoil = move |tx: &mut Tx<'_>| {
        let (source, held) = copies::of_person(tx, &broken.here)?.remove(0);
        let Copy::Held(held) = held else {
            panic!("{held:?}")
        };
        let spoilt = HeldCopy {
            body: passerelle_domain::Pii::new(bytes::Bytes::from_static(b"\xff")),
            ..held
        };
        Ok::<_, ExchangeError>(copies::put(tx, &source, &spoilt)?)
    };
    node.store().transact("spoil", spoil).await.unwrap();

    federation.pass(DAY);
    node.keep_up().await.unwrap();
    for met in all {
        let left = copy(&federation, met);
        assert!(matches!(left, Copy::Purged { .. }), "{left:?}");
    }
}
