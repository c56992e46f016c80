use std::sync::atomic::{AtomicUsize, Ordering};

use passerelle_federation_tests::{Agent, Federation, SYSTEM, channel, open_session, proof};
use tonic::Request;
use tonic::transport::Channel;

/// Caseworkers of one organisation in their sessions, over a few connections of its system.
pub(crate) struct Sessions {
    sessions: Vec<Session>,
    next: AtomicUsize,
}

/// One of them.
pub(crate) struct Session {
    pub(crate) channel: Channel,
    token: String,
}

impl Sessions {
    /// Opens `agents` sessions at `node`. Each agent may call so often, so there must be enough.
    pub(crate) async fn open(federation: &Federation, node: &str, agents: usize) -> Self {
        let channels: Vec<_> = (0..CONNECTIONS)
            .map(|_| channel(federation, node, SYSTEM))
            .collect();
        let mut sessions = Vec::with_capacity(agents);
        for (number, channel) in (0..agents).zip(channels.iter().cycle()) {
            let agent = Agent::caseworker(&format!("agent-{number}"));
            let opened = open_session(channel.clone(), proof(federation, node, &agent)).await;
            sessions.push(Session {
                channel: channel.clone(),
                token: opened.expect("a session").into_inner().token,
            });
        }
        Self {
            sessions,
            next: AtomicUsize::new(0),
        }
    }

    /// The agent whose turn it is.
    pub(crate) fn next(&self) -> &Session {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        &self.sessions[turn % self.sessions.len()]
    }
}

impl Session {
    /// A request in the session.
    pub(crate) fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let bearer = format!("Bearer {}", self.token).parse();
        let bearer = bearer.expect("a token is ASCII");
        request.metadata_mut().insert("authorization", bearer);
        request
    }
}

const CONNECTIONS: usize = 4;
