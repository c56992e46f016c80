//! A gRPC server with every bound of HTTP/2 set, none left to what a library takes for granted.

use std::time::Duration;

use tonic::transport::Server;

use crate::accept::AcceptLimits;

/// The bounds of HTTP/2 on one connection, the same in either direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Http2Limits {
    /// Calls at once.
    pub streams: u32,
    /// Streams that this end may reset for a fault of the other before it closes the connection
    /// (CVE-2025-8671).
    pub local_resets: usize,
    /// Streams that the other end may reset before they were looked at (CVE-2023-44487).
    pub pending_resets: usize,
    /// Bytes of the headers of one call.
    pub header_list_bytes: u32,
    /// Bytes of one frame.
    pub frame_bytes: u32,
    /// Bytes in flight on one stream.
    pub stream_window_bytes: u32,
    /// Bytes in flight on the connection.
    pub connection_window_bytes: u32,
    /// Time between pings.
    pub keep_alive: Duration,
    /// Time in which a ping must be answered.
    pub keep_alive_timeout: Duration,
}

impl Default for Http2Limits {
    fn default() -> Self {
        Self {
            streams: 64,
            local_resets: 256,
            pending_resets: 20,
            header_list_bytes: 16 << 10,
            frame_bytes: 16 << 10,
            stream_window_bytes: 256 << 10,
            connection_window_bytes: 1 << 20,
            keep_alive: Duration::from_secs(30),
            keep_alive_timeout: Duration::from_secs(10),
        }
    }
}

/// A server to add services to, for `serve_with_incoming` over [`accept`](crate::accept::accept).
///
/// The size of a message is set on each service (64 KiB, or 1 MiB), and the deadline of a call in
/// the layer that knows which call it is.
pub fn server(http2: &Http2Limits, accept: &AcceptLimits) -> Server {
    Server::builder()
        .max_concurrent_streams(http2.streams)
        .http2_max_local_error_reset_streams(Some(http2.local_resets))
        .http2_max_pending_accept_reset_streams(Some(http2.pending_resets))
        .http2_max_header_list_size(http2.header_list_bytes)
        .max_frame_size(http2.frame_bytes)
        .initial_stream_window_size(http2.stream_window_bytes)
        .initial_connection_window_size(http2.connection_window_bytes)
        .http2_adaptive_window(Some(false))
        .http2_keepalive_interval(Some(http2.keep_alive))
        .http2_keepalive_timeout(Some(http2.keep_alive_timeout))
        .max_connection_age(graceful(accept.connection_age))
        .accept_http1(false)
}

/// Calls on a connection are let end (GOAWAY) for a sixth of its life, ten minutes of the hour and
/// as long as the longest call, before it is cut.
fn graceful(connection_age: Duration) -> Duration {
    connection_age - connection_age / 6
}

#[cfg(test)]
mod tests;
