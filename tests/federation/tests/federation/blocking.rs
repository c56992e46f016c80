//! The operator keeps an agent out from the command line, while the node runs.

use std::ffi::OsString;
use std::process::ExitCode;

use passerelle_federation_tests::*;
use passerelle_gateway::cli;
use passerelle_proto::agency::v1::GetSessionRequest;

async fn run(federation: &Federation, who: &str, arguments: &[&str]) -> ExitCode {
    let folder = tempfile::tempdir().unwrap();
    let client = folder.path().join("client.yaml");
    std::fs::write(&client, client_file(federation, MISSION_LOCALE, who)).unwrap();
    let mut words: Vec<OsString> = vec!["passerelle".into(), "agent".into()];
    words.extend(arguments.iter().map(|word| OsString::from(*word)));
    words.extend(["--client".into(), client.into_os_string()]);
    // It has a runtime of its own.
    let ended = tokio::task::spawn_blocking(move || cli::run(words));
    ended.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_blocked_from_the_command_line_is_out_at_once() {
    let federation = Federation::start().await;
    let agency = Agency::caseworker(&federation, MISSION_LOCALE).await;
    let session = || async {
        let request = agency.request(GetSessionRequest {});
        agency.sessions().get_session(request).await
    };
    assert!(session().await.is_ok());

    let done = ExitCode::SUCCESS;
    let operator = "role: operator\n";
    assert_eq!(
        run(&federation, operator, &["block", "agent-1"]).await,
        done
    );
    assert_eq!(refusal(session().await).reason, "AGENT_BLOCKED");
    assert_eq!(run(&federation, operator, &["list"]).await, done);

    assert_eq!(
        run(&federation, operator, &["unblock", "agent-1"]).await,
        done
    );
    assert!(session().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_blocks_anybody() {
    let federation = Federation::start().await;
    let caseworker = "agent: agent-2\nrole: caseworker\n";
    let refused = run(&federation, caseworker, &["block", "agent-1"]).await;
    assert_eq!(refused, ExitCode::FAILURE);
    Agency::caseworker(&federation, MISSION_LOCALE).await;
}
