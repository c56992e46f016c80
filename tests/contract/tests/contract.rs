//! The committed baseline and reference pages, against the protocol as it is.

use std::collections::BTreeMap;
use std::path::Path;

use passerelle_contract_tests::{
    REFRESH, baseline, breaking, compiled, files, pages, protocol, refreshing, write,
};

#[test]
fn v1_only_grows_and_all_that_it_has_is_promised() {
    let faults = breaking::faults(&compiled(&baseline::folder()), &compiled(&protocol()));
    assert!(
        faults.is_empty(),
        "v1 only grows, and clients are built on what it had (docs/contract.md): {faults:#?}"
    );
    committed(&baseline::folder(), "proto", &baseline::of_the_protocol());
}

#[test]
fn the_reference_pages_say_what_the_protocol_says() {
    committed(
        &pages::folder(),
        "md",
        &pages::pages(&compiled(&protocol())),
    );
}

fn committed(folder: &Path, extension: &str, wanted: &BTreeMap<String, String>) {
    if refreshing() {
        write(folder, extension, wanted).expect("the folder can be written");
    }
    let is = files(folder, extension);
    let names = is.keys().chain(wanted.keys());
    let mut stale: Vec<_> = names
        .filter(|name| is.get(*name) != wanted.get(*name))
        .collect();
    stale.dedup();
    assert!(
        stale.is_empty(),
        "stale below {}: {stale:?}; run: {REFRESH}",
        folder.display()
    );
}
