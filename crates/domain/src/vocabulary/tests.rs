use super::*;

#[test]
fn every_list_of_the_vocabulary_is_there_with_every_item() {
    let source: serde_json::Value =
        serde_json::from_str(include_str!("../../vocabulary/spie_vocabulary.json")).unwrap();
    let lists = source["enums"].as_object().unwrap();
    assert_eq!(lists.len(), List::all().len());
    for (name, list) in lists {
        let table = List::named(name).unwrap();
        let items = list["items"].as_array().unwrap();
        assert_eq!(items.len(), table.items.len(), "{name}");
        for (item, row) in items.iter().zip(table.items) {
            assert_eq!(item["id"], row.id);
            assert_eq!(item["label_fr"], row.label_fr);
            assert_eq!(
                item["class"].as_u64(),
                row.class.map(|c| u64::from(c.as_u8())),
                "{name}.{}",
                row.id
            );
        }
    }
}

#[test]
fn a_value_survives_its_id_and_its_json() {
    for &purpose in Purpose::ALL {
        assert_eq!(Purpose::parse(purpose.id()), Some(purpose));
        let json = serde_json::to_string(&purpose).unwrap();
        assert_eq!(json, format!("{:?}", purpose.id()));
        assert_eq!(serde_json::from_str::<Purpose>(&json).unwrap(), purpose);
    }
}

#[test]
fn a_value_that_is_not_in_the_list_is_refused_without_being_repeated() {
    let refused = serde_json::from_str::<Purpose>("\"canary-27\"").unwrap_err();
    assert!(!refused.to_string().contains("canary"), "{refused}");
    assert_eq!(Purpose::parse("Identification"), None);
    assert_eq!(Purpose::parse(""), None);
}

#[test]
fn what_the_vocabulary_says_about_an_item_is_a_method() {
    let forbidden: Vec<_> = Purpose::ALL.iter().filter(|p| p.forbidden()).collect();
    assert_eq!(forbidden, [&Purpose::FraudDetection, &Purpose::Sanction]);
    for kind in OrganisationKind::ALL {
        assert_eq!(
            kind.sensitive(),
            kind.sensitivity() == Class::Health,
            "{kind}"
        );
    }
    assert_eq!(
        DiagnosisSituation::ChildDisability.theme(),
        DiagnosisTheme::Family
    );
    assert_eq!(
        DiagnosisTheme::Accommodation.export_as(),
        Some(DiagnosisTheme::Housing)
    );
    assert_eq!(StepKind::Other.theme(), None);
    assert_eq!(RefusalReason::NoReceipt.tell(), Tell::Asker);
    assert_eq!(RefusalReason::ReceiptInvalid.act_by(), ActBy::Operator);
    assert_eq!(
        GesturePurpose::RedeemPass.purpose(),
        Purpose::Identification
    );
}

#[test]
fn a_code_of_another_system_finds_its_items() {
    let list = DiagnosisSituation::list();
    let found: Vec<_> = list.coded("ft", "9").map(|item| item.id).collect();
    assert_eq!(found, ["child_disability"]);
    assert_eq!(AppointmentStatus::list().coded("ft", "ANNULE").count(), 2);
    assert_eq!(AppointmentKind::list().coded("rdvi", "rsa_spie").count(), 1);
    assert_eq!(ContractType::list().coded("cdb", "cer").count(), 1);
}

#[test]
fn codes_of_objectives_at_france_travail_are_no_key() {
    assert!(vocabulary_objectives_have_no_ft_code());
}

fn vocabulary_objectives_have_no_ft_code() -> bool {
    Objective::list()
        .items
        .iter()
        .all(|item| item.codes.iter().all(|(system, _)| *system != "ft"))
}

#[test]
fn an_unknown_code_counts_4_in_lists_that_hold_health_else_3() {
    assert_eq!(AppointmentKind::list().unknown_class(), Class::Health);
    assert_eq!(AppointmentStatus::list().unknown_class(), Class::Social);
    assert_eq!(Section::list().unknown_class(), Class::Social);
}

#[test]
fn a_value_keeps_its_number_on_the_wire() {
    for &theme in DiagnosisTheme::ALL {
        let open = Open::from(theme);
        assert_eq!(Open::from_number(open.number()), Some(open));
        assert_eq!(open.known(), Some(theme));
    }
    assert_eq!(Open::<DiagnosisTheme>::from_number(0), None);
}

#[test]
fn a_number_of_a_newer_version_is_kept_and_passed_on() {
    let newer = Open::<AppointmentStatus>::from_number(4711).unwrap();
    assert_eq!((newer.known(), newer.number()), (None, 4711));
    assert_eq!(newer.sensitivity(), Class::Social);
    assert_eq!(
        Open::<OrganisationKind>::from_number(-1)
            .unwrap()
            .sensitivity(),
        Class::Health
    );
}

#[test]
fn i10_an_open_value_is_not_printed() {
    assert_eq!(format!("{:?}", Open::from(DiagnosisTheme::Health)), "***");
}

#[test]
fn a_class_is_ordered_and_written_as_its_number() {
    assert!(Class::ALL.is_sorted());
    assert_eq!(Class::MAX, Class::Health);
    assert_eq!(serde_json::to_string(&Class::Social).unwrap(), "3");
    for bad in ["0", "5", "\"3\"", "-1"] {
        assert!(serde_json::from_str::<Class>(bad).is_err(), "{bad}");
    }
    for &class in Class::ALL {
        assert_eq!(Class::parse(class.id()), Some(class));
        assert_eq!(class.item().class, Some(class));
    }
}
