//! A fictitious member, for the tests of this crate.

use passerelle_transport::throwaway::Plan;
use serde_json::json;

pub(crate) fn plan(node: &str) -> Plan {
    let organisation = json!({
        "name": node, "kind": "association", "sirens": [], "sirets": ["22670001100019"],
    });
    Plan {
        node: node.parse().unwrap(),
        organisation: serde_json::from_value(organisation).unwrap(),
        endpoints: vec!["127.0.0.1:1".to_owned()],
        rights: serde_json::from_value(json!({ "purposes": {} })).unwrap(),
        sensitive: false,
        systems: Vec::new(),
    }
}
