//! A node moved by the signals of its process.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::process::Command;
use std::sync::atomic::Ordering;

use passerelle_domain::Clock;
use passerelle_gateway::runtime::SystemClock;
use passerelle_gateway::serve::until_signalled;
use support::{HOLDER, REQUESTER, SOON, Stand, id};

fn send(signal: &str) {
    let sent = Command::new("kill")
        .args([signal, &std::process::id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

/// One test: signals go to the process, and there is one.
#[tokio::test]
async fn sighup_reads_the_trust_list_again_and_sigterm_ends_the_node() {
    let mut stand = Stand::new();
    let config = stand.config(HOLDER);
    let (node, seen) = stand.node(&config).await;
    let trust = node.trust();
    let channel = stand
        .system_of(HOLDER)
        .channel(node.agency_address())
        .unwrap();
    let running = tokio::spawn(until_signalled(node));
    support::find(channel, "", Some(&format!("Bearer {}", support::TOKEN)))
        .await
        .unwrap();

    let mut units = trust.nodes.subscribe();
    units.mark_unchanged();
    stand
        .federation
        .suspend(&id(REQUESTER), SystemClock.now())
        .unwrap();
    send("-HUP");
    tokio::time::timeout(SOON, units.changed())
        .await
        .expect("the list is read again")
        .unwrap();
    assert!(trust.nodes.current().live_member(&id(REQUESTER)).is_err());

    send("-TERM");
    tokio::time::timeout(SOON, running)
        .await
        .expect("the node ends")
        .unwrap()
        .unwrap();
    assert!(seen.closed.load(Ordering::SeqCst));
}
