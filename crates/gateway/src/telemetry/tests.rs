use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::{ALLOWED, log_panics, subscriber};
use crate::config::{Format, Level, Telemetry};

const CANARY: &str = "Zéphyrine-Quatrecanards";

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn written(format: Format, level: Level, say: impl FnOnce()) -> String {
    let written = Written::default();
    let writer = written.clone();
    let subscriber = subscriber(Telemetry { format, level }, move || writer.clone());
    tracing::subscriber::with_default(subscriber, say);
    written.text()
}

#[test]
fn i10_a_field_that_is_not_on_the_list_shows_as_stars() {
    for format in [Format::Json, Format::Human] {
        let text = written(format, Level::Debug, || {
            let span = tracing::info_span!("call", method = "/a/B", name = CANARY);
            let _inside = span.enter();
            tracing::info!(birth_name = CANARY, person = ?CANARY, pin = %CANARY, code = "OK", "done");
            span.record("name", CANARY);
            tracing::debug!(subject = CANARY, "again");
        });
        assert!(!text.contains(CANARY), "{text}");
        assert!(
            text.contains("***") && text.contains("/a/B") && text.contains("OK"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 2);
    }
}

#[test]
fn i10_another_library_is_quoted_by_its_place_alone() {
    let text = written(Format::Json, Level::Debug, || {
        tracing::warn!(target: "h2::server", error = CANARY, "{CANARY}");
        tracing::info!(target: "h2::server", error = CANARY, "{CANARY}");
    });
    assert!(!text.contains(CANARY), "{text}");
    let line: Value = serde_json::from_str(text.trim()).unwrap();
    assert_eq!(line["target"], "h2::server");
    assert!(line["file"].as_str().unwrap().ends_with("tests.rs"));
}

#[test]
fn i10_a_panic_is_logged_by_its_place_without_its_text() {
    let text = written(Format::Json, Level::Info, || {
        log_panics();
        let _panicked = std::panic::catch_unwind(|| panic!("{CANARY}"));
        drop(std::panic::take_hook());
    });
    assert!(!text.contains(CANARY), "{text}");
    let line: Value = serde_json::from_str(text.trim()).unwrap();
    assert_eq!(line["message"], "panic");
    assert!(
        line["location"]
            .as_str()
            .unwrap()
            .contains("telemetry/tests.rs:")
    );
}

#[test]
fn a_json_line_is_one_object_with_the_fields_of_its_spans() {
    let text = written(Format::Json, Level::Info, || {
        let outer = tracing::info_span!("call", method = "/a/B", system = "solis");
        let _inside = outer.enter();
        tracing::info!(code = "NOT_FOUND", duration_ms = 12, "call");
        tracing::debug!("below the level");
    });
    let line: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["message"], "call");
    assert_eq!(line["method"], "/a/B");
    assert_eq!(line["system"], "solis");
    assert_eq!(line["duration_ms"], 12);
    assert_eq!(line["time"].as_str().unwrap().len(), 24);
}

#[test]
fn an_event_for_people_is_one_line() {
    let text = written(Format::Human, Level::Info, || {
        tracing::error!(error = "first\nsecond", "the list is refused");
    });
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(
        text.contains("ERROR the list is refused error=first second"),
        "{text}"
    );
}

/// A message with a value in it would pass by the list.
#[test]
fn i10_messages_are_literals_in_every_crate() {
    let mut found = Vec::new();
    calls(&mut |file, arguments| {
        let message = arguments.last().copied().unwrap_or_default();
        if message.contains('{') {
            found.push(format!("{file}: {message}"));
        }
    });
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn every_field_that_is_written_in_our_sources_is_on_the_list() {
    let (mut missing, mut seen) = (BTreeSet::new(), 0);
    calls(&mut |file, arguments| {
        let fields = &arguments[..arguments.len().saturating_sub(1)];
        for field in fields {
            let name = field
                .split('=')
                .next()
                .unwrap_or_default()
                .trim()
                .trim_start_matches(['%', '?']);
            seen += 1;
            if !ALLOWED.contains(&name) {
                missing.insert(format!("{file}: {name}"));
            }
        }
    });
    assert!(seen > 20, "the search finds fields");
    assert_eq!(missing, BTreeSet::new());
}

/// The arguments of every call of a macro of `tracing` outside tests, message last.
fn calls(visit: &mut dyn FnMut(&str, &[&str])) {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    sources(&crates, &mut |path, text| {
        for (at, _) in text.match_indices("tracing::") {
            let call = &text[at + "tracing::".len()..];
            let Some((name, rest)) = call.split_once("!(") else {
                continue;
            };
            if ["error", "warn", "info", "debug", "trace"].contains(&name) {
                visit(&path.display().to_string(), &arguments(rest));
            }
        }
    });
}

/// What stands between the commas of a call, up to its closing parenthesis.
fn arguments(call: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut from, mut found) = (0_u32, false, 0, Vec::new());
    for (at, c) in call.char_indices() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => {
                found.push(call[from..at].trim());
                break;
            }
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(call[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    found.retain(|argument| !argument.is_empty());
    found
}

fn sources(folder: &Path, visit: &mut dyn FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_test = path.file_stem().is_some_and(|stem| stem == "tests");
        if path.is_dir() && !is_test {
            sources(&path, visit);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !is_test {
            visit(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}
