use passerelle_domain::claim::ObjectionScope;
use passerelle_domain::vocabulary::{AgentRole, Class};
use passerelle_linkage::traits::Search;

use super::*;
use crate::testing::{Federation, Met, step, traits, upsert};
use passerelle_store::tables::passes as stored_passes;
use passerelle_store::tables::rectifications::RectificationKind;

use crate::{
    DeleteRecord, Direction, ExchangeFilter, FindPersons, IdentityChange, IssuePass, Made,
    Objecting, PageSize, RecordName, RecordObjection, RegisterPerson, RequestId,
    RequestRectification, Unlink, UpdatePerson, Upserted,
};

mod introduced;
mod naive;

const HERE: &str = "departement";
const THERE: &str = "mission-locale";

/// At `THERE` a person who is linked with `HERE`, and a second file of theirs, with a record each.
struct Twice {
    met: Met,
    second: PersonId,
}

async fn twice(federation: &Federation) -> Twice {
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let second = federation
        .register(THERE, "T-2", traits("Dialo", "Awa", "2000-04-12"))
        .await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    federation.write(THERE, second, "R-2", step("Caces")).await;
    let request = federation.agreement(met.here, THERE, Direction::PartnerToOwn, Class::MAX);
    let caller = federation.caseworker(HERE);
    let recorded = federation
        .node(HERE)
        .record_agreement(&caller, request)
        .await;
    recorded.unwrap();
    federation.deliver_all().await;
    Twice { met, second }
}

async fn merge(
    federation: &Federation,
    keep: PersonId,
    merged: PersonId,
) -> Result<PersonFile, ExchangeError> {
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    node.merge_persons(&caller, keep, merged).await
}

async fn unmerge(federation: &Federation, merged: PersonId) -> PersonFile {
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    node.unmerge_persons(&caller, merged).await.unwrap()
}

async fn records(federation: &Federation, person: PersonId) -> usize {
    let caller = federation.caseworker(THERE);
    let journey = federation.node(THERE).merged_journey(&caller, person).await;
    journey.unwrap().own_records.len()
}

fn found(federation: &Federation, find: &FindPersons) -> Vec<PersonId> {
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    let page = node.find_persons(&caller, find, PageSize::MAX, "").unwrap();
    page.items.iter().map(|file| file.person).collect()
}

fn by_name(name: &str) -> FindPersons {
    FindPersons::Traits(Search::parse(name, "", "2000-04-12").unwrap())
}

#[tokio::test]
async fn both_ids_and_all_references_lead_to_the_kept_file_until_they_part() {
    let federation = Federation::new(1);
    let Twice { met, second } = twice(&federation).await;
    let kept = merge(&federation, met.there, second).await.unwrap();
    assert_eq!((kept.person, kept.merged[0].person), (met.there, second));
    assert_eq!(merge(&federation, met.there, second).await.unwrap(), kept);

    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    assert_eq!(node.person(&caller, &second).unwrap().person, met.there);
    let by_reference = FindPersons::Reference(Pii::new("T-2".to_owned()));
    assert_eq!(found(&federation, &by_reference), [met.there]);
    assert_eq!(found(&federation, &by_name("dialo")), [met.there]);
    assert_eq!(found(&federation, &by_name("diallo")), [met.there]);
    for person in [met.there, second] {
        assert_eq!(records(&federation, person).await, 2);
    }

    assert_eq!(unmerge(&federation, second).await.person, second);
    assert_eq!(unmerge(&federation, second).await.person, second);
    assert_eq!(found(&federation, &by_reference), [second]);
    assert_eq!(found(&federation, &by_name("dialo")), [second]);
    for person in [met.there, second] {
        assert_eq!(records(&federation, person).await, 1);
    }
}

#[tokio::test]
async fn each_record_stays_in_its_file_and_what_is_new_in_the_one_that_is_kept() {
    let federation = Federation::new(1);
    let Twice { met, second } = twice(&federation).await;
    merge(&federation, met.there, second).await.unwrap();
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    // Under the old id and reference: another version of the one that is there.
    let batch = vec![upsert("R-2", 2, step("Caces 3"))];
    let kept = node.upsert_records(&caller, second, batch).await.unwrap();
    assert!(matches!(kept[..], [Upserted::Updated(_)]), "{kept:?}");
    federation.write(THERE, second, "R-3", step("Forum")).await;
    assert_eq!(records(&federation, met.there).await, 3);
    unmerge(&federation, second).await;
    assert_eq!(records(&federation, met.there).await, 2);
    assert_eq!(records(&federation, second).await, 1);
}

#[tokio::test]
async fn i1_a_partner_receives_of_both_files_what_the_permits_of_the_kept_one_allow() {
    let federation = Federation::new(1);
    let Twice { met, second } = twice(&federation).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    merge(&federation, met.there, second).await.unwrap();
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(2)));
    unmerge(&federation, second).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
}

#[tokio::test]
async fn i3_an_objection_under_the_merged_id_closes_what_is_shared_over_the_kept_file() {
    let federation = Federation::new(1);
    let Twice { met, second } = twice(&federation).await;
    merge(&federation, met.there, second).await.unwrap();
    object(&federation, second).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(None));
    unmerge(&federation, second).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(None));
}

async fn object(federation: &Federation, person: PersonId) {
    let request = RecordObjection {
        person,
        request: RequestId::new("objection").unwrap(),
        objection: Objecting::To(ObjectionScope::All),
    };
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    node.record_objection(&caller, request).await.unwrap();
}

#[tokio::test]
async fn i3_a_file_that_is_linked_or_objected_in_is_not_merged_into_another() {
    let federation = Federation::new(1);
    let Twice { met, second } = twice(&federation).await;
    let why = |refused: Result<PersonFile, ExchangeError>| match refused {
        Err(ExchangeError::CannotMerge(why)) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(why(merge(&federation, second, met.there).await), "linked");
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    let unlink = Unlink {
        person: met.there,
        link: met.link,
        person_asked: true,
    };
    node.unlink_person(&caller, unlink).await.unwrap();
    object(&federation, met.there).await;
    assert_eq!(
        why(merge(&federation, second, met.there).await),
        "objection"
    );
    federation.protect(THERE, second).await;
    assert_eq!(why(merge(&federation, met.there, second).await), "hidden");

    let third = federation
        .register(THERE, "T-3", crate::testing::awa())
        .await;
    let fourth = federation
        .register(THERE, "T-4", crate::testing::awa())
        .await;
    merge(&federation, third, fourth).await.unwrap();
    let into_merged = merge(&federation, fourth, second).await;
    assert_eq!(why(into_merged), "kept_file_is_merged");
    assert_eq!(
        why(merge(&federation, met.there, fourth).await),
        "merged_already"
    );
    assert_eq!(
        why(merge(&federation, met.there, third).await),
        "has_merged_files"
    );
    // What was ended over a file is listed with those of the one it is in.
    let links = node.list_links(&caller, &met.there, PageSize::MAX, "");
    assert_eq!(links.unwrap().items.len(), 1);
}

#[tokio::test]
async fn a_pass_of_a_merged_file_links_the_one_that_is_kept_until_they_part() {
    let federation = Federation::new(1);
    let Twice { met, second } = twice(&federation).await;
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    let issue = IssuePass {
        person: second,
        ceiling: None,
        valid_days: None,
    };
    let passes = |person| {
        let page = node.list_passes(&caller, &person, PageSize::MAX, "");
        page.unwrap().items.len()
    };
    let before = passes(met.there);
    node.issue_pass(&caller, issue).await.unwrap();
    merge(&federation, met.there, second).await.unwrap();
    let issued = node.issue_pass(&caller, issue).await.unwrap();
    assert_eq!(
        (passes(met.there), passes(second)),
        (before + 2, before + 2)
    );
    unmerge(&federation, second).await;
    assert_eq!((passes(met.there), passes(second)), (before + 1, 1));

    // The one that was issued since is of the kept file.
    let kept = node.read(|view| Ok(stored_passes::find(view, &issued.id)?));
    assert_eq!(kept.unwrap().unwrap().person, met.there);
}

#[tokio::test]
async fn i3_what_is_restricted_in_a_merged_file_stays_so_whoever_keeps_it() {
    let federation = Federation::new(1);
    let Twice { met, second } = twice(&federation).await;
    merge(&federation, met.there, second).await.unwrap();
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    let asked = RequestRectification {
        person: met.there,
        request: RequestId::new("restrict").unwrap(),
        record: RecordName::Reference(Pii::new("R-2".to_owned())),
        kind: RectificationKind::Restrict,
        wrong: Pii::new("Ce n’est pas moi.".to_owned()),
        should_be: Pii::new(String::new()),
    };
    let taken = node.request_rectification(&caller, asked).await.unwrap();
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    let restricted = |person| {
        let name = RecordName::Reference(Pii::new("R-2".to_owned()));
        let kept = node.kept_record(&caller, &person, &name).unwrap();
        kept.mark.restricted.is_some()
    };
    assert!(restricted(met.there) && restricted(second));
    // It goes with the record.
    unmerge(&federation, second).await;
    assert!(restricted(second));
    let listed = node.list_rectifications(&caller, Some(&second), PageSize::MAX, "");
    assert_eq!(listed.unwrap().items[0].request.id, taken.request.id);
    let listed = node.list_rectifications(&caller, Some(&met.there), PageSize::MAX, "");
    assert_eq!(listed.unwrap().items, []);
}

#[tokio::test]
async fn a_deletion_and_its_history_stay_with_the_file_of_the_record() {
    let federation = Federation::new(1);
    let Twice { met, second } = twice(&federation).await;
    merge(&federation, met.there, second).await.unwrap();
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    let name = RecordName::Reference(Pii::new("R-2".to_owned()));
    let delete = DeleteRecord {
        person: met.there,
        record: name.clone(),
        version: 0,
    };
    node.delete_record(&caller, delete).await.unwrap();
    let made = |person| {
        let size = (PageSize::MAX, "");
        let history = node.record_history(&caller, &person, &name, size).unwrap();
        let made = history.page.items.iter().map(|entry| entry.made);
        made.collect::<Vec<_>>()
    };
    let both = [Made::Deleted, Made::Created];
    assert_eq!(
        (made(met.there), made(second)),
        (both.to_vec(), both.to_vec())
    );
    unmerge(&federation, second).await;
    assert_eq!(made(second), both);
    let gone = node.record_history(&caller, &met.there, &name, (PageSize::MAX, ""));
    assert_eq!(gone.unwrap_err(), ExchangeError::not_found("reference"));
}

#[tokio::test]
async fn a_reference_goes_on_to_say_who_its_own_file_is_and_hides_the_one_that_is_kept() {
    let federation = Federation::new(1);
    let Twice { met, second } = twice(&federation).await;
    merge(&federation, met.there, second).await.unwrap();
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    let again = RegisterPerson {
        reference: Pii::new("T-2".to_owned()),
        identity: traits("Dialo", "Awa Marie", "2000-04-12"),
        hidden: Some(true),
    };
    let registered = node.register_person(&caller, again).await.unwrap();
    assert_eq!((registered.person, registered.created), (met.there, false));
    let kept = node.person(&caller, &second).unwrap();
    assert!(kept.hidden);
    assert_ne!(kept.identity.first_names, "Awa Marie");
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(None));
    let parted = unmerge(&federation, second).await;
    assert!(!parted.hidden);
    assert_eq!(parted.identity.first_names, "Awa Marie");
}

#[tokio::test]
async fn a_reference_of_a_merged_file_is_not_taken_from_it() {
    let federation = Federation::new(1);
    let Twice { met, second } = twice(&federation).await;
    merge(&federation, met.there, second).await.unwrap();
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    let update = |reference: Option<&str>, add: &[&str]| UpdatePerson {
        person: met.there,
        identity: IdentityChange {
            traits: None,
            forget_nir: false,
        },
        reference: reference.map(|one| Pii::new(one.to_owned())),
        add: add.iter().map(|one| Pii::new((*one).to_owned())).collect(),
        drop: Vec::new(),
        hidden: None,
    };
    let taken = node.update_person(&caller, update(Some("T-2"), &[])).await;
    assert_eq!(taken.unwrap_err(), ExchangeError::IdReused("reference"));
    let finds = node.update_person(&caller, update(None, &["T-2"])).await;
    assert_eq!(finds.unwrap().other_references, []);
    unmerge(&federation, second).await;
    let by_reference = FindPersons::Reference(Pii::new("T-2".to_owned()));
    assert_eq!(found(&federation, &by_reference), [second]);
}

#[tokio::test]
async fn files_that_name_a_record_alike_are_not_merged() {
    let federation = Federation::new(1);
    let Twice { met, second } = twice(&federation).await;
    federation.write(THERE, second, "R-1", step("Forum")).await;
    let refused = merge(&federation, met.there, second).await.unwrap_err();
    assert_eq!(refused, ExchangeError::CannotMerge("same_record_reference"));
}

#[tokio::test]
async fn the_officer_finds_the_entries_of_both_files_under_either_id() {
    let federation = Federation::new(1);
    let Twice { met, second } = twice(&federation).await;
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    object(&federation, second).await;
    let lifted = RecordObjection {
        person: second,
        request: RequestId::new("lift").unwrap(),
        objection: Objecting::Lift(
            node.list_agreements(&caller, &second).unwrap().objections[0].id,
        ),
    };
    node.record_objection(&caller, lifted).await.unwrap();
    let officer = federation.caller(THERE, AgentRole::PrivacyOfficer, true);
    let leaves = |person| {
        let filter = ExchangeFilter {
            person: Some(person),
            ..ExchangeFilter::default()
        };
        let page = node.list_exchanges(&officer, &filter, PageSize::MAX, "");
        let leaves = page.unwrap().items.into_iter().map(|one| one.index);
        leaves.collect::<Vec<_>>()
    };
    let (kept, merged) = (leaves(met.there), leaves(second));
    assert_eq!(merged.len(), 2);
    let mut both: Vec<_> = kept.iter().chain(&merged).copied().collect();
    both.sort_by_key(|leaf| std::cmp::Reverse(*leaf));
    merge(&federation, met.there, second).await.unwrap();
    assert_eq!((leaves(met.there), leaves(second)), (both.clone(), both));
    let objections = node
        .list_agreements(&caller, &met.there)
        .unwrap()
        .objections;
    assert_eq!(objections.len(), 1);
    unmerge(&federation, second).await;
    assert_eq!((leaves(met.there), leaves(second)), (kept, merged));
}

#[tokio::test]
async fn only_those_who_meet_persons_merge_files_that_are_there() {
    let federation = Federation::new(1);
    let Twice { met, second } = twice(&federation).await;
    let node = federation.node(THERE);
    let officer = federation.caller(THERE, AgentRole::PrivacyOfficer, true);
    let refused = node.merge_persons(&officer, met.there, second).await;
    assert_eq!(refused, Err(ExchangeError::RoleNotAllowed));
    let refused = node.unmerge_persons(&officer, second).await;
    assert_eq!(refused, Err(ExchangeError::RoleNotAllowed));
    let nobody = PersonId::from_bytes([9; 16]);
    assert_eq!(
        merge(&federation, nobody, second).await,
        Err(ExchangeError::PersonNotFound)
    );
    assert_eq!(
        merge(&federation, second, nobody).await,
        Err(ExchangeError::not_found("merged_person_id"))
    );
    let itself = merge(&federation, second, second).await;
    assert!(matches!(itself, Err(ExchangeError::Malformed(_))));
}
