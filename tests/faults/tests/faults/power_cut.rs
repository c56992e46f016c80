use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use passerelle_faults_tests::{Agency, Holder, Requester, Stand};

use crate::load::{Load, ask_until_answered, in_time};

/// How often the power is cut.
const CUTS: u64 = 8;
/// Answers before each.
const ANSWERS: u64 = 60;

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

/// Whether two folders hold the same.
fn same(one: &Path, other: &Path) -> bool {
    let compared = Command::new("diff").arg("-rq").args([one, other]).output();
    match compared.expect("diff runs").status.code() {
        Some(0) => true,
        Some(1) => false,
        other => panic!("diff ended with {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i2_nothing_that_was_shown_is_lost_when_the_power_goes() {
    in_time(Box::pin(power_cuts())).await;
}

async fn power_cuts() {
    let stand = Stand::new();
    let library = shim(stand.folder());
    let mut holder = Holder::of(&stand);
    let root = holder.data_dir().to_owned();
    let shadow = stand.folder().join("synced");
    let lost = stand.folder().join("lost");
    let mut asking: Option<(Arc<Requester>, Arc<Agency>)> = None;
    for cut in 1..=CUTS {
        copy(&root, &shadow);
        holder.start_as(|mut command| {
            command
                .env("LD_PRELOAD", &library)
                .env("POWERCUT_ROOT", &root)
                .env("POWERCUT_SHADOW", &shadow);
            command
        });
        if asking.is_none() {
            let requester = Requester::start(&stand).await;
            let agency = Agency::open(&stand).await;
            asking = Some((Arc::new(requester), Arc::new(agency)));
        }
        let (requester, agency) = asking.as_ref().unwrap();
        let enough = requester.answered() + ANSWERS;
        let mut load = Load::start(requester, agency);
        load.until_answered(requester, enough).await;
        // While more is under way.
        holder.kill();
        load.stop().await;
        // Else nothing was cut off: the engine alone always has writes that it did not sync.
        assert!(!same(&root, &shadow), "cut {cut} lost nothing");
        // The machine comes back with what its disk had been told to keep.
        std::fs::rename(&root, &lost).unwrap();
        std::fs::rename(&shadow, &root).unwrap();
        std::fs::remove_dir_all(&lost).unwrap();
    }
    let (requester, agency) = asking.unwrap();
    holder.start();
    ask_until_answered(&requester).await;
    assert!(agency.lost_nobody().await > 0, "nobody was registered");
    holder.stop();
    let shown = requester.holder_lost_nothing(&holder);
    assert!(shown as u64 >= ANSWERS * CUTS, "{shown} entries were shown");
    Arc::into_inner(requester).unwrap().stop().await;
}
