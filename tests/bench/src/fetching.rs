use std::sync::Arc;

use passerelle_domain::PersonId;
use passerelle_federation_tests::exchange_id;
use passerelle_gateway::stubs::agency::v1::journey_service_client::JourneyServiceClient;
use passerelle_proto::agency::v1::{FetchSummaryRequest, SectionScope};

use crate::checked::Kept;
use crate::driver::Ask;
use crate::persons::{CLASS, HOLDER, Person, SECTIONS};
use crate::sessions::Sessions;

/// Asks as an agency system asks its own node, which asks the holder.
#[derive(Clone)]
pub(crate) struct ByAgency {
    /// In the sessions of these agents.
    pub(crate) sessions: Arc<Sessions>,
    /// Records that each answer must hold.
    pub(crate) records: usize,
}

impl Ask for ByAgency {
    type Question = Person;

    /// Every answer is checked: what is in it has been proved to the requester's node.
    async fn ask(&mut self, person: &Person, _: bool) -> Option<Kept> {
        fetch(&self.sessions, &person.there, HOLDER, self.records).await;
        None
    }
}

/// Fetches what a holder has of a person, which must be so many records.
pub(crate) async fn fetch(agency: &Sessions, person: &PersonId, holder: &str, records: usize) {
    let session = agency.next();
    let request = session.request(FetchSummaryRequest {
        person_id: person.to_string(),
        holder: holder.to_owned(),
        exchange_id: exchange_id(),
        purpose: "pathway_follow_up".to_owned(),
        sections: SECTIONS
            .iter()
            .map(|section| SectionScope {
                section: (*section).to_owned(),
                sensitivity: CLASS,
            })
            .collect(),
        usage: "display".to_owned(),
    });
    let mut journeys = JourneyServiceClient::new(session.channel.clone());
    let fetched = journeys.fetch_summary(request).await;
    let summary = fetched.expect("an answer").into_inner().summary;
    assert_eq!(summary.expect("a summary").records.len(), records);
}
