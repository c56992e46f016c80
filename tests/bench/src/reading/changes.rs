use std::sync::Arc;

use passerelle_domain::PersonId;
use passerelle_federation_tests::Federation;
use passerelle_gateway::stubs::agency::v1::change_service_client::ChangeServiceClient;
use passerelle_proto::agency::v1::{ListChangesRequest, ListChangesResponse};
use passerelle_store::tables::TableError;
use passerelle_store::tables::changes::{self, Change, ChangeKind};

use super::Read;
use crate::checked::Kept;
use crate::driver::{Ask, Driver};
use crate::persons::{HOLDER, each, register};
use crate::sessions::Sessions;

/// Reads the first page of what happened.
#[derive(Clone)]
pub(super) struct Reading {
    sessions: Arc<Sessions>,
    pending: usize,
}

impl Reading {
    /// A node at which so much happened to a few persons.
    pub(super) fn prepare(
        federation: &Federation,
        driver: &Driver,
        pending: usize,
    ) -> impl Future<Output = Self> {
        let sessions = Arc::new(driver.sessions(federation, HOLDER, AGENTS));
        async move {
            let agency = Arc::clone(&sessions);
            let persons: Arc<[PersonId]> = each(PERSONS.min(pending), move |number| {
                let agency = Arc::clone(&agency);
                async move { register(&agency, number).await }
            })
            .await
            .into();
            // Each registration is a change of its own.
            let rest: Vec<_> = (persons.len()..pending).collect();
            let store = federation.site(HOLDER).passerelle.store();
            for some in rest.chunks(AT_ONCE).map(<[_]>::to_vec) {
                let persons = Arc::clone(&persons);
                let happened = store.transact("happen", move |tx| {
                    for number in &some {
                        let person = persons[number % persons.len()];
                        let now = tx.now();
                        changes::append(tx, now, &Change::of(person, ChangeKind::RecordsChanged))?;
                    }
                    Ok::<_, TableError>(())
                });
                happened.await.expect("changes that can be kept");
            }
            Self { sessions, pending }
        }
    }

    async fn first_page(&self) -> ListChangesResponse {
        let session = self.sessions.next();
        let mut changes = ChangeServiceClient::new(session.channel.clone());
        let request = session.request(ListChangesRequest {
            limit: PAGE,
            ..ListChangesRequest::default()
        });
        let page = changes.list_changes(request).await;
        page.expect("changes").into_inner()
    }
}

impl Ask for Reading {
    type Question = ();

    async fn ask(&mut self, (): &(), _: bool) -> Option<Kept> {
        let page = self.first_page().await;
        // What is fast and wrong does not count.
        assert_eq!(page.changes.len(), self.pending.min(PAGE as usize));
        assert_eq!(page.more, self.pending > PAGE as usize);
        None
    }
}

impl Read for Reading {
    type Answer = ListChangesResponse;

    fn what(&self) -> String {
        format!("first page of {PAGE} changes, {} are pending", self.pending)
    }

    fn questions(&self) -> Vec<()> {
        vec![(); MOST]
    }

    async fn answer(&self) -> Vec<ListChangesResponse> {
        vec![self.first_page().await]
    }
}

/// The longest page.
const PAGE: u32 = 256;
const PERSONS: usize = 1_000;
const AT_ONCE: usize = 500;
/// Each agent may call so often.
const AGENTS: usize = 200;
/// More than is read in a sample.
const MOST: usize = 100_000;
