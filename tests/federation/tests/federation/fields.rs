//! What is wrong is told to whoever can mend it, in the words of the message that they sent.

use passerelle_federation_tests::*;
use passerelle_proto::agency::v1::record_objection_request::Scope;
use passerelle_proto::agency::v1::{
    FetchSummaryRequest, FindPersonsRequest, IssuePassRequest, ObjectedItems, OpenSessionRequest,
    RecordAgreementRequest, RecordObjectionRequest, RevokePassRequest, UpsertStatus,
};
use passerelle_proto::audit::v1::ListExchangesRequest;
use tonic::Code;

#[track_caller]
fn invalid(told: &Told, field: &str) {
    assert_eq!(
        (told.code, &*told.reason),
        (Code::InvalidArgument, "FIELD_INVALID"),
        "{field}"
    );
    assert_eq!(told.says("field"), field);
    assert!(!told.says("rule").is_empty() && !told.text_fr.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_breaks_a_rule_is_told_which_field() {
    let federation = Federation::start().await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    type Spoil = fn(&mut FetchSummaryRequest);
    let cases: &[(&str, Spoil)] = &[
        ("person_id", |q| q.person_id.clear()),
        ("holder", |q| q.holder = "Mission locale".to_owned()),
        ("exchange_id", |q| q.exchange_id = "not-a-uuid".to_owned()),
        ("purpose", |q| q.purpose = "curiosity".to_owned()),
        ("usage", |q| q.usage = "sell".to_owned()),
        ("sections", |q| q.sections.clear()),
        ("sections[0].section", |q| {
            q.sections[0].section = "secrets".to_owned()
        }),
        ("sections[0].sensitivity", |q| q.sections[0].sensitivity = 9),
        ("sections[1].section", |q| {
            q.sections.push(q.sections[0].clone())
        }),
    ];
    for (field, spoil) in cases {
        let mut question = amina.question(&["steps"]);
        spoil(&mut question);
        invalid(&refusal(amina.fetch(&question).await), field);
    }
    let mut unknown = amina.question(&["steps"]);
    unknown.holder = "nobody".to_owned();
    assert_eq!(
        refusal(amina.fetch(&unknown).await).reason,
        "MEMBER_UNKNOWN"
    );
    let mut forbidden = amina.question(&["steps"]);
    forbidden.purpose = "sanction".to_owned();
    let told = refusal(amina.fetch(&forbidden).await);
    assert_eq!(
        (told.code, &*told.reason),
        (Code::PermissionDenied, "NOT_ENTITLED")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agreement_that_breaks_a_rule_is_told_which_field() {
    let federation = Federation::start().await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    type Spoil = fn(&mut RecordAgreementRequest);
    let cases: &[(&str, Spoil)] = &[
        ("partners", |m| m.partners.clear()),
        ("notice.notice_id", |m| {
            m.notice.as_mut().unwrap().notice_id = "À lire".to_owned()
        }),
        ("notice.sha256", |m| {
            m.notice.as_mut().unwrap().sha256 = "ab".repeat(32)
        }),
        ("grants", |m| m.grants.clear()),
        ("grants[0].sections", |m| {
            m.grants[0].sections[0].sensitivity = 3
        }),
        ("grants[0].purposes", |m| m.grants[0].purposes.clear()),
        ("expires_at", |m| {
            m.expires_at = "2001-01-01T00:00:00Z".to_owned()
        }),
    ];
    for (number, (field, spoil)) in cases.iter().enumerate() {
        let mut message = amina.agreement(&format!("agreement-{number}"), &Opening::usual());
        spoil(&mut message);
        let request = amina.asker.request(message);
        let recorded = amina.asker.agreements().record_agreement(request).await;
        invalid(&refusal(recorded), field);
    }
    let request = amina.asker.request(RecordObjectionRequest {
        person_id: amina.there.clone(),
        request_id: "objection-1".to_owned(),
        scope: Some(Scope::Sections(ObjectedItems::default())),
        lifts: String::new(),
    });
    let objected = amina.asker.agreements().record_objection(request).await;
    invalid(&refusal(objected), "sections.items");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_refused_keeps_no_other_out() {
    let federation = Federation::start().await;
    let amina = Linked::known(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    let mut empty = step("empty", "Atelier");
    empty.record = None;
    let records = vec![
        step("bad", "Appeler le 06 12 34 56 78"),
        step("good", "Forum emploi"),
        empty,
    ];
    let results = amina.keep(records).await;
    let statuses: Vec<_> = results.iter().map(|result| result.status()).collect();
    let (refused, created) = (UpsertStatus::Refused, UpsertStatus::Created);
    assert_eq!(statuses, [refused, created, refused]);
    assert_eq!(
        (&*results[0].field, &*results[2].field),
        ("record.step.label", "record")
    );
    let references: Vec<_> = results.iter().map(|result| &*result.reference).collect();
    assert_eq!(references, ["bad", "good", "empty"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_calls_that_break_a_rule_are_told_which_field() {
    let federation = Federation::start().await;
    let agency = Agency::caseworker(&federation, MISSION_LOCALE).await;
    let officer = Agency::officer(&federation, MISSION_LOCALE).await;
    let find = |message: FindPersonsRequest| {
        let agency = agency.clone();
        async move { refusal(agency.persons().find_persons(agency.request(message)).await) }
    };
    let both = FindPersonsRequest {
        reference: "dossier-1".to_owned(),
        name: "Belkacem".to_owned(),
        ..FindPersonsRequest::default()
    };
    invalid(&find(both).await, "reference");
    let many = FindPersonsRequest {
        reference: "dossier-1".to_owned(),
        page_size: 1000,
        ..FindPersonsRequest::default()
    };
    invalid(&find(many).await, "page_size");
    invalid(&find(FindPersonsRequest::default()).await, "name");

    let issue = |message: IssuePassRequest| {
        let agency = agency.clone();
        async move { refusal(agency.passes().issue_pass(agency.request(message)).await) }
    };
    let person = register(&agency, "dossier-1", Amina::identity()).await;
    let pass = IssuePassRequest {
        person_id: person,
        ..IssuePassRequest::default()
    };
    let ceiling = IssuePassRequest {
        ceiling: 5,
        ..pass.clone()
    };
    invalid(&issue(ceiling).await, "ceiling");
    let for_ever = IssuePassRequest {
        valid_days: 400,
        ..pass.clone()
    };
    invalid(&issue(for_ever).await, "valid_days");
    let request = agency.request(RevokePassRequest {
        pass_id: "PSR1".to_owned(),
    });
    invalid(
        &refusal(agency.passes().revoke_pass(request).await),
        "pass_id",
    );

    let list = |message: ListExchangesRequest| {
        let officer = officer.clone();
        async move {
            refusal(
                officer
                    .audit()
                    .list_exchanges(officer.request(message))
                    .await,
            )
        }
    };
    let kind = ListExchangesRequest {
        kinds: vec!["asked".to_owned(), "gossip".to_owned()],
        ..ListExchangesRequest::default()
    };
    invalid(&list(kind).await, "kinds[1]");
    let at = ListExchangesRequest {
        to_time: "yesterday".to_owned(),
        ..ListExchangesRequest::default()
    };
    invalid(&list(at).await, "to_time");
    let mut sessions = agency.sessions();
    let nothing = sessions
        .open_session(OpenSessionRequest { proof: None })
        .await;
    invalid(&refusal(nothing), "proof");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_does_what_it_may_and_nothing_else() {
    let federation = Federation::start().await;
    let amina = Linked::known(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    let request = amina.holder.request(ListExchangesRequest::default());
    let told = refusal(amina.holder.audit().list_exchanges(request).await);
    assert_eq!(
        (told.code, &*told.reason),
        (Code::PermissionDenied, "ROLE_NOT_ALLOWED")
    );
    let mut by_officer = amina.clone();
    by_officer.asker = Agency::officer(&federation, DEPARTEMENT).await;
    let told = refusal(by_officer.fetch(&amina.question(&["steps"])).await);
    assert_eq!(told.reason, "ROLE_NOT_ALLOWED");

    // Without a second factor an agent does not ask for what is sensitive.
    let weak = Agent {
        second_factor: false,
        ..Agent::caseworker("agent-2")
    };
    by_officer.asker = Agency::open(&federation, DEPARTEMENT, &weak).await;
    let mut question = amina.question(&["steps"]);
    question.sections[0].sensitivity = 3;
    let told = refusal(by_officer.fetch(&question).await);
    assert_eq!(told.reason, "SECOND_FACTOR_REQUIRED");
    let told = refusal(amina.fetch(&amina.question(&["steps"])).await);
    assert_eq!(
        (told.code, &*told.reason),
        (Code::FailedPrecondition, "NO_LINK")
    );
}
