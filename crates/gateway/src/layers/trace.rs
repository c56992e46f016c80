use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::{Body as HttpBody, Frame, SizeHint};
use passerelle_transport::identity::{PeerIdentity, SystemIdentity};
use tokio::time::Instant;
use tonic::body::Body;
use tonic::{Code, Status};
use tracing::{Instrument, Span};

use super::{Methods, Next, Step, step::Rest};

/// Writes one line a call: method, who is at the other end, code, duration. Never a message.
#[derive(Clone, Debug)]
pub struct Trace(Arc<Methods>);

impl Trace {
    pub(super) fn new(methods: Arc<Methods>) -> Self {
        Self(methods)
    }

    fn span(&self, request: &Request<Body>) -> Span {
        let method = self.0.named(request.uri().path()).unwrap_or("unknown");
        let extensions = request.extensions();
        if let Some(peer) = extensions.get::<PeerIdentity>() {
            tracing::info_span!("call", method, peer = %peer.node)
        } else if let Some(system) = extensions.get::<SystemIdentity>() {
            tracing::info_span!("call", method, system = system.name)
        } else {
            tracing::info_span!("call", method)
        }
    }
}

impl Step for Trace {
    async fn around<S: Rest>(&self, request: Request<Body>, next: Next<S>) -> Response<Body> {
        let span = self.span(&request);
        let line = Line {
            span: span.clone(),
            begun: Instant::now(),
            written: false,
        };
        let response = next.run(request).instrument(span).await;
        let early = Status::from_header_map(response.headers());
        response.map(|body| {
            let mut traced = Traced { body, line };
            if let Some(status) = early {
                traced.line.write(status.code());
            }
            Body::new(traced)
        })
    }
}

/// The line of one call, written once: at the end of the response, or when the caller goes away.
struct Line {
    span: Span,
    begun: Instant,
    written: bool,
}

impl Line {
    fn write(&mut self, code: Code) {
        if !self.written {
            self.written = true;
            let duration_ms = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.span
                .in_scope(|| tracing::info!(code = name(code), duration_ms, "call"));
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.write(Code::Cancelled);
    }
}

/// A body that is watched for the status at its end.
struct Traced {
    body: Body,
    line: Line,
}

impl HttpBody for Traced {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(frame) = &polled {
            match frame {
                Some(Ok(frame)) => {
                    if let Some(code) = frame.trailers_ref().map(code_of) {
                        self.line.write(code);
                    }
                }
                Some(Err(status)) => self.line.write(status.code()),
                None => self.line.write(Code::Ok),
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        // Said only once the line is written: whoever hears it polls no more.
        self.line.written && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn code_of(trailers: &HeaderMap) -> Code {
    Status::from_header_map(trailers).map_or(Code::Unknown, |status| status.code())
}

/// As gRPC writes it.
fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
