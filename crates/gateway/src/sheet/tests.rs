use std::collections::BTreeMap;

use passerelle_domain::Overview;
use passerelle_proto::agency::v1::SourceState;
use passerelle_proto::journey::v1 as proto;
use passerelle_proto::journey::v1::record::Body;

use super::texts::ALL;
use super::*;
use crate::shown::Language;

const NOW: &str = "2026-11-24T14:02:00Z";

fn code(code: &str) -> Option<proto::Code> {
    Some(proto::Code {
        code: code.to_owned(),
        ..proto::Code::default()
    })
}

fn record(number: u32, observed_at: &str, body: Body) -> SharedRecord {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    let record = proto::Record {
        record_id: id.to_vec().into(),
        version: 1,
        author: Some(proto::Author {
            siret: "99900000300015".to_owned(),
            kind: proto::OrganisationKind::MissionLocale.into(),
            agent_role: proto::AgentRole::Caseworker.into(),
        }),
        observed_at: observed_at.to_owned(),
        recorded_at: Some(prost_types::Timestamp::default()),
        source: Some(proto::Source {
            system: "test".to_owned(),
            ..proto::Source::default()
        }),
        body: Some(body),
        ..proto::Record::default()
    };
    SharedRecord::try_from(&record).unwrap()
}

fn step(number: u32, observed_at: &str, label: &str) -> SharedRecord {
    let step = proto::Step {
        kind: code("workshop"),
        label: label.to_owned(),
        status: proto::ActionStatus::Done.into(),
        ..proto::Step::default()
    };
    record(number, observed_at, Body::Step(step))
}

fn diagnosis(number: u32) -> SharedRecord {
    let constraint =
        |theme: proto::DiagnosisTheme, state: proto::ConstraintState| proto::Constraint {
            theme: theme.into(),
            state: state.into(),
            ..proto::Constraint::default()
        };
    let diagnosis = proto::Diagnosis {
        explored: "spie_vocabulary".to_owned(),
        explored_version: "1".to_owned(),
        constraints: vec![
            constraint(
                proto::DiagnosisTheme::Mobility,
                proto::ConstraintState::Present,
            ),
            constraint(
                proto::DiagnosisTheme::Digital,
                proto::ConstraintState::NotDiscussed,
            ),
            constraint(
                proto::DiagnosisTheme::Housing,
                proto::ConstraintState::Closed,
            ),
        ],
        ..proto::Diagnosis::default()
    };
    record(number, "2026-10-01", Body::Diagnosis(diagnosis))
}

fn source(name: Option<&str>, state: State, records: Vec<SharedRecord>) -> Source {
    Source {
        name: name.map(str::to_owned),
        state,
        asked: Vec::new(),
        not_opened: Vec::new(),
        overview: Overview::of(&records, Timestamp::parse(NOW).unwrap()),
        records,
        marks: BTreeMap::new(),
    }
}

fn other(state: SourceState, records: Vec<SharedRecord>) -> Source {
    let since = Timestamp::parse("2026-11-20T14:02:00Z").ok();
    source(Some("Mission locale"), State::Other(state, since), records)
}

fn sheet(sources: Vec<Source>) -> Sheet {
    Sheet {
        name: "Léa Esquisse".to_owned(),
        born: "1999-05-04".to_owned(),
        reference: "dossier-1".to_owned(),
        at: Timestamp::parse(NOW).unwrap(),
        sources,
    }
}

fn of_own(records: Vec<SharedRecord>) -> Sheet {
    sheet(vec![source(None, State::Own, records)])
}

fn read(sheet: &Sheet, language: Language) -> String {
    let mut out = Vec::new();
    text(sheet, language, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn i11_a_diagnosis_that_says_nothing_ends_with_its_name() {
    let empty = proto::Diagnosis {
        explored: "spie_vocabulary".to_owned(),
        explored_version: "1".to_owned(),
        constraints: vec![proto::Constraint {
            theme: proto::DiagnosisTheme::Digital.into(),
            state: proto::ConstraintState::NotDiscussed.into(),
            ..proto::Constraint::default()
        }],
        ..proto::Diagnosis::default()
    };
    let sheet = of_own(vec![record(1, "2026-10-01", Body::Diagnosis(empty))]);
    let text = read(&sheet, Language::French);
    assert!(text.contains("[1]  Diagnostic\n"), "{text}");
}

#[test]
fn an_orientation_says_how_closely_the_person_is_accompanied() {
    let orientation = proto::Orientation {
        pathway: code("professional"),
        modality: code("guided"),
        ..proto::Orientation::default()
    };
    let sheet = of_own(vec![record(
        1,
        "2026-10-01",
        Body::Orientation(orientation),
    )]);
    let text = read(&sheet, Language::French);
    assert!(
        text.contains("Orientation · Professionnel, Guidé"),
        "{text}"
    );
}

fn page(sheet: &Sheet) -> String {
    html(sheet, Language::French).expose().clone()
}

#[test]
fn i11_unknown_not_shared_not_discussed_and_no_read_differently() {
    let states = [
        (SourceState::NeverAsked, "jamais interrogé"),
        (
            SourceState::NothingToShare,
            "a répondu le 20/11/2026 14:02 UTC n’avoir rien",
        ),
        (
            SourceState::Unreachable,
            "inconnu depuis le 20/11/2026 14:02 UTC",
        ),
        (SourceState::Purged, "n’est plus partagé"),
    ];
    for (state, words) in states {
        let sheet = sheet(vec![source(None, State::Own, vec![]), other(state, vec![])]);
        for shown in [read(&sheet, Language::French), page(&sheet)] {
            for (of, others) in states {
                assert_eq!(shown.contains(others), of == state, "{state:?}: {shown}");
            }
            assert!(shown.contains(words));
        }
    }
    let shown = read(&of_own(vec![diagnosis(1)]), Language::French);
    let (_, not_discussed) = shown.split_once("Non abordé").unwrap();
    let (not_discussed, _) = not_discussed.split_once("Éléments").unwrap();
    assert!(not_discussed.contains("Numérique"), "{shown}");
    // A constraint that is closed is neither open nor left out of the talk.
    assert!(!shown.contains("Logement"), "{shown}");
    assert!(shown.contains("Contrainte\u{a0}: Mobilité"), "{shown}");
}

#[test]
fn a_situation_that_is_not_so_is_not_read_as_if_it_were() {
    let situation = |kind: &str, state: proto::SituationState| proto::Situation {
        theme: proto::DiagnosisTheme::Mobility.into(),
        kind: Some(proto::Code {
            system: "test".to_owned(),
            code: kind.to_owned(),
            label_fr: kind.to_owned(),
            ..proto::Code::default()
        }),
        state: state.into(),
        ..proto::Situation::default()
    };
    let diagnosis = proto::Diagnosis {
        explored: "spie_vocabulary".to_owned(),
        explored_version: "1".to_owned(),
        situations: vec![
            situation("permis", proto::SituationState::Yes),
            situation("voiture", proto::SituationState::No),
            situation("scooter", proto::SituationState::NotDiscussed),
        ],
        ..proto::Diagnosis::default()
    };
    let shown = page(&of_own(vec![record(1, "2026", Body::Diagnosis(diagnosis))]));
    assert!(shown.contains("permis"));
    assert!(
        !shown.contains("voiture") && !shown.contains("scooter"),
        "{shown}"
    );
}

#[test]
fn what_a_person_contests_is_said_wherever_the_record_is_shown() {
    let mut sheet = of_own(vec![diagnosis(1), step(2, "2026-10-01", "Atelier")]);
    let record = sheet.sources[0].records[0].id();
    let marks = Marks {
        contested: Timestamp::parse("2026-11-12T09:00:00Z").ok(),
        restricted: Timestamp::parse("2026-11-13T09:00:00Z").ok(),
    };
    sheet.sources[0].marks.insert(record, marks);
    for shown in [read(&sheet, Language::French), page(&sheet)] {
        // In the overview and in the list; a terminal breaks lines.
        let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        let contested = shown.matches("contesté par la personne depuis le 12/11/2026");
        assert_eq!(contested.count(), 2, "{shown}");
        let restricted = shown.matches("usage limité depuis le 13/11/2026");
        assert_eq!(restricted.count(), 2, "{shown}");
    }
}

#[test]
fn what_somebody_wrote_stays_text() {
    let mut sheet = of_own(vec![step(
        1,
        "2026-10-01",
        "<script>alert(1)</script> & <b>",
    )]);
    sheet.name = "<img src=x>".to_owned();
    sheet.sources.push(other(SourceState::Received, vec![]));
    sheet.sources[1].name = Some("\"><svg onload=1>".to_owned());
    let shown = page(&sheet);
    for raw in ["<script", "<img", "<b>al", "<svg onload"] {
        assert!(!shown.contains(raw), "{raw}");
    }
    assert!(shown.contains("&lt;script&gt;"));
}

#[test]
fn i10_the_name_that_a_browser_gives_the_file_says_nothing_of_the_person() {
    let shown = page(&of_own(vec![]));
    let (_, title) = shown.split_once("<title>").unwrap();
    let (title, _) = title.split_once("</title>").unwrap();
    assert_eq!(title, "Éléments du parcours");
}

#[test]
fn a_long_journey_keeps_to_two_sheets_and_says_what_is_not_there() {
    let records = (0..2_000)
        .map(|n| step(n, "2026-10-01", &format!("Atelier {n}")))
        .collect();
    let sheet = of_own(records);
    let shown = page(&sheet);
    let (_, list) = shown.split_once("<ol").unwrap();
    let listed = list.matches("<li>").count();
    assert!((40..=120).contains(&listed), "{listed}");
    let missing = format!("{} éléments plus anciens", 2_000 - listed);
    assert!(shown.contains(&missing), "{missing}");
    let all = read(&sheet, Language::French);
    assert!(all.contains("Atelier 1999"), "a terminal has no end");
}

#[test]
fn dates_far_away_are_drawn_within_the_page() {
    let records = vec![
        step(1, "1900", "Avant"),
        step(2, "9999-12-31", "Après"),
        step(
            3,
            "2026-11",
            "Un libellé d’autant de caractères que le dessin peut en montrer, et plus",
        ),
    ];
    let shown = page(&of_own(records));
    let (_, drawn) = shown.split_once("<svg").unwrap();
    for attribute in [" cx=\"", " x1=\"", " x2=\"", " x=\""] {
        for at in drawn.split(attribute).skip(1) {
            let (at, _) = at.split_once('"').unwrap();
            let at: f64 = at.parse().unwrap();
            assert!((0.0..=178.0).contains(&at), "{attribute}{at}");
        }
    }
}

#[test]
fn no_line_is_longer_than_a_narrow_terminal() {
    let sheet = of_own(vec![
        step(1, "2026-10-01", &"mot ".repeat(30)),
        diagnosis(2),
    ]);
    for language in [Language::English, Language::French] {
        for line in read(&sheet, language).lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}

#[test]
fn both_languages_say_the_same_values_in_their_own_typography() {
    let holes = |text: &str| text.matches("{}").count();
    for (name, en, fr) in ALL {
        assert_eq!(holes(en), holes(fr), "{name}");
        assert!(!fr.contains(['\'', '“', '"']), "{name}");
    }
}

fn work(number: u32, ends_on: &str) -> SharedRecord {
    let employment = proto::Employment {
        contract: code("CDI"),
        ends_on: ends_on.to_owned(),
        ..proto::Employment::default()
    };
    record(number, "2026-11-02", Body::Employment(employment))
}

#[test]
fn what_sources_say_differently_is_shown_with_who_says_it() {
    let ended = source(None, State::Own, vec![work(1, "2026-10-31")]);
    let ongoing = other(SourceState::Received, vec![work(2, "")]);
    let both = sheet(vec![ended, ongoing]);
    let shown = read(&both, Language::French);
    let (_, found) = shown
        .split_once("Ce que les sources disent différemment")
        .unwrap();
    let (found, _) = found.split_once("Éléments").unwrap();
    assert!(found.contains("Emploi"), "{found}");
    assert!(found.contains("[1]  terminé (02/11/2026)"), "{found}");
    assert!(found.contains("[2]  en cours (02/11/2026)"), "{found}");
    assert!(page(&both).contains("Ce que les sources disent différemment"));

    let alone = of_own(vec![work(1, "2026-10-31"), work(2, "")]);
    assert!(!read(&alone, Language::French).contains("différemment"));
    assert!(!page(&alone).contains("différemment"));
}
