use passerelle_domain::vocabulary::Class;
use passerelle_domain::{ChainId, LinkId, TokenId};
use passerelle_proto::exchange::v1::delivery_item;
use passerelle_store::tables::copies::{self, Copy};
use prost::Message;

use super::*;
use crate::receipts::Keeping;
use crate::testing::{Federation, Met, Statements, step};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";

/// A withdrawal that `issuer` sends to the other node.
fn withdrawal(federation: &Federation, issuer: &str, link: LinkId, chain: ChainId) -> Withdrawal {
    let audience = if issuer == HERE { THERE } else { HERE };
    Withdrawal {
        issuer: issuer.parse().unwrap(),
        audience: audience.parse().unwrap(),
        receipt_iss: HERE.parse().unwrap(),
        chain,
        link,
        issued_at: NumericDate::of(federation.now()),
        id: TokenId::random(federation.chance()),
    }
}

async fn take(federation: &Federation, at: &str, jwt: &str) -> Outcome {
    let from = if at == HERE { THERE } else { HERE };
    let taken = federation
        .node(at)
        .take_withdrawal(&federation.peer(from), jwt)
        .await;
    taken.unwrap()
}

fn records(federation: &Federation, from: &str, outcome: &Outcome) -> u64 {
    let Outcome::PurgeAnswer(jwt) = outcome else {
        panic!("{outcome:?}")
    };
    let to = if from == HERE { THERE } else { HERE };
    let tokens = &federation.node(to).0.tokens;
    tokens
        .purge_answer(jwt, &from.parse().unwrap())
        .unwrap()
        .records
}

/// A copy of one record at `HERE`, and the chain that it came under.
async fn copied(federation: &Federation) -> (Met, ChainId) {
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    let receipt = federation.receipt(HERE, met.link, THERE, HERE);
    federation.keep(&receipt).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    (met, receipt.chain)
}

#[tokio::test]
async fn i5_a_repeated_withdrawal_has_one_effect_and_one_answer_to_the_byte() {
    let federation = Federation::new(1);
    let (met, chain) = copied(&federation).await;
    let jwt = Statements::signed(THERE, &withdrawal(&federation, THERE, met.link, chain));
    let first = take(&federation, HERE, &jwt).await;
    assert_eq!(records(&federation, HERE, &first), 1);
    let (kinds, syncs) = (federation.kinds(HERE), federation.disk(HERE).files.syncs());
    federation.pass(Duration::from_secs(3600));
    assert_eq!(take(&federation, HERE, &jwt).await, first);
    assert_eq!(federation.kinds(HERE), kinds);
    assert_eq!(federation.disk(HERE).files.syncs(), syncs);
    let node = federation.node(HERE);
    let left = node
        .read(|view| Ok(copies::of_person(view, &met.here)?))
        .unwrap();
    assert!(matches!(left[0].1, Copy::Purged { records: 1, .. }));
}

#[tokio::test]
async fn i5_the_name_of_an_order_is_good_for_one_order() {
    let federation = Federation::new(1);
    let (met, chain) = copied(&federation).await;
    let first = withdrawal(&federation, THERE, met.link, chain);
    take(&federation, HERE, &Statements::signed(THERE, &first)).await;
    let other = Withdrawal {
        chain: ChainId::random(federation.chance()),
        ..first
    };
    let outcome = take(&federation, HERE, &Statements::signed(THERE, &other)).await;
    assert!(matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
}

#[tokio::test]
async fn i3_a_receipt_that_comes_after_its_withdrawal_opens_nothing() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    let receipt = federation.receipt(HERE, met.link, THERE, HERE);
    let ended = withdrawal(&federation, HERE, met.link, receipt.chain);
    take(&federation, THERE, &Statements::signed(HERE, &ended)).await;

    let there = federation.node(THERE);
    let jwt = Statements::signed(HERE, &receipt);
    let kept = there
        .keep_receipt(&federation.peer(HERE), &jwt)
        .await
        .unwrap();
    assert_eq!(kept, Keeping::Kept);
    let last = federation.entries(THERE).pop().unwrap();
    assert_eq!(
        (last.kind, last.outcome),
        (EntryKind::ReceiptKept, EntryOutcome::NotKept)
    );
    opens_nothing(&federation, met.here, &receipt).await;
}

#[tokio::test]
async fn i3_a_withdrawal_that_comes_before_its_link_ends_the_chain_over_it() {
    let federation = Federation::new(1);
    let there = federation.register(THERE, "T", crate::testing::awa()).await;
    let here = federation.register(HERE, "H", crate::testing::awa()).await;
    let link = LinkId::random(federation.chance());
    let chain = ChainId::random(federation.chance());
    let jwt = Statements::signed(HERE, &withdrawal(&federation, HERE, link, chain));
    let outcome = take(&federation, THERE, &jwt).await;
    assert_eq!(records(&federation, THERE, &outcome), 0);

    federation
        .link_as(link, (THERE, there), (HERE, here), Class::MAX)
        .await;
    let receipt = passerelle_domain::claim::Receipt {
        chain,
        ..federation.receipt(HERE, link, THERE, HERE)
    };
    let node = federation.node(THERE);
    let jwt = Statements::signed(HERE, &receipt);
    node.keep_receipt(&federation.peer(HERE), &jwt)
        .await
        .unwrap();
    federation.write(THERE, there, "R-1", step("Soudure")).await;
    opens_nothing(&federation, here, &receipt).await;
}

/// That the holder discloses nothing to an asker who has the receipt and does not know that it was
/// withdrawn.
async fn opens_nothing(
    federation: &Federation,
    person: passerelle_domain::PersonId,
    receipt: &passerelle_domain::claim::Receipt,
) {
    federation.keep_at(HERE, receipt).await;
    let asked = federation.ask(HERE, person, THERE).await;
    assert_eq!(
        asked,
        Err(ExchangeError::PaperFails(RefusalReason::ReceiptWithdrawn))
    );
    assert_eq!(federation.kinds(THERE).last(), Some(&EntryKind::Refused));
}

#[tokio::test]
async fn i13_a_withdrawal_tells_nobody_whether_its_link_is_known() {
    let federation = Federation::new(1);
    let (met, chain) = copied(&federation).await;
    let association = "association";
    let mut answers = Vec::new();
    let elsewhere = federation.meet(THERE, association, Class::MAX).await;
    // Unknown, known with another node, and known.
    for link in [
        LinkId::random(federation.chance()),
        elsewhere.link,
        met.link,
    ] {
        let order = withdrawal(
            &federation,
            HERE,
            link,
            ChainId::random(federation.chance()),
        );
        let (at, size) = (federation.now(), federation.entries(THERE).len());
        let item = delivery_item::Item::Withdrawal(Statements::signed(HERE, &order));
        let request = federation.delivery(vec![item]);
        let node = federation.node(THERE);
        let answer = node
            .take_delivery(&federation.peer(HERE), &request)
            .await
            .unwrap();
        let entry = federation.entries(THERE).pop().unwrap();
        let log = node.store().log();
        let logged = log.entry(log.size() - 1).unwrap().len();
        answers.push((
            answer.encoded_len(),
            federation.now().since(at),
            federation.entries(THERE).len() - size,
            (entry.kind, entry.outcome, entry.records, logged),
        ));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    assert_eq!(
        federation.ask(HERE, met.here, THERE).await,
        Ok(Some(1)),
        "{chain} stands"
    );
}

#[tokio::test]
async fn i3_an_answer_that_comes_after_its_withdrawal_is_not_kept() {
    use passerelle_domain::vocabulary::OrganisationKind;
    use passerelle_store::Drive;

    let members = [
        (HERE, OrganisationKind::Department),
        (THERE, OrganisationKind::MissionLocale),
    ];
    let federation = Federation::driven(1, members, Drive::Manual);
    let (met, chain) = federation.drive(async {
        let met = federation.meet(THERE, HERE, Class::MAX).await;
        federation
            .write(THERE, met.there, "R-1", step("Soudure"))
            .await;
        let receipt = federation.receipt(HERE, met.link, THERE, HERE);
        federation.keep(&receipt).await;
        (met, receipt.chain)
    });
    let (here, there) = (federation.node(HERE), federation.node(THERE));
    let mut ask = crate::testing::Task::new(federation.ask(HERE, met.here, THERE));
    // The question is logged and sent, and the holder has decided; its answer waits for its log.
    assert!(!ask.step());
    here.store().step();
    assert!(!ask.step());
    // Meanwhile the person comes back on it, at the asker's: that is what its log says first.
    let jwt = Statements::signed(THERE, &withdrawal(&federation, THERE, met.link, chain));
    let from = federation.peer(THERE);
    let mut end = crate::testing::Task::new(here.take_withdrawal(&from, &jwt));
    assert!(!end.step());
    while !ask.step() {
        there.store().step();
        here.store().step();
    }
    assert_eq!(
        ask.output(),
        Err(ExchangeError::PaperFails(RefusalReason::ReceiptWithdrawn))
    );
    let kinds = federation.kinds(HERE);
    assert_eq!(
        kinds,
        [EntryKind::Asked, EntryKind::Withdrawn, EntryKind::Received]
    );
    let received = federation.entries(HERE).pop().unwrap();
    assert_eq!(received.outcome, EntryOutcome::NotKept);
    let left = here
        .read(|view| Ok(copies::of_person(view, &met.here)?))
        .unwrap();
    assert!(
        left.iter()
            .all(|(_, copy)| matches!(copy, Copy::Purged { .. }))
    );
}

#[tokio::test]
async fn i8_a_peer_ends_no_more_chains_without_receipts_than_a_decision_weighs() {
    let federation = Federation::new(1);
    let (met, chain) = copied(&federation).await;
    let unknown = || {
        let chain = ChainId::random(federation.chance());
        let claim = withdrawal(&federation, THERE, met.link, chain);
        delivery_item::Item::Withdrawal(Statements::signed(THERE, &claim))
    };
    for _ in 0..4 {
        let many = (0..64).map(|_| unknown()).collect();
        federation.deliver(THERE, HERE, many).await;
    }
    let outcomes = federation.deliver(THERE, HERE, vec![unknown()]).await;
    let bound = refused("at most 256 chains without a receipt over a link");
    assert_eq!(outcomes, [bound]);
    // One that has a receipt is ended all the same.
    let jwt = Statements::signed(THERE, &withdrawal(&federation, THERE, met.link, chain));
    let ended = take(&federation, HERE, &jwt).await;
    assert!(matches!(ended, Outcome::PurgeAnswer(_)), "{ended:?}");
}

/// `THERE` has made a receipt that `HERE` may ask under, and not told it yet.
async fn agreed_there(federation: &Federation, met: Met) -> ChainId {
    let caller = federation.caseworker(THERE);
    let request = federation.agreement(met.there, HERE, crate::Direction::OwnToPartner, Class::MAX);
    let recorded = federation
        .node(THERE)
        .record_agreement(&caller, request)
        .await;
    recorded.unwrap()[0].chain
}

async fn withdrawn_there(federation: &Federation, met: Met, chain: ChainId) {
    let caller = federation.caseworker(THERE);
    let request = crate::WithdrawAgreement {
        person: met.there,
        chains: vec![chain],
    };
    let node = federation.node(THERE);
    node.withdraw_agreement(&caller, request).await.unwrap();
}

fn is_purged(federation: &Federation, met: Met) -> bool {
    let copies = federation
        .node(HERE)
        .read(|view| Ok(copies::of_person(view, &met.here)?));
    matches!(copies.unwrap()[..], [(_, Copy::Purged { records: 1, .. })])
}

#[tokio::test]
async fn i6_a_chain_that_was_not_known_here_when_the_copy_came_takes_it_back_as_well() {
    // Its receipt comes between copy and withdrawal, or not before the withdrawal.
    for told_before in [true, false] {
        let federation = Federation::new(1);
        let (met, _) = copied(&federation).await;
        let second = agreed_there(&federation, met).await;
        assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
        federation.pass(Duration::from_secs(1));
        if told_before {
            federation.deliver_all().await;
        }
        withdrawn_there(&federation, met, second).await;
        federation.deliver_all().await;
        assert!(is_purged(&federation, met), "{told_before}");
    }
}

#[tokio::test]
async fn i6_a_chain_under_which_nothing_can_have_come_takes_nothing_back() {
    let federation = Federation::new(1);
    let (met, _) = copied(&federation).await;
    // Opens what is held here, to the other node.
    let other_way = federation.receipt(HERE, met.link, HERE, THERE);
    federation.keep(&other_way).await;
    let order = withdrawal(&federation, THERE, met.link, other_way.chain);
    let outcome = take(&federation, HERE, &Statements::signed(THERE, &order)).await;
    assert_eq!(records(&federation, HERE, &outcome), 0);
    assert!(!is_purged(&federation, met));
}

#[test]
fn i6_an_answer_that_comes_after_a_receipt_that_replaces_its_own_is_not_kept() {
    use passerelle_domain::vocabulary::OrganisationKind;
    use passerelle_store::Drive;

    let members = [
        (HERE, OrganisationKind::Department),
        (THERE, OrganisationKind::MissionLocale),
    ];
    let federation = Federation::driven(1, members, Drive::Manual);
    let caller = federation.caseworker(HERE);
    let wide = |met: Met| {
        let direction = crate::Direction::PartnerToOwn;
        federation.agreement(met.here, THERE, direction, Class::MAX)
    };
    let (here, there) = (federation.node(HERE), federation.node(THERE));
    let (met, chain) = federation.drive(async {
        let met = federation.meet(THERE, HERE, Class::MAX).await;
        federation
            .write(THERE, met.there, "R-1", step("Soudure"))
            .await;
        let recorded = here.record_agreement(&caller, wide(met)).await.unwrap();
        federation.deliver_all().await;
        (met, recorded[0].chain)
    });
    let mut ask = crate::testing::Task::new(federation.ask(HERE, met.here, THERE));
    // The question is logged and sent, and the holder has decided; its answer waits for its log.
    assert!(!ask.step());
    here.store().step();
    assert!(!ask.step());
    let mut narrower = crate::RecordAgreement {
        replaces: Some(chain),
        ..wide(met)
    };
    narrower.grants[0]
        .sections
        .remove(&passerelle_domain::Section::Steps);
    let mut narrow = crate::testing::Task::new(here.record_agreement(&caller, narrower));
    assert!(!narrow.step());
    while !ask.step() {
        narrow.step();
        there.store().step();
        here.store().step();
    }
    assert_eq!(
        ask.output(),
        Err(ExchangeError::PaperFails(RefusalReason::ReceiptReplaced))
    );
    let copies = here.read(|view| Ok(copies::of_person(view, &met.here)?));
    assert_eq!(copies.unwrap(), []);
}
