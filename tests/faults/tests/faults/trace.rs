use std::process::Command;

use passerelle_faults_tests::{Holder, Requester, Stand};

/// Answers to watch.
const ANSWERS: usize = 200;
/// Questions to ask: strace tells a call that another interrupts in two halves, and of a write only
/// the first says to whom; such an answer is not counted.
const QUESTIONS: usize = ANSWERS + 20;
/// An answer carries an entry of 1,024 bytes and its proof: no other write to a peer is as long.
const LEAST_ANSWER: usize = 1200;

/// What the trace says, in the order in which the calls returned.
enum Call {
    /// fdatasync of a segment of the wal returned.
    WalSynced,
    /// A write to a peer that is long enough to carry an answer began.
    Answered,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i2_the_wal_is_synced_before_each_answer_leaves() {
    if Command::new("strace").arg("-V").output().is_err() {
        println!("not run: strace is missing");
        return;
    }
    let stand = Stand::new();
    let mut holder = Holder::of(&stand);
    let trace = stand.folder().join("trace");
    holder.start_as(|serve| {
        let mut traced = Command::new("strace");
        traced
            .args([
                "-f",
                "-y",
                "-s",
                "0",
                "-e",
                "trace=fdatasync,write,writev,sendto,sendmsg",
                "-o",
            ])
            .arg(&trace)
            .arg(serve.get_program())
            .args(serve.get_args());
        traced
    });
    let requester = Requester::start(&stand).await;
    // One at a time: what is written after a question came is its answer.
    for _ in 0..QUESTIONS {
        requester.ask().await.unwrap();
    }
    requester.stop().await;
    holder.stop();

    let trace = std::fs::read_to_string(&trace).unwrap();
    let (mut answers, mut synced) = (0, false);
    for call in trace.lines().filter_map(call) {
        match call {
            Call::WalSynced => synced = true,
            Call::Answered => {
                assert!(synced, "answer {answers} left before the wal was synced");
                synced = false;
                answers += 1;
            }
        }
    }
    assert!(
        answers >= ANSWERS,
        "only {answers} answers were seen in the trace"
    );
}

/// One line of the trace: `PID call(fd<path>, …) = result`, or the two halves of it.
fn call(line: &str) -> Option<Call> {
    let (_, call) = line.split_once(' ')?;
    let call = call.trim_start();
    if call.starts_with("<... fdatasync resumed") {
        // Only the wal's writer uses fdatasync; what else is synced goes through fsync.
        return call.ends_with("= 0").then_some(Call::WalSynced);
    }
    if call.starts_with("fdatasync(") {
        return (call.contains("/wal/") && call.ends_with("= 0")).then_some(Call::WalSynced);
    }
    let to_peer = call.contains("<TCP:") || call.contains("<socket:");
    let sends = ["write(", "writev(", "sendto(", "sendmsg("]
        .iter()
        .any(|name| call.starts_with(name));
    if !(sends && to_peer) {
        return None;
    }
    let bytes: usize = call.rsplit_once("= ")?.1.trim().parse().ok()?;
    (bytes >= LEAST_ANSWER).then_some(Call::Answered)
}
