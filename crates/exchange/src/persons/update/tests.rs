use passerelle_domain::vocabulary::AgentRole;
use passerelle_linkage::traits::Search;

use super::*;
use crate::testing::{Federation, awa, traits};
use crate::{FindPersons, PageSize};

const NODE: &str = "departement";

fn nothing(person: PersonId) -> UpdatePerson {
    UpdatePerson {
        person,
        identity: IdentityChange {
            traits: None,
            forget_nir: false,
        },
        reference: None,
        add: Vec::new(),
        drop: Vec::new(),
        hidden: None,
    }
}

fn text(text: &str) -> Pii<String> {
    Pii::new(text.to_owned())
}

async fn update(
    federation: &Federation,
    change: UpdatePerson,
) -> Result<PersonFile, ExchangeError> {
    let node = federation.node(NODE);
    node.update_person(&federation.caseworker(NODE), change)
        .await
}

fn found(federation: &Federation, find: &FindPersons) -> Vec<PersonId> {
    let node = federation.node(NODE);
    let caller = federation.caseworker(NODE);
    let page = node.find_persons(&caller, find, PageSize::MAX, "").unwrap();
    page.items.iter().map(|file| file.person).collect()
}

fn by_reference(reference: &str) -> FindPersons {
    FindPersons::Reference(text(reference))
}

fn by_name(name: &str) -> FindPersons {
    FindPersons::Traits(Search::parse(name, "", "2000-04-12").unwrap())
}

#[tokio::test]
async fn what_is_left_out_stays_and_the_search_follows_what_is_said() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "D-1", awa()).await;
    let married = UpdatePerson {
        identity: IdentityChange {
            traits: Some(TraitsForm {
                usage_name: "Le Goff".to_owned(),
                ..awa()
            }),
            forget_nir: false,
        },
        ..nothing(person)
    };
    let file = update(&federation, married.clone()).await.unwrap();
    assert_eq!(file.identity.usage_name, "Le Goff");
    assert_eq!(*file.reference.expose(), "D-1");
    assert_eq!(found(&federation, &by_name("le goff")), [person]);

    let syncs = federation.disk(NODE).files.syncs();
    assert_eq!(update(&federation, married).await.unwrap(), file);
    assert_eq!(federation.disk(NODE).files.syncs(), syncs);

    let corrected = UpdatePerson {
        identity: IdentityChange {
            traits: Some(traits("Dialo", "Awa", "2000-04-12")),
            forget_nir: false,
        },
        ..nothing(person)
    };
    update(&federation, corrected).await.unwrap();
    assert_eq!(found(&federation, &by_name("le goff")), []);
    assert_eq!(found(&federation, &by_name("dialo")), [person]);
}

#[tokio::test]
async fn every_reference_that_a_file_keeps_finds_it() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "D-1", awa()).await;
    let renumbered = UpdatePerson {
        reference: Some(text("D-2")),
        add: vec![text("OLD-7")],
        ..nothing(person)
    };
    let file = update(&federation, renumbered).await.unwrap();
    assert_eq!(*file.reference.expose(), "D-2");
    for reference in ["D-1", "D-2", "OLD-7"] {
        assert_eq!(found(&federation, &by_reference(reference)), [person]);
    }
    // Registering under the old one is about the same file, which keeps its newest.
    assert_eq!(federation.register(NODE, "D-1", awa()).await, person);
    let caller = federation.caseworker(NODE);
    let file = federation.node(NODE).person(&caller, &person).unwrap();
    assert_eq!(*file.reference.expose(), "D-2");
    assert_eq!(file.other_references.len(), 2);

    let dropped = UpdatePerson {
        drop: vec![text("OLD-7"), text("never-there")],
        ..nothing(person)
    };
    update(&federation, dropped).await.unwrap();
    assert_eq!(found(&federation, &by_reference("OLD-7")), []);
    let own = UpdatePerson {
        drop: vec![text("D-2")],
        ..nothing(person)
    };
    let refused = update(&federation, own).await;
    assert!(matches!(refused, Err(ExchangeError::Malformed(_))));
}

#[tokio::test]
async fn a_reference_of_somebody_else_is_refused_and_nothing_changes() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "D-1", awa()).await;
    federation.register(NODE, "D-2", awa()).await;
    for (change, field) in [
        (
            UpdatePerson {
                reference: Some(text("D-2")),
                ..nothing(person)
            },
            "reference",
        ),
        (
            UpdatePerson {
                add: vec![text("D-9"), text("D-2")],
                ..nothing(person)
            },
            "add_references",
        ),
    ] {
        let refused = update(&federation, change).await;
        assert_eq!(refused, Err(ExchangeError::IdReused(field)));
    }
    assert_eq!(found(&federation, &by_reference("D-9")), []);
}

#[tokio::test]
async fn a_file_keeps_sixteen_references_beside_its_own() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "D-1", awa()).await;
    let many = |most: usize| UpdatePerson {
        add: (0..most).map(|i| text(&format!("OLD-{i}"))).collect(),
        ..nothing(person)
    };
    assert!(update(&federation, many(17)).await.is_err());
    assert!(update(&federation, many(16)).await.is_ok());
}

#[tokio::test]
async fn a_nir_stays_until_another_is_given_or_it_is_forgotten() {
    let federation = Federation::new(1);
    let with_nir = TraitsForm {
        nir: "2690549588157".to_owned(),
        ..awa()
    };
    let person = federation.register(NODE, "D-1", with_nir).await;
    let kept = || {
        let node = federation.node(NODE);
        let file = node.read(|view| Ok(persons::find(view, &person)?)).unwrap();
        !file.unwrap().identity.nir.is_empty()
    };
    let without = UpdatePerson {
        identity: IdentityChange {
            traits: Some(awa()),
            forget_nir: false,
        },
        ..nothing(person)
    };
    let file = update(&federation, without).await.unwrap();
    assert!(kept() && file.identity.nir.is_empty());
    // No call gives it back, so that whoever says again what was read cannot say it.
    assert_eq!(federation.register(NODE, "D-1", awa()).await, person);
    assert!(kept());
    let row = crate::ImportRow {
        reference: text("D-1"),
        identity: awa(),
        records: Vec::new(),
        distinct: false,
    };
    let caller = federation.caseworker(NODE);
    let imported = federation
        .node(NODE)
        .import_rows(&caller, vec![row], crate::Writing::Keep)
        .await;
    assert_eq!(imported.unwrap(), [crate::ImportedRow::Unchanged(person)]);
    assert!(kept());
    let forgotten = UpdatePerson {
        identity: IdentityChange {
            traits: None,
            forget_nir: true,
        },
        ..nothing(person)
    };
    update(&federation, forgotten).await.unwrap();
    assert!(!kept());
}

#[tokio::test]
async fn the_officer_reads_a_file_and_changes_none() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "D-1", awa()).await;
    let node = federation.node(NODE);
    let officer = federation.caller(NODE, AgentRole::PrivacyOfficer, true);
    assert_eq!(node.person(&officer, &person).unwrap().person, person);
    assert_eq!(
        node.update_person(&officer, nothing(person)).await,
        Err(ExchangeError::RoleNotAllowed)
    );
    let nobody = PersonId::from_bytes([9; 16]);
    assert_eq!(
        node.person(&officer, &nobody),
        Err(ExchangeError::PersonNotFound)
    );
    assert_eq!(
        update(&federation, nothing(nobody)).await,
        Err(ExchangeError::PersonNotFound)
    );
}
