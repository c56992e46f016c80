//! Small transactions per second on this disk, beside a bare loop of append and fdatasync.
//!
//! `cargo run --release -p passerelle-store --example append -- FOLDER [IN_FLIGHT] [SECONDS]`
//!
//! The folder must lie on a disk: in memory nothing is synced. Rounds alternate, and the medians are
//! compared, since other work on the machine comes and goes.

#![allow(clippy::disallowed_methods, reason = "a measure reads the real clock")]

use std::convert::Infallible;
use std::error::Error;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use passerelle_domain::{Clock, Timestamp};
use passerelle_store::keys::Keys;
use passerelle_store::sim::SeededRng;
use passerelle_store::{AbortProcess, Disk, Ports, SledEngines, Store, StoreConfig, Table};
use passerelle_tlog::LogKey;
use tokio::task::JoinSet;

const ROWS: Table = Table::new(239);
const ENTRY_BYTES: usize = 512;
const ROUNDS: usize = 5;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments
        .next()
        .ok_or("usage: append FOLDER [IN_FLIGHT] [SECONDS]")?;
    let in_flight: usize = arguments.next().map_or(Ok(64), |text| text.parse())?;
    let seconds: f64 = arguments.next().map_or(Ok(2.0), |text| text.parse())?;
    let span = Duration::from_secs_f64(seconds);
    let folder = Path::new(&folder);
    let (store, _) = Store::open(StoreConfig::new(folder.join("store")), ports()?)?;
    let (mut rates, mut syncs) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        let sync = bare(&folder.join("bare"), span)?;
        let mut waits = transact(&store, in_flight, span).await;
        waits.sort_unstable();
        let rate = waits.len() as f64 / seconds;
        let at = |share: f64| {
            waits
                .get((waits.len() as f64 * share) as usize)
                .copied()
                .unwrap_or_default()
        };
        println!(
            "round {round}: {rate:8.0} tx/s, p50 {:?}, p99 {:?}, p99.9 {:?}; bare loop {sync:6.0}/s",
            at(0.5),
            at(0.99),
            at(0.999)
        );
        rates.push(rate);
        syncs.push(sync);
    }
    let (rate, sync) = (median(rates), median(syncs));
    println!(
        "median: {rate:.0} tx/s with {in_flight} in flight, {:.1} times a bare loop",
        rate / sync
    );
    store.close().await?;
    Ok(())
}

/// Each transaction writes two rows and an entry, and its answer proves the entry.
async fn transact(store: &Store, in_flight: usize, span: Duration) -> Vec<Duration> {
    let stop = Arc::new(AtomicBool::new(false));
    let mut clients = JoinSet::new();
    for client in 0..in_flight as u64 {
        let (store, stop) = (store.clone(), stop.clone());
        clients.spawn(async move {
            let mut waits = Vec::new();
            let mut number = 0u64;
            while !stop.load(Ordering::Relaxed) {
                number += 1;
                let start = Instant::now();
                let key = [client.to_be_bytes(), (number % 1000).to_be_bytes()].concat();
                let done = store.transact("measure", move |tx| {
                    tx.put(ROWS, &key, vec![7; 64]);
                    tx.put(ROWS, &key[..8], number.to_be_bytes().to_vec());
                    tx.append(vec![b'x'; ENTRY_BYTES]);
                    Ok::<_, Infallible>(())
                });
                let logged = done.await.ok().and_then(|done| done.logged);
                let proof = logged.map(|logged| store.log().tlog_proof(logged.index, &logged.head));
                assert!(matches!(proof, Some(Ok(_))), "the store refuses");
                waits.push(start.elapsed());
            }
            waits
        });
    }
    tokio::time::sleep(span).await;
    stop.store(true, Ordering::Relaxed);
    clients.join_all().await.concat()
}

/// Appends and syncs one entry after the other.
fn bare(path: &Path, span: Duration) -> std::io::Result<f64> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    let start = Instant::now();
    let mut appended = 0.0;
    while start.elapsed() < span {
        file.write_all(&[7; ENTRY_BYTES])?;
        file.sync_data()?;
        appended += 1.0;
    }
    Ok(appended / start.elapsed().as_secs_f64())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn ports() -> Result<Ports, Box<dyn Error>> {
    let origin = "node-a.example/exchange/2026h2".parse()?;
    Ok(Ports {
        clock: Arc::new(WallClock),
        rng: Arc::new(SeededRng::new(1)),
        log_key: Arc::new(LogKey::from_seed(&[1; 32], origin)?),
        keys: Arc::new(Keys::in_memory([2; 32], [3; 32])),
        engines: Arc::new(SledEngines::default()),
        files: Arc::new(Disk),
        fatal: Arc::new(AbortProcess),
    })
}

struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}
