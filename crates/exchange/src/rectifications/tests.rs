use std::time::Duration;

use passerelle_domain::Class;
use passerelle_domain::vocabulary::{AgentRole, DiagnosisTheme};
use passerelle_store::sim::Crash;
use passerelle_store::tables::rectifications::RectificationRefusal;

use super::*;
use crate::PageSize;
use crate::testing::{Federation, awa, constraint, step, upsert};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";
const DAY: Duration = Duration::from_secs(24 * 3600);

fn asks(person: PersonId, reference: &str, kind: RectificationKind) -> RequestRectification {
    RequestRectification {
        person,
        request: RequestId::new(format!("{person} {reference} {}", said_of(kind))).unwrap(),
        record: RecordName::Reference(Pii::new(reference.to_owned())),
        kind,
        wrong: Pii::new("Le stage est terminé depuis mai.".to_owned()),
        should_be: Pii::new(String::new()),
    }
}

impl Federation {
    async fn contest(
        &self,
        person: PersonId,
        reference: &str,
        kind: RectificationKind,
    ) -> Rectification {
        let caller = self.caseworker(THERE);
        let node = self.node(THERE);
        let taken = node.request_rectification(&caller, asks(person, reference, kind));
        taken.await.unwrap().request
    }

    async fn answer_to(&self, request: &Rectification, refusal: Option<RectificationRefusal>) {
        let answer = says(request, refusal, "");
        let caller = self.caseworker(THERE);
        let node = self.node(THERE);
        node.answer_rectification(&caller, answer).await.unwrap();
    }

    /// When each record was contested that comes to the other node, in the order of the journey.
    async fn shared(&self, person: PersonId) -> Vec<Option<Timestamp>> {
        let caller = self.caseworker(HERE);
        let node = self.node(HERE);
        let question = self.question(person, THERE);
        node.fetch_summary(&caller, question).await.unwrap();
        let journey = node.merged_journey(&caller, person).await.unwrap();
        let summary = journey.sources[0].summary.as_ref().unwrap();
        summary.records.iter().map(|one| one.contested).collect()
    }

    /// Those that wait for an answer, by pages of one.
    fn work_list(&self) -> Vec<Rectification> {
        let caller = self.caseworker(THERE);
        let (mut all, mut token) = (Vec::new(), String::new());
        loop {
            let size = PageSize::from_wire(1).unwrap();
            let page = self
                .node(THERE)
                .list_rectifications(&caller, None, size, &token)
                .unwrap();
            all.extend(page.items.into_iter().map(|file| file.request));
            match page.next {
                Some(next) => token = next,
                None => return all,
            }
        }
    }
}

fn says(
    request: &Rectification,
    refusal: Option<RectificationRefusal>,
    explanation: &str,
) -> AnswerRectification {
    AnswerRectification {
        person: request.person,
        rectification: request.id,
        refusal,
        explanation: Pii::new(explanation.to_owned()),
    }
}

#[tokio::test]
async fn what_is_contested_says_so_here_and_where_it_is_shared_until_it_is_answered() {
    let mut federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let person = met.there;
    let kept = federation.write(THERE, person, "R-1", step("Stage")).await;
    let receipt = federation.receipt(HERE, met.link, THERE, HERE);
    federation.keep(&receipt).await;
    assert_eq!(federation.shared(met.here).await, [None]);

    let request = federation
        .contest(person, "R-1", RectificationKind::Rectify)
        .await;
    let since = request.requested.at;
    federation.crash(THERE, Crash::Whole, 1);
    assert_eq!(federation.shared(met.here).await, [Some(since)]);
    let mark = RecordMark {
        contested: Some(since),
        restricted: None,
    };
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    let own = node.merged_journey(&caller, person).await.unwrap();
    assert_eq!(
        own.own_marks.into_iter().collect::<Vec<_>>(),
        [(kept.record, mark)]
    );
    let name = RecordName::Id(kept.record);
    assert_eq!(
        node.kept_record(&caller, &person, &name).unwrap().mark,
        mark
    );
    // A newer version is contested as the one before was: the person has no answer yet.
    let batch = vec![upsert("R-1", 2, step("Stage fini"))];
    node.upsert_records(&caller, person, batch).await.unwrap();
    assert_eq!(federation.shared(met.here).await, [Some(since)]);

    federation.answer_to(&request, None).await;
    assert_eq!(federation.shared(met.here).await, [None]);
    let kept = node.kept_record(&caller, &person, &name).unwrap();
    assert_eq!(kept.mark, RecordMark::default());
}

#[tokio::test]
async fn a_record_is_contested_since_the_oldest_request_that_waits() {
    let federation = Federation::new(1);
    let person = federation.register(THERE, "ML-1", awa()).await;
    let kept = federation.write(THERE, person, "R-1", step("Stage")).await;
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    let contested = || {
        let name = RecordName::Id(kept.record);
        let kept = node.kept_record(&caller, &person, &name).unwrap();
        kept.mark.contested
    };
    let first = federation
        .contest(person, "R-1", RectificationKind::Rectify)
        .await;
    federation.pass(DAY);
    let second = federation
        .contest(person, "R-1", RectificationKind::Restrict)
        .await;
    assert_eq!(contested(), Some(first.requested.at));
    federation.answer_to(&first, None).await;
    assert_eq!(contested(), Some(second.requested.at));
}

#[tokio::test]
async fn i1_what_is_restricted_leaves_no_more_until_that_is_refused() {
    let mut federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    for reference in ["R-1", "R-2"] {
        let kept = step(reference);
        federation.write(THERE, met.there, reference, kept).await;
    }
    let receipt = federation.receipt(HERE, met.link, THERE, HERE);
    federation.keep(&receipt).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(2)));

    let request = federation
        .contest(met.there, "R-1", RectificationKind::Restrict)
        .await;
    federation.crash(THERE, Crash::Whole, 1);
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    let own = node.merged_journey(&caller, met.there).await.unwrap();
    assert_eq!(own.own_records.len(), 2);
    let mark = own.own_marks[&request.record];
    assert_eq!(mark.restricted, Some(request.requested.at));

    // Done means that it stays so; refused, that it is shared again.
    federation.answer_to(&request, None).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    let accurate = Some(RectificationRefusal::Accurate);
    federation.answer_to(&request, accurate).await;
    assert_eq!(federation.shared(met.here).await, [None, None]);
}

#[tokio::test]
async fn i5_a_request_and_an_answer_said_twice_have_one_effect() {
    let federation = Federation::new(1);
    let person = federation.register(THERE, "ML-1", awa()).await;
    federation.write(THERE, person, "R-1", step("Stage")).await;
    let first = federation
        .contest(person, "R-1", RectificationKind::Rectify)
        .await;
    federation.pass(DAY);
    let again = federation
        .contest(person, "R-1", RectificationKind::Rectify)
        .await;
    assert_eq!(again, first);
    assert_eq!(federation.work_list(), std::slice::from_ref(&first));
    let mut other = asks(person, "R-1", RectificationKind::Rectify);
    other.wrong = Pii::new("Autre chose.".to_owned());
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    let reused = node.request_rectification(&caller, other).await;
    assert_eq!(reused, Err(ExchangeError::IdReused("request_id")));

    federation.answer_to(&first, None).await;
    let answered = federation.kinds(THERE);
    federation.pass(DAY);
    federation.answer_to(&first, None).await;
    assert_eq!(federation.kinds(THERE), answered);
    let rectification = |kind: &&EntryKind| **kind == EntryKind::Rectification;
    assert_eq!(answered.iter().filter(rectification).count(), 2);
    assert_eq!(federation.work_list(), []);
}

#[tokio::test]
async fn the_work_list_gives_the_oldest_first_and_a_persons_file_all_with_their_age() {
    let federation = Federation::new(1);
    let mut asked = Vec::new();
    for (reference, kind) in [
        ("ML-1", RectificationKind::Restrict),
        ("ML-2", RectificationKind::Rectify),
        ("ML-3", RectificationKind::Rectify),
    ] {
        let person = federation.register(THERE, reference, awa()).await;
        federation.write(THERE, person, "R-1", step("Stage")).await;
        asked.push(federation.contest(person, "R-1", kind).await);
        federation.pass(DAY);
    }
    assert_eq!(federation.work_list(), asked);
    federation.answer_to(&asked[1], None).await;
    federation.pass(DAY);
    assert_eq!(federation.work_list(), [asked[0].clone(), asked[2].clone()]);

    let caller = federation.caseworker(THERE);
    let file = |place: usize| {
        let person = &asked[place].person;
        let node = federation.node(THERE);
        let page = node.list_rectifications(&caller, Some(person), PageSize::MAX, "");
        page.unwrap().items.remove(0)
    };
    assert_eq!(file(0).age_days, 4);
    // Answered after two days.
    assert_eq!(file(1).age_days, 2);
    assert!(file(1).request.answer.is_some());
}

#[tokio::test]
async fn nobody_asks_answers_or_lists_beyond_their_reach() {
    let federation = Federation::new(1);
    let person = federation.register(THERE, "ML-1", awa()).await;
    let health = constraint(DiagnosisTheme::Health);
    federation.write(THERE, person, "H-1", health).await;
    let node = federation.node(THERE);
    let weak = federation.caller(THERE, AgentRole::Caseworker, false);
    let asked = asks(person, "H-1", RectificationKind::Restrict);
    let refused = node.request_rectification(&weak, asked).await;
    assert_eq!(refused, Err(ExchangeError::not_found("reference")));
    let request = federation
        .contest(person, "H-1", RectificationKind::Restrict)
        .await;
    // Nor by saying again what another said.
    let again = asks(person, "H-1", RectificationKind::Restrict);
    let refused = node.request_rectification(&weak, again).await;
    assert_eq!(refused, Err(ExchangeError::not_found("reference")));
    let listed = node.list_rectifications(&weak, None, PageSize::MAX, "");
    assert_eq!(listed.unwrap().items, []);
    let answer = || says(&request, Some(RectificationRefusal::Accurate), "");
    let refused = node.answer_rectification(&weak, answer()).await;
    assert_eq!(refused, Err(ExchangeError::not_found("rectification_id")));
    let reception = federation.caller(THERE, AgentRole::Reception, true);
    let refused = node.answer_rectification(&reception, answer()).await;
    assert_eq!(refused, Err(ExchangeError::RoleNotAllowed));
    let officer = federation.caller(THERE, AgentRole::PrivacyOfficer, true);
    let answered = node.answer_rectification(&officer, answer()).await;
    assert!(answered.unwrap().request.answer.is_some());
}

#[tokio::test]
async fn texts_are_screened_and_a_reason_without_a_name_is_explained() {
    let federation = Federation::new(1);
    let person = federation.register(THERE, "ML-1", awa()).await;
    federation.write(THERE, person, "R-1", step("Stage")).await;
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    for (field, wrong, should_be) in [
        ("wrong", "", ""),
        ("wrong", "Appelez le 06 12 34 56 78.", ""),
        ("should_be", "Faux.", "awa@example.org"),
    ] {
        let mut request = asks(person, "R-1", RectificationKind::Rectify);
        request.wrong = Pii::new(wrong.to_owned());
        request.should_be = Pii::new(should_be.to_owned());
        let refused = node.request_rectification(&caller, request).await;
        let Err(ExchangeError::Malformed(what)) = refused else {
            panic!("{field}: {refused:?}")
        };
        assert_eq!(what.field(), field);
    }
    let request = federation
        .contest(person, "R-1", RectificationKind::Rectify)
        .await;
    let other = Some(RectificationRefusal::Other);
    let bare = node.answer_rectification(&caller, says(&request, other, ""));
    assert!(
        matches!(bare.await, Err(ExchangeError::Malformed(what)) if what.field() == "explanation")
    );
    let told = says(&request, other, "Déjà corrigé en mai.");
    node.answer_rectification(&caller, told).await.unwrap();
}

#[tokio::test]
async fn only_so_many_requests_about_a_record_wait() {
    let federation = Federation::new(1);
    let person = federation.register(THERE, "ML-1", awa()).await;
    federation.write(THERE, person, "R-1", step("Stage")).await;
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    let ask = |number: usize| RequestRectification {
        request: RequestId::new(number.to_string()).unwrap(),
        ..asks(person, "R-1", RectificationKind::Rectify)
    };
    let mut first = None;
    for number in 0..MOST_WAITING {
        let taken = node.request_rectification(&caller, ask(number)).await;
        let taken = taken.unwrap().request;
        first.get_or_insert(taken);
    }
    let beyond = node.request_rectification(&caller, ask(MOST_WAITING)).await;
    assert!(
        matches!(beyond, Err(ExchangeError::Malformed(_))),
        "{beyond:?}"
    );
    federation.answer_to(&first.unwrap(), None).await;
    let taken = node.request_rectification(&caller, ask(MOST_WAITING)).await;
    assert!(taken.is_ok(), "{taken:?}");
}
