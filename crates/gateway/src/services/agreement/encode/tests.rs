use std::collections::BTreeSet;

use passerelle_domain::{Purpose, Section};

use super::*;

#[test]
fn an_objection_is_listed_as_it_is_recorded() {
    let items = |all: &[&str]| wire::ObjectedItems {
        items: all.iter().map(|&one| one.to_owned()).collect(),
    };
    for (kept, told) in [
        (ObjectionScope::All, Scope::Everything(true)),
        (
            ObjectionScope::Purposes(BTreeSet::from([Purpose::PathwayFollowUp])),
            Scope::Purposes(items(&["pathway_follow_up"])),
        ),
        (
            ObjectionScope::Sections(BTreeSet::from([Section::Diagnosis])),
            Scope::Sections(items(&["diagnosis"])),
        ),
        (
            ObjectionScope::Requester("departement-67".parse().unwrap()),
            Scope::Requester("departement-67".to_owned()),
        ),
    ] {
        assert_eq!(scope(&kept), told);
    }
}
