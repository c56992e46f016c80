use serde::Deserialize;

use super::{Document, YamlError};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "read by serde alone")]
struct Outer {
    inner: Inner,
    #[serde(default)]
    list: Vec<Inner>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "read by serde alone")]
struct Inner {
    age_seconds: u64,
    kind: Kind,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    One,
    Two,
}

fn refusal(text: &str) -> (u64, u64, String, String) {
    match Document::new("node.yaml", text).parse::<Outer>() {
        Err(YamlError::Refused {
            line,
            column,
            field,
            rule,
            ..
        }) => (line, column, field, rule),
        other => panic!("expected a refusal, not {other:?}"),
    }
}

fn refused(text: &str, line: u64, column: u64, field: &str, rule: &str) {
    let expected = (line, column, field.to_owned(), rule.to_owned());
    assert_eq!(refusal(text), expected, "{text}");
}

#[test]
fn what_is_written_is_read() {
    let outer: Outer = Document::new("node.yaml", "inner: {age_seconds: 5, kind: one}")
        .parse()
        .unwrap();
    assert_eq!(outer.inner.age_seconds, 5);
}

#[test]
fn an_error_names_place_field_and_rule() {
    refused(
        "inner:\n  age_seconds: 5\n  kind: one\n  age: 5\n",
        4,
        3,
        "inner.age",
        "no such setting; known here: age_seconds, kind",
    );
    refused(
        "inner:\n  age_seconds: 5\n  kind: one\n  age_seconds: 5\n",
        4,
        3,
        "inner.age_seconds",
        "this key is written twice; keep one",
    );
    refused(
        "inner:\n  kind: one\n",
        2,
        3,
        "inner.age_seconds",
        "this setting is missing; write it",
    );
    refused(
        "inner:\n  age_seconds: 5\n  kind: three\n",
        3,
        9,
        "inner.kind",
        "one of one, two",
    );
    refused(
        "inner:\n  age_seconds: five\n  kind: one\n",
        2,
        16,
        "inner.age_seconds",
        "invalid u64",
    );
    refused(
        "inner: {age_seconds: 5, kind: one}\nlist:\n  - {age_seconds: 1, kind: two}\n  - {age_seconds: x, kind: two}\n",
        4,
        19,
        "list[1].age_seconds",
        "invalid u64",
    );
    refused(
        "inner: {age_seconds: 5, kind: one}\n---\n{}\n",
        3,
        1,
        "",
        "one YAML document only; remove the line `---`",
    );
}

#[test]
fn merge_keys_are_refused() {
    let (_, _, _, rule) = refusal("base: &b {age_seconds: 5}\ninner:\n  <<: *b\n  kind: one\n");
    assert!(!rule.is_empty());
}

#[test]
fn a_rule_between_settings_is_shown_at_the_innermost_place_that_is_written() {
    let document = Document::new("node.yaml", "a:\n  b:\n    - c: 1\n    - c: 2\n  d: x\n");
    let place = |field: &str| match document.refuse(field, "no") {
        YamlError::Refused { line, column, .. } => (line, column),
        other @ YamlError::Unreadable { .. } => panic!("{other}"),
    };
    assert_eq!(place("a.b[1].c"), (4, 10));
    assert_eq!(place("a.d"), (5, 6));
    assert_eq!(place("a.missing.deeper"), (2, 3));
    assert_eq!(place("nowhere"), (1, 1));
}

#[test]
fn an_error_is_one_sentence() {
    let error = Document::new("/etc/node.yaml", "inner:\n  kind: one\n")
        .parse::<Outer>()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "/etc/node.yaml, line 2, column 3: `inner.age_seconds`: this setting is missing; write it"
    );
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Document::read("/nonexistent/node.yaml".as_ref()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("/nonexistent/node.yaml cannot be read: ")
    );
}
