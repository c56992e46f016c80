use std::error::Error;
use std::future::Future;
use std::time::Duration;

use passerelle_domain::{Digest, NodeId};
use passerelle_exchange::ports::{PeerError, PeerRefusal, Peers, PortFuture, Reply};
use passerelle_proto::agency::v1::ErrorReason;
use passerelle_proto::exchange::v1 as wire;
use passerelle_transport::channel::{DialError, Met, PeerChannels};
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt;

use crate::config::Limits;
use crate::errors::DOMAIN;
use crate::stubs::exchange::v1::exchange_service_client::ExchangeServiceClient;

/// Other nodes over mutual TLS.
pub struct GrpcPeers {
    channels: PeerChannels,
    deadline: Duration,
    message_bytes: usize,
}

impl GrpcPeers {
    /// Over `channels`, within `limits`.
    pub fn new(channels: PeerChannels, limits: &Limits) -> Self {
        Self {
            channels,
            // The call for whose sake the peer is called must still have time to log what came.
            deadline: limits.call() * 4 / 5,
            message_bytes: limits.batch_bytes,
        }
    }

    fn client(&self, peer: &NodeId) -> Result<(Client, Met), PeerError> {
        let (channel, met) = self.channels.channel_and_met(peer).map_err(|error| {
            tracing::warn!(%peer, %error, "no channel");
            match error {
                DialError::Refused(_) => PeerError::NotAMember,
                _ => PeerError::Unreachable,
            }
        })?;
        let client = ExchangeServiceClient::new(channel)
            .max_decoding_message_size(self.message_bytes)
            .max_encoding_message_size(self.message_bytes);
        Ok((client, met))
    }

    /// Waits for the answer, and says whose it is.
    async fn reply<T>(
        &self,
        peer: &NodeId,
        met: &Met,
        call: impl Future<Output = Result<Response<T>, Status>>,
    ) -> Result<Reply<T>, PeerError> {
        match tokio::time::timeout(self.deadline, call).await {
            Ok(Ok(response)) => Ok(Reply {
                message: response.into_inner(),
                certificate: met.certificate(),
            }),
            Ok(Err(status)) => {
                let (error, fault) = (peer_error(&status), causes(&status));
                tracing::info!(%peer, code = ?status.code(), %error, fault, "a call to a peer failed");
                Err(error)
            }
            Err(_) => {
                tracing::info!(%peer, "a call to a peer took too long");
                Err(PeerError::Unreachable)
            }
        }
    }

    /// The peer learns how long it has.
    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.set_timeout(self.deadline);
        request
    }
}

type Client = ExchangeServiceClient<Channel>;

impl Peers for GrpcPeers {
    fn own_certificate(&self) -> Option<Digest> {
        Some(self.channels.own_certificate())
    }

    fn ask<'a>(
        &'a self,
        peer: &'a NodeId,
        request: wire::AskRequest,
    ) -> PortFuture<'a, Result<Reply<wire::AskResponse>, PeerError>> {
        Box::pin(async move {
            let (mut client, met) = self.client(peer)?;
            let call = client.ask(self.request(request));
            self.reply(peer, &met, call).await
        })
    }

    fn redeem<'a>(
        &'a self,
        peer: &'a NodeId,
        request: wire::RedeemRequest,
    ) -> PortFuture<'a, Result<Reply<wire::RedeemResponse>, PeerError>> {
        Box::pin(async move {
            let (mut client, met) = self.client(peer)?;
            let call = client.redeem(self.request(request));
            self.reply(peer, &met, call).await
        })
    }

    fn deliver<'a>(
        &'a self,
        peer: &'a NodeId,
        request: wire::DeliverRequest,
    ) -> PortFuture<'a, Result<Reply<wire::DeliverResponse>, PeerError>> {
        Box::pin(async move {
            let (mut client, met) = self.client(peer)?;
            let call = client.deliver(self.request(request));
            self.reply(peer, &met, call).await
        })
    }
}

/// What a status means. One that bears a reason was made by the other node; any other by whatever
/// is between, and the call may have been carried out.
fn peer_error(status: &Status) -> PeerError {
    let info = status
        .get_details_error_info()
        .filter(|info| info.domain == DOMAIN);
    let reason = info.and_then(|info| ErrorReason::from_str_name(&info.reason));
    match reason {
        Some(reason) => refused(reason),
        // The answer is too long for this end (a question too long for the other end bears its
        // reason), or the other end does not serve the call.
        None if matches!(status.code(), Code::OutOfRange | Code::Unimplemented) => {
            PeerError::Refused(PeerRefusal::Other)
        }
        None => PeerError::Unreachable,
    }
}

/// What lies under a status that this end made, such as the alert with which the other end refused
/// the certificate.
fn causes(status: &Status) -> Option<String> {
    let first = status.source();
    let causes: Vec<_> = std::iter::successors(first, |&cause| cause.source())
        .map(ToString::to_string)
        .collect();
    (!causes.is_empty()).then(|| causes.join(": "))
}

fn refused(reason: ErrorReason) -> PeerError {
    use ErrorReason as R;
    PeerError::Refused(match reason {
        // It may still be carried out.
        R::TooSlow => return PeerError::Unreachable,
        R::ClockSkew => PeerRefusal::ClockSkew,
        R::PeerNotAMember | R::MemberUnknown => PeerRefusal::NotAMember,
        R::TrustListExpired => PeerRefusal::TrustListExpired,
        R::RolledBack => PeerRefusal::RolledBack,
        R::LogUnavailable => PeerRefusal::LogUnavailable,
        R::QuotaExceeded => PeerRefusal::QuotaExceeded,
        R::IdReused => PeerRefusal::IdReused,
        R::FieldInvalid => PeerRefusal::Invalid,
        R::NotEntitled => PeerRefusal::NotEntitled,
        // None of these is an answer of one node to another.
        R::Unspecified
        | R::SessionInvalid
        | R::ProofRefused
        | R::AgentBlocked
        | R::IssuerUnreachable
        | R::RoleNotAllowed
        | R::PersonNotFound
        | R::NotFound
        | R::CannotMerge
        | R::NoLink
        | R::PaperFails
        | R::PassRefused
        | R::SecondFactorRequired
        | R::PeerUnreachable
        | R::PeerAnswerRefused
        | R::CursorUnknown
        | R::Internal => PeerRefusal::Other,
    })
}

#[cfg(test)]
mod tests;
