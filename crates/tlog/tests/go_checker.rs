//! A second opinion from code that shares nothing with this crate: Go's checksum-database packages
//! (`golang.org/x/mod/sumdb`), through `verify/tlogcheck.go` among the shared files.

#![allow(clippy::unwrap_used, reason = "a test that cannot set its stage fails")]

mod go;
mod sample;

use std::fs;

use go::Checker;
use passerelle_tlog::{CosignedAt, WitnessKey};
use sample::{SampleLog, entry};

#[test]
fn go_accepts_our_log_and_refuses_it_after_one_flipped_bit() {
    let Some(checker) = Checker::build() else {
        return;
    };
    let check = |log: &SampleLog, more: &[&str]| {
        checker.check(log.path(), &log.verifying_key().to_string(), more)
    };
    let mut log = SampleLog::published_at(&[1, 57, 300]);
    fs::copy(log.file("checkpoint"), log.file("old")).unwrap();
    log.grow_to(70_000);
    let mut head = log.publish();

    let witness = WitnessKey::from_seed(&[2; 32], "cd.example/witness".parse().unwrap()).unwrap();
    head.push(witness.cosign(&head, CosignedAt::from_seconds(1_790_000_000).unwrap()));
    fs::write(log.file("checkpoint"), head.to_bytes()).unwrap();
    fs::write(log.file("x.tlog-proof"), log.prove(12_345).to_string()).unwrap();
    fs::write(log.file("x.tlog-proof.entry"), entry(12_345)).unwrap();

    let (old, proof) = (log.file("old"), log.file("x.tlog-proof"));
    let all = [
        "-w",
        &witness.verifying_key().to_string(),
        "-old",
        old.to_str().unwrap(),
        "-proof",
        proof.to_str().unwrap(),
    ];
    let (accepted, told) = check(&log, &all);
    assert!(accepted, "{told}");
    for line in [
        "size 70000, 2 signatures verified",
        "consistency ok: 300 -> 70000",
        "70000 of 70000 hash to their leaves",
        "tlog-proof ok: index 12345",
    ] {
        assert!(told.contains(line), "{line:?} not in:\n{told}");
    }

    // An entry, a leaf hash, a hash above, the root in the checkpoint, the proof, the old head.
    for (file, bit) in [
        ("tile/entries/100", 8 * 700 + 5),
        ("tile/0/200", 1234),
        ("tile/1/001.p/17", 99),
        ("checkpoint", 8 * 40 + 1),
        ("x.tlog-proof", 8 * 60 + 1),
        ("x.tlog-proof.entry", 8 * 4),
        ("old", 8 * 40 + 1),
    ] {
        log.flip(file, bit);
        let (accepted, told) = check(&log, &all);
        assert!(!accepted, "a flipped bit in {file} was accepted:\n{told}");
        log.flip(file, bit);
    }
    assert!(check(&log, &all).0, "every bit is back");
}
