use std::time::Duration;

use http::{Request, Response};
use passerelle_exchange::LONGEST_WAIT;
use tonic::body::Body;

use super::step::{Rest, refusal};
use super::{Next, Step};
use crate::errors::CallError;

/// Breaks off a call that takes longer; the one that may wait for something to happen is given that
/// time besides. What it began in the store may still be carried out: that is
/// why calls have ids.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(pub(super) Duration);

impl Step for Deadline {
    async fn around<S: Rest>(&self, request: Request<Body>, next: Next<S>) -> Response<Body> {
        let most = if request.uri().path() == WAITS {
            self.0 + LONGEST_WAIT
        } else {
            self.0
        };
        match tokio::time::timeout(most, next.run(request)).await {
            Ok(response) => response,
            Err(_) => refusal(CallError::TooSlow),
        }
    }
}

pub(super) const WAITS: &str = "/passerelle.agency.v1.ChangeService/ListChanges";
