use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use http::{Request, Response};
use passerelle_exchange::ExchangeError;
use tonic::body::Body;

use super::step::{Rest, refusal};
use super::{Next, Step};
use crate::errors::CallError;

/// Answers a panic as a fault of the node, with an incident.
#[derive(Clone, Copy, Debug)]
pub struct Panics;

impl Step for Panics {
    async fn around<S: Rest>(&self, request: Request<Body>, next: Next<S>) -> Response<Body> {
        let mut rest = pin!(next.run(request));
        let caught = poll_fn(|context| {
            // Nothing of the call is used after it panicked; what it shares with others is behind
            // locks that say so.
            match catch_unwind(AssertUnwindSafe(|| rest.as_mut().poll(context))) {
                Ok(polled) => polled.map(Some),
                Err(_payload) => Poll::Ready(None),
            }
        });
        caught.await.unwrap_or_else(|| {
            refusal(CallError::from(ExchangeError::Internal {
                what: "a panic, logged by its place".to_owned(),
            }))
        })
    }
}
