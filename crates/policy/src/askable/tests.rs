use std::collections::BTreeSet;

use passerelle_domain::NodeId;
use passerelle_domain::member::Rights;
use passerelle_domain::vocabulary::OrganisationKind;
use serde_json::json;

use super::*;
use crate::{Environment, Party, RulesTable};

fn rules() -> Rules {
    let row = |name: &str, section: &str, class: &[u8], read: bool, import: bool| {
        json!({
            "name": name, "holder": "mission_locale", "requester": "department",
            "purpose": ["pathway_follow_up", "assessment"], "section": section, "class": class,
            "read": read, "import": import, "objection": "open", "article": "example",
            "review": {"state": "unverified"},
        })
    };
    let table: RulesTable = serde_json::from_value(json!({"version": 1, "rows": [
        row("low", "status", &[1], true, true),
        row("high", "status", &[2, 3], true, false),
        row("never", "project", &[1], false, false),
        row("health", "diagnosis", &[4], true, true),
    ]}))
    .unwrap();
    Rules::compile(&table, Environment::Training).unwrap()
}

/// Purpose, section, classes to read, classes to keep.
type Line = (&'static str, &'static str, Vec<u8>, Vec<u8>);

fn asked(rights: &[(Purpose, Class)], denials: &[LocalDenial]) -> Vec<Line> {
    asked_between(OrganisationKind::MissionLocale, rights, denials)
}

fn asked_between(
    holder: OrganisationKind,
    rights: &[(Purpose, Class)],
    denials: &[LocalDenial],
) -> Vec<Line> {
    let rights = Rights {
        purposes: rights.iter().copied().collect(),
        evidence: BTreeSet::new(),
        nir: false,
    };
    let (here, there) = (
        NodeId::new("holder").unwrap(),
        NodeId::new("asker").unwrap(),
    );
    let party = |node, kind| Party {
        node,
        kind,
        rights: &rights,
    };
    let parties = Parties {
        holder: party(&here, holder),
        requester: party(&there, OrganisationKind::Department),
    };
    let numbers =
        |classes: BTreeSet<Class>| classes.into_iter().map(|class| class.as_u8()).collect();
    let line = |one: Askable| {
        let (purpose, section) = (one.purpose.id(), one.section.id());
        (purpose, section, numbers(one.read), numbers(one.import))
    };
    askable(&parties, &rules(), denials)
        .into_iter()
        .map(line)
        .collect()
}

#[test]
fn what_may_be_asked_is_within_rules_and_rights() {
    let follow = Purpose::PathwayFollowUp;
    assert_eq!(
        asked(&[(follow, Class::MAX)], &[]),
        [
            ("pathway_follow_up", "status", vec![1, 2, 3], vec![1]),
            ("pathway_follow_up", "diagnosis", vec![4], vec![4]),
        ]
    );
    assert_eq!(
        asked(&[(follow, Class::LivingConditions)], &[]),
        [("pathway_follow_up", "status", vec![1, 2], vec![1])]
    );
    assert_eq!(asked(&[(Purpose::OnceOnly, Class::MAX)], &[]), []);
    assert_eq!(asked(&[], &[]), []);
    let other = OrganisationKind::FranceTravail;
    assert_eq!(asked_between(other, &[(follow, Class::MAX)], &[]), []);
}

#[test]
fn what_the_holder_denies_itself_is_not_askable() {
    let rights = [
        (Purpose::PathwayFollowUp, Class::Professional),
        (Purpose::Assessment, Class::Professional),
    ];
    let denial = LocalDenial {
        requester: Some(NodeId::new("asker").unwrap()),
        purpose: Some(Purpose::Assessment),
        section: Some(Section::Status),
    };
    let purposes = |denials: &[LocalDenial]| -> Vec<_> {
        asked(&rights, denials)
            .into_iter()
            .map(|line| line.0)
            .collect()
    };
    assert_eq!(purposes(&[]), ["assessment", "pathway_follow_up"]);
    assert_eq!(
        purposes(std::slice::from_ref(&denial)),
        ["pathway_follow_up"]
    );
    let of_another = LocalDenial {
        requester: Some(NodeId::new("somebody-else").unwrap()),
        ..denial
    };
    assert_eq!(purposes(&[of_another]), ["assessment", "pathway_follow_up"]);
    assert_eq!(purposes(&[LocalDenial::default()]), [""; 0]);
}
