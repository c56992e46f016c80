use passerelle_domain::vocabulary::AgentRole;
use passerelle_domain::{Class, Pii};
use passerelle_linkage::traits::{Search, TraitsForm};

use super::*;
use crate::testing::{Federation, awa, step, traits};

fn person(reference: &str, identity: TraitsForm) -> RegisterPerson {
    RegisterPerson {
        hidden: None,
        reference: Pii::new(reference.to_owned()),
        identity,
    }
}

fn by_name(name: &str, birth_date: &str) -> FindPersons {
    FindPersons::Traits(Search::parse(name, "", birth_date).unwrap())
}

fn by_reference(reference: &str) -> FindPersons {
    FindPersons::Reference(Pii::new(reference.to_owned()))
}

fn found(federation: &Federation, find: &FindPersons) -> Vec<PersonFile> {
    let node = federation.node("mission-locale");
    let caller = federation.caseworker("mission-locale");
    node.find_persons(&caller, find, PageSize::MAX, "")
        .unwrap()
        .items
}

#[tokio::test]
async fn i5_registering_again_with_the_same_reference_changes_the_same_person() {
    let federation = Federation::new(1);
    let node = federation.node("mission-locale");
    let caller = federation.caseworker("mission-locale");

    let first = node
        .register_person(&caller, person("ML-1", awa()))
        .await
        .unwrap();
    let again = node
        .register_person(&caller, person("ML-1", awa()))
        .await
        .unwrap();
    assert!(first.created && !again.created);
    assert_eq!(first.person, again.person);

    let married = TraitsForm {
        usage_name: "Le Goff".into(),
        ..awa()
    };
    let changed = node
        .register_person(&caller, person("ML-1", married))
        .await
        .unwrap();
    assert_eq!(changed.person, first.person);
    assert_eq!(
        found(&federation, &by_name("le goff", "2000-04-12")).len(),
        1
    );
    assert_eq!(
        found(&federation, &by_name("DIALLO", "2000-04-12")).len(),
        1
    );

    node.register_person(&caller, person("ML-1", awa()))
        .await
        .unwrap();
    assert_eq!(found(&federation, &by_name("le goff", "2000-04-12")), []);
}

#[tokio::test]
async fn repeating_a_registration_writes_nothing() {
    let federation = Federation::new(1);
    federation.register("mission-locale", "ML-1", awa()).await;
    let before = federation.disk("mission-locale").files.syncs();
    federation.register("mission-locale", "ML-1", awa()).await;
    assert_eq!(federation.disk("mission-locale").files.syncs(), before);
}

#[tokio::test]
async fn a_person_is_found_by_reference_or_traits_with_the_links_that_stand() {
    let federation = Federation::new(1);
    let here = federation.register("mission-locale", "ML-1", awa()).await;
    let there = federation.register("departement", "D-1", awa()).await;
    federation
        .register(
            "mission-locale",
            "ML-2",
            traits("Diallo", "Binta", "2000-04-13"),
        )
        .await;
    federation
        .link(
            ("mission-locale", here),
            ("departement", there),
            Class::Social,
        )
        .await;

    let files = found(&federation, &by_reference("ML-1"));
    let [file] = files.as_slice() else {
        panic!("{files:?}")
    };
    assert_eq!((file.person, file.identity == awa()), (here, true));
    assert_eq!(file.links.len(), 1);
    assert_eq!(file.links[0].node.as_str(), "departement");
    assert!(
        file.links[0].organisation.contains("Département"),
        "{:?}",
        file.links
    );
    assert_eq!(file.links[0].ceiling, Class::Social);

    assert_eq!(found(&federation, &by_name("diallo", "2000-04-12")), files);
    assert_eq!(found(&federation, &by_name("diallo", "2000")).len(), 2);
    assert_eq!(found(&federation, &by_reference("D-1")), []);
}

#[tokio::test]
async fn pages_hold_everyone_once() {
    let federation = Federation::new(1);
    let node = federation.node("mission-locale");
    let caller = federation.caseworker("mission-locale");
    for number in 0..70 {
        let reference = format!("ML-{number}");
        let first_name = if number % 2 == 0 { "Awa" } else { "Binta" };
        federation
            .register(
                "mission-locale",
                &reference,
                traits("Diallo", first_name, "2000-04-12"),
            )
            .await;
    }
    let find = FindPersons::Traits(Search::parse("Diallo", "Awa", "2000").unwrap());
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let size = PageSize::from_wire(10).unwrap();
        let page = node.find_persons(&caller, &find, size, &token).unwrap();
        assert!(page.items.len() <= 10);
        seen.extend(page.items.into_iter().map(|file| file.person));
        let Some(next) = page.next else { break };
        token = next;
    }
    assert_eq!(seen.len(), 35);
    assert!(seen.is_sorted_by(|a, b| a < b));

    let refused = node
        .find_persons(&caller, &find, PageSize::default(), "x")
        .unwrap_err();
    assert!(
        matches!(refused, ExchangeError::Malformed(malformed) if malformed.field() == "page_token")
    );
}

#[tokio::test]
async fn the_nir_is_kept_only_where_the_trust_list_says_so_and_is_never_given_back() {
    let federation = Federation::new(1);
    let form = TraitsForm {
        nir: "2690549588157".into(),
        ..awa()
    };
    for (node, kept) in [("mission-locale", false), ("departement", true)] {
        let person = federation.register(node, "R-1", form.clone()).await;
        let row = federation
            .node(node)
            .read(|view| Ok(persons::find(view, &person)?))
            .unwrap()
            .unwrap();
        assert_eq!(row.identity.nir.is_empty(), !kept, "{node}");
        let caller = federation.caseworker(node);
        let page =
            federation
                .node(node)
                .find_persons(&caller, &by_reference("R-1"), PageSize::MAX, "");
        assert!(page.unwrap().items[0].identity == awa(), "{node}");
    }
}

#[tokio::test]
async fn what_is_malformed_is_refused_by_its_field() {
    let federation = Federation::new(1);
    let node = federation.node("mission-locale");
    let caller = federation.caseworker("mission-locale");
    let long = "x".repeat(65);
    for (reference, identity, field) in [
        ("", awa(), "reference"),
        (long.as_str(), awa(), "reference"),
        ("ML\n1", awa(), "reference"),
        ("ML-1", traits("", "Awa", "2000"), "identity.birth_name"),
        (
            "ML-1",
            traits("Diallo", "Awa", "12/04/2000"),
            "identity.birth_date",
        ),
        (
            "ML-1",
            traits("Diallo", "Awa", "2999"),
            "identity.birth_date",
        ),
    ] {
        let refused = node
            .register_person(&caller, person(reference, identity))
            .await
            .unwrap_err();
        assert!(
            matches!(&refused, ExchangeError::Malformed(malformed) if malformed.field() == field),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn whoever_accompanies_nobody_registers_nobody_and_only_the_officer_finds_anybody() {
    let federation = Federation::new(1);
    let node = federation.node("mission-locale");
    for role in [AgentRole::PrivacyOfficer, AgentRole::Operator] {
        let caller = federation.caller("mission-locale", role, true);
        let registered = node.register_person(&caller, person("ML-1", awa())).await;
        assert_eq!(registered, Err(ExchangeError::RoleNotAllowed));
        let found = node.find_persons(&caller, &by_reference("ML-1"), PageSize::MAX, "");
        let may = role == AgentRole::PrivacyOfficer;
        assert_eq!(found.err(), (!may).then_some(ExchangeError::RoleNotAllowed));
    }
}

#[tokio::test]
async fn i10_files_and_requests_are_not_printed_by_accident() {
    let federation = Federation::new(1);
    federation
        .register("mission-locale", "REF-CANARY", awa())
        .await;
    let files = found(&federation, &by_reference("REF-CANARY"));
    let printed = format!(
        "{files:?} {:?} {:?}",
        person("REF-CANARY", awa()),
        by_name("Diallo", "2000-04-12")
    );
    for canary in ["REF-CANARY", "Diallo", "Awa", "2000-04-12"] {
        assert!(!printed.contains(canary), "{printed}");
    }
}

#[tokio::test]
async fn whoever_is_hidden_is_hidden_until_somebody_says_otherwise() {
    let federation = Federation::new(1);
    let node = federation.node("mission-locale");
    let caller = federation.caseworker("mission-locale");
    let met = federation
        .meet("mission-locale", "departement", Class::MAX)
        .await;
    let receipt = federation.receipt("departement", met.link, "mission-locale", "departement");
    federation.keep(&receipt).await;
    federation
        .write("mission-locale", met.there, "R-1", step("Soudure"))
        .await;
    let all = FindPersons::Traits(Search::parse("diallo", "", "2000-04-12").unwrap());
    let known = found(&federation, &all).remove(0);
    assert!(!known.hidden);

    for (hidden, opened) in [(Some(true), None), (None, None), (Some(false), Some(1))] {
        let same = RegisterPerson {
            reference: known.reference.clone(),
            identity: known.identity.clone(),
            hidden,
        };
        node.register_person(&caller, same).await.unwrap();
        federation.pass(std::time::Duration::from_secs(1));
        let asked = federation
            .ask("departement", met.here, "mission-locale")
            .await;
        assert_eq!(asked, Ok(opened), "{hidden:?}");
        assert_eq!(found(&federation, &all)[0].hidden, opened.is_none());
    }
}
