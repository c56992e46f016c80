//! The command line as a client of its own node: what any agency system could do.
//!
//! The running node alone opens its store, so commands about persons call it through the public
//! API, with a certificate of the organisation and a proof signed by a key that the node knows.

mod settings;

use std::time::Duration;

use passerelle_domain::claim::{AgentProof, NumericDate, SystemProof};
use passerelle_domain::{Clock, Pii, Rng, TokenId};
use passerelle_proto::agency::v1::OpenSessionRequest;
use passerelle_proto::agency::v1::open_session_request::Proof;
use passerelle_transport::jwt::{SignError, SigningKey, sign};
use passerelle_transport::key_file::KeyError;
use passerelle_transport::tls::LoadError;
use tonic::metadata::AsciiMetadataValue;
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Request, Status};
use tonic_types::StatusExt;

pub use settings::ClientSettings;

use crate::stubs::agency::v1::session_service_client::SessionServiceClient;

/// A session at the own node. Cloning shares its connection.
#[derive(Clone)]
pub struct NodeSession {
    channel: Channel,
    bearer: Bearer,
}

/// What stubs call through.
pub type InSession = InterceptedService<Channel, Bearer>;

/// Puts the session's token into every call.
#[derive(Clone)]
pub struct Bearer(AsciiMetadataValue);

/// Why there is no session, or a call was not answered.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// A file for TLS.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The key that signs the proof.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The proof cannot be made.
    #[error(transparent)]
    Token(#[from] SignError),
    /// The node cannot be reached, or says no.
    #[error("{call}: {what}")]
    Refused {
        /// The call.
        call: &'static str,
        /// The reason as the node gives it, and its sentence.
        what: String,
    },
}

impl NodeSession {
    /// Opens a session for the agent of the settings, or without one.
    pub async fn open(
        settings: &ClientSettings,
        clock: &dyn Clock,
        rng: &dyn Rng,
    ) -> Result<Self, ClientError> {
        let channel = settings
            .files()
            .channel(&settings.address, settings.server_name())?;
        let request = OpenSessionRequest {
            proof: Some(proof(settings, clock, rng)?),
        };
        let opened = SessionServiceClient::new(channel.clone())
            .open_session(request)
            .await
            .map_err(|status| ClientError::refused("OpenSession", &status))?;
        let bearer = format!("Bearer {}", opened.into_inner().token).parse();
        let bearer = bearer.map_err(|_| ClientError::Refused {
            call: "OpenSession",
            what: "the session token is no header value".to_owned(),
        })?;
        Ok(Self {
            channel,
            bearer: Bearer(bearer),
        })
    }

    /// What a stub is made with.
    pub fn service(&self) -> InSession {
        InterceptedService::new(self.channel.clone(), self.bearer.clone())
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request
            .metadata_mut()
            .insert("authorization", self.0.clone());
        Ok(request)
    }
}

impl ClientError {
    /// What the node answered instead.
    pub fn refused(call: &'static str, status: &Status) -> Self {
        let reason = status.get_details_error_info().map(|info| info.reason);
        let what = match reason {
            Some(reason) => format!("{reason}: {}", status.message()),
            None => format!("{:?}: {}", status.code(), status.message()),
        };
        Self::Refused { call, what }
    }
}

/// How long a proof is good: it is shown at once.
const PROOF: Duration = Duration::from_secs(120);

/// Who works, signed by the key of the system.
fn proof(
    settings: &ClientSettings,
    clock: &dyn Clock,
    rng: &dyn Rng,
) -> Result<Proof, ClientError> {
    let key = SigningKey::load(&settings.assertion_key_file)?;
    let now = clock.now();
    let (issued_at, expires_at) = (NumericDate::of(now), NumericDate::of(now.plus(PROOF)));
    let Some(agent) = &settings.agent else {
        let claims = SystemProof {
            issuer: settings.system.clone(),
            audience: settings.node.clone(),
            siret: settings.siret,
            role: settings.role,
            issued_at,
            expires_at,
            id: TokenId::random(rng),
        };
        return Ok(Proof::System(sign(&claims, &key)?));
    };
    let claims = AgentProof {
        issuer: settings.system.clone(),
        audience: settings.node.clone(),
        subject: Pii::new(agent.clone()),
        siret: settings.siret,
        role: settings.role,
        amr: settings.amr.clone(),
        auth_time: issued_at,
        issued_at,
        expires_at,
        id: TokenId::random(rng),
    };
    Ok(Proof::Asserted(sign(&claims, &key)?))
}

#[cfg(test)]
mod tests;
