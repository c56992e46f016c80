//! The agency system of an organisation, as a program of its own would be: it knows the public API,
//! its certificate and its key, and nothing of the node.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use passerelle_domain::claim::{AgentProof, NumericDate};
use passerelle_domain::vocabulary::AgentRole;
use passerelle_domain::{Pii, TokenId};
use passerelle_proto::agency::v1::open_session_request::Proof;
use passerelle_proto::agency::v1::*;
use passerelle_proto::audit::v1::*;
use passerelle_transport::jwt::{SigningKey, sign};
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt;

use super::error::DemoError;
use super::federation::Site;
use super::organisations::SYSTEM;
use crate::assemble::World;
use crate::stubs::agency::v1::agreement_service_client::AgreementServiceClient;
use crate::stubs::agency::v1::caseload_service_client::CaseloadServiceClient;
use crate::stubs::agency::v1::change_service_client::ChangeServiceClient;
use crate::stubs::agency::v1::decision_service_client::DecisionServiceClient;
use crate::stubs::agency::v1::directory_service_client::DirectoryServiceClient;
use crate::stubs::agency::v1::journey_service_client::JourneyServiceClient;
use crate::stubs::agency::v1::notice_service_client::NoticeServiceClient;
use crate::stubs::agency::v1::pass_service_client::PassServiceClient;
use crate::stubs::agency::v1::person_service_client::PersonServiceClient;
use crate::stubs::agency::v1::record_service_client::RecordServiceClient;
use crate::stubs::agency::v1::session_service_client::SessionServiceClient;
use crate::stubs::audit::v1::audit_service_client::AuditServiceClient;

/// An agency system in the session of one agent.
#[derive(Clone)]
pub(super) struct Agency {
    channel: Channel,
    token: String,
}

/// A call that failed.
#[derive(Debug, thiserror::Error)]
pub struct Refused {
    /// The call.
    pub call: &'static str,
    /// The gRPC status.
    pub code: Code,
    /// The name of an `ErrorReason` without its prefix.
    pub reason: String,
    /// What goes with it.
    pub metadata: HashMap<String, String>,
    /// What an agent is shown, in French.
    pub text_fr: String,
    /// What the status says, for whoever mends it.
    pub message: String,
}

impl Agency {
    /// Opens a session for the caseworker of the organisation, who used a second factor.
    pub(super) async fn caseworker(site: &Site, world: &World) -> Result<Self, DemoError> {
        Self::caseworker_by(site, world, TWO_FACTORS).await
    }

    /// Opens a session for the caseworker, who signed in by these methods (RFC 8176).
    pub(super) async fn caseworker_by(
        site: &Site,
        world: &World,
        methods: &[&str],
    ) -> Result<Self, DemoError> {
        let (_, login) = site.organisation.caseworker;
        Self::open(site, login, AgentRole::Caseworker, methods, world).await
    }

    /// Opens a session for its privacy officer.
    pub(super) async fn officer(site: &Site, world: &World) -> Result<Self, DemoError> {
        Self::open(site, "dpo", AgentRole::PrivacyOfficer, TWO_FACTORS, world).await
    }

    async fn open(
        site: &Site,
        login: &str,
        role: AgentRole,
        methods: &[&str],
        world: &World,
    ) -> Result<Self, DemoError> {
        let channel = site.system.channel(site.config.agency_listener.address)?;
        let proof = proof(site, login, role, methods, world)?;
        let request = OpenSessionRequest {
            proof: Some(Proof::Asserted(proof)),
        };
        let opened = SessionServiceClient::new(channel.clone())
            .open_session(request)
            .await
            .map_err(|status| Refused::of("OpenSession", &status))?;
        Ok(Self {
            channel,
            token: opened.into_inner().token,
        })
    }

    /// The session token.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// A request in the session.
    fn request<T>(&self, call: &'static str, message: T) -> Result<Request<T>, Box<Refused>> {
        let mut request = Request::new(message);
        let bearer = format!("Bearer {}", self.token).parse();
        let bearer = bearer.map_err(|_| {
            Refused::of(
                call,
                &Status::internal("the session token is no header value"),
            )
        })?;
        request.metadata_mut().insert("authorization", bearer);
        Ok(request)
    }
}

macro_rules! calls {
    ($($client:ident { $($method:ident $name:literal: $request:ident -> $response:ident,)+ })+) => {
        impl Agency {$($(
            pub(super) async fn $method(&self, message: $request) -> Result<$response, Box<Refused>> {
                let request = self.request($name, message)?;
                $client::new(self.channel.clone())
                    .$method(request)
                    .await
                    .map(Response::into_inner)
                    .map_err(|status| Refused::of($name, &status))
            }
        )+)+}
    };
}
calls! {
    PersonServiceClient {
        register_person "RegisterPerson": RegisterPersonRequest -> RegisterPersonResponse,
        find_persons "FindPersons": FindPersonsRequest -> FindPersonsResponse,
        list_links "ListLinks": ListLinksRequest -> ListLinksResponse,
    }
    CaseloadServiceClient {
        set_caseload "SetCaseload": SetCaseloadRequest -> SetCaseloadResponse,
    }
    DirectoryServiceClient {
        get_member "GetMember": GetMemberRequest -> GetMemberResponse,
    }
    NoticeServiceClient {
        get_notice "GetNotice": GetNoticeRequest -> GetNoticeResponse,
    }
    ChangeServiceClient {
        list_changes "ListChanges": ListChangesRequest -> ListChangesResponse,
    }
    RecordServiceClient {
        upsert_records "UpsertRecords": UpsertRecordsRequest -> UpsertRecordsResponse,
    }
    PassServiceClient {
        issue_pass "IssuePass": IssuePassRequest -> IssuePassResponse,
        redeem_pass "RedeemPass": RedeemPassRequest -> RedeemPassResponse,
    }
    AgreementServiceClient {
        record_agreement "RecordAgreement": RecordAgreementRequest -> RecordAgreementResponse,
        withdraw_agreement "WithdrawAgreement": WithdrawAgreementRequest -> WithdrawAgreementResponse,
        record_objection "RecordObjection": RecordObjectionRequest -> RecordObjectionResponse,
        list_agreements "ListAgreements": ListAgreementsRequest -> ListAgreementsResponse,
        get_agreement_copy "GetAgreementCopy": GetAgreementCopyRequest -> GetAgreementCopyResponse,
    }
    JourneyServiceClient {
        fetch_summary "FetchSummary": FetchSummaryRequest -> FetchSummaryResponse,
        get_journey "GetJourney": GetJourneyRequest -> GetJourneyResponse,
    }
    DecisionServiceClient {
        preview_summary "PreviewSummary": PreviewSummaryRequest -> PreviewSummaryResponse,
    }
    AuditServiceClient {
        list_exchanges "ListExchanges": ListExchangesRequest -> ListExchangesResponse,
        get_exchange "GetExchange": GetExchangeRequest -> GetExchangeResponse,
        get_latest_checkpoint "GetLatestCheckpoint":
            GetLatestCheckpointRequest -> GetLatestCheckpointResponse,
    }
}
#[cfg(test)]
calls! {
    PersonServiceClient {
        report_wrong_link "ReportWrongLink": ReportWrongLinkRequest -> ReportWrongLinkResponse,
    }
    JourneyServiceClient {
        fetch_summaries "FetchSummaries": FetchSummariesRequest -> FetchSummariesResponse,
    }
}

impl Refused {
    fn of(call: &'static str, status: &Status) -> Box<Self> {
        let info = status.get_details_error_info();
        let reason = info.as_ref().map_or("", |info| &info.reason);
        let text = status.get_details_localized_message();
        Box::new(Self {
            call,
            code: status.code(),
            reason: reason
                .strip_prefix("ERROR_REASON_")
                .unwrap_or(reason)
                .to_owned(),
            metadata: info.map(|info| info.metadata).unwrap_or_default(),
            text_fr: text.map(|text| text.message).unwrap_or_default(),
            message: status.message().to_owned(),
        })
    }

    /// The id of the list `refusal_reason` where one of the asker's papers failed.
    pub(super) fn paper(&self) -> Option<&str> {
        let is_paper = self.code == Code::FailedPrecondition && self.reason == "PAPER_FAILS";
        let reason = self.metadata.get("reason").filter(|_| is_paper);
        reason.map(String::as_str)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed: {:?} {}", self.call, self.code, self.reason)?;
        let mut metadata: Vec<_> = self.metadata.iter().collect();
        metadata.sort();
        for (name, value) in metadata {
            write!(f, ", {name}: {value}")?;
        }
        let said = if self.text_fr.is_empty() {
            &self.message
        } else {
            &self.text_fr
        };
        write!(f, ". {said}")
    }
}

/// Who the agent is, signed by the agency system's own key.
fn proof(
    site: &Site,
    login: &str,
    role: AgentRole,
    methods: &[&str],
    world: &World,
) -> Result<String, DemoError> {
    let now = world.clock.now();
    let claims = AgentProof {
        issuer: SYSTEM.to_owned(),
        audience: site.node().clone(),
        subject: Pii::new(login.to_owned()),
        siret: site.organisation.siret.parse()?,
        role,
        amr: methods.iter().map(|method| (*method).to_owned()).collect(),
        auth_time: NumericDate::of(now),
        issued_at: NumericDate::of(now),
        expires_at: NumericDate::of(now.plus(Duration::from_secs(120))),
        id: TokenId::random(&*world.rng),
    };
    let key = SigningKey::load(&site.system.assertion_key)?;
    Ok(sign(&claims, &key)?)
}

const TWO_FACTORS: &[&str] = &["pwd", "otp"];
