use std::path::Path;

use passerelle_policy::Environment;

use super::load;
use crate::config::Rules;

const TABLE: &str = r#"{
  "version": 1,
  "rows": [
    {
      "name": "first",
      "holder": "mission_locale",
      "requester": ["department", "cap_emploi"],
      "purpose": ["assessment"],
      "section": ["status", "diagnosis"],
      "class": [1, 2],
      "read": true,
      "objection": "open",
      "article": "CASF art. L. 263-4-1",
      "evidence": {"accepted": ["signed_paper"]},
      "review": {"state": "unverified"}
    },
    {
      "name": "second",
      "holder": "mission_locale",
      "requester": "france_travail",
      "purpose": "any",
      "section": "status",
      "class": 1,
      "read": true,
      "objection": "open",
      "article": "CASF art. L. 263-4-1",
      "review": {"state": "unverified"}
    }
  ]
}
"#;

#[test]
fn every_error_in_a_table_names_line_column_and_field() {
    assert!(loaded(TABLE).is_ok());
    let mut wrong = Vec::new();
    for (from, to, place, field) in [
        // What the form refuses.
        (r#""version": 1,"#, r#""version": 1;"#, (2, 14), "version"),
        (r#""version": 1"#, r#""version": "one""#, (2, 14), "version"),
        (r#""version": 1,"#, "", (3, 3), "version"),
        (
            r#""name": "first","#,
            r#""name": "first", "remark": "x","#,
            (5, 24),
            "rows[0].remark",
        ),
        (
            r#""name": "first","#,
            r#""name": "first", "name": "x","#,
            (5, 24),
            "rows[0].name",
        ),
        (
            r#""class": 1,"#,
            r#""class": "one","#,
            (23, 16),
            "rows[1].class",
        ),
        (r#""class": 1,"#, "", (27, 7), "rows[1].class"),
        (
            r#""read": true"#,
            r#""read": "yes""#,
            (11, 15),
            "rows[0].read",
        ),
        (
            r#""objection": "open""#,
            r#""objection": "never""#,
            (12, 20),
            "rows[0].objection",
        ),
        (
            r#"["signed_paper"]"#,
            r#"["signed_paper"], "refused": []"#,
            (14, 50),
            "rows[0].evidence.refused",
        ),
        (
            r#"{"state": "unverified"}"#,
            r#"{"state": "unverified", "by": "x"}"#,
            (15, 7),
            "rows[0].review.by",
        ),
        (
            r#"{"state": "unverified"}"#,
            r#"{"state": "verified"}"#,
            (15, 7),
            "rows[0].review.by",
        ),
        (
            r#"{"state": "unverified"}"#,
            r#"{}"#,
            (15, 17),
            "rows[0].review.state",
        ),
        // What the rows may not say.
        (r#""version": 1"#, r#""version": 2"#, (2, 14), "version"),
        (
            r#""name": "first""#,
            r#""name": "First row""#,
            (5, 15),
            "rows[0].name",
        ),
        (
            r#""name": "second""#,
            r#""name": "first""#,
            (18, 15),
            "rows[1].name",
        ),
        (
            r#""holder": "mission_locale""#,
            r#""holder": "mission""#,
            (6, 17),
            "rows[0].holder",
        ),
        (
            r#""cap_emploi"]"#,
            r#""cap_emplois"]"#,
            (7, 35),
            "rows[0].requester[1]",
        ),
        (
            r#"["assessment"]"#,
            r#"["assessment", "sanction"]"#,
            (8, 33),
            "rows[0].purpose[1]",
        ),
        (
            r#""diagnosis"]"#,
            r#""diagnosis", "status"]"#,
            (9, 42),
            "rows[0].section[2]",
        ),
        (r#"[1, 2]"#, r#"[1, 5]"#, (10, 20), "rows[0].class[1]"),
        (r#"[1, 2]"#, r#"[]"#, (10, 16), "rows[0].class"),
        (
            r#""read": true"#,
            r#""read": false, "import": true"#,
            (11, 32),
            "rows[0].import",
        ),
        (
            r#"["signed_paper"]"#,
            r#"["rumour"]"#,
            (14, 33),
            "rows[0].evidence.accepted[0]",
        ),
        (
            r#"{"state": "unverified"}"#,
            r#"{"state": "verified", "by": "x", "on": "24/11", "sha256": ""}"#,
            (15, 56),
            "rows[0].review.on",
        ),
        (r#""france_travail""#, r#""department""#, (17, 5), "rows[1]"),
    ] {
        assert!(TABLE.contains(from), "{from}");
        let error = loaded(&TABLE.replacen(from, to, 1)).unwrap_err();
        let (line, column) = place;
        let expected = format!("rules.json, line {line}, column {column}: `{field}`: ");
        if !error.contains(&expected) {
            wrong.push(format!("{to}: {error}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn an_error_says_what_is_accepted() {
    let error = loaded(&TABLE.replacen(r#""cap_emploi"]"#, r#""cap_emplois"]"#, 1)).unwrap_err();
    assert!(
        error.ends_with(
            "`rows[0].requester[1]`: row first: values of the list organisation_kind, each once, or any"
        ),
        "{error}"
    );
}

fn loaded(text: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.json");
    std::fs::write(&path, text).unwrap();
    let rules = rules(&path);
    load(&rules, Environment::Training)
        .map(|_| ())
        .map_err(|error| error.to_string())
}

fn rules(path: &Path) -> Rules {
    Rules {
        path: path.to_owned(),
        acceptance: None,
        denials: Vec::new(),
    }
}
