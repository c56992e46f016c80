use http::{Request, Response};
use tonic::body::Body;
use tonic::{Code, Status};

use super::step::{Rest, refusal};
use super::{Next, Step};
use crate::config::Limits;
use crate::errors::CallError;
use crate::services::longest_message;

/// Tells a caller what was wrong with a message that could not be read: whoever reads it, before any
/// handler, knows a status and no reason.
#[derive(Clone, Copy, Debug)]
pub struct Unread(pub(super) Limits);

impl Step for Unread {
    async fn around<S: Rest>(&self, request: Request<Body>, next: Next<S>) -> Response<Body> {
        let most = longest_message(request.uri().path(), &self.0);
        let response = next.run(request).await;
        let bare = Status::from_header_map(response.headers())
            .filter(|status| status.details().is_empty())
            .map(|status| status.code());
        match (bare, most) {
            (Some(Code::OutOfRange), Some(most)) => refusal(CallError::MessageTooLong { most }),
            // Whatever a handler says comes with its reason.
            (Some(Code::Internal), Some(_)) => refusal(CallError::MessageUnreadable),
            _ => response,
        }
    }
}
