use passerelle_proto::journey::v1 as proto;
use proptest::prelude::*;
use prost::Message;

use super::*;
use crate::vocabulary::{
    AppointmentKind, AppointmentStatus, ChosenBy, ConstraintState, DiagnosisTheme, Open,
    OrganisationKind, StatusKind, StatusState,
};
use crate::{AgentRole, CivilDate, Code, Label, MessageToPartner, PartialDate, Timestamp};

mod malformed;
mod naive;
pub(crate) mod samples;

use samples::Draw;

proptest! {
    // Most records have one part that hides the others: it takes many to see each part decide.
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn the_class_is_what_a_second_way_of_finding_it_says(seed: u64) {
        let record = Record::new(Draw::new(seed).parts(), None).unwrap();
        let wire = proto::Record::from(record.shareable());
        prop_assert_eq!(u64::from(record.class().as_u8()), naive::class(&wire));
    }
}

proptest! {
    #[test]
    fn a_record_survives_the_store(seed: u64) {
        let record = Draw::new(seed).record();
        let bytes = proto::OwnRecord::from(&record).encode_to_vec();
        let read = Record::try_from(&proto::OwnRecord::decode(bytes.as_slice()).unwrap()).unwrap();
        prop_assert!(read == record);
    }

    #[test]
    fn a_shared_record_survives_the_wire(seed: u64) {
        let record = Draw::new(seed).record();
        let bytes = proto::Record::from(record.shareable()).encode_to_vec();
        let read = SharedRecord::try_from(&proto::Record::decode(bytes.as_slice()).unwrap()).unwrap();
        prop_assert!(&read == record.shareable());
    }

    #[test]
    fn an_author_raises_and_never_lowers(seed: u64, set in 1_u8..=4) {
        let parts = Draw::new(seed).parts();
        let set = Class::try_from(set).unwrap();
        let unset = SharedRecord::new(RecordParts { author_sensitivity: None, ..parts.clone() }).unwrap();
        let raised = SharedRecord::new(RecordParts { author_sensitivity: Some(set), ..parts }).unwrap();
        prop_assert_eq!(raised.class(), unset.class().max(set));
    }
}

#[test]
fn i1_no_byte_of_a_note_is_in_what_can_be_shared() {
    const CANARY: &[u8] = b"canary-of-the-note";
    let holds = |bytes: &[u8]| bytes.windows(CANARY.len()).any(|window| window == CANARY);
    for seed in 0..200 {
        let note = FreeText::new("canary-of-the-note").unwrap();
        let record = Record::new(Draw::new(seed).parts(), Some(note)).unwrap();
        assert!(!holds(
            &proto::Record::from(record.shareable()).encode_to_vec()
        ));
        assert!(
            holds(&proto::OwnRecord::from(&record).encode_to_vec()),
            "the search finds nothing"
        );
        assert!(!holds(
            format!("{record:?} {:?}", record.shareable()).as_bytes()
        ));
    }
}

#[test]
fn i10_a_record_prints_nothing_of_what_it_holds() {
    for seed in 0..200 {
        let record = Draw::new(seed).record();
        assert_eq!(
            format!("{record:?} {:?}", record.shareable()),
            "Record(***) SharedRecord(***)"
        );
        assert_eq!(
            format!("{:?}", record.shareable().body()),
            "RecordBody(***)"
        );
        assert_eq!(format!("{:?}", record.shareable().author()), "Author(***)");
    }
}

/// A record at class 1, to be changed one thing at a time.
fn plain() -> RecordParts {
    RecordParts {
        body: RecordBody::Project(Project {
            wants: Label::new("devenir cuisinière").unwrap(),
            targets: Targets::default(),
            chosen_by: ChosenBy::Person.into(),
            chosen_on: None,
        }),
        author: Author {
            siret: "99900001100018".parse().unwrap(),
            kind: OrganisationKind::MissionLocale.into(),
            role: AgentRole::Caseworker.into(),
        },
        source: Source::new("i-milo", None, false).unwrap(),
        author_sensitivity: None,
        message: None,
        ..Draw::new(1).parts()
    }
}

fn class(parts: RecordParts) -> u8 {
    SharedRecord::new(parts).unwrap().class().as_u8()
}

fn with_body(body: RecordBody) -> u8 {
    class(RecordParts { body, ..plain() })
}

fn status(kind: Code<StatusKind>, state: StatusState) -> RecordBody {
    RecordBody::Status(Status {
        kind,
        state: StateCode::Other(state.into()),
        reason: None,
        period: Period::default(),
    })
}

fn constraint(theme: Open<DiagnosisTheme>) -> RecordBody {
    RecordBody::Diagnosis(Diagnosis {
        explored: Explored::new("spie_vocabulary", "1").unwrap(),
        needs: Vec::new(),
        constraints: vec![Constraint {
            theme,
            state: ConstraintState::NotDiscussed.into(),
            impact: None,
            priority: false,
            confirmations: Vec::new(),
        }],
        situations: Vec::new(),
        joint_interview: None,
    })
}

fn appointment(kind: Code<AppointmentKind>, status: Open<AppointmentStatus>) -> RecordBody {
    RecordBody::Appointment(Appointment {
        kind,
        status,
        starts_at: Timestamp::from_secs(1_790_000_000),
        modality: None,
        reception: None,
        initiator: None,
        organisation: None,
    })
}

#[test]
fn each_part_of_the_rule_raises_the_class() {
    let unknown_kind = || Code::new("ft", "4", "never-seen", None).unwrap();
    for (why, is, must) in [
        ("nothing raises", class(plain()), 1),
        (
            "a code of class 2",
            with_body(status(StatusKind::Ass.into(), StatusState::Active)),
            2,
        ),
        (
            "RQTH is health",
            with_body(status(StatusKind::Rqth.into(), StatusState::Active)),
            4,
        ),
        (
            "a suspension",
            with_body(status(StatusKind::Student.into(), StatusState::Suspended)),
            3,
        ),
        (
            "an unknown code in a list with health",
            with_body(status(
                Code::new("", "", "x", None).unwrap(),
                StatusState::Active,
            )),
            4,
        ),
        (
            "a theme, even if not discussed",
            with_body(constraint(DiagnosisTheme::Family.into())),
            3,
        ),
        (
            "an unknown theme",
            with_body(constraint(Open::from_number(99).unwrap())),
            4,
        ),
        (
            "a psychologist",
            with_body(appointment(
                AppointmentKind::Psychologist.into(),
                AppointmentStatus::Planned.into(),
            )),
            4,
        ),
        (
            "a no-show",
            with_body(appointment(
                AppointmentKind::Support.into(),
                AppointmentStatus::NoShow.into(),
            )),
            2,
        ),
        (
            "an unknown status",
            with_body(appointment(
                AppointmentKind::Support.into(),
                Open::from_number(99).unwrap(),
            )),
            3,
        ),
        (
            "an unknown kind",
            with_body(appointment(
                unknown_kind(),
                AppointmentStatus::Planned.into(),
            )),
            4,
        ),
        (
            "a sensitive author",
            class(RecordParts {
                author: Author {
                    kind: OrganisationKind::Spip.into(),
                    ..plain().author
                },
                ..plain()
            }),
            4,
        ),
        (
            "an unknown kind of author",
            class(RecordParts {
                author: Author {
                    kind: Open::from_number(99).unwrap(),
                    ..plain().author
                },
                ..plain()
            }),
            4,
        ),
        (
            "its author",
            class(RecordParts {
                author_sensitivity: Some(Class::Social),
                ..plain()
            }),
            3,
        ),
    ] {
        assert_eq!(is, must, "{why}");
    }
}

#[test]
fn imported_free_text_counts_3_at_least() {
    let imported = || RecordParts {
        source: Source::new("csv", None, true).unwrap(),
        ..plain()
    };
    let message = || Some(MessageToPartner::new("à voir ensemble").unwrap());
    let note = || Some(FreeText::new("à voir").unwrap());
    let of = |parts, note| Record::new(parts, note).unwrap().class().as_u8();
    assert_eq!(of(imported(), None), 1);
    assert_eq!(of(imported(), note()), 3);
    assert_eq!(
        of(
            RecordParts {
                message: message(),
                ..imported()
            },
            None
        ),
        3
    );
    assert_eq!(
        of(
            RecordParts {
                message: message(),
                ..plain()
            },
            note()
        ),
        1
    );
}

#[test]
fn a_receiver_never_counts_a_record_lower_than_its_holder() {
    let mut wire = proto::Record::from(&SharedRecord::new(plain()).unwrap());
    assert_eq!(wire.sensitivity, 1);
    wire.sensitivity = 3;
    assert_eq!(
        SharedRecord::try_from(&wire).unwrap().class(),
        Class::Social
    );
    wire.body = Some((&status(StatusKind::Rqth.into(), StatusState::Active)).into());
    assert_eq!(
        SharedRecord::try_from(&wire).unwrap().class(),
        Class::Health
    );
}

#[test]
fn what_an_agency_system_says_of_the_class_does_not_lower_or_raise_it() {
    let record = Record::new(plain(), None).unwrap();
    let mut wire = proto::OwnRecord::from(&record);
    wire.record.as_mut().unwrap().sensitivity = 4;
    assert_eq!(Record::try_from(&wire).unwrap().class(), record.class());
}

#[test]
fn i11_not_discussed_is_never_no() {
    use crate::vocabulary::SituationState;
    let said = [
        SituationState::NotDiscussed,
        SituationState::Yes,
        SituationState::No,
    ]
    .map(|one| Open::from(one).number());
    assert!(
        said[0] != said[2] && said[0] != 0 && said[2] != 0,
        "and neither is unset"
    );
    assert_eq!(Open::<SituationState>::from_number(0), None);
}

#[test]
fn a_joint_interview_is_announced_until_it_is_countersigned() {
    let found = (0..2000).find_map(|seed| match Draw::new(seed).body() {
        RecordBody::Diagnosis(Diagnosis {
            joint_interview: Some(joint),
            ..
        }) => Some(joint),
        _ => None,
    });
    let mut joint = found.unwrap();
    joint.countersignature = None;
    assert!(joint.is_announced());
    joint.countersignature = Some(Countersignature {
        node: "ml-demo".parse().unwrap(),
        signed_at: Timestamp::from_secs(1),
    });
    assert!(!joint.is_announced());
}

#[test]
fn a_period_may_be_open_or_vague_but_not_backwards() {
    let date = |text: &str| Some(text.parse::<PartialDate>().unwrap());
    assert!(Period::new(date("2026-05"), date("2026")).is_ok());
    assert!(Period::new(date("2026-05"), date("2025")).is_err());
    let until_may = Period::new(None, date("2026-05")).unwrap();
    let day = |text: &str| text.parse::<CivilDate>().unwrap();
    assert!(!until_may.is_over(day("2026-05-31")) && until_may.is_over(day("2026-06-01")));
    let from_may = Period::new(date("2026-05"), None).unwrap();
    assert!(from_may.is_to_come(day("2026-04-30")) && !from_may.is_to_come(day("2026-05-01")));
}
