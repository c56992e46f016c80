use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Request, Response};
use passerelle_domain::Caller;
use passerelle_exchange::ExchangeError;
use passerelle_transport::identity::SystemIdentity;
use tonic::body::Body;

use super::step::{Rest, refusal};
use super::{Next, Step};
use crate::errors::CallError;

/// Sessions of agents, by their token.
pub trait Sessions: Send + Sync + 'static {
    /// The agent whose session has this token, if it is open and bound to this system's certificate.
    /// Anything else is [`ExchangeError::SessionInvalid`].
    fn caller<'a>(&'a self, token: &'a str, system: &'a SystemIdentity) -> CallerFuture<'a>;

    /// The same of a session that is to be ended: also of one that was ended before.
    fn closing<'a>(&'a self, token: &'a str, system: &'a SystemIdentity) -> CallerFuture<'a>;
}

/// What [`Sessions::caller`] gives back.
pub type CallerFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Caller, ExchangeError>> + Send + 'a>>;

/// Turns the identity of a channel and a session token into a [`Caller`].
///
/// A few methods are called before there is a session (`OPEN`): they see the system's identity
/// alone.
#[derive(Clone)]
pub struct CallerOf {
    sessions: Arc<dyn Sessions>,
}

impl CallerOf {
    /// Sessions are those of `sessions`.
    pub fn new(sessions: Arc<dyn Sessions>) -> Self {
        Self { sessions }
    }
}

impl Step for CallerOf {
    async fn around<S: Rest>(&self, mut request: Request<Body>, next: Next<S>) -> Response<Body> {
        // Whoever the listener let in is in the configuration; without an identity there was no TLS.
        let Some(system) = request.extensions().get::<SystemIdentity>().cloned() else {
            return refusal(CallError::NotAMember);
        };
        if !OPEN.contains(&request.uri().path()) {
            let Some(token) = token(request.headers()) else {
                return refusal(CallError::NoToken);
            };
            let caller = if request.uri().path() == CLOSE {
                self.sessions.closing(token, &system).await
            } else {
                self.sessions.caller(token, &system).await
            };
            match caller {
                Ok(caller) => request.extensions_mut().insert(caller),
                Err(error) => return refusal(CallError::from(error)),
            };
        }
        // A service has no use for the token, and what it does not have it cannot log.
        let token = request.headers_mut().remove(AUTHORIZATION);
        let again = LONG.contains(&request.uri().path());
        let response = next.run(request).await;
        // Whoever was kept out meanwhile learns nothing more.
        if again
            && let Some(token) = token.as_ref().and_then(bearer)
            && let Err(error) = self.sessions.caller(token, &system).await
        {
            return refusal(CallError::from(error));
        }
        response
    }
}

/// RFC 6750 §2.1; exactly one header, so that nobody and nothing on the way reads another.
fn token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    bearer(value)
}

fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// Repeated when its answer was lost: it must find the session that it ended.
pub(super) const CLOSE: &str = "/passerelle.agency.v1.SessionService/CloseSession";

/// What may last long enough for the session to end meanwhile: it is looked at again before the answer.
pub(super) const LONG: &[&str] = &[
    "/passerelle.agency.v1.ChangeService/ListChanges",
    "/passerelle.agency.v1.JourneyService/FetchSummary",
    "/passerelle.agency.v1.JourneyService/FetchSummaries",
];
/// What is called without a session.
pub(super) const OPEN: &[&str] = &[
    "/passerelle.agency.v1.SessionService/OpenSession",
    "/grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/List",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];
