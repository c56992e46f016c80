use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

/// A step around a call: looks at the request, lets the rest run or answers itself.
pub trait Step: Clone + Send + Sync + 'static {
    /// Answers the request, with or without the rest.
    fn around<S: Rest>(
        &self,
        request: Request<Body>,
        next: Next<S>,
    ) -> impl Future<Output = Response<Body>> + Send;
}

/// What a step stands around: never fails but by a response.
pub trait Rest:
    Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>
    + Clone
    + Send
    + 'static
{
}

impl<S> Rest for S where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// The rest of a call, to be run once or not at all.
#[derive(Debug)]
pub struct Next<S>(S);

impl<S: Rest> Next<S> {
    /// Runs it.
    pub async fn run(mut self, request: Request<Body>) -> Response<Body> {
        match self.0.call(request).await {
            Ok(response) => response,
        }
    }
}

/// Puts a step around a service.
#[derive(Clone, Debug)]
pub struct StepLayer<T>(pub T);

impl<T: Step, S> Layer<S> for StepLayer<T> {
    type Service = Around<T, S>;

    fn layer(&self, rest: S) -> Self::Service {
        Around {
            step: self.0.clone(),
            rest,
        }
    }
}

/// A service with a step around it.
#[derive(Clone, Debug)]
pub struct Around<T, S> {
    step: T,
    rest: S,
}

impl<T: Step, S: Rest> Service<Request<Body>> for Around<T, S> {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.rest.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // The one that was polled ready goes with the call; its clone waits for the next.
        let waiting = self.rest.clone();
        let ready = std::mem::replace(&mut self.rest, waiting);
        let step = self.step.clone();
        Box::pin(async move { Ok(step.around(request, Next(ready)).await) })
    }
}

/// The response that carries a status and nothing else.
pub(super) fn refusal(status: impl Into<Status>) -> Response<Body> {
    status.into().into_http()
}
