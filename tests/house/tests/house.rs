//! The house: which crate may know which, and what is used in one place only.

use std::collections::BTreeSet;

use passerelle_house_tests::{all_sources, dependencies, sources};

/// Which of our crates each may use. `docs/adr/` says why.
const MAY_USE: &[(&str, &[&str])] = &[
    ("passerelle-proto", &[]),
    ("passerelle-tlog", &[]),
    ("passerelle-domain", &["proto"]),
    ("passerelle-policy", &["domain"]),
    ("passerelle-linkage", &["domain"]),
    ("passerelle-store", &["tlog", "domain", "proto"]),
    ("passerelle-transport", &["domain"]),
    (
        "passerelle-exchange",
        &["policy", "linkage", "store", "tlog", "domain", "proto"],
    ),
    (
        "passerelle-gateway",
        &[
            "proto",
            "tlog",
            "domain",
            "policy",
            "linkage",
            "store",
            "transport",
            "exchange",
        ],
    ),
];

/// Libraries that only some crates may use.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("rustls", &["passerelle-transport"]),
    ("tokio-rustls", &["passerelle-transport"]),
    ("jsonwebtoken", &["passerelle-transport"]),
    ("rcgen", &["passerelle-transport"]),
    ("x509-parser", &["passerelle-transport"]),
    ("sled", &["passerelle-store"]),
    ("argon2", &["passerelle-linkage"]),
    ("tonic", &["passerelle-transport", "passerelle-gateway"]),
    ("clap", &["passerelle-gateway"]),
    (
        "aws-lc-rs",
        &[
            "passerelle-tlog",
            "passerelle-domain",
            "passerelle-store",
            "passerelle-transport",
        ],
    ),
];

/// Crates that do no I/O and wait for nothing.
const PURE: &[&str] = &[
    "passerelle-proto",
    "passerelle-tlog",
    "passerelle-domain",
    "passerelle-policy",
    "passerelle-linkage",
];

#[test]
fn no_crate_knows_more_than_the_design_lets_it() {
    for (name, needs) in dependencies() {
        let (_, may) = MAY_USE
            .iter()
            .find(|(crate_name, _)| *crate_name == name)
            .unwrap_or_else(|| panic!("{name} is not in the design"));
        for ours in needs.iter().filter_map(|n| n.strip_prefix("passerelle-")) {
            assert!(may.contains(&ours), "{name} may not use passerelle-{ours}");
        }
    }
}

#[test]
fn tls_tokens_engines_and_grpc_are_used_where_the_design_puts_them() {
    for (name, needs) in dependencies() {
        for (library, users) in ONLY_IN {
            assert!(
                !needs.contains(*library) || users.contains(&name.as_str()),
                "{name} may not use {library}"
            );
        }
    }
}

#[test]
fn pure_crates_neither_wait_nor_reach_out() {
    let all = dependencies();
    for name in PURE {
        let Some(needs) = all.get(*name) else {
            continue;
        };
        for library in ["tokio", "hyper", "tower", "sled", "tonic"] {
            assert!(!needs.contains(library), "{name} may not use {library}");
        }
    }
}

/// The files that may say of a claim that it was checked: the one that checks tokens and the one
/// that reads back rows sealed when they were checked.
#[test]
fn a_claim_is_called_verified_in_two_places() {
    let makers: BTreeSet<_> = sources()
        .into_iter()
        .filter(|(name, text)| !is_test(name) && text.contains("Verified::new("))
        .map(|(name, _)| name)
        .collect();
    for name in &makers {
        assert!(
            name.starts_with("crates/transport/src/jwt")
                || name.starts_with("crates/store/src/tables/receipts")
                || name.starts_with("crates/domain/src/verified"),
            "{name} may not call a claim verified"
        );
    }
}

/// I1: the journey is read for another organisation in one place, which needs a permit.
#[test]
fn i1_journeys_are_read_for_others_in_one_place() {
    for (name, text) in sources() {
        if is_test(&name) || name.starts_with("crates/policy/") {
            continue;
        }
        assert!(
            !text.contains("Opened::new(") || name == "crates/exchange/src/reading.rs",
            "{name} may not open a journey for another organisation"
        );
        // Own agents read own journeys in `journey.rs` and own records in `records/reading.rs`; the
        // table itself is the store's.
        let readers = [
            "crates/exchange/src/reading.rs",
            "crates/exchange/src/journey.rs",
            "crates/exchange/src/records/reading.rs",
        ];
        assert!(
            !text.contains("records::journey(") || readers.contains(&name.as_str()),
            "{name} may not read journeys"
        );
    }
}

#[test]
fn nothing_is_left_to_do_later() {
    for (name, text) in sources() {
        // An example that must not compile may leave out what it is not about.
        for line in text
            .lines()
            .filter(|line| !line.trim_start().starts_with("///"))
        {
            for word in ["todo!(", "unimplemented!(", "#[ignore", "FIXME", "XXX"] {
                assert!(!line.contains(word), "{name} holds {word}");
            }
        }
    }
}

/// A test that waits a while for something is slow on one machine and wrong on another. The one place
/// that looks again and again watches another process, up to a deadline; in a node time passes through
/// the `Timer` port, but for two pauses after a fault.
#[test]
fn nothing_waits_for_a_fixed_time() {
    let may = [
        "tests/faults/src/waiting.rs",
        "crates/gateway/src/runtime.rs",
        "crates/transport/src/accept.rs",
        "crates/store/src/engine/sled.rs",
        // A partner that is slow on purpose, and a receipt that must run out by the wall clock.
        "crates/gateway/src/demo/sandbox/switch.rs",
        "crates/gateway/src/demo/sandbox/tests/scenes.rs",
        // How long it measures.
        "crates/store/examples/append.rs",
    ];
    let own = "tests/house/tests/house.rs";
    let sleeping = all_sources().into_iter().filter(|(name, text)| {
        let sleeps = ["time::sleep", "thread::sleep", " sleep("];
        let text = text.replace("fn sleep(", "");
        name != own && sleeps.iter().any(|sleep| text.contains(sleep))
    });
    let sleeping: BTreeSet<_> = sleeping.map(|(name, _)| name).collect();
    assert_eq!(sleeping, may.map(str::to_owned).into());
}

/// Tests, and the harness that stands for the world in tests.
fn is_test(name: &str) -> bool {
    name.contains("/tests") || name.contains("/testing")
}
