//! A node as the only one of its process, moved by signals.

use std::io;
use std::pin::pin;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::node::{Node, NodeError};
use crate::trust::TrustUnits;

/// Runs the node until SIGTERM or SIGINT; SIGHUP reads again what it trusts.
pub async fn until_signalled(node: Node) -> Result<(), ServeError> {
    // Before the node runs, so that no signal is lost between.
    let mut signals = Signals::new()?;
    let trust = node.trust();
    let shutdown = pin!(async move {
        while signals.next().await == Heard::Reload {
            reload(trust.clone()).await;
        }
    });
    Ok(node.run(shutdown).await?)
}

/// Why a node ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Signals cannot be heard.
    #[error("signals cannot be heard: {0}")]
    Signals(#[from] io::Error),
    /// The node.
    #[error(transparent)]
    Node(#[from] NodeError),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Heard {
    Reload,
    End,
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Heard {
        tokio::select! {
            _ = self.terminate.recv() => Heard::End,
            _ = self.interrupt.recv() => Heard::End,
            _ = self.hangup.recv() => Heard::Reload,
        }
    }
}

async fn reload(trust: TrustUnits) {
    match tokio::task::spawn_blocking(move || trust.reload()).await {
        Ok(Ok(())) => {
            tracing::info!("certificates, revocation lists, trust list and notices were read again")
        }
        Ok(Err(some)) => {
            for error in some.refused {
                tracing::error!(%error, "a new file is refused; what was in force stays in force");
            }
        }
        Err(_) => tracing::error!("reading the files again failed"),
    }
}
