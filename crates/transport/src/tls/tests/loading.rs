//! What a node trusts, loaded and replaced whole.

use super::*;

fn start_fails_for(files: TrustFiles, world: &World, reason: &str) {
    let error = TrustUnit::start(files, world.clock())
        .map(drop)
        .unwrap_err()
        .to_string();
    assert!(error.contains(reason), "{error} does not say {reason}");
}

#[test]
fn a_unit_without_a_revocation_list_of_each_anchor_does_not_load() {
    let (world, other) = (World::new(), World::new());
    let files = world.files(HOLDER).trust.clone();
    fs::write(&files.revocation_lists, "").unwrap();
    start_fails_for(
        files.clone(),
        &world,
        "no revocation list of one of the anchors",
    );
    fs::copy(
        other.federation.authority().revocation_file(),
        &files.revocation_lists,
    )
    .unwrap();
    start_fails_for(files.clone(), &world, "that its authority did not sign");
    let ours = fs::read_to_string(world.federation.authority().revocation_file()).unwrap();
    fs::write(&files.revocation_lists, format!("{ours}{ours}")).unwrap();
    start_fails_for(files, &world, "two revocation lists of one authority");
}

#[test]
fn anchors_are_authorities_each_of_its_own_name() {
    let (world, namesake) = (World::new(), World::new());
    let mut files = world.files(HOLDER).trust.clone();
    files.anchors = files.certificate.clone();
    start_fails_for(files.clone(), &world, "not the certificate of an authority");
    let both = [&world, &namesake]
        .map(|w| fs::read_to_string(w.federation.authority().certificate_file()).unwrap());
    files.anchors = files.key.with_file_name("both.pem");
    fs::write(&files.anchors, both.concat()).unwrap();
    start_fails_for(files, &world, "two authorities of one name");
}

#[test]
fn a_unit_whose_certificate_is_not_the_configured_node_does_not_load() {
    let world = World::new();
    let mut files = world.files(HOLDER).trust.clone();
    files.node = node(OTHER);
    start_fails_for(files, &world, "names another node or federation");
    let mut files = world.files(HOLDER).trust.clone();
    files.key = world.files(OTHER).trust.key.clone();
    start_fails_for(files, &world, "private.key: not the key of the certificate");
    let mut files = world.files(HOLDER).trust.clone();
    files.certificate = files.anchors.clone();
    files.key = files.anchors.with_file_name("ca.key");
    start_fails_for(files, &world, "one of an authority");
}

#[test]
fn a_bad_new_file_keeps_the_old_unit_and_names_itself() {
    let world = World::new();
    let handle = world.trust(HOLDER);
    let before = handle.current();
    let files = &world.files(HOLDER).trust;
    for path in [
        &files.certificate,
        &files.key,
        &files.revocation_lists,
        &files.offered_lists,
    ] {
        let good = fs::read(path).unwrap();
        fs::write(path, "no such thing").unwrap();
        let error = handle.reload().map(drop).unwrap_err().to_string();
        let named = error.contains(path.file_name().unwrap().to_str().unwrap());
        assert!(named || error.contains("trust list"), "{error}");
        assert!(Arc::ptr_eq(&before, &handle.current()));
        fs::write(path, good).unwrap();
    }
    assert!(!Arc::ptr_eq(&before, &handle.reload().unwrap()));
}

#[test]
fn an_older_revocation_list_does_not_come_back() {
    let world = World::new();
    let handle = world.trust(HOLDER);
    let path = &world.files(HOLDER).trust.revocation_lists;
    let first = fs::read(path).unwrap();
    world.federation.revoke(&node(OTHER), NOW).unwrap();
    handle.reload().unwrap();
    fs::write(path, first).unwrap();
    let error = handle.reload().map(drop).unwrap_err().to_string();
    assert!(
        error.contains("older than one that was in force"),
        "{error}"
    );
}

#[test]
fn an_older_revocation_list_does_not_come_back_over_a_restart() {
    let world = World::new();
    let files = world.files(HOLDER).trust.clone();
    drop(world.trust(HOLDER));
    let first = fs::read(&files.revocation_lists).unwrap();
    world.federation.revoke(&node(OTHER), NOW).unwrap();
    drop(world.trust(HOLDER));
    let second = fs::read(&files.revocation_lists).unwrap();

    fs::write(&files.revocation_lists, first).unwrap();
    start_fails_for(files.clone(), &world, "older than one that was in force");
    fs::write(&files.revocation_lists, second).unwrap();
    drop(world.trust(HOLDER));
    fs::write(files.kept_lists.join("revocation-numbers"), "?").unwrap();
    start_fails_for(files, &world, "revocation-numbers: damaged");
}

#[test]
fn why_the_last_files_are_not_in_force_is_known_until_others_are() {
    let world = World::new();
    let handle = world.trust(HOLDER);
    assert!(handle.refused().is_none());
    let path = &world.files(HOLDER).trust.certificate;
    let good = fs::read(path).unwrap();
    fs::write(path, "no such thing").unwrap();
    let error = handle.reload().map(drop).unwrap_err();
    assert!(Arc::ptr_eq(&error, &handle.refused().unwrap()));
    fs::write(path, good).unwrap();
    handle.reload().unwrap();
    assert!(handle.refused().is_none());
}

#[test]
fn a_node_starts_with_the_list_in_force_when_the_one_offered_is_bad() {
    let world = World::new();
    drop(world.trust(HOLDER));
    fs::write(&world.files(HOLDER).trust.offered_lists, "rubbish").unwrap();
    let unit = world.trust(HOLDER).current();
    assert_eq!(unit.list().list().serial, 1);
    assert!(unit.refused_list().is_some());
    fs::remove_file(&world.files(HOLDER).trust.offered_lists).unwrap();
    assert!(world.trust(HOLDER).current().refused_list().is_none());
}

#[test]
fn a_certificate_that_others_would_refuse_is_not_loaded() {
    let world = World::new();
    world.clock.set(NOW.plus(LEAF_VALIDITY).plus(DAY));
    start_fails_for(
        world.files(HOLDER).trust.clone(),
        &world,
        "certificate.pem: invalid peer certificate",
    );
    let other = World::new();
    let mut files = world.files(HOLDER).trust.clone();
    files.anchors = other.federation.authority().certificate_file();
    files.revocation_lists = other.federation.authority().revocation_file();
    world.clock.set(NOW);
    start_fails_for(files, &world, "certificate.pem: invalid peer certificate");
}

#[test]
fn the_spiffe_id_of_a_unit_is_of_its_federation() {
    let world = World::new();
    assert_eq!(*world.trust(HOLDER).current().federation(), federation_id());
}
