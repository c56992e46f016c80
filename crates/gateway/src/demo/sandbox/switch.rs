use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Stands before the port of a partner and carries what comes, unless a file in the folder of the
/// sandbox says otherwise: whoever makes or removes the file turns the switch.
pub(super) struct Switch {
    listener: TcpListener,
    address: SocketAddr,
    turned: Turned,
}

/// A switch that carries, until it is dropped.
pub(super) struct Running {
    turned: Turned,
    _carrying: JoinSet<()>,
}

#[derive(Clone)]
struct Turned {
    unreachable: Arc<Path>,
    slow: Arc<Path>,
    delay: Duration,
}

impl Switch {
    /// Takes a free port of the loopback.
    pub(super) async fn bind(folder: &Path, delay: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        Ok(Self {
            address: listener.local_addr()?,
            listener,
            turned: Turned {
                unreachable: folder.join("partner-unreachable").into(),
                slow: folder.join("partner-slow").into(),
                delay,
            },
        })
    }

    /// Where it is called.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Carries what comes to `partner`.
    pub(super) fn run(self, partner: SocketAddr) -> Running {
        let Self {
            listener, turned, ..
        } = self;
        let mut carrying = JoinSet::new();
        carrying.spawn(serve(listener, turned.clone(), partner));
        Running {
            turned,
            _carrying: carrying,
        }
    }
}

impl Running {
    /// While this file is there, the partner is not reached.
    pub(super) fn unreachable_file(&self) -> PathBuf {
        self.turned.unreachable.to_path_buf()
    }

    /// While this file is there, all that the partner is sent comes late.
    pub(super) fn slow_file(&self) -> PathBuf {
        self.turned.slow.to_path_buf()
    }
}

async fn serve(listener: TcpListener, turned: Turned, partner: SocketAddr) {
    let mut connections = JoinSet::new();
    // A listener that fails ends it: callers find the partner unreachable.
    while let Ok((caller, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        let turned = turned.clone();
        connections.spawn(async move {
            // A connection that breaks is what both ends see.
            let _broken = carry(caller, &turned, partner).await;
        });
    }
}

async fn carry(caller: TcpStream, turned: &Turned, partner: SocketAddr) -> io::Result<()> {
    if turned.unreachable.exists() {
        return Ok(());
    }
    let partner = TcpStream::connect(partner).await?;
    let (from_caller, mut to_caller) = caller.into_split();
    let (mut from_partner, to_partner) = partner.into_split();
    tokio::select! {
        asked = carry_asked(from_caller, to_partner, turned) => asked,
        answered = tokio::io::copy(&mut from_partner, &mut to_caller) => answered.map(drop),
    }
}

async fn carry_asked(
    mut caller: OwnedReadHalf,
    mut partner: OwnedWriteHalf,
    turned: &Turned,
) -> io::Result<()> {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let read = caller.read(&mut bytes).await?;
        if read == 0 || turned.unreachable.exists() {
            return Ok(());
        }
        if turned.slow.exists() {
            tokio::time::sleep(turned.delay).await;
        }
        // `read` is at most the length.
        partner
            .write_all(bytes.get(..read).unwrap_or_default())
            .await?;
    }
}
