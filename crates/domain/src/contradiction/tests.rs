use proptest::prelude::*;

use super::*;
use crate::record::{Author, Diagnosis, Explored, Period, RecordParts, Situation, Source, Status};
use crate::vocabulary::{
    AgentRole, DiagnosisTheme, EmploymentContractType, OrganisationKind, RsaRightState,
};
use crate::{Code, Timestamp};

fn today() -> CivilDate {
    "2026-11-24".parse().unwrap()
}

fn record(number: u8, observed_at: &str, body: RecordBody) -> SharedRecord {
    SharedRecord::new(RecordParts {
        id: RecordId::from_bytes([number; 16]),
        version: 1,
        body,
        author: Author {
            siret: "99900001100018".parse().unwrap(),
            kind: OrganisationKind::MissionLocale.into(),
            role: AgentRole::Caseworker.into(),
        },
        observed_at: observed_at.parse().unwrap(),
        recorded_at: Timestamp::parse("2026-11-24T09:30:00Z").unwrap(),
        source: Source::new("i-milo", None, false).unwrap(),
        author_sensitivity: None,
        message: None,
    })
    .unwrap()
}

fn rsa(state: impl Into<Code<RsaRightState>>) -> RecordBody {
    RecordBody::Status(Status {
        kind: StatusKind::RsaRight.into(),
        state: StateCode::Rsa(state.into()),
        reason: None,
        period: Period::default(),
    })
}

fn situations(found: &[(DiagnosisSituation, SituationState)]) -> RecordBody {
    let one = |(situation, state): &(DiagnosisSituation, SituationState)| Situation {
        theme: DiagnosisTheme::Mobility.into(),
        situation: (*situation).into(),
        state: (*state).into(),
        confirmations: Vec::new(),
    };
    RecordBody::Diagnosis(Diagnosis {
        explored: Explored::new("spie_vocabulary", "1").unwrap(),
        needs: Vec::new(),
        constraints: Vec::new(),
        situations: found.iter().map(one).collect(),
        joint_interview: None,
    })
}

fn work(until: &str) -> RecordBody {
    let ends_on = (!until.is_empty()).then(|| until.parse().unwrap());
    RecordBody::Employment(Employment {
        contract: EmploymentContractType::ALL[0].into(),
        occupation: None,
        employer: None,
        period: Period::new(None, ends_on).unwrap(),
        weekly: None,
        follow_up: None,
    })
}

fn found(sources: &[&[&SharedRecord]]) -> Vec<Contradiction> {
    let sources: Vec<_> = sources.iter().map(|records| records.to_vec()).collect();
    contradictions(&sources, today())
}

fn said(contradiction: &Contradiction) -> Vec<(usize, &'static str)> {
    let sides = contradiction.sides.iter();
    sides.map(|side| (side.source, side.says.id)).collect()
}

#[test]
fn sources_that_say_different_things_are_each_named_and_none_is_right() {
    let open = record(1, "2026-10-01", rsa(RsaRightState::ALL[0]));
    let other = record(2, "2026-11-01", rsa(RsaRightState::ALL[1]));
    let same = record(3, "2026-09-01", rsa(RsaRightState::ALL[0]));
    let found = found(&[&[&open], &[], &[&other], &[&same]]);
    let [found] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(found.matter, Matter::Status(StatusKind::RsaRight));
    let ids = RsaRightState::ALL.iter().map(|state| state.item().id);
    let ids: Vec<_> = ids.take(2).collect();
    assert_eq!(said(found), [(0, ids[0]), (2, ids[1]), (3, ids[0])]);
    assert_eq!(found.sides[1].record, other.id());
}

#[test]
fn work_that_ended_for_one_and_goes_on_for_the_other_is_one() {
    let ended = record(1, "2026-10-01", work("2026-09-30"));
    let ongoing = record(2, "2026-10-01", work(""));
    let found = found(&[&[&ended], &[&ongoing]]);
    assert_eq!(said(&found[0]), [(0, "ended"), (1, "ongoing")]);
    assert_eq!(found[0].matter.section(), Section::Employment);
}

#[test]
fn within_one_source_the_newest_record_counts_and_does_not_contradict_the_older() {
    let old = record(1, "2025-01-01", rsa(RsaRightState::ALL[1]));
    let new = record(2, "2026-10-01", rsa(RsaRightState::ALL[0]));
    let there = record(3, "2026-09-01", rsa(RsaRightState::ALL[0]));
    assert_eq!(found(&[&[&old, &new], &[&there]]), []);
    assert_eq!(found(&[&[&new, &old], &[&there]]), []);
    assert_eq!(found(&[&[&old], &[&there]]).len(), 1);
}

#[test]
fn i11_what_was_not_discussed_or_is_not_known_contradicts_nothing() {
    let item = DiagnosisSituation::ALL[0];
    let says = |number, state| record(number, "2026-10-01", situations(&[(item, state)]));
    let (yes, no) = (says(1, SituationState::Yes), says(2, SituationState::No));
    let silent = says(3, SituationState::NotDiscussed);
    assert_eq!(said(&found(&[&[&yes], &[&no]])[0]), [(0, "yes"), (1, "no")]);
    assert_eq!(found(&[&[&yes], &[&silent]]), []);
    assert_eq!(found(&[&[&no], &[&silent]]), []);
    assert_eq!(found(&[&[&no], &[]]), []);
    // A code of a newer version may be the same thing.
    let newer = Code::new("passerelle", "9", "of_tomorrow", None).unwrap();
    let unknown = record(4, "2026-10-01", rsa(newer));
    let known = record(5, "2026-10-01", rsa(RsaRightState::ALL[0]));
    assert_eq!(found(&[&[&unknown], &[&known]]), []);
}

proptest! {
    /// Beside a naive reading: all pairs of sources, their newest day, yes against no.
    #[test]
    fn every_yes_against_no_is_found_and_nothing_else(
        said in prop::collection::vec((0..3_usize, 0..3_usize, 0..3_usize, 1..28_u8), 0..12)
    ) {
        let states = [SituationState::Yes, SituationState::No, SituationState::NotDiscussed];
        let records: Vec<_> = said
            .iter()
            .enumerate()
            .map(|(number, (source, item, state, day))| {
                let number = u8::try_from(number).unwrap();
                let body = situations(&[(DiagnosisSituation::ALL[*item], states[*state])]);
                (*source, record(number, &format!("2026-10-{day:02}"), body))
            })
            .collect();
        let of = |source| {
            let mine = records.iter().filter(move |(one, _)| *one == source);
            mine.map(|(_, record)| record).collect::<Vec<_>>()
        };
        let sources: Vec<_> = (0..3).map(of).collect();
        let found = contradictions(&sources, today());

        let last = |source: usize, item: usize| {
            let mut days: Vec<_> = said
                .iter()
                .enumerate()
                .filter(|(_, (one, of, state, _))| (*one, *of) == (source, item) && *state < 2)
                .map(|(number, (_, _, state, day))| (*day, number, *state))
                .collect();
            days.sort_unstable();
            days.last().map(|(_, _, state)| *state)
        };
        let expected: Vec<_> = (0..3)
            .filter(|item| {
                let states: Vec<_> = (0..3).filter_map(|source| last(source, *item)).collect();
                states.contains(&0) && states.contains(&1)
            })
            .map(|item| Matter::Situation(DiagnosisSituation::ALL[item]))
            .collect();
        let mut matters: Vec<_> = found.iter().map(|one| one.matter).collect();
        let mut expected = expected;
        matters.sort();
        expected.sort();
        prop_assert_eq!(matters, expected);
    }
}
