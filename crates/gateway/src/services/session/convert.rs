use passerelle_domain::claim::OidcProof;
use passerelle_domain::{Caller, Malformed, Timestamp};
use passerelle_exchange::{BlockedAgent, OpenedSession, Page, SessionProof};
use passerelle_proto::agency::v1 as wire;
use passerelle_proto::agency::v1::open_session_request::Proof;

/// The proof of whom the session is for.
pub(super) fn proof(message: &wire::OpenSessionRequest) -> Result<SessionProof<'_>, Malformed> {
    match &message.proof {
        Some(Proof::Asserted(proof)) => Ok(SessionProof::Asserted(proof)),
        Some(Proof::System(proof)) => Ok(SessionProof::System(proof)),
        Some(Proof::Oidc(proof)) => Ok(SessionProof::Oidc(oidc(proof)?)),
        None => Err(Malformed::new("proof", "exactly one kind of proof")),
    }
}

fn oidc(proof: &wire::OidcProof) -> Result<OidcProof<'_>, Malformed> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let secret = &proof.nonce_secret;
    if !(22..=64).contains(&secret.len()) || !secret.bytes().all(plain) {
        let rule = "22 to 64 characters among A-Z, a-z, 0-9, - and _";
        return Err(Malformed::new("proof.oidc.nonce_secret", rule));
    }
    Ok(OidcProof {
        id_token: &proof.id_token,
        userinfo: &proof.userinfo,
        nonce_secret: secret,
    })
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
