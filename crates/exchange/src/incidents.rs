//! What the privacy officer must look at: links that one side reported to join two persons.

use passerelle_domain::{Caller, LinkId, NodeId, PersonId, Timestamp};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::tables::Read;
use passerelle_store::tables::incidents::{self, Incident};

use crate::paging::{Page, PageSize, page_token};
use crate::queue::{Delivery, delivery};
use crate::{ExchangeError, Passerelle};

/// A link was reported to join two persons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentFile {
    /// Place of the entry of the log that tells of it.
    pub log_index: u64,
    /// The person here.
    pub person: PersonId,
    /// The other node.
    pub node: NodeId,
    /// Its organisation's name; the node's where the trust list no longer knows it.
    pub organisation: String,
    /// The link.
    pub link: LinkId,
    /// Whether it was reported here.
    pub reported_here: bool,
    /// When.
    pub at: Timestamp,
    /// Whether the other side has confirmed that sharing stopped and its copies are gone.
    pub delivery: Delivery,
}

impl Passerelle {
    /// Incidents, the newest first. `token` is that of the page before, empty for the first.
    pub fn list_incidents(
        &self,
        caller: &Caller,
        size: PageSize,
        token: &str,
    ) -> Result<Page<IncidentFile>, ExchangeError> {
        let _access = own_access(caller, OwnAct::Audit)?;
        let before = page_token(token)?;
        self.read(|view| {
            let found = incidents::newest(view, before, size.get())?;
            let last = found.last().map(|incident| incident.leaf);
            let full = found.len() == size.get();
            let file = |incident| self.incident_file(view, incident);
            Ok(Page {
                items: found.into_iter().map(file).collect::<Result<_, _>>()?,
                next: last.filter(|_| full).map(|leaf| leaf.to_string()),
            })
        })
    }

    fn incident_file(
        &self,
        read: &impl Read,
        incident: Incident,
    ) -> Result<IncidentFile, ExchangeError> {
        let told = delivery(read, incident.order, &incident.peer)?;
        Ok(IncidentFile {
            log_index: incident.leaf,
            person: incident.person,
            organisation: self.organisation(&incident.peer),
            link: incident.link,
            reported_here: incident.reported_by == self.0.own.node,
            at: incident.at,
            // What was not sent from here came from there.
            delivery: told.unwrap_or_else(|| Delivery::known_there(incident.at)),
            node: incident.peer,
        })
    }
}
