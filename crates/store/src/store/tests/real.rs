use std::time::Duration;

use tokio::task::JoinSet;

use super::*;
use crate::ScrubReport;

fn ports(node: &SimNode) -> Ports {
    Ports {
        engines: Arc::new(SledEngines::default()),
        files: Arc::new(Disk),
        ..node.ports()
    }
}

fn small(dir: &std::path::Path) -> StoreConfig {
    StoreConfig {
        drive: Drive::Threads,
        ..StoreConfig::small(dir)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threads_and_real_files_keep_what_was_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let node = node();
    for round in 0..3u64 {
        let (store, report) = Store::open(small(dir.path()), ports(&node)).unwrap();
        assert_eq!(report.log_size, round * 500);
        assert_eq!(report.engine_rebuilt, None);
        let mut calls = JoinSet::new();
        for n in 0..500u64 {
            let store = store.clone();
            calls.spawn(async move {
                let number = round * 500 + n;
                let put = move |tx: &mut Tx<'_>| {
                    tx.put(PEOPLE, &number.to_be_bytes(), format!("value {number}"));
                    tx.append(format!("entry {number}"));
                    Ok::<_, Infallible>(())
                };
                let logged = store.transact("put", put).await.unwrap().logged.unwrap();
                let seen = store
                    .read(|view| view.get(PEOPLE, &number.to_be_bytes()))
                    .unwrap();
                assert_eq!(seen.unwrap(), format!("value {number}"));
                let proof = store.log().tlog_proof(logged.index, &logged.head).unwrap();
                proof
                    .verify(
                        format!("entry {number}").as_bytes(),
                        store.log().verifying_key(),
                    )
                    .unwrap();
            });
        }
        while let Some(call) = calls.join_next().await {
            call.unwrap();
        }
        // Once closed in good order, once dropped.
        if round != 1 {
            store.close().await.unwrap();
            assert_eq!(store.log().published(), (round + 1) * 500);
        }
    }
    let (store, _) = Store::open(small(dir.path()), ports(&node)).unwrap();
    let rows = store
        .read(|view| view.scan(PEOPLE, b"", b"", usize::MAX))
        .unwrap();
    assert_eq!(rows.len(), 1500);
}

#[tokio::test]
async fn an_entry_is_published_soon_without_being_asked() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = small(dir.path());
    config.publish_interval_ms = 5;
    let (store, _) = Store::open(config, ports(&node())).unwrap();
    let log = |tx: &mut Tx<'_>| Ok::<_, Infallible>(tx.append("entry"));
    store.transact("log", log).await.unwrap();
    let published = async {
        while store.log().published() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), published)
        .await
        .unwrap();
}

#[tokio::test]
async fn the_engine_takes_what_was_written_together_and_nobody_waits_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = small(dir.path());
    config.apply_interval_ms = 3_600_000;
    let (store, _) = Store::open(config, ports(&node())).unwrap();
    let engine = Arc::clone(store.inner.core.overlay.engine());
    for n in 0..10u8 {
        let put = move |tx: &mut Tx<'_>| {
            tx.put(PEOPLE, &[n], "value");
            Ok::<_, Infallible>(())
        };
        store.transact("put", put).await.unwrap();
        let seen = store.read(|view| view.get(PEOPLE, &[n])).unwrap();
        assert_eq!(seen.unwrap(), "value");
    }
    assert_eq!(engine.rows().unwrap(), 0, "all wait");
    store.close().await.unwrap();
    assert_eq!(engine.rows().unwrap(), 10);
}

#[tokio::test]
async fn all_that_is_kept_is_read_again_without_being_asked() {
    let dir = tempfile::tempdir().unwrap();
    let node = node();
    let mut config = small(dir.path());
    config.scrub_delay_ms = 0;
    config.scrub_interval_ms = 1;
    let (store, _) = Store::open(config, ports(&node)).unwrap();
    let log = |tx: &mut Tx<'_>| Ok::<_, Infallible>(tx.append("entry"));
    store.transact("log", log).await.unwrap();
    let scrubbed = async |enough: fn(&ScrubReport) -> bool| {
        while !store.last_scrub().as_ref().is_some_and(enough) {
            tokio::task::yield_now().await;
        }
    };
    let most = Duration::from_secs(10);
    let whole = tokio::time::timeout(most, scrubbed(|report| report.bytes > 64 << 10));
    whole.await.unwrap();
    assert_eq!(store.last_scrub().unwrap().findings, []);
    // And again, with what has changed since.
    store.publish_now().unwrap();
    std::fs::remove_file(store.log().dir().join("checkpoint")).unwrap();
    let damaged = scrubbed(|report| !report.findings.is_empty());
    tokio::time::timeout(most, damaged).await.unwrap();
}

#[tokio::test]
async fn a_scrub_under_way_does_not_hold_up_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let node = node();
    let mut config = small(dir.path());
    config.segment_bytes = 512 << 10;
    config.scrub_bytes_per_second = 1;
    let (store, _) = Store::open(config.clone(), ports(&node)).unwrap();
    let log = |tx: &mut Tx<'_>| Ok::<_, Infallible>(tx.append("entry"));
    store.transact("log", log).await.unwrap();
    store.close().await.unwrap();
    drop(store);
    // After the first segment it rests for days.
    config.scrub_delay_ms = 0;
    let (store, _) = Store::open(config, ports(&node)).unwrap();
    store.close().await.unwrap();
    assert_eq!(store.last_scrub(), None);
}
