use bytes::Bytes;
use passerelle_domain::vocabulary::{Class, EntryKind};
use passerelle_domain::{Digest, ExchangeId, NodeId, TokenId};
use passerelle_store::tables::attempts::{AttemptKind, Attempts};
use passerelle_store::tables::inbox::{self, InboxId};
use passerelle_store::tables::questions::{self, KeptQuestion, QuestionState};

use super::*;
use crate::inbox::{Order, done};
use crate::testing::Federation;

const HERE: &str = "departement";
const THERE: &str = "mission-locale";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// More than goes in one transaction, twice.
const MANY: usize = 2 * MOST_ROWS + 10;

#[tokio::test]
async fn i8_a_round_leaves_nothing_that_is_due_however_much_there_is() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let node = federation.node(HERE);
    let peer: NodeId = THERE.parse().unwrap();
    let now = federation.now();
    let exchanges: Vec<ExchangeId> = (0..MANY)
        .map(|_| ExchangeId::new(now, federation.chance()))
        .collect();
    for some in exchanges.chunks(100) {
        let (some, peer) = (some.to_vec(), peer.clone());
        let begun = node.transact("begin", move |tx| {
            for exchange in &some {
                let question = KeptQuestion {
                    exchange: *exchange,
                    question: Bytes::from_static(b"question"),
                    person: met.here,
                    holder: peer.clone(),
                    link: met.link,
                    caller: Digest::of(b""),
                    last_attempt: 1,
                    asked_at: now,
                    state: QuestionState::Failed,
                    result_leaf: None,
                };
                questions::put(tx, &question)?;
                let attempted = Attempts {
                    kind: AttemptKind::Ask,
                    question: Digest::of(b""),
                    second_factor: false,
                    last: 1,
                    expires_at: now.plus(DAY),
                    logged: Vec::new(),
                };
                attempts::put(tx, &peer, exchange, &attempted)?;
                quotas::add(tx, now, "redemption", &exchange.to_string(), 1)?;
            }
            Ok(())
        });
        begun.await.unwrap();
    }
    federation.pass(DAY * 2);
    node.keep_up().await.unwrap();
    let closed = federation.kinds(HERE).into_iter();
    let closed = closed.filter(|kind| *kind == EntryKind::Abandoned);
    assert_eq!(closed.count(), MANY);
    let left = node.read(|view| {
        let mut left = 0;
        for exchange in &exchanges {
            left += usize::from(attempts::find(view, &peer, exchange)?.is_some());
            let used = quotas::used(view, now, "redemption", &exchange.to_string())?;
            left += usize::try_from(used).unwrap();
        }
        Ok(left)
    });
    assert_eq!(left.unwrap(), 0);
}

#[tokio::test]
async fn i8_an_answered_order_is_remembered_for_25_months_and_no_longer() {
    let federation = Federation::new(1);
    let node = federation.node(HERE);
    let id = TokenId::from_bytes([7; 16]);
    let order = Order::new(&federation.peer(THERE), id, "jwt");
    let answer = node.transact("answer", move |tx| order.answer(tx, done()));
    answer.await.unwrap();
    let kept = || {
        let peer: NodeId = THERE.parse().unwrap();
        let found = node.read(|view| Ok(inbox::find(view, &peer, InboxId::Token(id))?));
        found.unwrap().is_some()
    };
    federation.pass(DAY * 761);
    node.keep_up().await.unwrap();
    assert!(kept());
    federation.pass(DAY);
    node.keep_up().await.unwrap();
    assert!(!kept());
}
