use passerelle_domain::vocabulary::{Class, EvidenceKind, OrganisationKind, Purpose, Section};
use serde_json::{Value, json};

use super::*;

const EXAMPLE: &str = include_str!("../../../../deploy/rules.example.json");

fn example() -> RulesTable {
    serde_json::from_str(EXAMPLE).unwrap()
}

fn row() -> Value {
    json!({
        "name": "one",
        "holder": "mission_locale",
        "requester": ["department", "cap_emploi"],
        "purpose": "pathway_follow_up",
        "section": ["status", "diagnosis"],
        "class": [1, 2],
        "read": true,
        "objection": "open",
        "article": "CASF art. L. 263-4-1",
        "review": {"state": "verified", "by": "DPO", "on": "2026-11-24", "sha256": "ab".repeat(32)},
    })
}

fn with(field: &str, value: Value) -> Value {
    let mut row = row();
    row[field] = value;
    row
}

fn compile(rows: &[Value]) -> Result<Rules, RulesError> {
    let table: RulesTable = serde_json::from_value(json!({"version": 1, "rows": rows})).unwrap();
    Rules::compile(&table, Environment::Training)
}

fn fault(row: Value) -> (String, String) {
    match compile(&[row]).unwrap_err() {
        RulesError::Row { row, field, .. } => (row, field),
        other => panic!("{other}"),
    }
}

fn between(rules: &Rules, requester: OrganisationKind) -> Option<&Ground> {
    rules.ground(
        OrganisationKind::MissionLocale,
        requester,
        Purpose::PathwayFollowUp,
    )
}

#[test]
fn a_row_speaks_of_its_cells_and_of_no_other() {
    let rules = compile(&[row()]).unwrap();
    let ground = between(&rules, OrganisationKind::Department).unwrap();
    let cells: Vec<_> = ground.spoken.iter().collect();
    let (low, high) = (Class::Professional, Class::LivingConditions);
    assert_eq!(
        cells,
        [
            (Section::Status, low),
            (Section::Status, high),
            (Section::Diagnosis, low),
            (Section::Diagnosis, high)
        ]
    );
    assert!(between(&rules, OrganisationKind::CapEmploi).is_some());
    assert!(between(&rules, OrganisationKind::Association).is_none());
    let other = Purpose::Assessment;
    assert!(
        rules
            .ground(
                OrganisationKind::MissionLocale,
                OrganisationKind::Department,
                other
            )
            .is_none()
    );
    assert!(
        rules
            .ground(
                OrganisationKind::Department,
                OrganisationKind::MissionLocale,
                other
            )
            .is_none()
    );
}

#[test]
fn in_production_a_row_that_nobody_verified_counts_as_absent() {
    let unverified = with("review", json!({"state": "unverified"}));
    let table: RulesTable =
        serde_json::from_value(json!({"version": 1, "rows": [unverified]})).unwrap();
    let rules = Rules::compile(&table, Environment::Production).unwrap();
    assert_eq!(rules.rows(), 0);
    assert!(between(&rules, OrganisationKind::Department).is_none());
    assert_eq!(
        Rules::compile(&table, Environment::Training)
            .unwrap()
            .rows(),
        1
    );

    let table: RulesTable = serde_json::from_value(json!({"version": 1, "rows": [row()]})).unwrap();
    let rules = Rules::compile(&table, Environment::Production).unwrap();
    assert_eq!(
        (rules.rows(), rules.environment()),
        (1, Environment::Production)
    );
}

#[test]
fn a_fault_names_the_row_and_the_field() {
    let faults = [
        ("holder", json!("mission_local")),
        ("requester[1]", json!(["department", "department"])),
        ("requester", json!([])),
        ("purpose", json!("curiosity")),
        ("section", json!("secrets")),
        ("class", json!(0)),
        ("class[1]", json!([1, 5])),
        ("class", json!([])),
        ("class[1]", json!([1, 1])),
        ("import", json!(true)),
        ("article", json!("")),
        ("article", json!("x".repeat(201))),
        ("evidence.accepted[0]", json!({"accepted": ["rumour"]})),
        (
            "evidence.accepted_with_agent_mfa[1]",
            json!({"accepted_with_agent_mfa": ["attested", "rumour"]}),
        ),
        ("evidence", json!({})),
    ];
    for (field, value) in faults {
        let whole = field.split(['.', '[']).next().unwrap();
        let mut row = with(whole, value);
        if field == "import" {
            row["read"] = json!(false);
        }
        assert_eq!(fault(row), ("one".to_owned(), field.to_owned()));
    }
    for name in ["", "Deux mots", &"x".repeat(65)] {
        assert_eq!(
            fault(with("name", json!(name))),
            ("rows[0]".to_owned(), "name".to_owned())
        );
    }
    let error = compile(&[row(), with("class", json!([1, 9]))]).unwrap_err();
    assert_eq!(error.path(), "rows[1].class[1]");
    assert_eq!(
        error.to_string(),
        "row one: classes from 1 to 4, each once, at least one"
    );
}

#[test]
fn a_review_says_by_whom_when_and_of_what() {
    let good = row()["review"].clone();
    for (member, value) in [
        ("by", json!("")),
        ("on", json!("24/11/2026")),
        ("sha256", json!("AB".repeat(32))),
    ] {
        let mut review = good.clone();
        review[member] = value;
        let (row, field) = fault(with("review", review));
        assert_eq!(
            (row.as_str(), field.as_str()),
            ("one", format!("review.{member}").as_str())
        );
    }
}

#[test]
fn purposes_that_nodes_never_ask_for_cannot_be_written() {
    for purpose in Purpose::ALL
        .iter()
        .filter(|purpose| !purpose.between_nodes())
    {
        let row = with("purpose", json!(["pathway_follow_up", purpose.id()]));
        assert_eq!(fault(row), ("one".to_owned(), "purpose[1]".to_owned()));
    }
    let rules = compile(&[with("purpose", json!("any"))]).unwrap();
    for purpose in Purpose::ALL {
        let ground = rules.ground(
            OrganisationKind::MissionLocale,
            OrganisationKind::Department,
            *purpose,
        );
        assert_eq!(ground.is_some(), purpose.between_nodes(), "{purpose}");
    }
}

#[test]
fn any_organisation_does_not_mean_one_whose_membership_is_sensitive() {
    let mut row = with("requester", json!("any"));
    row["holder"] = json!("any");
    let rules = compile(&[row]).unwrap();
    for kind in OrganisationKind::ALL {
        assert_eq!(
            between(&rules, *kind).is_some(),
            !kind.sensitive(),
            "{kind}"
        );
        let held = rules.ground(
            *kind,
            OrganisationKind::Department,
            Purpose::PathwayFollowUp,
        );
        assert_eq!(held.is_some(), !kind.sensitive(), "{kind}");
    }
    let named = compile(&[with("requester", json!("csapa"))]).unwrap();
    assert!(between(&named, OrganisationKind::Csapa).is_some());
}

#[test]
fn a_row_that_speaks_of_class_4_names_its_sections() {
    let mut row = with("section", json!("any"));
    assert!(compile(std::slice::from_ref(&row)).is_ok());
    row["class"] = json!([3, 4]);
    assert_eq!(fault(row), ("one".to_owned(), "section".to_owned()));
}

#[test]
fn two_rows_about_one_cell_are_an_error_even_where_one_does_not_count() {
    let mut other = with("section", json!("diagnosis"));
    other["name"] = json!("two");
    other["class"] = json!([2, 3]);
    other["requester"] = json!("cap_emploi");
    other["review"] = json!({"state": "unverified"});
    let table: RulesTable =
        serde_json::from_value(json!({"version": 1, "rows": [row(), other]})).unwrap();
    for environment in [Environment::Production, Environment::Training] {
        let error = Rules::compile(&table, environment).unwrap_err();
        assert_eq!(error.path(), "rows[1]");
        assert_eq!(
            error.to_string(),
            "rows one and two both speak of mission_locale to cap_emploi, pathway_follow_up, \
             diagnosis, class 2; no row overrides another"
        );
    }
}

#[test]
fn a_name_stands_once() {
    let other = with("section", json!("exit"));
    let error = compile(&[row(), other]).unwrap_err();
    assert_eq!(error.path(), "rows[1].name");
    assert_eq!(error.to_string(), "row one: each name once");
}

#[test]
fn unknown_fields_and_versions_are_refused() {
    for broken in [
        json!({"version": 1, "rows": [with("remark", json!("x"))]}),
        json!({"version": 1, "rows": [], "extra": 1}),
        json!({"version": 1, "rows": [with("objection", json!("never"))]}),
        json!({"version": 1, "rows": [with("review", json!({"state": "unverified", "by": "DPO"}))]}),
        json!({"version": 1, "rows": [with("evidence", json!({"accepted": [], "refused": []}))]}),
        json!({"rows": []}),
    ] {
        assert!(
            serde_json::from_value::<RulesTable>(broken.clone()).is_err(),
            "{broken}"
        );
    }
    let table: RulesTable = serde_json::from_value(json!({"version": 2, "rows": []})).unwrap();
    let error = Rules::compile(&table, Environment::Training).unwrap_err();
    assert_eq!(error, RulesError::Version { found: 2, known: 1 });
    assert_eq!(error.path(), "version");
}

#[test]
fn evidence_is_that_of_the_class_unless_the_row_says_otherwise() {
    use EvidenceKind as E;
    let enough = |rules: &Rules, class: Class| -> Vec<(EvidenceKind, bool)> {
        let ground = between(rules, OrganisationKind::Department).unwrap();
        let accepts = |shown: &Shown| {
            ground
                .evidence
                .cells(*shown)
                .contains(Section::Status, class)
        };
        Shown::all()
            .filter(accepts)
            .map(|shown| (shown.kind, shown.agent_mfa))
            .collect()
    };
    let by_default = compile(&[with("class", json!([1, 2, 3, 4]))]).unwrap();
    assert_eq!(enough(&by_default, Class::LivingConditions).len(), 10);
    assert_eq!(enough(&by_default, Class::Social).len(), 8);
    assert_eq!(
        enough(&by_default, Class::Health),
        [
            (E::SignedPaper, true),
            (E::Franceconnect, false),
            (E::Franceconnect, true),
            (E::Pass, false),
            (E::Pass, true)
        ]
    );

    let evidence = json!({"accepted": ["signed_paper"], "accepted_with_agent_mfa": ["attested"]});
    let said = compile(&[with("evidence", evidence)]).unwrap();
    assert_eq!(
        enough(&said, Class::Professional),
        [
            (E::Attested, true),
            (E::SignedPaper, false),
            (E::SignedPaper, true)
        ]
    );
}

#[test]
fn the_example_is_a_table_of_which_nothing_counts_in_production() {
    let table = example();
    assert!(table.rows.iter().all(|row| !row.review.is_verified()));
    assert_eq!(
        Rules::compile(&table, Environment::Production)
            .unwrap()
            .rows(),
        0
    );
    assert_eq!(
        Rules::compile(&table, Environment::Training)
            .unwrap()
            .rows(),
        table.rows.len()
    );
}

#[test]
fn the_example_lets_a_mission_locale_hand_over_to_a_departement_and_little_to_an_association() {
    use OrganisationKind as K;
    let rules = Rules::compile(&example(), Environment::Training).unwrap();
    let reads = |requester, purpose, section, class| {
        let ground = rules.ground(K::MissionLocale, requester, purpose);
        ground.is_some_and(|ground| {
            ground
                .rows
                .iter()
                .any(|row| row.read && row.cells.contains(section, class))
        })
    };
    for section in Section::ALL
        .iter()
        .filter(|section| **section != Section::Identity)
    {
        for class in [Class::Professional, Class::LivingConditions] {
            assert!(
                reads(K::Department, Purpose::PathwayFollowUp, *section, class),
                "{section} {class}"
            );
        }
    }
    assert!(reads(
        K::Department,
        Purpose::PathwayFollowUp,
        Section::Diagnosis,
        Class::Health
    ));
    assert!(!reads(
        K::Department,
        Purpose::SupportAction,
        Section::Diagnosis,
        Class::Health
    ));
    assert!(reads(
        K::Association,
        Purpose::SupportAction,
        Section::Steps,
        Class::Professional
    ));
    assert!(!reads(
        K::Association,
        Purpose::SupportAction,
        Section::Diagnosis,
        Class::Professional
    ));
    for kind in K::ALL {
        assert!(!reads(
            *kind,
            Purpose::PathwayFollowUp,
            Section::Identity,
            Class::LivingConditions
        ));
    }
}
