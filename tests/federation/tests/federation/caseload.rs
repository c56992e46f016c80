//! The caseload explains an access afterwards.

use passerelle_federation_tests::*;
use passerelle_proto::agency::v1::{
    Assignment, AssignmentChange, AssignmentResult, AssignmentStatus, CaseloadAgent,
    ListCaseloadRequest, SetCaseloadRequest,
};
use passerelle_proto::audit::v1::{CaseloadThen, GetExchangeRequest, ListExchangesRequest};

#[tokio::test(flavor = "multi_thread")]
async fn the_officer_sees_beside_an_access_that_the_person_was_in_the_agents_caseload() {
    let federation = Federation::start().await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    amina.keep(vec![step("step-1", "Atelier CV")]).await;
    amina.agree(&Opening::usual()).await;
    Agency::told(amina.fetch(&amina.question(&["steps"]))).await;
    assert_eq!(beside_the_question(&federation).await, []);

    let referent = assignment(&amina, "referent", "2020-01-01", "");
    let former = assignment(&amina, "former_referent", "2019-01-01", "2019-12-31");
    let nobody = assignment(&amina, "neighbour", "2020-01-01", "");
    let changes = [referent.clone(), former, nobody];
    let set = set(&amina.asker, &changes).await;
    assert_eq!(
        set.iter().map(AssignmentResult::status).collect::<Vec<_>>(),
        [
            AssignmentStatus::Created,
            AssignmentStatus::Created,
            AssignmentStatus::Refused
        ]
    );
    assert_eq!(set[2].field, "assignment.role");
    let again = self::set(&amina.asker, &changes[..2]).await;
    assert!(
        again
            .iter()
            .all(|result| result.status() == AssignmentStatus::Unchanged)
    );

    let listed = ListCaseloadRequest {
        agent: referent.agent.clone(),
        on_date: "2021-06-01".to_owned(),
        ..ListCaseloadRequest::default()
    };
    let request = amina.asker.request(listed);
    let listed = Agency::told(amina.asker.caseload().list_caseload(request)).await;
    let listed: Vec<_> = listed
        .assignments
        .into_iter()
        .filter_map(|set| set.assignment)
        .collect();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].role, "referent");
    assert_eq!(listed[0].person_id, referent.person_id);

    let then = beside_the_question(&federation).await;
    assert_eq!(then.len(), 1, "{then:?}");
    assert_eq!(
        (&*then[0].role, &*then[0].from_date),
        ("referent", "2020-01-01")
    );
}

/// What the caseload says of the question that the department asked.
async fn beside_the_question(federation: &Federation) -> Vec<CaseloadThen> {
    let officer = Agency::officer(federation, DEPARTEMENT).await;
    let request = officer.request(ListExchangesRequest {
        kinds: vec!["asked".to_owned()],
        ..ListExchangesRequest::default()
    });
    let listed = Agency::told(officer.audit().list_exchanges(request)).await;
    // The pass that was redeemed is an exchange, too; the question came after it.
    let log_index = listed.exchanges[0].log_index;
    let request = officer.request(GetExchangeRequest { log_index });
    let file = Agency::told(officer.audit().get_exchange(request)).await;
    file.caseload
}

async fn set(agency: &Agency, assignments: &[Assignment]) -> Vec<AssignmentResult> {
    let changes = assignments.iter().map(|assignment| AssignmentChange {
        assignment: Some(assignment.clone()),
        remove: false,
    });
    let request = agency.request(SetCaseloadRequest {
        changes: changes.collect(),
    });
    Agency::told(agency.caseload().set_caseload(request))
        .await
        .results
}

fn assignment(amina: &Linked, role: &str, from_date: &str, until_date: &str) -> Assignment {
    Assignment {
        person_id: amina.there.clone(),
        agent: Some(CaseloadAgent {
            sub: "agent-1".to_owned(),
            siret: String::new(),
        }),
        role: role.to_owned(),
        from_date: from_date.to_owned(),
        until_date: until_date.to_owned(),
    }
}
