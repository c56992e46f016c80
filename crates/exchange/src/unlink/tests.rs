use passerelle_domain::Pii;
use passerelle_domain::vocabulary::{AgentRole, Class, RefusalReason};
use passerelle_store::tables::copies::{self, Copy};
use passerelle_store::tables::deliveries;
use passerelle_store::tables::links::LinkState;
use passerelle_store::tables::withdrawals;

use super::*;
use crate::testing::{Federation, Met, step};
use crate::{Direction, IncidentFile, IssuePass, PageSize, RedeemPass};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";

/// A person about whom `HERE` may ask `THERE`, which has one record, and has asked.
async fn asked(federation: &Federation) -> Met {
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    agreed(federation, met).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    federation.deliver_all().await;
    met
}

async fn agreed(federation: &Federation, met: Met) {
    let request = federation.agreement(met.here, THERE, Direction::PartnerToOwn, Class::MAX);
    let caller = federation.caseworker(HERE);
    let recorded = federation
        .node(HERE)
        .record_agreement(&caller, request)
        .await;
    recorded.unwrap();
    federation.deliver_all().await;
}

async fn unlink(federation: &Federation, node: &str, person: PersonId, link: LinkId) -> LinkFile {
    let unlink = Unlink {
        person,
        link,
        person_asked: false,
    };
    let caller = federation.caseworker(node);
    let ended = federation.node(node).unlink_person(&caller, unlink).await;
    ended.unwrap()
}

async fn report(federation: &Federation, node: &str, person: PersonId, link: LinkId) -> LinkFile {
    let caller = federation.caseworker(node);
    let node = federation.node(node);
    let reported = node.report_wrong_link(&caller, person, link).await;
    reported.unwrap()
}

fn link(federation: &Federation, node: &str, person: PersonId) -> LinkFile {
    let caller = federation.caseworker(node);
    let node = federation.node(node);
    let page = node.list_links(&caller, &person, PageSize::MAX, "");
    page.unwrap().items.remove(0)
}

fn copy(federation: &Federation, person: PersonId) -> Option<Copy> {
    let node = federation.node(HERE);
    let all = node.read(|view| Ok(copies::of_person(view, &person)?));
    all.unwrap().pop().map(|(_, copy)| copy)
}

fn incidents(federation: &Federation, node: &str) -> Vec<IncidentFile> {
    let officer = federation.caller(node, AgentRole::PrivacyOfficer, true);
    let node = federation.node(node);
    let page = node.list_incidents(&officer, PageSize::MAX, "");
    page.unwrap().items
}

#[tokio::test]
async fn i3_a_link_that_the_holder_ends_opens_nothing_and_the_asker_signs_what_it_destroyed() {
    let federation = Federation::new(1);
    let met = asked(&federation).await;
    let ended = unlink(&federation, THERE, met.there, met.link).await;
    let end = ended.end.unwrap();
    assert_eq!(
        (ended.state, end.here, end.delivery.state),
        (LinkState::Ended, true, DeliveryState::Queued)
    );
    let size = federation.kinds(THERE).len();
    // Not told yet, the asker still asks: nothing opens, and it hears nothing of why.
    let still = federation.ask(HERE, met.here, THERE).await;
    assert_eq!(still, Ok(None));
    assert_eq!(federation.kinds(THERE)[size..], [EntryKind::Refused]);

    federation.deliver_all().await;
    assert_eq!(
        federation.ask(HERE, met.here, THERE).await,
        Err(ExchangeError::NoLink)
    );
    let there = link(&federation, HERE, met.here);
    assert_eq!(
        (there.state, there.end.unwrap().here),
        (LinkState::Ended, false)
    );
    let again = unlink(&federation, THERE, met.there, met.link).await;
    let end = again.end.unwrap();
    assert_eq!(end.delivery.state, DeliveryState::Delivered);
    let ends = |node: &str| {
        let kinds = federation.kinds(node);
        kinds
            .iter()
            .filter(|kind| **kind == EntryKind::Unlinked)
            .count()
    };
    assert_eq!((ends(HERE), ends(THERE)), (1, 1));
}

#[tokio::test]
async fn i6_what_came_over_a_link_goes_with_it_on_the_side_that_holds_it() {
    for (node, records) in [(HERE, 0), (THERE, 1)] {
        let federation = Federation::new(1);
        let met = asked(&federation).await;
        let person = if node == HERE { met.here } else { met.there };
        unlink(&federation, node, person, met.link).await;
        federation.deliver_all().await;
        assert!(
            matches!(
                copy(&federation, met.here),
                Some(Copy::Purged { records: 1, .. })
            ),
            "{node}"
        );
        let other = if node == HERE { THERE } else { HERE };
        let told = federation.node(node).read(|view| {
            let order = links::find(view, &met.link)?.unwrap().end.unwrap().order;
            let other = other.parse().unwrap();
            Ok(deliveries::find(view, order.unwrap().into(), &other)?)
        });
        let answer = told.unwrap().unwrap().purge_answer.unwrap();
        let tokens = &federation.node(node).0.tokens;
        let answer = tokens.purge_answer(&answer, &other.parse().unwrap());
        assert_eq!(answer.unwrap().records, records, "{node}");
    }
}

#[tokio::test]
async fn every_agreement_over_a_link_ends_with_it_on_both_sides() {
    let federation = Federation::new(1);
    let met = asked(&federation).await;
    unlink(&federation, HERE, met.here, met.link).await;
    federation.deliver_all().await;
    for (node, person) in [(HERE, met.here), (THERE, met.there)] {
        let caller = federation.caseworker(node);
        let agreements = federation.node(node).list_agreements(&caller, &person);
        let agreements = agreements.unwrap().agreements;
        assert_eq!(agreements.len(), 1);
        assert!(agreements[0].withdrawn_at.is_some(), "{node}");
        let chains = federation
            .node(node)
            .read(|view| Ok(withdrawals::over_link(view, &met.link)?));
        assert_eq!(chains.unwrap().len(), 1, "{node}");
    }
}

#[tokio::test]
async fn a_new_pass_makes_a_new_link_once_the_end_is_told() {
    let federation = Federation::new(1);
    let met = asked(&federation).await;
    federation.network().cut(HERE, THERE);
    unlink(&federation, HERE, met.here, met.link).await;
    let caller = federation.caseworker(THERE);
    let issue = IssuePass {
        person: met.there,
        ceiling: Some(Class::MAX),
        valid_days: None,
    };
    let pass = federation.node(THERE).issue_pass(&caller, issue).await;
    let pass = pass.unwrap();
    let empty = || Pii::new(String::new());
    let show = || RedeemPass {
        person: met.here,
        exchange: passerelle_domain::ExchangeId::new(federation.now(), federation.chance()),
        pass_text: pass.secret.text(),
        pin: Pii::new(pass.pin.reveal().to_owned()),
        birth_name: empty(),
        first_name: empty(),
        birth_date: empty(),
    };
    let caller = federation.caseworker(HERE);
    let node = federation.node(HERE);
    // The other side would give the link that it does not know to have ended.
    let early = node.redeem_pass(&caller, show()).await;
    assert!(matches!(early, Err(ExchangeError::PeerUnreachable { .. })));

    federation.network().mend(HERE, THERE);
    federation.pass(std::time::Duration::from_secs(600));
    node.redeem_pass(&caller, show()).await.unwrap();
    let page = node.list_links(&caller, &met.here, PageSize::MAX, "");
    let links = page.unwrap().items;
    let live: Vec<_> = links
        .iter()
        .filter(|link| link.state == LinkState::Live)
        .collect();
    assert_eq!((links.len(), live.len()), (2, 1));
    assert_ne!(live[0].id, met.link);
    agreed(&federation, met).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
}

#[tokio::test]
async fn i3_a_wrong_link_stops_both_sides_and_both_officers_see_it() {
    for (node, other) in [(HERE, THERE), (THERE, HERE)] {
        let federation = Federation::new(1);
        let met = asked(&federation).await;
        let person = if node == HERE { met.here } else { met.there };
        let file = report(&federation, node, person, met.link).await;
        assert_eq!(file.state, LinkState::Reported);
        federation.deliver_all().await;
        assert_eq!(
            federation.ask(HERE, met.here, THERE).await,
            Err(ExchangeError::PaperFails(RefusalReason::WrongLinkReported)),
            "{node}"
        );
        assert!(matches!(
            copy(&federation, met.here),
            Some(Copy::Purged { .. })
        ));
        let told = |at: &str| {
            let mut all = incidents(&federation, at);
            assert_eq!(all.len(), 1, "{node} {at}");
            let incident = all.remove(0);
            assert_eq!(
                (incident.link, incident.delivery.state),
                (met.link, DeliveryState::Delivered)
            );
            let kinds = federation.kinds(at);
            let place = usize::try_from(incident.log_index).unwrap();
            assert_eq!(kinds[place], EntryKind::Unlinked);
            incident.reported_here
        };
        assert_eq!((told(node), told(other)), (true, false));
    }
}

#[tokio::test]
async fn a_link_that_has_ended_can_still_be_reported_and_one_that_was_reported_stays_so() {
    let federation = Federation::new(1);
    let met = asked(&federation).await;
    unlink(&federation, HERE, met.here, met.link).await;
    federation.deliver_all().await;
    assert!(incidents(&federation, THERE).is_empty());
    report(&federation, THERE, met.there, met.link).await;
    federation.deliver_all().await;
    for (node, person) in [(HERE, met.here), (THERE, met.there)] {
        assert_eq!(incidents(&federation, node).len(), 1, "{node}");
        let after = unlink(&federation, node, person, met.link).await;
        assert_eq!(after.state, LinkState::Reported, "{node}");
    }
    report(&federation, HERE, met.here, met.link).await;
    assert_eq!(incidents(&federation, HERE).len(), 1);
}

#[tokio::test]
async fn a_pass_that_joined_two_persons_joins_nobody_any_more() {
    let federation = Federation::new(1);
    let there = federation.register(THERE, "T", crate::testing::awa()).await;
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    let issue = IssuePass {
        person: there,
        ceiling: None,
        valid_days: None,
    };
    let pass = node.issue_pass(&caller, issue).await.unwrap();
    let here = federation.register(HERE, "H", crate::testing::awa()).await;
    let link = federation
        .link((THERE, there), (HERE, here), Class::MAX)
        .await;
    let born = pass.id;
    let put = move |tx: &mut passerelle_store::Tx<'_>| {
        let found = links::find(tx, &link)?.ok_or(ExchangeError::NoLink)?;
        let born = Link {
            born_from: Some(born),
            ..found
        };
        Ok::<_, ExchangeError>(links::put(tx, &born)?)
    };
    node.store().transact("born", put).await.unwrap();
    report(&federation, HERE, here, link).await;
    federation.deliver_all().await;
    let kept = node.read(|view| Ok(passerelle_store::tables::passes::find(view, &born)?));
    let row = crate::passes::pass_row(&kept.unwrap().unwrap()).unwrap();
    let now = federation.now();
    assert_eq!(row.revoke(now), row, "it was revoked already");
}

#[tokio::test]
async fn only_those_who_meet_persons_end_a_link_and_the_officer_may_report_it() {
    let federation = Federation::new(1);
    let met = asked(&federation).await;
    let node = federation.node(HERE);
    let officer = federation.caller(HERE, AgentRole::PrivacyOfficer, true);
    let caller = federation.caseworker(HERE);
    let unlink = Unlink {
        person: met.here,
        link: met.link,
        person_asked: true,
    };
    assert_eq!(
        node.unlink_person(&officer, unlink).await,
        Err(ExchangeError::RoleNotAllowed)
    );
    assert_eq!(
        node.list_incidents(&caller, PageSize::MAX, ""),
        Err(ExchangeError::RoleNotAllowed)
    );
    let somebody = federation
        .register(HERE, "H-2", crate::testing::awa())
        .await;
    let other = Unlink {
        person: somebody,
        ..unlink
    };
    assert_eq!(
        node.unlink_person(&caller, other).await,
        Err(ExchangeError::not_found("link_id"))
    );
    let operator = federation.caller(HERE, AgentRole::Operator, true);
    assert_eq!(
        node.report_wrong_link(&operator, met.here, met.link).await,
        Err(ExchangeError::RoleNotAllowed)
    );
    let reported = node.report_wrong_link(&officer, met.here, met.link).await;
    assert_eq!(reported.unwrap().state, LinkState::Reported);
}

#[tokio::test]
async fn links_come_in_pages() {
    let federation = Federation::new(1);
    let person = federation.register(HERE, "H", crate::testing::awa()).await;
    for peer in [THERE, "association"] {
        let link = LinkId::random(federation.chance());
        federation
            .link_at(HERE, person, link, peer, Class::MAX)
            .await;
    }
    let node = federation.node(HERE);
    let caller = federation.caseworker(HERE);
    let one = PageSize::from_wire(1).unwrap();
    let first = node.list_links(&caller, &person, one, "").unwrap();
    let token = first.next.unwrap();
    let second = node.list_links(&caller, &person, one, &token).unwrap();
    assert_eq!(first.items[0].node.as_str(), "association");
    assert_eq!(second.items[0].node.as_str(), THERE);
    assert_eq!(second.next, None);
}
