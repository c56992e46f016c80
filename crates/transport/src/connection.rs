//! A connection that ends when whoever is at its other end may no longer be there.
//!
//! TLS looks at a certificate once, at the handshake. So each connection is watched over: it ends
//! when what the node trusts has changed and would not let the other end in again, when the other
//! end's certificate ends, and when it is an hour old.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use passerelle_domain::{Clock, Timestamp};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_rustls::TlsStream;
use tokio_util::sync::{CancellationToken, DropGuard, WaitForCancellationFutureOwned};
use tonic::transport::server::Connected;

use crate::tls::PeerRefused;

/// A TLS connection, and who is at its other end.
///
/// A tonic server finds `I` in the extensions of each request that comes over it.
pub struct Connection<I> {
    tls: TlsStream<TcpStream>,
    identity: I,
    ended: Pin<Box<WaitForCancellationFutureOwned>>,
    /// When the connection goes, so does its watch.
    _watch: DropGuard,
}

/// Whether what the node trusts would let the other end in.
type Admitted<U> = Box<dyn Fn(&U) -> Result<(), PeerRefused> + Send>;

/// What a connection is watched for.
pub(crate) struct Watch<U> {
    /// What the node trusts; the value in force when the handshake began has been seen.
    pub(crate) units: watch::Receiver<Arc<U>>,
    /// Whether a later value would still let the other end in.
    pub(crate) still_admitted: Admitted<U>,
    /// How long the connection lives at most.
    pub(crate) life: Duration,
}

impl<I> Connection<I> {
    /// Puts a connection under watch. `held` is given back when it has ended.
    pub(crate) fn new<U: Send + Sync + 'static>(
        tls: impl Into<TlsStream<TcpStream>>,
        identity: I,
        watch: Watch<U>,
        held: impl Send + 'static,
    ) -> Self {
        let end = CancellationToken::new();
        tokio::spawn(watch_over(watch, end.clone(), held));
        Self {
            tls: tls.into(),
            identity,
            ended: Box::pin(end.clone().cancelled_owned()),
            _watch: end.drop_guard(),
        }
    }

    /// Who is at the other end.
    pub fn identity(&self) -> &I {
        &self.identity
    }

    /// Asked before every read and write, so that whichever the connection waits in is woken.
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        match self.ended.as_mut().poll(cx) {
            Poll::Ready(()) => Err(io::ErrorKind::ConnectionAborted.into()),
            Poll::Pending => Ok(()),
        }
    }
}

/// How long a connection may live: no longer than `most`, nor than the certificate.
pub(crate) fn life(most: Duration, not_after: Timestamp, clock: &dyn Clock) -> Duration {
    most.min(not_after.since(clock.now()))
}

async fn watch_over<U>(mut watch: Watch<U>, end: CancellationToken, held: impl Send) {
    let until = Instant::now() + watch.life;
    loop {
        tokio::select! {
            () = end.cancelled() => break,
            () = sleep_until(until) => break,
            changed = watch.units.changed() => {
                // Without the handle nobody would say what is trusted.
                if changed.is_err() {
                    break;
                }
                let unit = Arc::clone(&watch.units.borrow_and_update());
                if let Err(reason) = (watch.still_admitted)(&unit) {
                    tracing::warn!(%reason, "connection ended");
                    break;
                }
            }
        }
    }
    end.cancel();
    drop(held);
}

impl<I: Clone + Send + Sync + 'static> Connected for Connection<I> {
    type ConnectInfo = I;

    fn connect_info(&self) -> I {
        self.identity.clone()
    }
}

impl<I: Unpin> AsyncRead for Connection<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.tls).poll_read(cx, buf)
    }
}

impl<I: Unpin> AsyncWrite for Connection<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        Pin::new(&mut self.tls).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        Pin::new(&mut self.tls).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.tls.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.tls).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.tls).poll_shutdown(cx)
    }
}
