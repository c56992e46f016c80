//! `docs/gestures.md` against the vocabulary and the reference pages.

use std::collections::BTreeMap;
use std::fs;

use passerelle_contract_tests::{files, pages, root};
use serde_json::Value;

#[test]
fn each_gesture_has_one_row_with_its_purpose() {
    let vocabulary = root().join("crates/domain/vocabulary/spie_vocabulary.json");
    let vocabulary: Value = serde_json::from_str(&fs::read_to_string(vocabulary).unwrap()).unwrap();
    let items = vocabulary["enums"]["gesture_purpose"]["items"]
        .as_array()
        .unwrap();
    let text = |item: &Value, member: &str| item[member].as_str().unwrap().to_owned();
    let expected: BTreeMap<_, _> = items
        .iter()
        .map(|item| {
            let words = format!("{}<br>{}", text(item, "label_en"), text(item, "label_fr"));
            (text(item, "id"), (words, text(item, "purpose")))
        })
        .collect();

    let page = page();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let mut told = BTreeMap::new();
    for row in rows {
        let cells: Vec<_> = row
            .split('|')
            .map(|cell| cell.trim().trim_matches('`'))
            .collect();
        let says = (cells[2].to_owned(), cells[3].to_owned());
        assert!(
            told.insert(cells[1].to_owned(), says).is_none(),
            "twice: {row}"
        );
    }
    assert_eq!(told, expected);
}

#[test]
fn each_call_is_one_of_the_api() {
    let reference = files(&pages::folder(), "md");
    let page = page();
    let mut links = 0;
    for link in page.split("[`").skip(1) {
        let Some((call, target)) = link.split_once("`](reference/") else {
            continue;
        };
        let target = target.split(')').next().unwrap();
        let (file, place) = target.split_once('#').unwrap();
        let heading = format!("\n### {call}\n");
        assert!(reference[file].contains(&heading), "{call}: {target}");
        assert_eq!(place, pages::anchor(call), "{call}");
        links += 1;
    }
    assert!(links > 20, "{links}");
}

fn page() -> String {
    fs::read_to_string(root().join("docs/gestures.md")).expect("docs/gestures.md can be read")
}
