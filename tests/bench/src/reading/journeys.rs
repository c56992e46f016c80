use std::sync::Arc;

use passerelle_domain::{LinkId, PersonId};
use passerelle_federation_tests::{ASSOCIATION, Federation};
use passerelle_gateway::runtime::SystemRng;
use passerelle_gateway::stubs::agency::v1::journey_service_client::JourneyServiceClient;
use passerelle_proto::agency::v1::{GetJourneyRequest, GetJourneyResponse};

use super::Read;
use crate::checked::Kept;
use crate::driver::{Ask, Driver};
use crate::fetching::fetch;
use crate::persons::{HOLDER, REQUESTER, each, inform, keep, link, register, steps};
use crate::sessions::Sessions;

/// Reads merged journeys at the requester.
#[derive(Clone)]
pub(super) struct Reading {
    sessions: Arc<Sessions>,
    persons: Arc<[PersonId]>,
    records: usize,
}

impl Reading {
    /// Persons whom three organisations accompany, each with so many records of them, and two of
    /// whom the third has asked.
    pub(super) fn prepare(
        federation: &Federation,
        driver: &Driver,
        persons: usize,
        records: usize,
    ) -> impl Future<Output = Self> {
        let sessions = |node| Arc::new(driver.sessions(federation, node, AGENTS));
        let here = sessions(REQUESTER);
        let holders = [HOLDER, ASSOCIATION].map(|node| (node, sessions(node)));
        async move {
            let chance = SystemRng::new();
            let own = known(&here, persons, records).await;
            for (node, there) in holders {
                let others = known(&there, persons, records).await;
                let drawn: Vec<_> = own.iter().map(|_| LinkId::random(&chance)).collect();
                let with =
                    |some: &[PersonId]| some.iter().copied().zip(drawn.iter().copied()).collect();
                link(federation, node, REQUESTER, with(&others)).await;
                link(federation, REQUESTER, node, with(&own)).await;
                let (agency, asked) = (Arc::clone(&here), own.clone());
                each(persons, move |number| {
                    let (agency, person) = (Arc::clone(&agency), asked[number]);
                    async move {
                        inform(&agency, person, node).await;
                        fetch(&agency, &person, node, records).await;
                    }
                })
                .await;
            }
            Self {
                sessions: here,
                persons: own.into(),
                records,
            }
        }
    }

    async fn journey(&self, person: &PersonId) -> Vec<GetJourneyResponse> {
        let session = self.sessions.next();
        let mut journeys = JourneyServiceClient::new(session.channel.clone());
        let mut request = GetJourneyRequest {
            person_id: person.to_string(),
            page_size: 256,
            page_token: String::new(),
        };
        let mut pages = Vec::new();
        loop {
            let page = journeys.get_journey(session.request(request.clone())).await;
            let page = page.expect("a journey").into_inner();
            request.page_token.clone_from(&page.next_page_token);
            pages.push(page);
            if request.page_token.is_empty() {
                return pages;
            }
        }
    }
}

async fn known(agency: &Arc<Sessions>, persons: usize, records: usize) -> Vec<PersonId> {
    let agency = Arc::clone(agency);
    each(persons, move |number| {
        let agency = Arc::clone(&agency);
        async move {
            let person = register(&agency, number).await;
            keep(&agency, person, steps().take(records).collect()).await;
            person
        }
    })
    .await
}

impl Ask for Reading {
    type Question = PersonId;

    async fn ask(&mut self, person: &PersonId, _: bool) -> Option<Kept> {
        let pages = self.journey(person).await;
        // What is fast and wrong does not count.
        let of_page = |page: &GetJourneyResponse| {
            let shared = page.sources.iter().filter_map(|one| one.summary.as_ref());
            let shared: usize = shared.map(|summary| summary.records.len()).sum();
            shared + page.own_records.len()
        };
        assert_eq!(pages.iter().map(of_page).sum::<usize>(), 3 * self.records);
        None
    }
}

impl Read for Reading {
    type Answer = GetJourneyResponse;

    fn what(&self) -> String {
        format!(
            "whole merged journeys of {} persons, 3 sources of {} records each",
            self.persons.len(),
            self.records
        )
    }

    fn questions(&self) -> Vec<PersonId> {
        self.persons.iter().copied().cycle().take(MOST).collect()
    }

    async fn answer(&self) -> Vec<GetJourneyResponse> {
        self.journey(&self.persons[0]).await
    }
}

/// Each agent may call so often.
const AGENTS: usize = 200;
/// More than is read in a sample.
const MOST: usize = 100_000;
