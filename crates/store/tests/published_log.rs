//! What a store publishes is a C2SP tlog-tiles log to code that shares nothing with it: Go's
//! checksum-database packages.

#![allow(clippy::unwrap_used, reason = "a test that cannot set its stage fails")]

#[path = "../../tlog/tests/go/mod.rs"]
mod go;

use std::convert::Infallible;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use go::Checker;
use passerelle_store::sim::SimNode;
use passerelle_store::{Disk, Logged, Ports, Store, StoreConfig, Tx};

fn entry(number: u64) -> String {
    format!("entry {number}{}", ".".repeat(number as usize % 11))
}

/// Logs entries up to `size`; gives where the last one is.
async fn grow(store: &Store, size: u64) -> Logged {
    let mut last = None;
    for number in store.log().size()..size {
        let append = move |tx: &mut Tx<'_>| {
            tx.append(entry(number));
            tx.attach_sealed(format!("sealed {number}"));
            Ok::<_, Infallible>(())
        };
        last = store.transact("grow", append).await.unwrap().logged;
    }
    last.unwrap()
}

fn flip(file: &Path, bit: usize) {
    let mut bytes = fs::read(file).unwrap();
    bytes[bit / 8] ^= 1 << (bit % 8);
    fs::write(file, bytes).unwrap();
}

#[tokio::test]
async fn i4_go_accepts_what_a_store_publishes_across_a_restart_and_refuses_one_flipped_bit() {
    let Some(checker) = Checker::build() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let node = SimNode::new("node-a.example/exchange/2026h2", 7).unwrap();
    let open = || {
        let ports = Ports {
            files: Arc::new(Disk),
            ..node.ports()
        };
        let config = StoreConfig::small(folder.path().join("store"));
        Store::open(config, ports).unwrap().0
    };
    let store = open();
    for size in [1, 57, 300] {
        grow(&store, size).await;
        store.tend().unwrap();
    }
    let older = store.log().head();
    store.close().await.unwrap();
    drop(store);
    let store = open();
    let logged = grow(&store, 1300).await;
    store.tend().unwrap();

    let (dir, key) = (store.log().dir(), store.log().verifying_key().to_string());
    let [old, proof] = ["old", "x.tlog-proof"].map(|name| folder.path().join(name));
    fs::write(&old, &older.bytes).unwrap();
    let of_last = store.log().tlog_proof(logged.index, &logged.head).unwrap();
    fs::write(&proof, of_last.to_string()).unwrap();
    fs::write(proof.with_extension("tlog-proof.entry"), entry(1299)).unwrap();
    let more = [
        "-old",
        old.to_str().unwrap(),
        "-proof",
        proof.to_str().unwrap(),
    ];
    let (accepted, told) = checker.check(&dir, &key, &more);
    assert!(accepted, "{told}");
    for line in [
        "size 1300, 1 signatures verified",
        "consistency ok: 300 -> 1300",
        "1300 of 1300 hash to their leaves",
        "tlog-proof ok: index 1299",
    ] {
        assert!(told.contains(line), "{line:?} not in:\n{told}");
    }

    for (file, bit) in [
        ("tile/entries/004", 8 * 700 + 5),
        ("tile/entries/005.p/20", 8 * 30),
        ("tile/0/001", 1234),
        ("tile/0/005.p/20", 99),
        ("tile/1/000.p/5", 99),
        ("checkpoint", 8 * 40 + 1),
    ] {
        flip(&dir.join(file), bit);
        let (accepted, told) = checker.check(&dir, &key, &more);
        assert!(!accepted, "a flipped bit in {file} was accepted:\n{told}");
        flip(&dir.join(file), bit);
    }
    assert!(checker.check(&dir, &key, &more).0, "every bit is back");
}
