use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use passerelle_domain::{Class, Digest, LinkId, PersonId, Rng};
use passerelle_federation_tests::{
    DEPARTEMENT, Federation, MISSION_LOCALE, NOTICE, diagnosis, project, step,
};
use passerelle_gateway::runtime::SystemRng;
use passerelle_gateway::stubs::agency::v1::agreement_service_client::AgreementServiceClient;
use passerelle_gateway::stubs::agency::v1::person_service_client::PersonServiceClient;
use passerelle_gateway::stubs::agency::v1::record_service_client::RecordServiceClient;
use passerelle_proto::agency::v1::{
    AgreementDirection, AgreementGrant, AgreementPartner, DeliveryState, GrantEffect, GrantSection,
    Identity, RecordAgreementRequest, RecordUpsert, RegisterPersonRequest, ShownNotice,
    UpsertRecordsRequest,
};
use passerelle_proto::journey::v1::SituationState;
use passerelle_store::tables::TableError;
use passerelle_store::tables::links::{self, Link, LinkState};
use tokio::task::JoinSet;

use crate::sessions::Sessions;

/// The holder: a mission locale.
pub(crate) const HOLDER: &str = MISSION_LOCALE;
/// The one that asks: a département.
pub(crate) const REQUESTER: &str = DEPARTEMENT;

/// What is asked of each person, and opened by their receipt.
pub(crate) const SECTIONS: [&str; 3] = ["steps", "project", "diagnosis"];
/// Up to which class.
pub(crate) const CLASS: u32 = 2;
/// Somebody known to both.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person {
    /// At the requester.
    pub(crate) there: PersonId,
    /// Between the two.
    pub(crate) link: LinkId,
}

/// Enters `count` persons at both nodes through their agency APIs, each with so many records at the
/// holder, a link and a receipt that opens them all. The link alone is put in the stores: a pass for
/// each costs two password hashes.
pub(crate) async fn enter(
    federation: &Federation,
    at_holder: &Arc<Sessions>,
    at_requester: &Arc<Sessions>,
    count: usize,
    records: usize,
) -> Vec<Person> {
    let (holder, requester) = (Arc::clone(at_holder), Arc::clone(at_requester));
    let known = each(count, move |number| {
        let (holder, requester) = (Arc::clone(&holder), Arc::clone(&requester));
        async move {
            let here = register(&holder, number).await;
            keep(&holder, here, journey(records)).await;
            (here, register(&requester, number).await)
        }
    });
    let chance: &dyn Rng = &SystemRng::new();
    let linked: Vec<_> = known
        .await
        .into_iter()
        .map(|(here, there)| (here, there, LinkId::random(chance)))
        .collect();
    let at = |of: fn(&(PersonId, PersonId, LinkId)) -> PersonId| {
        linked.iter().map(|all| (of(all), all.2)).collect()
    };
    link(federation, HOLDER, REQUESTER, at(|all| all.0)).await;
    link(federation, REQUESTER, HOLDER, at(|all| all.1)).await;
    let persons: Vec<_> = linked
        .iter()
        .map(|(_, there, link)| Person {
            there: *there,
            link: *link,
        })
        .collect();
    let (requester, informed) = (Arc::clone(at_requester), persons.clone());
    each(count, move |number| {
        let (requester, person) = (Arc::clone(&requester), informed[number]);
        async move { inform(&requester, person.there, HOLDER).await }
    })
    .await;
    persons
}

/// Registers a person.
pub(crate) async fn register(agency: &Sessions, number: usize) -> PersonId {
    let session = agency.next();
    let request = session.request(RegisterPersonRequest {
        hidden: None,
        reference: format!("dossier-{number}"),
        identity: Some(Identity {
            birth_name: "Exemple".to_owned(),
            first_names: "Camille".to_owned(),
            birth_date: "2000-11-24".to_owned(),
            ..Identity::default()
        }),
    });
    let mut persons = PersonServiceClient::new(session.channel.clone());
    let registered = persons.register_person(request).await;
    let id = registered.expect("a person").into_inner().person_id;
    id.parse().expect("an id")
}

/// Keeps records of a person.
pub(crate) async fn keep(agency: &Sessions, person: PersonId, records: Vec<RecordUpsert>) {
    let count = records.len();
    let session = agency.next();
    let request = session.request(UpsertRecordsRequest {
        person_id: person.to_string(),
        records,
    });
    let mut records = RecordServiceClient::new(session.channel.clone());
    let kept = records.upsert_records(request).await;
    let kept = kept.expect("records").into_inner().results;
    assert_eq!(kept.len(), count);
}

/// A project and a diagnosis, and else steps.
fn journey(count: usize) -> Vec<RecordUpsert> {
    let said = [("driving_theory_passed", SituationState::Yes)];
    let first = [
        project("project-1", "Conduire des bus de ville"),
        diagnosis("diagnosis-1", &said),
    ];
    first.into_iter().chain(steps()).take(count).collect()
}

/// Steps, as many as are taken.
pub(crate) fn steps() -> impl Iterator<Item = RecordUpsert> {
    (1..).map(|i| step(&format!("step-{i}"), "Atelier de recherche d'emploi"))
}

/// The requester records that the person was informed: a receipt for the holder, which it delivers.
pub(crate) async fn inform(agency: &Sessions, person: PersonId, holder: &str) {
    // The same call again gives the same answer, and waits for the delivery again.
    loop {
        let session = agency.next();
        let request = session.request(agreement(person, holder));
        let mut agreements = AgreementServiceClient::new(session.channel.clone());
        let recorded = agreements.record_agreement(request).await;
        let outcomes = recorded.expect("an agreement").into_inner().outcomes;
        match outcomes[0].delivery.as_ref().expect("a delivery").state() {
            DeliveryState::Delivered => return,
            DeliveryState::Queued => {}
            state => panic!("the receipt is {state:?}"),
        }
    }
}

fn agreement(person: PersonId, holder: &str) -> RecordAgreementRequest {
    let section = |section: &str| GrantSection {
        section: section.to_owned(),
        sensitivity: CLASS,
    };
    RecordAgreementRequest {
        person_id: person.to_string(),
        request_id: format!("agreement-{person}-{holder}"),
        partners: vec![AgreementPartner {
            node: holder.to_owned(),
            direction: AgreementDirection::PartnerToOwn.into(),
        }],
        basis: "public_task".to_owned(),
        given_by: "person".to_owned(),
        notice: Some(ShownNotice {
            notice_id: "spie-information".to_owned(),
            lang: "fr".to_owned(),
            sha256: Digest::of(NOTICE).to_string(),
        }),
        evidence: "attested".to_owned(),
        grants: vec![AgreementGrant {
            effect: GrantEffect::Permit.into(),
            actions: vec!["read".to_owned()],
            sections: SECTIONS.iter().copied().map(section).collect(),
            purposes: vec!["pathway_follow_up".to_owned()],
            until: String::new(),
        }],
        ..RecordAgreementRequest::default()
    }
}

pub(crate) async fn link(
    federation: &Federation,
    node: &str,
    peer: &str,
    persons: Vec<(PersonId, LinkId)>,
) {
    let store = federation.site(node).passerelle.store();
    for some in persons.chunks(LINKS_AT_ONCE).map(<[_]>::to_vec) {
        let peer = peer.parse().expect("the name of a node");
        let linked = store.transact("link", move |tx| {
            for (person, id) in &some {
                let link = Link {
                    id: *id,
                    person: *person,
                    peer: passerelle_domain::NodeId::clone(&peer),
                    born_from: None,
                    own_redemption: false,
                    ceiling: Some(Class::LivingConditions),
                    state: LinkState::Live,
                    since: tx.now(),
                    made_at: tx.now(),
                    end: None,
                };
                links::put(tx, &link)?;
            }
            Ok::<_, TableError>(())
        });
        linked.await.expect("links that can be kept");
    }
}

/// Does something for each number below `count`, several at once; what came of it, in their order.
pub(crate) async fn each<T, F>(
    count: usize,
    work: impl Fn(usize) -> F + Clone + Send + Sync + 'static,
) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send,
{
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (next, work) = (Arc::clone(&next), work.clone());
        workers.spawn(async move {
            let mut done = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return done;
                }
                done.push((number, work(number).await));
            }
        });
    }
    let mut done: Vec<_> = workers.join_all().await.into_iter().flatten().collect();
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, came)| came).collect()
}

const AT_ONCE: usize = 128;
const LINKS_AT_ONCE: usize = 100;
