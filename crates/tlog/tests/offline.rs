//! The offline verifier on a folder: it accepts a good log and names what is wrong with a bad one.

#![allow(clippy::unwrap_used, reason = "a test that cannot set its stage fails")]

mod sample;

use std::fs;

use passerelle_tlog::{
    Below, Depth, Finding, Hash, Report, SignedCheckpoint, TileError, leaf_hash,
    verify_consistency_of, verify_log,
};
use proptest::prelude::*;
use sample::{SampleLog, entry};

fn verify(log: &SampleLog, depth: Depth) -> Result<Report, Finding> {
    let bytes = log.source().checkpoint().unwrap();
    let head = SignedCheckpoint::open(&bytes, log.verifying_key()).unwrap();
    verify_log(&log.source(), &head, depth, |_| {})
}

fn told(log: &SampleLog, depth: Depth) -> String {
    verify(log, depth).unwrap_err().to_string()
}

#[test]
fn a_good_log_of_any_size_is_accepted_whole() {
    for size in [0, 1, 2, 57, 255, 256, 257, 600, 65_536 + 256 + 3] {
        let log = SampleLog::published_at(&[size]);
        let mut seen = Vec::new();
        let report = verify_log(&log.source(), &log.head(), Depth::Entries, |leaves| {
            seen.push(leaves);
        })
        .unwrap();
        assert_eq!((report.leaves, report.entries), (size, size));
        assert_eq!(
            report.tiles,
            passerelle_tlog::tiles_to_write(0, size).count() as u64
        );
        assert_eq!(seen.last().copied().unwrap_or(0), size);
        assert!(seen.is_sorted());
    }
}

#[test]
fn a_witness_checks_tiles_without_entries() {
    let log = SampleLog::published_at(&[300]);
    fs::remove_dir_all(log.file("tile/entries")).unwrap();
    let report = verify(&log, Depth::Tiles).unwrap();
    assert_eq!((report.leaves, report.entries), (300, 0));
    assert!(matches!(
        verify(&log, Depth::Entries),
        Err(Finding::File(TileError::Missing { .. }))
    ));
}

#[test]
fn partial_tiles_may_go_once_the_full_ones_are_there() {
    let mut log = SampleLog::published_at(&[57]);
    let head = log.head();
    log.grow_to(300);
    log.publish();
    fs::remove_dir_all(log.file("tile/0/000.p")).unwrap();
    fs::remove_dir_all(log.file("tile/entries/000.p")).unwrap();
    let report = verify_log(&log.source(), &head, Depth::Entries, |_| {}).unwrap();
    assert_eq!((report.leaves, report.entries), (57, 57));
}

#[test]
fn a_flipped_bit_in_an_entry_names_the_entry() {
    for (size, bundle, bundle_start, index) in [
        (57, "tile/entries/000.p/57", 0, 41),
        (600, "tile/entries/001", 256, 300),
        (600, "tile/entries/002.p/88", 512, 599),
    ] {
        let log = SampleLog::published_at(&[size]);
        let before: usize = (bundle_start..index).map(|n| 2 + entry(n).len()).sum();
        log.flip(bundle, 8 * (before + 2) + 3);
        let tile = bundle.replace("entries", "0");
        assert_eq!(
            told(&log, Depth::Entries),
            format!("entry {index} does not hash to its leaf in {tile}")
        );
        assert!(verify(&log, Depth::Tiles).is_ok());
    }
}

#[test]
fn a_flipped_bit_in_a_length_names_the_entry() {
    let log = SampleLog::published_at(&[57]);
    let before: usize = (0..41).map(|n| 2 + entry(n).len()).sum();
    log.flip("tile/entries/000.p/57", 8 * before + 7);
    assert_eq!(
        told(&log, Depth::Entries),
        "entry 41 is cut short in tile/entries/000.p/57"
    );
    log.flip("tile/entries/000.p/57", 8 * before + 7);
    log.flip("tile/entries/000.p/57", 8 * (before + 1));
    assert_eq!(
        told(&log, Depth::Entries),
        "entry 41 does not hash to its leaf in tile/0/000.p/57"
    );
}

#[test]
fn a_flipped_bit_in_a_tile_names_the_tile_and_where_it_can_the_hash() {
    let log = SampleLog::published_at(&[65_536 + 256 + 3]);
    for (tile, position, below) in [
        ("tile/0/000", 255, "entry 255"),
        ("tile/0/255", 1, "entry 65281"),
        ("tile/0/257.p/3", 2, "entry 65794"),
        ("tile/1/000", 7, "tile/0/007"),
        ("tile/1/001.p/1", 0, "tile/0/256"),
        ("tile/2/000.p/1", 0, "tile/1/000"),
    ] {
        let bit = 256 * position + 100;
        log.flip(tile, bit);
        let expected = format!("hash {position} of {tile} is not that of {below}");
        assert_eq!(told(&log, Depth::Entries), expected);
        // Without entries nothing stands below a leaf hash.
        let told = told(&log, Depth::Tiles);
        match tile {
            "tile/0/257.p/3" => assert!(told.starts_with("the partial tiles give root"), "{told}"),
            tile if tile.starts_with("tile/0") => {
                assert_eq!(told, format!("{tile} does not hash up to the checkpoint"));
            }
            _ => assert_eq!(told, expected),
        }
        log.flip(tile, bit);
    }
    assert!(verify(&log, Depth::Entries).is_ok());
}

#[test]
fn an_older_version_of_a_tile_that_differs_is_named() {
    let log = SampleLog::published_at(&[57, 300]);
    assert_eq!(verify(&log, Depth::Entries).unwrap().older_versions, 2);
    for (version, whole) in [
        ("tile/0/000.p/57", "tile/0/000"),
        ("tile/entries/000.p/57", "tile/entries/000"),
    ] {
        log.flip(version, 100);
        let expected = format!("{version} is not the beginning of {whole}");
        assert_eq!(told(&log, Depth::Entries), expected);
        log.flip(version, 100);
    }
}

#[test]
fn files_that_are_missing_cut_or_lengthened_are_named() {
    let log = SampleLog::published_at(&[600]);
    for (name, cut, long) in [
        (
            "tile/0/001",
            "tile/0/001 has 8191 bytes, not 8192",
            "tile/0/001 has 8193 bytes, not 8192",
        ),
        (
            "tile/1/000.p/2",
            "tile/1/000.p/2 has 63 bytes, not 64",
            "tile/1/000.p/2 has 65 bytes, not 64",
        ),
        (
            "tile/entries/001",
            "entry 511 is cut short in tile/entries/001",
            "tile/entries/001 goes on after its last entry",
        ),
    ] {
        let bytes = fs::read(log.file(name)).unwrap();
        fs::write(log.file(name), &bytes[..bytes.len() - 1]).unwrap();
        assert_eq!(told(&log, Depth::Entries), cut);
        fs::write(log.file(name), [&bytes[..], b"x"].concat()).unwrap();
        assert_eq!(told(&log, Depth::Entries), long);
        fs::remove_file(log.file(name)).unwrap();
        assert_eq!(told(&log, Depth::Entries), format!("{name} is missing"));
        fs::create_dir(log.file(name)).unwrap();
        let unreadable = told(&log, Depth::Entries);
        assert!(
            unreadable.starts_with(&format!("{name} cannot be read")),
            "{unreadable}"
        );
        fs::remove_dir(log.file(name)).unwrap();
        fs::write(log.file(name), &bytes).unwrap();
    }
    assert!(verify(&log, Depth::Entries).is_ok());
}

#[test]
fn a_head_that_is_not_that_of_the_tiles_is_refused() {
    let log = SampleLog::published_at(&[300]);
    let head = log.false_head(300, leaf_hash(b"other"));
    let finding = verify_log(&log.source(), &head, Depth::Entries, |_| {}).unwrap_err();
    assert!(
        matches!(finding, Finding::Root { size: 300, .. }),
        "{finding}"
    );
    // Of an empty log there is nothing to read, and still one root alone.
    let head = log.false_head(0, leaf_hash(b"other"));
    assert!(verify_log(&log.source(), &head, Depth::Entries, |_| {}).is_err());
}

#[test]
fn i4_every_older_head_of_a_log_is_its_beginning() {
    let mut log = SampleLog::new();
    let mut heads = Vec::new();
    for size in [0, 1, 57, 256, 300, 600] {
        log.grow_to(size);
        heads.push(log.publish());
    }
    for (position, new) in heads.iter().enumerate() {
        for old in &heads[..=position] {
            verify_consistency_of(&log.source(), old, new).unwrap();
        }
    }
    assert!(matches!(
        verify_consistency_of(&log.source(), &heads[5], &heads[4]),
        Err(Finding::Swapped { old: 600, new: 300 })
    ));
}

#[test]
fn i4_a_log_is_accused_of_two_histories_only_when_its_tiles_are_good() {
    let log = SampleLog::published_at(&[600]);
    let head = log.head();
    let other = log.false_head(300, leaf_hash(b"rewritten"));
    assert!(matches!(
        verify_consistency_of(&log.source(), &other, &head),
        Err(Finding::Inconsistent { old: 300, new: 600 })
    ));
    let empty = log.false_head(0, leaf_hash(b"not empty"));
    assert!(matches!(
        verify_consistency_of(&log.source(), &empty, &head),
        Err(Finding::Inconsistent { old: 0, new: 600 })
    ));
    let empty = log.false_head(0, Hash::EMPTY_ROOT);
    assert!(verify_consistency_of(&log.source(), &empty, &head).is_ok());

    log.flip("tile/1/000.p/2", 9);
    assert!(matches!(
        verify_consistency_of(&log.source(), &other, &head),
        Err(Finding::Root { size: 600, .. })
    ));
    fs::remove_file(log.file("tile/1/000.p/2")).unwrap();
    assert!(matches!(
        verify_consistency_of(&log.source(), &other, &head),
        Err(Finding::File(TileError::Missing { .. }))
    ));
}

#[test]
fn a_finding_says_what_stands_below() {
    let log = SampleLog::published_at(&[300]);
    log.flip("tile/1/000.p/1", 0);
    let Err(Finding::Hash {
        below, position, ..
    }) = verify(&log, Depth::Entries)
    else {
        panic!("the hash is named");
    };
    let tile = "tile/0/000".parse().unwrap();
    assert_eq!((below, position), (Below::Tile(tile), 0));
}

#[test]
fn a_proof_from_the_folder_verifies_anywhere() {
    let log = SampleLog::published_at(&[57, 300]);
    for index in [0, 56, 255, 256, 299] {
        let proof = log.prove(index);
        let head = proof.verify(&entry(index), log.verifying_key()).unwrap();
        assert_eq!(head, log.head());
    }
}

fn files(log: &SampleLog) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![log.file("tile")];
    while let Some(folder) = folders.pop() {
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(log.path()).unwrap();
                found.push(name.to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whatever file of the log it is in, older versions included.
    #[test]
    fn any_flipped_bit_anywhere_under_tile_is_found(
        sizes in prop::collection::btree_set(1u64..800, 1..4),
        file in any::<prop::sample::Index>(),
        bit in any::<prop::sample::Index>(),
    ) {
        let log = SampleLog::published_at(&sizes.into_iter().collect::<Vec<_>>());
        let report = verify(&log, Depth::Entries).unwrap();
        let files = files(&log);
        prop_assert_eq!(
            files.iter().filter(|file| !file.contains("entries")).count() as u64
                + files.iter().filter(|file| file.contains("entries")).count() as u64,
            report.tiles + report.leaves.div_ceil(256) + report.older_versions
        );
        let file = &files[file.index(files.len())];
        let length = fs::read(log.file(file)).unwrap().len();
        log.flip(file, bit.index(8 * length));
        let told = told(&log, Depth::Entries);
        let named = told.contains(file) || told.contains(&file.replace("entries", "0"));
        prop_assert!(named, "{}: {}", file, told);
    }
}
