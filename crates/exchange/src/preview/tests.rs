use std::time::Duration;

use passerelle_domain::claim::ObjectionScope;
use passerelle_domain::vocabulary::DiagnosisTheme;
use passerelle_domain::{ChainId, Pii};
use passerelle_store::tables::changes;

use super::*;
use crate::testing::{Federation, Met, constraint, step};
use crate::{
    CellVerdict, ClosingSource, ExchangeFilter, FetchSummary, Objecting, PageSize, RecordName,
    RecordObjection, RectificationKind, RequestId, RequestRectification, WithdrawAgreement,
};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";

/// Somebody with three records at `THERE`, of which `HERE` may read what `highest` opens.
async fn met(federation: &Federation, highest: Class) -> Met {
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let records = [
        step("Soudure"),
        step("Atelier"),
        constraint(DiagnosisTheme::Health),
    ];
    for (reference, record) in ["R-1", "R-2", "R-3"].into_iter().zip(records) {
        federation.write(THERE, met.there, reference, record).await;
    }
    let mut receipt = federation.receipt(HERE, met.link, THERE, HERE);
    for class in receipt.grants[0].sections.values_mut() {
        *class = highest;
    }
    federation.keep(&receipt).await;
    met
}

/// What `HERE` would ask of `THERE`.
fn as_if(asked: &FetchSummary, person: PersonId) -> PreviewSummary {
    PreviewSummary {
        person,
        requester: HERE.parse().unwrap(),
        purpose: asked.purpose,
        sections: asked.sections.clone(),
        usage: asked.usage,
        role: AgentRole::Caseworker,
        second_factor: true,
    }
}

impl Federation {
    async fn look(&self, met: &Met, as_role: AgentRole) -> Result<Previewed, ExchangeError> {
        let question = as_if(&self.question(met.here, THERE), met.there);
        let caller = self.caller(THERE, as_role, true);
        self.node(THERE).preview_summary(&caller, question).await
    }

    /// What an agent sees, and then what comes of the same question in the same instant.
    async fn both(&self, met: &Met) -> (Previewed, Result<Option<Summary>, RefusalReason>) {
        let previewed = self.look(met, AgentRole::Caseworker).await.unwrap();
        let caller = self.caseworker(HERE);
        let question = self.question(met.here, THERE);
        let came = match self.node(HERE).fetch_summary(&caller, question).await {
            Ok(fetched) => Ok(fetched.summary),
            Err(ExchangeError::PaperFails(reason)) => Err(reason),
            Err(other) => panic!("{other}"),
        };
        (previewed, came)
    }

    async fn request_about(&self, person: PersonId, reference: &str, kind: RectificationKind) {
        let request = RequestRectification {
            person,
            request: RequestId::new(reference).unwrap(),
            record: RecordName::Reference(Pii::new(reference.to_owned())),
            kind,
            wrong: Pii::new("Ce n'est pas moi.".to_owned()),
            should_be: Pii::new(String::new()),
        };
        let caller = self.caseworker(THERE);
        let node = self.node(THERE);
        node.request_rectification(&caller, request).await.unwrap();
    }
}

#[tokio::test]
async fn i1_what_is_previewed_is_what_then_leaves_byte_for_byte() {
    let federation = Federation::new(1);
    let met = met(&federation, Class::Social).await;
    let whole = federation.both(&met).await;
    federation
        .request_about(met.there, "R-1", RectificationKind::Restrict)
        .await;
    federation
        .request_about(met.there, "R-2", RectificationKind::Rectify)
        .await;
    let narrowed = federation.both(&met).await;
    for (count, (previewed, came)) in [(2, whole), (1, narrowed)] {
        let (seen, came) = (previewed.summary.unwrap(), came.unwrap().unwrap());
        assert_eq!(seen.records.len(), count);
        assert_eq!(seen.encode_to_vec(), came.encode_to_vec());
        assert_eq!(previewed.told, None);
        // The record that stays back is not told of beyond its cell.
        let closed = previewed.cells.iter().filter(|cell| {
            matches!(&cell.verdict, CellVerdict::Closed(why)
                if why[0].reason == RefusalReason::ClassNotAllowed)
        });
        assert_eq!(closed.count(), Section::ALL.len());
        assert!(seen.not_opened.len() == Section::ALL.len());
    }
}

#[tokio::test]
async fn a_record_whose_use_is_restricted_is_named_as_kept_back() {
    let federation = Federation::new(1);
    let met = met(&federation, Class::LivingConditions).await;
    // Of class 4: no open cell, so nothing is said of it.
    federation
        .request_about(met.there, "R-3", RectificationKind::Restrict)
        .await;
    let previewed = federation.look(&met, AgentRole::Caseworker).await.unwrap();
    assert!(previewed.restricted.is_empty());
    // One that is only contested leaves.
    federation
        .request_about(met.there, "R-2", RectificationKind::Rectify)
        .await;
    federation
        .request_about(met.there, "R-1", RectificationKind::Restrict)
        .await;
    let previewed = federation.look(&met, AgentRole::Caseworker).await.unwrap();
    assert_eq!(previewed.restricted.len(), 1);
    let left = previewed.summary.unwrap().records;
    assert_eq!(left.len(), 1);
}

#[tokio::test]
async fn i13_where_nothing_would_leave_the_agent_sees_what_the_asker_would_be_told() {
    let federation = Federation::new(1);
    let no_paper = federation.meet(THERE, HERE, Class::MAX).await;
    let (previewed, came) = federation.both(&no_paper).await;
    assert_eq!(previewed.told, Some(RefusalReason::NoReceipt));
    assert_eq!(came, Err(RefusalReason::NoReceipt));

    let objecting = met(&federation, Class::MAX).await;
    object(&federation, &objecting).await;
    let (previewed, came) = federation.both(&objecting).await;
    assert_eq!(previewed.told, Some(RefusalReason::NothingToShare));
    assert_eq!(came, Ok(None));

    let hidden = met(&federation, Class::MAX).await;
    federation.protect(THERE, hidden.there).await;
    let (previewed, came) = federation.both(&hidden).await;
    assert_eq!(previewed.told, Some(RefusalReason::NothingToShare));
    assert_eq!(came, Ok(None));

    let withdrawn = met(&federation, Class::MAX).await;
    withdraw(&federation, &withdrawn).await;
    let (previewed, came) = federation.both(&withdrawn).await;
    assert_eq!(previewed.told, Some(RefusalReason::NothingToShare));
    assert_eq!(came, Ok(None));
    assert_eq!(previewed.summary, None);
}

async fn object(federation: &Federation, met: &Met) {
    let request = RecordObjection {
        person: met.there,
        request: RequestId::new("once").unwrap(),
        objection: Objecting::To(ObjectionScope::All),
    };
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    node.record_objection(&caller, request).await.unwrap();
}

async fn withdraw(federation: &Federation, met: &Met) {
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    let listed = node.list_agreements(&caller, &met.there).unwrap();
    let chains: Vec<ChainId> = listed.agreements.iter().map(|one| one.chain).collect();
    let request = WithdrawAgreement {
        person: met.there,
        chains,
    };
    node.withdraw_agreement(&caller, request).await.unwrap();
}

#[tokio::test]
async fn i2_a_look_is_in_the_own_log_and_the_other_organisation_hears_nothing() {
    let federation = Federation::new(1);
    let met = met(&federation, Class::MAX).await;
    let node = federation.node(THERE);
    let told = |federation: &Federation| {
        let store = federation.node(THERE).store().clone();
        let changes = store.read(|view| changes::standing(view)).unwrap().unwrap();
        let there = federation.network().sent().len();
        (changes, there, federation.kinds(HERE))
    };
    let before = told(&federation);
    let previewed = federation.look(&met, AgentRole::Caseworker).await.unwrap();
    assert_eq!(told(&federation), before);

    let filter = ExchangeFilter {
        person: Some(met.there),
        ..ExchangeFilter::default()
    };
    let officer = federation.caller(THERE, AgentRole::PrivacyOfficer, true);
    let size = PageSize::from_wire(1).unwrap();
    let listed = node.list_exchanges(&officer, &filter, size, "").unwrap();
    assert_eq!(listed.items[0].index, previewed.log_index);
    let entry = Entry::parse(listed.items[0].entry.as_bytes()).unwrap();
    assert_eq!(
        (entry.kind, entry.outcome, entry.exchange),
        (EntryKind::Previewed, Outcome::Done, None)
    );
    assert_eq!(entry.peer.unwrap().node.as_str(), HERE);
    assert_eq!((entry.records, entry.grounds.len()), (Some(3), 1));
    let file = node.exchange_file(&officer, previewed.log_index).unwrap();
    let sealed = file.sealed.unwrap();
    assert_eq!(sealed.person, Some(met.there));
    assert!(sealed.fields.agent.unwrap().subject.is_some());
}

#[tokio::test]
async fn i2_nothing_is_shown_when_the_log_cannot_be_written() {
    let federation = Federation::new(1);
    let met = met(&federation, Class::MAX).await;
    federation.node(THERE).store().close().await.unwrap();
    let refused = federation.look(&met, AgentRole::Caseworker).await;
    assert_eq!(refused.err(), Some(ExchangeError::LogUnavailable));
}

#[tokio::test]
async fn an_agent_sees_nothing_by_a_preview_that_their_own_role_does_not_reach() {
    let federation = Federation::new(1);
    let met = met(&federation, Class::MAX).await;
    let question = as_if(&federation.question(met.here, THERE), met.there);
    let node = federation.node(THERE);
    let look = async |role, second_factor, question| {
        let caller = federation.caller(THERE, role, second_factor);
        node.preview_summary(&caller, question).await.map(|_| ())
    };
    let whole = question.clone();
    let refused = look(AgentRole::Reception, true, whole.clone()).await;
    assert_eq!(refused, Err(ExchangeError::RoleNotAllowed));
    let refused = look(AgentRole::Operator, true, whole.clone()).await;
    assert_eq!(refused, Err(ExchangeError::RoleNotAllowed));
    let refused = look(AgentRole::Caseworker, false, whole).await;
    assert_eq!(refused, Err(ExchangeError::SecondFactorRequired));
    let cards = PreviewSummary {
        sections: BTreeMap::from([(Section::ContactCard, Class::LivingConditions)]),
        ..question
    };
    assert_eq!(look(AgentRole::Reception, false, cards).await, Ok(()));
}

#[tokio::test]
async fn only_the_officer_sees_which_objection_closes() {
    let federation = Federation::new(1);
    let met = met(&federation, Class::MAX).await;
    object(&federation, &met).await;
    for (role, named) in [
        (AgentRole::Caseworker, false),
        (AgentRole::PrivacyOfficer, true),
    ] {
        let previewed = federation.look(&met, role).await.unwrap();
        let CellVerdict::Closed(why) = &previewed.cells[0].verdict else {
            panic!("open");
        };
        assert_eq!(why.len(), 1);
        assert_eq!(why[0].reason, RefusalReason::Objection);
        assert_eq!(why[0].source, ClosingSource::Objection);
        assert_eq!(why[0].paper.is_some(), named);
    }
}

#[tokio::test]
async fn who_has_no_link_or_is_no_live_member_is_no_one_to_preview_for() {
    let federation = Federation::new(1);
    let person = federation
        .register(THERE, "P-1", crate::testing::awa())
        .await;
    let caller = federation.caseworker(THERE);
    let question = as_if(&federation.question(person, THERE), person);
    let node = federation.node(THERE);
    let refused = node.preview_summary(&caller, question.clone()).await;
    assert_eq!(refused.err(), Some(ExchangeError::NoLink));
    let nobody = PreviewSummary {
        requester: "nobody".parse().unwrap(),
        ..question
    };
    let refused = node.preview_summary(&caller, nobody).await;
    assert_eq!(refused.err(), Some(ExchangeError::MemberUnknown));
}

#[tokio::test]
async fn i3_a_preview_waits_for_a_withdrawal_that_came_first() {
    let federation = Federation::new(1);
    let met = met(&federation, Class::MAX).await;
    let node = federation.node(THERE);
    let gate = node.store().gate(met.there).exclusive().await;
    let mut looking = crate::testing::Task::new(federation.look(&met, AgentRole::Caseworker));
    assert!(!looking.step());
    drop(gate);
    federation.pass(Duration::from_secs(1));
    while !looking.step() {}
    assert!(looking.output().unwrap().summary.is_some());
}
