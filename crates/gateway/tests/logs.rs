//! What a node writes while it is called.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use passerelle_gateway::config::{Format, Level, Telemetry};
use passerelle_gateway::telemetry;
use passerelle_proto::agency::v1::{Identity, RegisterPersonRequest};
use serde_json::Value;
use support::{HOLDER, Stand, TOKEN, find};
use tonic::Request;

const CANARY: &str = "Zéphyrine-Quatrecanards";

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One test: what writes is set for the whole process.
#[tokio::test]
async fn i10_each_call_is_one_line_without_anything_that_travelled() {
    let written = Written::default();
    let writer = written.clone();
    let config = Telemetry {
        format: Format::Json,
        level: Level::Debug,
    };
    tracing::subscriber::set_global_default(telemetry::subscriber(config, move || writer.clone()))
        .unwrap();
    telemetry::log_panics();

    let stand = Stand::new();
    let node = stand.running(HOLDER).await;
    node.find(CANARY).await.unwrap();
    find(node.channel.clone(), CANARY, Some("Bearer bad"))
        .await
        .unwrap_err();
    let mut panics = Request::new(RegisterPersonRequest {
        hidden: None,
        reference: CANARY.to_owned(),
        identity: Some(Identity {
            birth_name: CANARY.to_owned(),
            ..Default::default()
        }),
    });
    panics
        .metadata_mut()
        .insert("authorization", format!("Bearer {TOKEN}").parse().unwrap());
    node.persons().register_person(panics).await.unwrap_err();

    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    for secret in [CANARY, "Quatrecanards", TOKEN, "agent-7"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let calls: Vec<_> = lines
        .iter()
        .filter(|line| line["message"] == "call")
        .collect();
    let codes: Vec<_> = calls
        .iter()
        .map(|line| line["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["OK", "UNAUTHENTICATED", "INTERNAL"]);
    assert_eq!(
        calls[0]["method"],
        "/passerelle.agency.v1.PersonService/FindPersons"
    );
    assert_eq!(calls[0]["system"], "solis");
    assert!(calls[0]["duration_ms"].is_u64());
    let incident = lines
        .iter()
        .find(|line| line["incident"].is_string())
        .expect("the fault is logged");
    assert_eq!(
        incident["method"],
        "/passerelle.agency.v1.PersonService/RegisterPerson"
    );
    assert!(
        lines
            .iter()
            .any(|line| line["message"] == "panic" && line["location"].is_string())
    );
}
