use passerelle_domain::entry::Entry;
use passerelle_proto::audit::v1::ListExchangesRequest;

use crate::demo::agency::Agency;
use crate::demo::error::DemoError;
use crate::demo::federation::{Federation, Site};

/// An entry of a log.
pub(super) struct Logged {
    /// Its place.
    pub(super) index: u64,
    /// What it says.
    pub(super) entry: Entry,
    /// As stored and hashed.
    pub(super) json: String,
}

/// The newest entry of a kind about one exchange, as the privacy officer of `site` reads it.
pub(super) async fn logged(
    federation: &Federation,
    site: &Site,
    kind: &str,
    exchange_id: &str,
) -> Result<Option<Logged>, DemoError> {
    let officer = Agency::officer(site, &federation.world).await?;
    let request = ListExchangesRequest {
        kinds: vec![kind.to_owned()],
        ..ListExchangesRequest::default()
    };
    for listed in officer.list_exchanges(request).await?.exchanges {
        let entry = Entry::parse(listed.entry_json.as_bytes())?;
        let exchange = entry.exchange.map(|exchange| exchange.to_string());
        if exchange.as_deref() == Some(exchange_id) {
            return Ok(Some(Logged {
                index: listed.log_index,
                entry,
                json: listed.entry_json,
            }));
        }
    }
    Ok(None)
}

/// Whether two entries are the two sides of one attempt: same exchange, and digests of the same
/// bytes asked and answered.
pub(super) fn agree(one: &Entry, other: &Entry) -> bool {
    let key = |entry: &Entry| (entry.exchange, entry.attempt, entry.question, entry.body);
    key(one) == key(other) && one.exchange.is_some() && one.body.is_some()
}
