use std::process::Command;

use passerelle_faults_tests::{Holder, Requester, Stand, Trace};

/// Answers to watch.
const ANSWERS: usize = 200;

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
            .args(["-f", "-y", "-s", "0", "-e"])
            .arg("trace=fdatasync,read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg")
            .arg("-o")
            .arg(&trace)
            .arg(serve.get_program())
            .args(serve.get_args());
        traced
    });
    let requester = Requester::start(&stand).await;
    // One at a time: what is written after a question came is its answer.
    for _ in 0..ANSWERS {
        requester.ask().await.unwrap();
    }
    requester.stop().await;
    holder.stop();

    let trace = Trace::read(&std::fs::read_to_string(&trace).unwrap());
    assert_eq!(trace.early, 0, "answers left before the wal was synced");
    assert!(
        trace.covered >= ANSWERS,
        "only {} answers were seen in the trace",
        trace.covered
    );
}
