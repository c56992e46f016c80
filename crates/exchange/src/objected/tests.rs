use std::collections::BTreeSet;

use passerelle_domain::Purpose;
use passerelle_domain::claim::{NumericDate, ObjectionScope};
use passerelle_domain::vocabulary::Class;
use passerelle_proto::exchange::v1::delivery_item::Item;

use super::*;
use crate::testing::{Federation, Statements};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";

#[tokio::test]
async fn i8_a_peer_brings_no_more_objections_about_a_person_than_a_decision_weighs() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let objection = |lifts| Objection {
        issuer: HERE.parse().unwrap(),
        audience: THERE.parse().unwrap(),
        link: met.link,
        scope: ObjectionScope::Purposes(BTreeSet::from([Purpose::Evaluation])),
        lifts,
        issued_at: NumericDate::of(federation.now()),
        id: TokenId::random(federation.chance()),
    };
    let item = |objection: &Objection| Item::Objection(Statements::signed(HERE, objection));
    let many: Vec<Objection> = (0..64).map(|_| objection(None)).collect();
    let taken = federation.deliver(HERE, THERE, many.iter().map(item).collect());
    assert!(taken.await.iter().all(|one| *one == done()));

    let one_more = item(&objection(None));
    let lifting = item(&objection(Some(many[0].id)));
    let again = item(&many[0]);
    let outcomes = federation.deliver(HERE, THERE, vec![one_more, lifting, again]);
    let bound = refused("at most 64 objections of one node about a person");
    assert_eq!(outcomes.await, [bound, done(), done()]);
}
