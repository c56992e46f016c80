mod story;

use std::collections::BTreeSet;
use std::time::Duration;

use passerelle_domain::LinkId;
use passerelle_domain::vocabulary::{AgentRole, DiagnosisTheme};
use passerelle_proto::journey::v1 as proto;

use super::*;
use crate::testing::{constraint, contact_card, step};
use story::{HERE, Story, THERE};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn sections(summary: &Summary) -> Vec<Section> {
    summary
        .records
        .iter()
        .map(|one| one.record.section())
        .collect()
}

#[tokio::test]
async fn i11_never_asked_nothing_to_share_unreachable_received_and_purged_are_five_answers() {
    let story = Story::new().await;
    story
        .federation
        .write(THERE, story.there, "R-1", step("Soudure"))
        .await;

    let never = story.source().await;
    assert_eq!(
        (never.state, never.since),
        (SourceState::NeverAsked, story.federation.now())
    );
    assert!(never.organisation.contains("Mission locale"));

    story.federation.pass(DAY);
    story.note(SourceState::NothingToShare).await;
    let nothing = story.source().await;
    assert_eq!(
        (nothing.state, nothing.since),
        (SourceState::NothingToShare, story.federation.now())
    );

    story.federation.pass(DAY);
    story.note(SourceState::Unreachable).await;
    let unreachable = story.source().await;
    assert_eq!(unreachable.state, SourceState::Unreachable);
    let nothing_shown = [&never, &nothing, &unreachable];
    assert!(nothing_shown.iter().all(|source| source.summary.is_none()));

    story.receive().await;
    let received = story.source().await;
    assert_eq!(received.state, SourceState::Received);
    assert_eq!(
        received
            .summary
            .as_ref()
            .map(|summary| summary.records.len()),
        Some(1)
    );

    story.note(SourceState::Unreachable).await;
    let last_answer = story.source().await;
    assert_eq!(last_answer.state, SourceState::Unreachable);
    assert_eq!(last_answer.summary, received.summary);

    story.purge().await;
    story.note(SourceState::Purged).await;
    let purged = story.source().await;
    assert_eq!(
        (purged.state, purged.summary.is_none()),
        (SourceState::Purged, true)
    );
}

#[tokio::test]
async fn i11_what_was_received_is_shown_as_the_last_answer_while_its_holder_is_out_of_reach() {
    let story = Story::new().await;
    story
        .federation
        .write(THERE, story.there, "R-1", step("Soudure"))
        .await;
    story.receive().await;
    story.federation.pass(Duration::from_secs(3600));
    let since = story.federation.now();
    let gone = move |tx: &mut Tx<'_>| {
        let known = peers::KnownPeer {
            unreachable_since: Some(since),
            ..peers::KnownPeer::default()
        };
        Ok(peers::put(tx, &NodeId::new(THERE)?, &known)?)
    };
    story
        .federation
        .node(HERE)
        .transact("gone", gone)
        .await
        .unwrap();

    let source = story.source().await;
    assert_eq!(
        (source.state, source.since),
        (SourceState::Unreachable, since)
    );
    assert!(source.summary.is_some());
}

#[tokio::test]
async fn i11_a_copy_that_was_destroyed_is_shown_so_whatever_was_noted_of_its_source() {
    let story = Story::new().await;
    story.receive().await;
    story.purge().await;
    assert_eq!(story.source().await.state, SourceState::Purged);
}

#[tokio::test]
async fn own_records_stand_beside_the_copies_the_latest_first() {
    let story = Story::new().await;
    let observed = |on: &str| {
        let mut own = step("Ici");
        own.record
            .iter_mut()
            .for_each(|record| on.clone_into(&mut record.observed_at));
        own
    };
    for (reference, on) in [("R-1", "2026-03"), ("R-2", "2026-11-20"), ("R-3", "2025")] {
        story
            .federation
            .write(HERE, story.here, reference, observed(on))
            .await;
    }
    story
        .federation
        .write(THERE, story.there, "R-1", step("Soudure"))
        .await;
    story.receive().await;
    let journey = story.journey(&story.federation.caseworker(HERE)).await;
    let dates: Vec<_> = journey
        .own_records
        .iter()
        .map(|own| own.shareable().observed_at().to_string())
        .collect();
    assert_eq!(dates, ["2026-11-20", "2026-03", "2025"]);
    assert_eq!(journey.sources.len(), 1);
}

#[tokio::test]
async fn an_agent_sees_as_far_as_role_and_session_reach() {
    let story = Story::new().await;
    let federation = &story.federation;
    for (node, person) in [(HERE, story.here), (THERE, story.there)] {
        let card = contact_card("Nadia Roux", federation.caseworker(node).siret);
        federation.write(node, person, "card", card).await;
        federation
            .write(node, person, "step", step("Soudure"))
            .await;
        federation
            .write(node, person, "health", constraint(DiagnosisTheme::Health))
            .await;
    }
    story.receive().await;

    let seen = async |role: AgentRole, second_factor: bool| {
        let journey = story
            .journey(&federation.caller(HERE, role, second_factor))
            .await;
        let own: BTreeSet<_> = journey.own_records.iter().map(Record::section).collect();
        let summary = journey.sources[0].summary.as_ref().unwrap();
        assert_eq!(sections(summary).into_iter().collect::<BTreeSet<_>>(), own);
        let told: BTreeSet<_> = summary.overview.lines().map(|line| line.section).collect();
        assert!(told.is_subset(&own), "{role}");
        own
    };
    let all = BTreeSet::from([Section::ContactCard, Section::Steps, Section::Diagnosis]);
    assert_eq!(seen(AgentRole::Caseworker, true).await, all);
    assert_eq!(seen(AgentRole::PrivacyOfficer, true).await, all);
    let without_health = BTreeSet::from([Section::ContactCard, Section::Steps]);
    assert_eq!(seen(AgentRole::Caseworker, false).await, without_health);
    assert_eq!(
        seen(AgentRole::Reception, true).await,
        BTreeSet::from([Section::ContactCard])
    );

    let operator = federation.caller(HERE, AgentRole::Operator, true);
    let refused = federation
        .node(HERE)
        .merged_journey(&operator, story.here)
        .await;
    assert_eq!(refused, Err(ExchangeError::RoleNotAllowed));
}

#[tokio::test]
async fn a_record_whose_time_is_over_is_no_longer_shown() {
    let story = Story::new().await;
    story
        .federation
        .write(THERE, story.there, "step", step("Soudure"))
        .await;
    story
        .federation
        .write(
            THERE,
            story.there,
            "housing",
            constraint(DiagnosisTheme::Housing),
        )
        .await;
    let now = story.federation.now();
    let until = |class| {
        if class == Class::Professional {
            now.plus(DAY)
        } else {
            now.plus(DAY * 2)
        }
    };
    story.receive_until(until, story.link).await;
    assert_eq!(story.source().await.summary.unwrap().records.len(), 2);

    story.federation.pass(DAY);
    let summary = story.source().await.summary.unwrap();
    assert_eq!(sections(&summary), [Section::Diagnosis]);
    assert!(
        summary
            .overview
            .lines()
            .all(|line| line.section == Section::Diagnosis)
    );
    story.federation.pass(DAY);
    let summary = story.source().await.summary.unwrap();
    assert_eq!(
        (summary.records.len(), summary.overview.lines().count()),
        (0, 0)
    );
}

#[tokio::test]
async fn of_copies_over_two_links_the_newest_is_shown() {
    let story = Story::new().await;
    story
        .federation
        .write(THERE, story.there, "step", step("Soudure"))
        .await;
    story.receive().await;
    story.federation.pass(Duration::from_secs(1));
    story
        .federation
        .write(THERE, story.there, "other", step("Permis"))
        .await;
    let until = story.federation.now().plus(DAY);
    // Before the first in the order of the table, and after it.
    for link in [[0; 16], [255; 16]] {
        story
            .receive_until(|_| until, LinkId::from_bytes(link))
            .await;
    }
    assert_eq!(story.source().await.summary.unwrap().records.len(), 2);
}

#[tokio::test]
async fn opening_a_copy_is_logged_once_for_an_agent_a_person_and_a_day() {
    let story = Story::new().await;
    let caseworker = story.federation.caseworker(HERE);
    story.journey(&caseworker).await;
    assert_eq!(
        story.viewed(),
        [],
        "nothing of another organisation was shown"
    );

    story
        .federation
        .write(THERE, story.there, "step", step("Soudure"))
        .await;
    story
        .federation
        .write(
            THERE,
            story.there,
            "housing",
            constraint(DiagnosisTheme::Housing),
        )
        .await;
    story.receive().await;
    story.journey(&caseworker).await;
    story.journey(&caseworker).await;
    let [entry] = story.viewed().try_into().unwrap();
    assert_eq!(entry.peer.unwrap().node.as_str(), THERE);
    assert_eq!(
        (entry.role, entry.records),
        (Some(AgentRole::Caseworker), Some(2))
    );
    let given: Vec<_> = entry
        .given
        .iter()
        .map(|scope| (scope.section, scope.sensitivity))
        .collect();
    assert_eq!(
        given,
        [
            (Section::Diagnosis, Class::LivingConditions),
            (Section::Steps, Class::Professional)
        ]
    );

    story
        .journey(
            &story
                .federation
                .caller(HERE, AgentRole::PrivacyOfficer, true),
        )
        .await;
    assert_eq!(story.viewed().len(), 2);
    story.federation.pass(Duration::from_secs(15 * 3600));
    story.journey(&caseworker).await;
    assert_eq!(story.viewed().len(), 3, "the next day");
}

#[tokio::test]
async fn i2_no_copy_is_shown_when_the_log_cannot_be_written() {
    let story = Story::new().await;
    let caseworker = story.federation.caseworker(HERE);
    let node = story.federation.node(HERE);
    story
        .federation
        .write(THERE, story.there, "step", step("Soudure"))
        .await;
    story.receive().await;
    node.store().close().await.unwrap();
    let refused = node.merged_journey(&caseworker, story.here).await;
    assert_eq!(refused, Err(ExchangeError::LogUnavailable));
}

#[tokio::test]
async fn i3_nothing_is_viewed_after_it_was_purged() {
    let story = Story::new().await;
    story
        .federation
        .write(THERE, story.there, "step", step("Soudure"))
        .await;
    story.receive().await;
    let caseworker = story.federation.caseworker(HERE);
    let node = story.federation.node(HERE);

    let withdrawal = node.store().gate(story.here).exclusive().await;
    let mut viewing = Box::pin(node.merged_journey(&caseworker, story.here));
    tokio::select! {
        biased;
        _ = &mut viewing => panic!("viewed while a withdrawal held the gate"),
        () = std::future::ready(()) => {}
    }
    story.purge().await;
    drop(withdrawal);
    assert_eq!(viewing.await.unwrap().sources[0].summary, None);
    assert_eq!(story.viewed(), []);
}

#[tokio::test]
async fn nobody_is_looked_at_by_a_wrong_id() {
    let story = Story::new().await;
    let caseworker = story.federation.caseworker(HERE);
    let node = story.federation.node(HERE);
    let nobody = node.merged_journey(&caseworker, story.there).await;
    assert_eq!(nobody, Err(ExchangeError::PersonNotFound));
}

#[tokio::test]
async fn i10_journeys_are_not_printed_by_accident() {
    let story = Story::new().await;
    let canary = proto::OwnRecord {
        note: "Note canary".into(),
        ..step("Label canary")
    };
    story
        .federation
        .write(HERE, story.here, "canary", canary.clone())
        .await;
    story
        .federation
        .write(THERE, story.there, "canary", canary)
        .await;
    story.receive().await;
    let printed = format!(
        "{:?}",
        story.journey(&story.federation.caseworker(HERE)).await
    );
    assert!(!printed.contains("canary"), "{printed}");
}
