use super::*;
use crate::vocabulary::{
    AppointmentKind, AppointmentStatus, DiagnosisSituation, Objective, StepKind,
};

fn code<T: Term>(system: &str, code: &str) -> Code<T> {
    Code::new(system, "", code, None).unwrap()
}

#[test]
fn a_code_of_ours_or_of_a_known_system_is_a_value_of_the_list() {
    assert_eq!(
        code("", "psychologist").term(),
        Some(AppointmentKind::Psychologist)
    );
    assert_eq!(
        code("ft", "9").term(),
        Some(DiagnosisSituation::ChildDisability)
    );
    assert_eq!(
        code::<DiagnosisSituation>("ft", "9").sensitivity(),
        Class::Health
    );
}

#[test]
fn a_code_that_stands_for_several_values_counts_as_the_highest_and_is_none_of_them() {
    // France Travail writes ANNULE for an excused and for a cancelled appointment.
    let annulled = code::<AppointmentStatus>("ft", "ANNULE");
    assert_eq!(
        (annulled.term(), annulled.sensitivity()),
        (None, Class::Professional)
    );
}

#[test]
fn an_unknown_code_counts_4_or_3_by_its_list() {
    for (system, unknown) in [("", "yoga"), ("ft", "yoga"), ("other", "psychologist")] {
        assert_eq!(
            code::<AppointmentKind>(system, unknown).sensitivity(),
            Class::Health
        );
        assert_eq!(
            code::<AppointmentStatus>(system, unknown).sensitivity(),
            Class::Social
        );
    }
}

#[test]
fn a_france_travail_objective_is_never_recognised_by_its_code() {
    let objective = Code::<Objective>::new("ft", "2022", "5", None).unwrap();
    assert_eq!(
        (objective.term(), objective.sensitivity()),
        (None, Objective::list().unknown_class())
    );
}

#[test]
fn an_unknown_code_is_passed_on_as_it_came() {
    let came = proto::Code {
        system: "rdvi".to_owned(),
        version: "2031-01".to_owned(),
        code: "rsa_whatever/9".to_owned(),
        label_fr: "Atelier".to_owned(),
    };
    let read = Code::<AppointmentKind>::try_from(&came).unwrap();
    assert_eq!(proto::Code::from(&read), came);
    assert_eq!(read.label_fr(), "Atelier");
    assert_eq!(
        code::<AppointmentKind>("rdvi", "rsa_whatever").label_fr(),
        "rsa_whatever"
    );
}

#[test]
fn a_malformed_code_is_refused_by_the_name_of_its_part() {
    let refused = |system: &str, version: &str, code: &str| {
        Code::<StepKind>::new(system, version, code, None)
            .unwrap_err()
            .field()
            .to_owned()
    };
    assert_eq!(refused("FT", "", "1"), "system");
    assert_eq!(refused("ft", "v 4", "1"), "version");
    for bad in [
        "",
        "a b",
        "é",
        &"a".repeat(65),
        "185077535005501",
        "1-85-07-75-350-055-01",
    ] {
        assert_eq!(refused("ft", "", bad), "code", "{bad}");
    }
    let with_phone = proto::Code {
        code: "1".to_owned(),
        label_fr: "06 12 34 56 78".to_owned(),
        ..proto::Code::default()
    };
    assert_eq!(
        Code::<StepKind>::try_from(&with_phone).unwrap_err().field(),
        "label_fr"
    );
}

#[test]
fn i10_a_code_is_not_printed() {
    assert_eq!(format!("{:?}", Code::from(StepKind::Health)), "***");
}
