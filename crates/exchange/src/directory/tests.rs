use passerelle_domain::member::MemberStatus;
use passerelle_domain::vocabulary::{AgentRole, Class, Purpose, Section};

use super::*;
use crate::testing::Federation;

const HERE: &str = "departement";
const THERE: &str = "mission-locale";

fn nodes(federation: &Federation, filter: &MemberFilter) -> Vec<String> {
    let (node, caller) = (federation.node(HERE), federation.caseworker(HERE));
    let page = node.list_members(&caller, filter, PageSize::default(), "");
    let shown = page.unwrap().items.into_iter();
    shown.map(|shown| shown.member.node.to_string()).collect()
}

fn file(federation: &Federation, node: &str) -> Result<MemberFile, ExchangeError> {
    let caller = federation.caseworker(HERE);
    federation
        .node(HERE)
        .directory_member(&caller, &NodeId::new(node).unwrap())
}

fn change(federation: &Federation, node: &str, change: impl FnOnce(&mut Member)) {
    federation.amend_list(|list| {
        let member = list
            .members
            .iter_mut()
            .find(|member| member.node.as_str() == node);
        change(member.unwrap());
    });
}

#[test]
fn members_are_found_by_name_kind_and_territory() {
    let federation = Federation::new(1);
    change(&federation, THERE, |member| {
        member.organisation.name = "Mission locale de l’Éveil-Nord".to_owned();
        member.organisation.territories = ["67".to_owned()].into();
    });
    let all = ["association", "departement", "mission-locale"];
    assert_eq!(nodes(&federation, &MemberFilter::default()), all);
    let named = |name: &str| MemberFilter {
        name: name.to_owned(),
        ..MemberFilter::default()
    };
    assert_eq!(nodes(&federation, &named("l'eveil nord")), [THERE]);
    assert_eq!(nodes(&federation, &named("nobody")), [""; 0]);
    let kinds = MemberFilter {
        kinds: [OrganisationKind::Association, OrganisationKind::Department].into(),
        ..MemberFilter::default()
    };
    assert_eq!(nodes(&federation, &kinds), ["association", "departement"]);
    let territory = MemberFilter {
        territory: "67".to_owned(),
        ..MemberFilter::default()
    };
    assert_eq!(nodes(&federation, &territory), [THERE]);
}

#[test]
fn pages_give_each_member_once() {
    let federation = Federation::new(1);
    let (node, caller) = (federation.node(HERE), federation.caseworker(HERE));
    let one = PageSize::from_wire(1).unwrap();
    let (mut token, mut seen) = (String::new(), Vec::new());
    loop {
        let page = node
            .list_members(&caller, &MemberFilter::default(), one, &token)
            .unwrap();
        seen.extend(
            page.items
                .iter()
                .map(|shown| (shown.member.node.to_string(), shown.own)),
        );
        match page.next {
            Some(next) => token = next,
            None => break,
        }
    }
    let expected = [
        ("association", false),
        ("departement", true),
        ("mission-locale", false),
    ];
    assert_eq!(seen, expected.map(|(node, own)| (node.to_owned(), own)));
    let wrong = node.list_members(&caller, &MemberFilter::default(), one, "Not a node");
    assert!(
        matches!(wrong, Err(ExchangeError::Malformed(_))),
        "{wrong:?}"
    );
}

#[test]
fn a_suspended_member_is_shown_on_demand_and_nothing_may_be_asked_of_it() {
    let federation = Federation::new(1);
    assert!(!file(&federation, THERE).unwrap().to_ask.is_empty());
    change(&federation, THERE, |member| {
        member.status = MemberStatus::Suspended
    });
    assert_eq!(
        nodes(&federation, &MemberFilter::default()),
        ["association", HERE]
    );
    let all = MemberFilter {
        all: true,
        ..MemberFilter::default()
    };
    assert_eq!(nodes(&federation, &all), ["association", HERE, THERE]);
    let file = file(&federation, THERE).unwrap();
    assert!(file.to_ask.is_empty() && file.asked_of_us.is_empty());
}

#[test]
fn what_may_be_asked_follows_the_rights_of_whoever_asks() {
    let federation = Federation::new(1);
    let highest = |asked: &[Askable], purpose: Purpose| {
        let here = asked
            .iter()
            .filter(|one| one.purpose == purpose && one.section == Section::Status);
        here.flat_map(|one| one.read.iter().copied()).max()
    };
    let follow = Purpose::PathwayFollowUp;
    change(&federation, THERE, |member| {
        member.rights.purposes = [(follow, Class::LivingConditions)].into();
    });
    let file = file(&federation, THERE).unwrap();
    assert_eq!(highest(&file.to_ask, Purpose::Assessment), Some(Class::MAX));
    assert_eq!(
        highest(&file.asked_of_us, follow),
        Some(Class::LivingConditions)
    );
    assert_eq!(highest(&file.asked_of_us, Purpose::Assessment), None);
}

#[test]
fn nothing_is_asked_of_oneself_and_who_is_in_no_list_is_not_found() {
    let federation = Federation::new(1);
    let own = file(&federation, HERE).unwrap();
    assert!(own.shown.own && own.to_ask.is_empty() && own.asked_of_us.is_empty());
    assert_eq!(
        file(&federation, "nobody"),
        Err(ExchangeError::MemberUnknown)
    );
}

#[tokio::test]
async fn i11_since_when_a_member_is_out_of_reach_is_told_but_of_none_whose_membership_is_hidden() {
    let federation = Federation::new(1);
    assert_eq!(
        file(&federation, THERE).unwrap().shown.unreachable_since,
        None
    );
    let since = federation.now();
    let gone = move |tx: &mut passerelle_store::Tx<'_>| {
        let known = peers::KnownPeer {
            unreachable_since: Some(since),
            ..peers::KnownPeer::default()
        };
        Ok(peers::put(tx, &NodeId::new(THERE)?, &known)?)
    };
    federation.node(HERE).transact("gone", gone).await.unwrap();
    assert_eq!(
        file(&federation, THERE).unwrap().shown.unreachable_since,
        Some(since)
    );
    change(&federation, THERE, |member| member.sensitive = true);
    assert_eq!(
        file(&federation, THERE).unwrap().shown.unreachable_since,
        None
    );
}

#[test]
fn who_accompanies_nobody_and_keeps_no_register_does_not_look() {
    let federation = Federation::new(1);
    let operator = Caller {
        role: AgentRole::Operator,
        ..federation.caseworker(HERE)
    };
    let listed = federation.node(HERE).list_members(
        &operator,
        &MemberFilter::default(),
        PageSize::default(),
        "",
    );
    assert_eq!(listed, Err(ExchangeError::RoleNotAllowed));
}
