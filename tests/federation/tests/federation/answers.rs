//! I11 and I13: what an answer says, and what it does not tell.

use std::collections::BTreeSet;
use std::time::Duration;

use passerelle_domain::LinkId;
use passerelle_federation_tests::*;
use passerelle_proto::agency::v1::record_objection_request::Scope;
use passerelle_proto::agency::v1::{RecordObjectionRequest, RevokePassRequest, SourceState};
use passerelle_proto::exchange::v1 as wire;
use passerelle_proto::exchange::v1::answer_body::Result as Answered;
use passerelle_proto::journey::v1::SituationState;
use passerelle_proto::journey::v1::record::Body;
use serde_json::Value;
use tokio::time::Instant;

#[tokio::test(flavor = "multi_thread")]
async fn i11_unknown_not_shared_not_discussed_and_no_are_four_answers() {
    let mut federation = Federation::start().await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    let said = [
        ("no_transport", SituationState::No),
        ("driving_licence_b", SituationState::NotDiscussed),
    ];
    amina.keep(vec![diagnosis("diagnosis-1", &said)]).await;
    let source = amina.source().await;
    assert_eq!(source.state(), SourceState::NeverAsked);
    assert!(!source.since.is_empty());

    // Not discussed, and no.
    let opening = Opening {
        sections: vec![("diagnosis", 2)],
        ..Opening::usual()
    };
    amina.agree(&opening).await;
    let question = amina.question(&["diagnosis", "status"]);
    let answer = Agency::told(amina.fetch(&question)).await;
    let summary = answer.summary.clone().unwrap();
    assert_eq!(situations(&summary.records[0]), said);
    // Not shared: a section that nobody opened, whether there is something in it or not.
    let closed: Vec<_> = summary
        .not_opened
        .iter()
        .map(|cell| &*cell.section)
        .collect();
    assert!(closed.contains(&"status") && !closed.contains(&"diagnosis"));
    // Nor does the overview make a no of what was not discussed.
    let overview = summary.overview.clone().unwrap();
    let lines = [overview.stands, overview.open_items, overview.tried].concat();
    assert!(
        !lines
            .iter()
            .any(|line| line.headline_fr.contains("Permis B")),
        "{lines:?}"
    );
    let source = amina.source().await;
    assert_eq!(source.state(), SourceState::Received);
    assert_eq!(source.summary.unwrap().records, summary.records);

    // Nothing to share.
    object_to_everything(&amina).await;
    let answer = Agency::told(amina.fetch(&amina.question(&["diagnosis"]))).await;
    assert!(answer.nothing_to_share && answer.summary.is_none());
    let nothing = amina.source().await;
    assert_eq!(nothing.state(), SourceState::NothingToShare);
    assert!(nothing.summary.is_none());

    // Unknown, since.
    let config = federation.stop(MISSION_LOCALE).await;
    let told = refusal(amina.fetch(&amina.question(&["diagnosis"])).await);
    assert_eq!(told.reason, "PEER_UNREACHABLE");
    let source = amina.source().await;
    assert_eq!(
        (source.state(), &*source.since),
        (SourceState::Unreachable, told.says("since"))
    );
    federation.start_again(config).await.unwrap();
}

fn situations(
    shared: &passerelle_proto::journey::v1::SummaryRecord,
) -> Vec<(&str, SituationState)> {
    match shared
        .record
        .as_ref()
        .and_then(|record| record.body.as_ref())
    {
        Some(Body::Diagnosis(diagnosis)) => diagnosis
            .situations
            .iter()
            .map(|one| (&*one.kind.as_ref().unwrap().code, one.state()))
            .collect(),
        other => panic!("{other:?}"),
    }
}

async fn object_to_everything(linked: &Linked) {
    let request = linked.holder.request(RecordObjectionRequest {
        person_id: linked.here.clone(),
        request_id: "objection-1".to_owned(),
        scope: Some(Scope::Everything(true)),
        lifts: String::new(),
    });
    linked
        .holder
        .agreements()
        .record_objection(request)
        .await
        .unwrap();
}

/// An answer as whoever asked sees it.
struct Seen {
    response: wire::AskResponse,
    took: Duration,
}

impl Seen {
    async fn of(member: &Member, link: LinkId) -> Self {
        let attempting = Attempting::first(link);
        let asked = Instant::now();
        let given = member.ask(MISSION_LOCALE, &attempting).await.unwrap();
        let took = asked.elapsed();
        Self {
            response: given.into_inner(),
            took,
        }
    }

    fn entry(&self) -> Value {
        let logged = self.response.logged.as_ref().unwrap();
        serde_json::from_slice(&logged.entry).unwrap()
    }

    fn members(&self) -> Vec<String> {
        members(&self.entry())
    }

    fn sizes(&self) -> (usize, usize) {
        let body = &self.response.envelope.as_ref().unwrap().body;
        (
            body.len(),
            self.response.logged.as_ref().unwrap().entry.len(),
        )
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i13_not_known_here_and_known_but_nothing_may_be_said_are_one_answer() {
    let federation = Federation::start().await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    amina.keep(vec![step("step-1", "Atelier")]).await;
    amina.agree(&Opening::usual()).await;
    let objecting = Linked::by_pass(&federation, MISSION_LOCALE, ASSOCIATION).await;
    let association = Member::of(&federation, ASSOCIATION);

    let unknown = Seen::of(&association, LinkId::from_bytes([9; 16])).await;
    let anothers = Seen::of(&association, amina.link(&federation)).await;
    object_to_everything(&objecting).await;
    let agreement = objecting.agree(&Opening::usual()).await;
    let closed = Seen::of(&association, objecting.link(&federation)).await;
    let all = [&unknown, &anothers, &closed];
    for seen in all {
        let body = answer(&seen.response);
        assert!(
            matches!(body, Answered::NothingToShare(_)),
            "{body:?} {agreement:?}"
        );
        assert_eq!(seen.sizes(), unknown.sizes());
        assert_eq!(seen.members(), unknown.members());
        assert_eq!(seen.entry()["kind"], "refused");
        assert_eq!(seen.entry()["outcome"], unknown.entry()["outcome"]);
        // Released on a tick of 50 ms from its arrival, whatever was found.
        assert!(seen.took >= Duration::from_millis(50), "{:?}", seen.took);
    }
    // What is random where there is no person is random where there is one.
    for member in ["tag", "commitment", "sealed"] {
        let values: BTreeSet<_> = all.map(|seen| seen.entry()[member].to_string()).into();
        assert_eq!(values.len(), 3, "{member}");
    }
    // The true reason is for the officer of the holder alone.
    assert!(unknown.entry().get("reason").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn i13_every_pass_that_is_not_accepted_is_refused_alike() {
    let federation = Federation::start().await;
    let amina = Linked::known(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    let (pass, revoked, other) =
        tokio::join!(amina.issue_pass(), amina.issue_pass(), amina.issue_pass());
    let request = amina.holder.request(RevokePassRequest {
        pass_id: revoked.pass_id.clone(),
    });
    amina.holder.passes().revoke_pass(request).await.unwrap();
    let mut wrong_person = amina.clone();
    wrong_person.there = somebody_else(&federation).await;
    // A pass of this node that it never issued: the secret of another, whose check holds.
    let unknown = never_issued();

    let wrong_pin = if pass.pin == "000000" {
        "111111"
    } else {
        "000000"
    };
    let attempts = [
        (&amina, &pass, wrong_pin),
        (&amina, &revoked, &*revoked.pin),
        (&wrong_person, &other, &*other.pin),
        (&amina, &unknown, "123456"),
    ];
    let mut told = Vec::new();
    for (linked, pass, pin) in attempts {
        let begun = Instant::now();
        told.push(refusal(linked.redeem_as(exchange_id(), pass, pin).await));
        assert!(begun.elapsed() >= Duration::from_millis(500));
    }
    assert_eq!(told[0].reason, "PASS_REFUSED");
    for other in &told {
        assert_eq!(other, &told[0]);
    }
    let log = Entries::of(&federation, MISSION_LOCALE).await;
    let refused = log.of_kind("redeemed");
    assert_eq!(refused.len(), told.len());
    for entry in &refused {
        assert_eq!(entry["outcome"], refused[0]["outcome"]);
        assert_eq!(members(entry), members(refused[0]));
    }

    // None of this was held against the pass of somebody else.
    assert!(amina.redeem(&other).await.is_ok());
}

/// The members of an entry.
fn members(entry: &Value) -> Vec<String> {
    entry.as_object().unwrap().keys().cloned().collect()
}

async fn somebody_else(federation: &Federation) -> String {
    let agency = Agency::caseworker(federation, DEPARTEMENT).await;
    let identity = passerelle_proto::agency::v1::Identity {
        first_names: "Inès".to_owned(),
        ..Amina::identity()
    };
    register(&agency, "dossier-2", identity).await
}
