use crate::sample::{DAY, HOLDER, NOW, OTHER, REQUESTER, World, node};

#[test]
fn every_node_of_a_throwaway_federation_can_start() {
    let world = World::new();
    for name in [HOLDER, REQUESTER, OTHER] {
        let unit = world.trust(name).current();
        assert_eq!(unit.own().node, node(name));
        assert_eq!(unit.list().list().number(), (1, 1));
        assert!(unit.live_member(&node(HOLDER)).is_ok());
    }
}

#[test]
fn nodes_take_the_lists_that_they_missed_in_order() {
    let mut world = World::new();
    let trust = world.trust(HOLDER);
    world.federation.suspend(&node(OTHER), NOW).unwrap();
    world
        .federation
        .move_to(&node(REQUESTER), vec!["127.0.0.1:7000".to_owned()], NOW)
        .unwrap();
    let unit = trust.reload().unwrap();
    assert_eq!(unit.list().list().serial, 3);
    assert!(unit.live_member(&node(OTHER)).is_err());
}

#[test]
fn a_renewed_certificate_is_one_of_the_same_node_over_another_key() {
    let mut world = World::new();
    let trust = world.trust(HOLDER);
    let before = trust.current();
    world
        .federation
        .renew(&node(HOLDER), NOW.plus(DAY))
        .unwrap();
    world.clock.set(NOW.plus(DAY));
    let after = trust.reload().unwrap();
    assert_eq!(before.own().node, after.own().node);
    assert_ne!(before.own().key_sha256, after.own().key_sha256);
}

#[test]
fn a_node_that_is_not_there_is_named() {
    let world = World::new();
    let error = world.federation.revoke(&node("nobody"), NOW).unwrap_err();
    assert!(error.to_string().contains("nobody"));
}
