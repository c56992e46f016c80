use passerelle_domain::Malformed;
use passerelle_exchange::OpenedSession;
use passerelle_proto::agency::v1 as wire;
use passerelle_proto::agency::v1::open_session_request::Proof;

/// The proof of who the agent is.
pub(super) fn proof(message: &wire::OpenSessionRequest) -> Result<&str, Malformed> {
    match &message.proof {
        Some(Proof::Asserted(proof)) => Ok(proof),
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
