use std::collections::{BTreeMap, BTreeSet};

use super::comments::{first_sentence, prose};
use super::{anchor, pages};

#[test]
fn every_link_of_a_page_leads_to_a_heading_that_is_there_once() {
    let pages = pages(&crate::compiled(&crate::protocol()));
    let mut anchors = BTreeMap::new();
    for (name, text) in &pages {
        let headings = text.lines().filter(|line| line.starts_with('#'));
        let mut here = BTreeSet::new();
        for heading in headings {
            let one = anchor(heading.trim_start_matches('#').trim());
            assert!(here.insert(one.clone()), "{name} has two headings {one}");
        }
        anchors.insert(name.as_str(), here);
    }
    let mut links = 0;
    for (name, text) in &pages {
        for target in text.split("](").skip(1) {
            let target = target.split(')').next().unwrap();
            let Some((page, place)) = target.split_once('#') else {
                continue;
            };
            let page = if page.is_empty() { name.as_str() } else { page };
            assert!(anchors[page].contains(place), "{name}: {target}");
            links += 1;
        }
    }
    assert!(links > 100, "{links}");
}

#[test]
fn every_call_is_listed() {
    let files = crate::compiled(&crate::protocol());
    let index = &pages(&files)["README.md"];
    let services = files.iter().flat_map(|file| &file.service);
    for method in services.flat_map(|service| &service.method) {
        assert!(
            index.contains(&format!("- [`{}`](", method.name())),
            "{}",
            method.name()
        );
    }
}

#[test]
fn a_table_in_a_comment_stays_a_table_and_a_tag_is_none() {
    assert_eq!(
        prose(
            "A `<token>` or <none>:\n\n  iss  the system\n  aud  the node\n\nNo others.",
            "  "
        ),
        "  A `<token>` or \\<none>:\n\n  ```text\n    iss  the system\n    aud  the node\n  ```\n\n  No others.\n"
    );
}

#[test]
fn the_index_says_the_first_sentence_alone() {
    assert_eq!(
        first_sentence("Ends a link\nfor good. Repeating it changes nothing."),
        "Ends a link for good."
    );
    assert_eq!(
        first_sentence("Entries, newest first"),
        "Entries, newest first"
    );
}
