use passerelle_domain::{Caller, Malformed, Timestamp};
use passerelle_exchange::{BlockedAgent, OpenedSession, Page, SessionProof};
use passerelle_proto::agency::v1 as wire;
use passerelle_proto::agency::v1::open_session_request::Proof;

/// The proof of whom the session is for.
pub(super) fn proof(message: &wire::OpenSessionRequest) -> Result<SessionProof<'_>, Malformed> {
    match &message.proof {
        Some(Proof::Asserted(proof)) => Ok(SessionProof::Asserted(proof)),
        Some(Proof::System(proof)) => Ok(SessionProof::System(proof)),
        None => Err(Malformed::new("proof", "exactly one kind of proof")),
    }
}

pub(super) fn opened(session: OpenedSession) -> wire::OpenSessionResponse {
    wire::OpenSessionResponse {
        token: session.token,
        expires_at: session.expires_at.to_string(),
        assurance: session.assurance.id().to_owned(),
        second_factor: session.second_factor,
        role: session.role.id().to_owned(),
    }
}

pub(super) fn session(caller: Caller, expires_at: Timestamp) -> wire::GetSessionResponse {
    wire::GetSessionResponse {
        expires_at: expires_at.to_string(),
        assurance: caller.assurance.id().to_owned(),
        second_factor: caller.second_factor,
        role: caller.role.id().to_owned(),
        agent: caller.subject.into_exposed(),
        system: caller.system,
        siret: caller.siret.to_string(),
    }
}

pub(super) fn blocked(page: Page<BlockedAgent>) -> wire::ListBlockedAgentsResponse {
    let agents = page.items.into_iter().map(|agent| wire::BlockedAgent {
        since: agent.since.to_string(),
        agent: agent.subject.into_exposed(),
    });
    wire::ListBlockedAgentsResponse {
        agents: agents.collect(),
        next_page_token: page.next.unwrap_or_default(),
    }
}
