use passerelle_domain::Pii;
use passerelle_domain::vocabulary::{AgentRole, Class, GroupMemberRole, SessionAssurance};

use super::*;
use crate::testing::{Federation, awa};
use crate::{Direction, ExchangeFilter};

const NODE: &str = "departement";

fn day(text: &str) -> CivilDate {
    text.parse().unwrap()
}

fn of(federation: &Federation, person: PersonId, subject: &str) -> Assignment {
    Assignment {
        person,
        agent: CaseloadAgent {
            subject: Pii::new(subject.to_owned()),
            siret: federation.caseworker(NODE).siret,
        },
        role: GroupMemberRole::Referent,
        from: day("2026-09-01"),
        until: None,
    }
}

const fn set(assignment: Assignment) -> Result<AssignmentChange, Malformed> {
    Ok(AssignmentChange {
        assignment,
        remove: false,
    })
}

async fn change(
    federation: &Federation,
    changes: Vec<Result<AssignmentChange, Malformed>>,
) -> Vec<Assigned> {
    let caller = federation.caseworker(NODE);
    let node = federation.node(NODE);
    node.set_caseload(&caller, changes).await.unwrap()
}

fn listed(federation: &Federation, of: &CaseloadOf, on: Option<CivilDate>) -> Vec<Assignment> {
    let caller = federation.caseworker(NODE);
    let node = federation.node(NODE);
    let (mut all, mut token) = (Vec::new(), String::new());
    loop {
        let one = PageSize::from_wire(1).unwrap();
        let page = node.list_caseload(&caller, of, on, one, &token).unwrap();
        all.extend(page.items.into_iter().map(|set| set.assignment));
        match page.next {
            Some(next) => token = next,
            None => return all,
        }
    }
}

#[tokio::test]
async fn i5_setting_again_changes_nothing_and_each_line_is_answered_for_itself() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "D-1", awa()).await;
    let referent = of(&federation, person, "agent-1");
    let unknown = of(&federation, PersonId::from_bytes([9; 16]), "agent-1");
    let backwards = Assignment {
        until: Some(day("2026-08-31")),
        ..of(&federation, person, "agent-2")
    };
    let nobody = of(&federation, person, "");
    let lines = || {
        vec![
            set(referent.clone()),
            set(unknown.clone()),
            set(backwards.clone()),
            set(nobody.clone()),
            Err(Malformed::new("assignment.role", "a role")),
        ]
    };
    let fields = |results: &[Assigned]| -> Vec<String> {
        let field = |result: &Assigned| match result {
            Assigned::Refused(malformed) => malformed.field().to_owned(),
            other => format!("{other:?}"),
        };
        results.iter().map(field).collect()
    };
    let refused = [
        "assignment.person_id",
        "assignment.until_date",
        "assignment.agent.sub",
        "assignment.role",
    ];
    let first = change(&federation, lines()).await;
    assert_eq!(fields(&first)[0], "Created");
    assert_eq!(fields(&first)[1..], refused);
    let syncs = federation.disk(NODE).files.syncs();
    assert_eq!(fields(&change(&federation, lines()).await)[0], "Unchanged");
    assert_eq!(federation.disk(NODE).files.syncs(), syncs);

    let ended = Assignment {
        until: Some(day("2026-10-31")),
        ..referent.clone()
    };
    assert_eq!(
        change(&federation, vec![set(ended.clone())]).await,
        [Assigned::Updated]
    );
    let of_person = CaseloadOf::Person(person);
    assert_eq!(
        listed(&federation, &of_person, None),
        std::slice::from_ref(&ended)
    );
    let remove = || {
        Ok(AssignmentChange {
            assignment: ended.clone(),
            remove: true,
        })
    };
    assert_eq!(
        change(&federation, vec![remove(), remove()]).await,
        [Assigned::Removed, Assigned::Unchanged]
    );
    assert_eq!(listed(&federation, &of_person, None), []);
    let of_agent = CaseloadOf::Agent(ended.agent);
    assert_eq!(listed(&federation, &of_agent, None), []);
}

#[tokio::test]
async fn a_caseload_is_listed_by_agent_and_by_person_on_a_day() {
    let federation = Federation::new(1);
    let (mut persons, mut all) = (Vec::new(), Vec::new());
    for number in 0..4 {
        let person = federation
            .register(NODE, &format!("D-{number}"), awa())
            .await;
        persons.push(person);
        for subject in ["agent-1", "agent-2"] {
            all.push(set(of(&federation, person, subject)));
        }
    }
    let past = Assignment {
        role: GroupMemberRole::FormerReferent,
        from: day("2026-01-01"),
        until: Some(day("2026-08-31")),
        ..of(&federation, persons[0], "agent-1")
    };
    all.push(set(past.clone()));
    change(&federation, all).await;
    let agent = CaseloadOf::Agent(past.agent.clone());
    assert_eq!(listed(&federation, &agent, None).len(), 5);
    assert_eq!(
        listed(&federation, &agent, Some(day("2026-09-01"))).len(),
        4
    );
    let on_its_last_day = listed(&federation, &agent, Some(day("2026-08-31")));
    assert_eq!(on_its_last_day, [past]);
    let about = CaseloadOf::Person(persons[0]);
    assert_eq!(listed(&federation, &about, None).len(), 3);
    let other = CaseloadAgent {
        siret: federation.caseworker("association").siret,
        subject: Pii::new("agent-1".to_owned()),
    };
    assert_eq!(listed(&federation, &CaseloadOf::Agent(other), None), []);
}

#[tokio::test]
async fn the_officer_sees_whether_the_agent_of_an_access_had_the_person_then() {
    let federation = Federation::new(1);
    let met = federation.meet("mission-locale", NODE, Class::MAX).await;
    let caller = federation.caseworker(NODE);
    let node = federation.node(NODE);
    let to_own = Direction::PartnerToOwn;
    let agreement = federation.agreement(met.here, "mission-locale", to_own, Class::MAX);
    node.record_agreement(&caller, agreement).await.unwrap();
    let officer = federation.caller(NODE, AgentRole::PrivacyOfficer, true);
    let filter = ExchangeFilter {
        person: Some(met.here),
        ..ExchangeFilter::default()
    };
    let roles = || {
        let page = node.list_exchanges(&officer, &filter, PageSize::MAX, "");
        let index = page.unwrap().items[0].index;
        let file = node.exchange_file(&officer, index).unwrap();
        let set = file.caseload.into_iter();
        set.map(|set| set.assignment.role).collect::<Vec<_>>()
    };
    assert_eq!(roles(), []);
    let by = |subject: &str, from: &str| Assignment {
        from: day(from),
        ..of(&federation, met.here, subject)
    };
    let subject = caller.subject.expose().as_str();
    // Somebody else's, and one that begins after it, explain nothing.
    change(
        &federation,
        vec![
            set(by("agent-2", "2026-01-01")),
            set(by(subject, "2026-12-01")),
        ],
    )
    .await;
    assert_eq!(roles(), []);
    change(&federation, vec![set(by(subject, "2026-01-01"))]).await;
    assert_eq!(roles(), [GroupMemberRole::Referent]);
}

#[tokio::test]
async fn work_without_an_agent_keeps_the_caseload_and_the_officer_only_reads_it() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "D-1", awa()).await;
    let node = federation.node(NODE);
    let lines = || vec![set(of(&federation, person, "agent-1"))];
    let officer = federation.caller(NODE, AgentRole::PrivacyOfficer, true);
    let refused = node.set_caseload(&officer, lines()).await;
    assert_eq!(refused, Err(ExchangeError::RoleNotAllowed));
    let night = Caller {
        assurance: SessionAssurance::System,
        ..federation.caseworker(NODE)
    };
    let set = node.set_caseload(&night, lines()).await;
    assert_eq!(set, Ok(vec![Assigned::Created]));
    let of_person = CaseloadOf::Person(person);
    let listed = node.list_caseload(&officer, &of_person, None, PageSize::MAX, "");
    assert_eq!(listed.unwrap().items.len(), 1);
    let many = (0..501).map(|_| lines().remove(0)).collect();
    let too_many = node.set_caseload(&night, many).await;
    assert!(matches!(too_many, Err(ExchangeError::Malformed(_))));
}
