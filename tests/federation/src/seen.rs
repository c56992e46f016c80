use passerelle_proto::audit::v1::{ListExchangesRequest, VerifyLogRequest, VerifyLogResponse};
use serde_json::Value;

use crate::{Agency, Federation};

/// The entries of a node's log, the oldest first, as its privacy officer sees them.
pub struct Entries(Vec<Value>);

impl Entries {
    /// All that is in the log of `node`; at most 256 entries.
    pub async fn of(federation: &Federation, node: &str) -> Self {
        let officer = Agency::officer(federation, node).await;
        let request = officer.request(ListExchangesRequest {
            page_size: 256,
            ..ListExchangesRequest::default()
        });
        let listed = Agency::told(officer.audit().list_exchanges(request)).await;
        assert!(listed.next_page_token.is_empty(), "more than one page");
        let entries = listed.exchanges.into_iter().rev();
        let parsed = entries.map(|entry| serde_json::from_str(&entry.entry_json));
        Self(parsed.collect::<Result<_, _>>().expect("entries are JSON"))
    }

    /// The kinds, in order.
    pub fn kinds(&self) -> Vec<&str> {
        self.0.iter().map(|entry| text(entry, "kind")).collect()
    }

    /// The entries of a kind.
    pub fn of_kind(&self, kind: &str) -> Vec<&Value> {
        let entries = self.0.iter();
        entries
            .filter(|entry| text(entry, "kind") == kind)
            .collect()
    }

    /// The entries of an exchange.
    pub fn of_exchange(&self, exchange: &str) -> Vec<&Value> {
        let entries = self.0.iter();
        entries
            .filter(|entry| text(entry, "exchange") == exchange)
            .collect()
    }

    /// Checks the log on disk, as the privacy officer does.
    pub async fn verify(federation: &Federation, node: &str) -> VerifyLogResponse {
        let officer = Agency::officer(federation, node).await;
        let request = officer.request(VerifyLogRequest {});
        Agency::told(officer.audit().verify_log(request)).await
    }
}

fn text<'a>(entry: &'a Value, member: &str) -> &'a str {
    entry
        .get(member)
        .and_then(Value::as_str)
        .unwrap_or_default()
}
