use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use passerelle_domain::claim::{AgentProof, NumericDate};
use passerelle_domain::vocabulary::AgentRole;
use passerelle_domain::{Clock, Pii, TokenId};
use passerelle_gateway::runtime::{SystemClock, SystemRng};
use passerelle_gateway::stubs::agency::v1::person_service_client::PersonServiceClient;
use passerelle_gateway::stubs::agency::v1::session_service_client::SessionServiceClient;
use passerelle_proto::agency::v1::open_session_request::Proof;
use passerelle_proto::agency::v1::{
    FindPersonsRequest, Identity, OpenSessionRequest, RegisterPersonRequest,
};
use passerelle_transport::jwt::{SigningKey, sign};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use crate::{Stand, before_another};

/// An agency system of the holder, which remembers what the holder has acknowledged.
pub struct Agency {
    channel: Channel,
    token: String,
    next: AtomicU64,
    acknowledged: Mutex<Vec<String>>,
}

impl Agency {
    /// Opens a session at the holder, which must run.
    pub async fn open(stand: &Stand) -> Self {
        let (_, config) = stand.config("mission-locale");
        let system = &config.agency.systems[0];
        let files = stand.system("mission-locale", &system.name);
        let channel = files
            .channel(config.agency_listener.address)
            .expect("files of an agency system");
        let now = SystemClock.now();
        let proof = AgentProof {
            issuer: system.name.clone(),
            audience: config.node.id.clone(),
            subject: Pii::new("agent".to_owned()),
            siret: *system.sirets.iter().next().expect("an establishment"),
            role: AgentRole::Caseworker,
            amr: vec!["pwd".to_owned()],
            auth_time: NumericDate::of(now),
            issued_at: NumericDate::of(now),
            expires_at: NumericDate::of(now.plus(Duration::from_secs(120))),
            id: TokenId::random(&SystemRng::new()),
        };
        let key = SigningKey::load(&files.assertion_key).expect("a key");
        let proof = sign(&proof, &key).expect("a proof that can be signed");
        let request = OpenSessionRequest {
            proof: Some(Proof::Asserted(proof)),
        };
        let opened = SessionServiceClient::new(channel.clone())
            .open_session(request)
            .await;
        Self {
            token: opened.expect("a session").into_inner().token,
            channel,
            next: AtomicU64::new(0),
            acknowledged: Mutex::default(),
        }
    }

    /// Registers another person; remembers them if the holder said that it has them. Gives whether it
    /// did: one that is gone, or asked too often, does not.
    pub async fn register(&self) -> bool {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let reference = format!("faults-{number}");
        let request = self.request(RegisterPersonRequest {
            hidden: None,
            reference: reference.clone(),
            identity: Some(Identity {
                birth_name: "Fictif".to_owned(),
                first_names: "Camille".to_owned(),
                birth_date: "1999-04-01".to_owned(),
                ..Identity::default()
            }),
        });
        match self.persons().register_person(request).await {
            Ok(_) => self.acknowledged().push(reference),
            Err(status) if is_gone(&status) => return false,
            Err(status) if status.code() == Code::ResourceExhausted => return false,
            Err(status) => panic!("the holder answered: {status}"),
        }
        true
    }

    /// Finds every person that the holder acknowledged; it must run. Gives how many there are.
    pub async fn lost_nobody(&self) -> usize {
        let acknowledged = self.acknowledged().clone();
        for reference in &acknowledged {
            let found = self.find(reference).await;
            assert_eq!(found, 1, "{reference}, acknowledged, is lost");
        }
        acknowledged.len()
    }

    /// How many persons have the reference; asks more slowly where the holder says that it must.
    async fn find(&self, reference: &str) -> usize {
        loop {
            let request = self.request(FindPersonsRequest {
                reference: reference.to_owned(),
                ..FindPersonsRequest::default()
            });
            match self.persons().find_persons(request).await {
                Ok(found) => return found.into_inner().persons.len(),
                Err(status) if status.code() == Code::ResourceExhausted => before_another().await,
                Err(status) => panic!("the holder answered: {status}"),
            }
        }
    }

    fn acknowledged(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.acknowledged.lock().expect("no holder of it panics")
    }

    fn persons(&self) -> PersonServiceClient<Channel> {
        PersonServiceClient::new(self.channel.clone())
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let bearer = format!("Bearer {}", self.token);
        let bearer = bearer.parse().expect("a token is ASCII");
        request.metadata_mut().insert("authorization", bearer);
        request
    }
}

/// What a call to a process that was killed comes back with: from the connection, not from a node.
fn is_gone(status: &Status) -> bool {
    matches!(
        status.code(),
        Code::Unavailable | Code::Unknown | Code::Cancelled | Code::Internal
    ) && status.details().is_empty()
}
