use passerelle_domain::vocabulary::{AgentRole, DiagnosisTheme};

use super::*;
use crate::testing::{Federation, awa, constraint, step, with_note};

const NODE: &str = "mission-locale";

#[tokio::test]
async fn own_records_come_page_by_page_each_once_with_what_the_agency_calls_them() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    for number in 0..7 {
        let record = with_note(step("Soudure"), "une note");
        federation
            .write(NODE, person, &format!("R-{number}"), record)
            .await;
    }
    let (node, caller) = (federation.node(NODE), federation.caseworker(NODE));
    let all = |size: u32, bytes: usize| {
        let (mut token, mut references, mut pages) = (String::new(), Vec::new(), 0);
        loop {
            let size = (PageSize::from_wire(size).unwrap(), bytes);
            let page = node.list_records(&caller, &person, size, &token).unwrap();
            assert!(!page.items.is_empty());
            pages += 1;
            references.extend(page.items.iter().map(|one| one.reference.expose().clone()));
            assert!(page.items.iter().all(|one| one.record.note == "une note"));
            match page.next {
                Some(next) => token = next,
                None => break,
            }
        }
        references.sort();
        references.dedup();
        (references.len(), pages)
    };
    assert_eq!(all(3, 1 << 20), (7, 3));
    assert_eq!(all(256, 1 << 20), (7, 1));
    // Two that fit are given together, to the byte; what does not fit comes with the next page.
    let size = (PageSize::MAX, 1 << 20);
    let page = node.list_records(&caller, &person, size, "").unwrap();
    let weight = page.items[0].record.encoded_len() + BESIDE;
    assert_eq!(all(256, 2 * weight), (7, 4));
    assert_eq!(all(256, 2 * weight - 1), (7, 7));
    // A page always moves on.
    assert_eq!(all(256, 1), (7, 7));
    let wrong = node.list_records(&caller, &person, (PageSize::MAX, 1), "no token");
    assert!(matches!(wrong, Err(ExchangeError::Malformed(m)) if m.field() == "page_token"));
}

#[tokio::test]
async fn what_the_role_does_not_reach_is_as_if_it_were_not_there() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    let health = constraint(DiagnosisTheme::Health);
    let kept = federation.write(NODE, person, "H-1", health).await;
    let node = federation.node(NODE);
    let weak = federation.caller(NODE, AgentRole::Caseworker, false);
    let name = RecordName::Id(kept.record);
    let hidden = node.kept_record(&weak, &person, &name);
    assert_eq!(hidden, Err(ExchangeError::not_found("record_id")));
    let size = (PageSize::MAX, 1 << 20);
    assert_eq!(
        node.list_records(&weak, &person, size, "").unwrap().items,
        []
    );
    let hidden = node.record_history(&weak, &person, &name, (PageSize::MAX, ""));
    assert_eq!(hidden.err(), Some(ExchangeError::not_found("record_id")));
    let strong = federation.caseworker(NODE);
    assert_eq!(
        node.kept_record(&strong, &person, &name).unwrap().class,
        Class::Health
    );
}
