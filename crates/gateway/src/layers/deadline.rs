use std::time::Duration;

use http::{Request, Response};
use tonic::body::Body;

use super::step::{Rest, refusal};
use super::{Next, Step};
use crate::errors::CallError;

/// Breaks off a call that takes longer. What it began in the store may still be carried out: that is
/// why calls have ids.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(pub(super) Duration);

impl Step for Deadline {
    async fn around<S: Rest>(&self, request: Request<Body>, next: Next<S>) -> Response<Body> {
        match tokio::time::timeout(self.0, next.run(request)).await {
            Ok(response) => response,
            Err(_) => refusal(CallError::TooSlow),
        }
    }
}
