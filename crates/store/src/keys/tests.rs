use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use aws_lc_rs::hkdf;
use passerelle_domain::PersonId;

use super::*;
use crate::sim::SeededRng;
use crate::tables::tests::World;
use crate::tables::{TableError, bind_keys};

#[test]
fn derivation_is_hkdf_sha_256() {
    let key = Secret::new([7; 32]);
    let ours = Derive::new(b"salt", &key).expand(&[b"label", b"context"]);
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"salt").extract(key.bytes());
    let info: [&[u8]; 1] = [b"label\0context"];
    let mut theirs = [0; 32];
    let okm = prk.expand(&info, hkdf::HKDF_SHA256).unwrap();
    okm.fill(&mut theirs).unwrap();
    assert_eq!(*ours.bytes(), theirs);
}

#[test]
fn keys_that_were_created_open_and_are_for_their_owner_alone() {
    let dir = tempfile::tempdir().unwrap();
    let paths = paths(dir.path());
    Keys::create(&paths, &SeededRng::new(1)).unwrap();
    for path in files(&paths) {
        assert_eq!(
            fs::metadata(path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    let first = checks(&Keys::open(paths.clone()).unwrap());
    assert_eq!(first, checks(&Keys::open(paths.clone()).unwrap()));
    assert_eq!(
        first.iter().map(|(number, _)| *number).collect::<Vec<_>>(),
        [0, 1]
    );
    let again = Keys::create(&paths, &SeededRng::new(2)).unwrap_err();
    assert!(matches!(again, KeyError::Io { .. }));
    assert_eq!(
        first,
        checks(&Keys::open(paths).unwrap()),
        "what was there is not touched"
    );
}

#[test]
fn a_key_that_others_may_read_is_refused_by_its_name() {
    for index in 0..2 {
        for mode in [0o640, 0o604, 0o620, 0o660] {
            let dir = tempfile::tempdir().unwrap();
            let paths = created(dir.path());
            let file = files(&paths)[index].clone();
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            let error = Keys::open(paths).unwrap_err();
            assert!(
                matches!(&error, KeyError::Exposed { path, mode: found } if *path == file && *found == mode)
            );
            assert!(error.to_string().contains(&file.display().to_string()));
        }
    }
}

#[test]
fn a_credential_may_show_the_acl_of_its_service() {
    let dir = tempfile::tempdir().unwrap();
    let paths = created(dir.path());
    let file = paths.node_key.path().to_owned();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o440)).unwrap();
    let as_credential = KeyPaths {
        node_key: NodeKeySource::Credential(file),
        ..paths
    };
    Keys::open(as_credential).unwrap();
}

#[test]
fn a_key_of_another_length_is_refused_by_its_name() {
    for length in [0, 31, 33] {
        for index in 0..2 {
            let dir = tempfile::tempdir().unwrap();
            let paths = created(dir.path());
            let file = files(&paths)[index].clone();
            fs::write(&file, vec![1; length]).unwrap();
            let error = Keys::open(paths).unwrap_err();
            assert!(matches!(&error, KeyError::Length { path } if *path == file));
        }
    }
}

#[test]
fn without_an_epoch_key_nothing_opens() {
    let dir = tempfile::tempdir().unwrap();
    let paths = created(dir.path());
    let [_, epoch] = files(&paths);
    fs::remove_file(&epoch).unwrap();
    // None of these is the name of an epoch key.
    for name in [
        "epoch-01.key",
        "epoch-0.key",
        "epoch--1.key",
        "epoch-1.key.old",
    ] {
        fs::write(paths.epoch_keys.join(name), [1; 32]).unwrap();
    }
    let error = Keys::open(paths).unwrap_err();
    assert!(matches!(&error, KeyError::NoEpochKey { path } if *path == epoch));
}

#[test]
fn the_newest_epoch_key_wraps_and_the_older_ones_still_unwrap() {
    let dir = tempfile::tempdir().unwrap();
    let paths = created(dir.path());
    let rng = SeededRng::new(3);
    let person = PersonId::from_bytes([5; 16]);
    let key = Secret::new([6; 32]);
    let old = Keys::open(paths.clone()).unwrap();
    let wrapped = old.current_epoch().unwrap().wrap(&person, &key, &rng);
    file::create(&epoch_path(&paths.epoch_keys, 12), &Secret::new([8; 32])).unwrap();
    let keys = Keys::open(paths).unwrap();
    let newly = keys.current_epoch().unwrap().wrap(&person, &key, &rng);
    assert_eq!((wrapped.epoch(), newly.epoch()), (1, 12));
    for wrapped in [wrapped, newly] {
        let opened = unwrapped(keys.epoch(wrapped.epoch()).unwrap(), &person, &wrapped);
        assert_eq!(opened, Some(*key.bytes()));
    }
    assert!(
        matches!(keys.epoch(2), Err(KeyError::NoEpochKey { path }) if path.ends_with("epoch-2.key"))
    );
}

#[test]
fn a_wrapped_key_opens_for_its_person_and_epoch_alone() {
    let rng = SeededRng::new(4);
    let person = PersonId::from_bytes([5; 16]);
    let key = Secret::new([6; 32]);
    let epoch = EpochKey::new(1, &Secret::new([1; 32]));
    let wrapped = epoch.wrap(&person, &key, &rng);
    assert_eq!(unwrapped(&epoch, &person, &wrapped), Some(*key.bytes()));
    assert_eq!(
        unwrapped(&epoch, &PersonId::from_bytes([4; 16]), &wrapped),
        None
    );
    assert_eq!(
        unwrapped(&EpochKey::new(2, &Secret::new([1; 32])), &person, &wrapped),
        None
    );
    assert_eq!(
        unwrapped(&EpochKey::new(1, &Secret::new([2; 32])), &person, &wrapped),
        None
    );
    let bytes = wrapped.into_bytes();
    for index in 4..bytes.len() {
        let mut flipped = bytes.to_vec();
        flipped[index] ^= 1;
        let flipped = WrappedKey::from_bytes(flipped.into()).unwrap();
        assert_eq!(unwrapped(&epoch, &person, &flipped), None, "byte {index}");
    }
    assert!(WrappedKey::from_bytes(bytes.slice(1..)).is_none());
}

#[test]
fn an_index_tells_apart_tables_and_the_bounds_of_parts() {
    let keys = Keys::in_memory([1; 32], [2; 32]);
    let one = keys.index("agents", &[b"ab", b"c"]);
    assert_eq!(one, keys.index("agents", &[b"ab", b"c"]));
    let others = [
        keys.index("requests", &[b"ab", b"c"]),
        keys.index("agents", &[b"a", b"bc"]),
        keys.index("agents", &[b"abc"]),
        Keys::in_memory([3; 32], [2; 32]).index("agents", &[b"ab", b"c"]),
    ];
    assert!(!others.contains(&one));
}

#[test]
fn a_store_names_the_key_file_that_is_not_its_own() {
    let mut world = World::memory();
    world.write(|tx| bind_keys(tx)).unwrap();
    world.write(|tx| bind_keys(tx)).unwrap();
    let mut other = world.with_keys(Keys::in_memory([0xee; 32], World::EPOCH_KEY));
    let error = other.write(|tx| bind_keys(tx)).unwrap_err();
    assert!(
        matches!(error, TableError::Key(KeyError::WrongNodeKey { path }) if path == Path::new("node.key"))
    );
    let mut other = other.with_keys(Keys::in_memory(World::NODE_KEY, [0xee; 32]));
    let error = other.write(|tx| bind_keys(tx)).unwrap_err();
    assert!(
        matches!(error, TableError::Key(KeyError::WrongEpochKey { path }) if path == Path::new("epoch-1.key"))
    );
    let mut own = other.with_keys(Keys::in_memory(World::NODE_KEY, World::EPOCH_KEY));
    own.write(|tx| bind_keys(tx)).unwrap();
}

#[test]
fn a_store_misses_the_epoch_key_that_is_newer_than_those_at_hand() {
    let dir = tempfile::tempdir().unwrap();
    let paths = created(dir.path());
    let newer = epoch_path(&paths.epoch_keys, 2);
    file::create(&newer, &Secret::new([8; 32])).unwrap();
    let mut world = World::memory().with_keys(Keys::open(paths.clone()).unwrap());
    world.write(|tx| bind_keys(tx)).unwrap();
    // The older one was destroyed on purpose.
    fs::remove_file(epoch_path(&paths.epoch_keys, 1)).unwrap();
    let mut world = world.with_keys(Keys::open(paths.clone()).unwrap());
    world.write(|tx| bind_keys(tx)).unwrap();
    fs::remove_file(&newer).unwrap();
    file::create(&epoch_path(&paths.epoch_keys, 1), &Secret::new([7; 32])).unwrap();
    let mut world = world.with_keys(Keys::open(paths).unwrap());
    let error = world.write(|tx| bind_keys(tx)).unwrap_err();
    assert!(matches!(
        error,
        TableError::Key(KeyError::WrongEpochKey { .. } | KeyError::NoEpochKey { .. })
    ));
}

#[test]
fn i10_keys_do_not_print() {
    assert_eq!(
        format!("{:?}", Keys::in_memory([1; 32], [2; 32])),
        "Keys(***)"
    );
}

fn unwrapped(epoch: &EpochKey, person: &PersonId, wrapped: &WrappedKey) -> Option<[u8; 32]> {
    epoch.unwrap(person, wrapped).map(|key| *key.bytes())
}

fn paths(dir: &Path) -> KeyPaths {
    KeyPaths {
        node_key: NodeKeySource::File(dir.join("node.key")),
        epoch_keys: dir.to_owned(),
    }
}

fn created(dir: &Path) -> KeyPaths {
    let paths = paths(dir);
    Keys::create(&paths, &SeededRng::new(1)).unwrap();
    paths
}

fn files(paths: &KeyPaths) -> [PathBuf; 2] {
    [
        paths.node_key.path().to_owned(),
        epoch_path(&paths.epoch_keys, 1),
    ]
}

fn checks(keys: &Keys) -> Vec<(u32, KeyCheck)> {
    keys.checks().collect()
}
