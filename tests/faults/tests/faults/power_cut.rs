use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use passerelle_faults_tests::{Holder, Requester, Stand};

/// How often the power is cut.
const CUTS: usize = 4;
/// Answers before each.
const ANSWERS: u64 = 60;
/// Questions under way at once.
const IN_FLIGHT: usize = 8;

/// Builds the library that keeps what was synced.
fn shim(folder: &Path) -> PathBuf {
    let library = folder.join("powercut.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("shim/powercut.c");
    let built = Command::new("cc")
        .args([
            "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o",
        ])
        .arg(&library)
        .arg(source)
        .args(["-ldl", "-lpthread"])
        .status();
    assert!(built.expect("a C compiler").success());
    library
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status();
    assert!(copied.expect("cp runs").success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i2_nothing_that_was_shown_is_lost_when_the_power_goes() {
    let stand = Stand::new();
    let library = shim(stand.folder());
    let mut holder = Holder::of(&stand);
    let shadow = stand.folder().join("synced");
    let mut requester = None;
    for _ in 0..CUTS {
        copy(holder.data_dir(), &shadow);
        let root = holder.data_dir().to_owned();
        holder.start_as(|mut command| {
            command
                .env("LD_PRELOAD", &library)
                .env("POWERCUT_ROOT", &root)
                .env("POWERCUT_SHADOW", &shadow);
            command
        });
        let asking = match requester.take() {
            None => Arc::new(Requester::start(&stand).await),
            Some(requester) => requester,
        };
        under_load(&asking, &mut holder).await;
        // The machine comes back with what its disk had been told to keep.
        std::fs::rename(&root, stand.folder().join("lost")).unwrap();
        std::fs::rename(&shadow, &root).unwrap();
        std::fs::remove_dir_all(stand.folder().join("lost")).unwrap();
        requester = Some(asking);
    }
    let requester = requester.unwrap();
    holder.start();
    while requester.ask().await.is_err() {
        tokio::time::sleep(AGAIN).await;
    }
    holder.stop();
    let shown = requester.holder_lost_nothing(&holder);
    assert!(
        shown as u64 >= ANSWERS * CUTS as u64,
        "{shown} entries were shown"
    );
    Arc::into_inner(requester).unwrap().stop().await;
}

/// Asks until enough was answered, and cuts the power while more is under way.
async fn under_load(requester: &Arc<Requester>, holder: &mut Holder) {
    let enough = requester.answered() + ANSWERS;
    let over = Arc::new(AtomicBool::new(false));
    let loads: Vec<_> = (0..IN_FLIGHT)
        .map(|_| {
            let (requester, over) = (Arc::clone(requester), Arc::clone(&over));
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    if requester.ask().await.is_err() {
                        tokio::time::sleep(AGAIN).await;
                    }
                }
            })
        })
        .collect();
    while requester.answered() < enough {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    holder.kill();
    over.store(true, Ordering::Relaxed);
    for load in loads {
        load.await.unwrap();
    }
}

/// How long to wait for a holder that is gone.
const AGAIN: Duration = Duration::from_millis(10);
