use passerelle_domain::{FreeText, Label, MessageToPartner};
use passerelle_exchange::ExchangeError;
use passerelle_linkage::pass::Pin;
use passerelle_linkage::traits::{IdentityTraits, Search, TraitsForm};
use tonic_types::StatusExt;

use super::*;
use crate::errors::status;

fn told(malformed: Malformed) -> (String, String) {
    let status = status(ExchangeError::from(malformed));
    let act_by = status.get_details_error_info().unwrap().metadata["act_by"].clone();
    let french = status.get_details_localized_message().unwrap().message;
    (act_by, french)
}

#[test]
fn what_an_agent_mistypes_is_the_agents_to_mend() {
    let form = TraitsForm {
        birth_name: "Durand".to_owned(),
        first_names: "Zoé".to_owned(),
        birth_date: "2000-11-24".to_owned(),
        ..TraitsForm::default()
    };
    let identity = |form: TraitsForm| {
        let refused = IdentityTraits::try_from(form).unwrap_err();
        refused.within("identity")
    };
    for (mistyped, word) in [
        (Pin::parse("abc").unwrap_err().within("pin"), "6 chiffres"),
        (Search::parse("Durand7", "", "2000").unwrap_err(), "le nom"),
        (
            Search::parse("Durand", "", "24/11/2000").unwrap_err(),
            "date de naissance",
        ),
        (
            identity(TraitsForm {
                first_names: "Z0é".to_owned(),
                ..form.clone()
            }),
            "prénom",
        ),
        (
            identity(TraitsForm {
                birth_commune: "Nulle part".to_owned(),
                ..form
            }),
            "commune",
        ),
    ] {
        let (act_by, french) = told(mistyped.clone());
        assert_eq!(act_by, "agent", "{mistyped}");
        assert!(french.starts_with("Vérifiez la saisie"), "{french}");
        assert!(french.contains(word), "{mistyped}: {french}");
    }
}

#[test]
fn what_the_agency_system_builds_is_its_developers_to_mend() {
    for field in ["exchange_id", "grants[0].until", "page_token", "reference"] {
        let (act_by, french) = told(Malformed::new(field, "a rule"));
        assert_eq!(act_by, "developer", "{field}");
        assert!(french.contains("informaticien"), "{french}");
    }
}

#[test]
fn a_refused_record_says_in_french_what_the_agent_can_mend() {
    let mut said = Vec::new();
    for refused in [
        Label::new("Appeler le 06 12 34 56 78").unwrap_err(),
        Label::new("Écrire à zoe@exemple.fr").unwrap_err(),
        Label::new("2 90 01 75 056 001 46").unwrap_err(),
        Label::new(" ").unwrap_err(),
        Label::new("x".repeat(121)).unwrap_err(),
        MessageToPartner::new("x".repeat(501)).unwrap_err(),
        FreeText::new("x".repeat(10_001)).unwrap_err(),
        Malformed::new("record", passerelle_exchange::BEYOND_SESSION),
    ] {
        let french = record_refused(&refused);
        assert_ne!(french, RECORD_MALFORMED, "{refused}");
        said.push(french);
    }
    said.dedup();
    assert_eq!(said.len(), 8);
    let other = record_refused(&Malformed::new("record.step.kind", "required"));
    assert_eq!(other, RECORD_MALFORMED);
}
