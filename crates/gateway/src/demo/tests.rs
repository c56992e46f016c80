use std::future::pending;

use serde_json::Value;

use super::{Demo, DemoError, EXAMPLE_RULES, run};
use crate::shown::Language;

fn demo(rules: &str) -> Demo {
    Demo {
        language: Language::French,
        colours: false,
        stays: false,
        folder: None,
        rules: rules.to_owned(),
    }
}

/// Without the rows about health, the diagnosis that she signed for stays closed.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_step_that_does_not_do_what_it_must_ends_the_story() {
    let mut rules: Value = serde_json::from_str(EXAMPLE_RULES).unwrap();
    let rows = rules["rows"].as_array_mut().unwrap();
    rows.retain(|row| row["name"] != "network-health");
    let mut out = Vec::new();
    let error = run(demo(&rules.to_string()), &mut out, pending())
        .await
        .unwrap_err();
    let told = String::from_utf8(out).unwrap();
    assert!(matches!(error, DemoError::Step(_)), "{error}");
    assert!(error.to_string().contains("sensibilité"), "{error}");
    assert!(!told.contains("6 · "), "{told}");
}
