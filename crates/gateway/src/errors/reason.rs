use std::fmt;
use std::time::Duration;

use passerelle_domain::vocabulary::{ActBy, RefusalReason};
use passerelle_proto::agency::v1::ErrorReason;
use tonic::Code;

/// What is always said with a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conduct {
    /// The gRPC status.
    pub code: Code,
    /// Who can mend it.
    pub act_by: Actor,
    /// When trying the same call again may help.
    pub retry_after: Option<Duration>,
    /// What an agent is shown.
    pub text_fr: &'static str,
}

/// Who can mend what went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The agent, with the person.
    Agent,
    /// The agency system, without its agent: it opens a session, refreshes a page, repeats a call.
    AgencySystem,
    /// Whoever writes the agency system.
    Developer,
    /// The agent's manager.
    Manager,
    /// The privacy officer.
    Officer,
    /// Whoever runs the node.
    Operator,
    /// Nobody: it may pass by itself.
    Nobody,
}

/// What is always said with a reason.
pub fn conduct(reason: ErrorReason) -> Conduct {
    use Actor::{AgencySystem, Agent, Developer, Manager, Nobody, Officer, Operator};
    use ErrorReason as R;
    let row = |code, act_by, text_fr| Conduct {
        code,
        act_by,
        retry_after: None,
        text_fr,
    };
    match reason {
        // Never sent; if it ever were, it would be a fault of the node.
        R::Unspecified | R::Internal => row(Code::Internal, Operator, INTERNAL),
        R::FieldInvalid => row(Code::InvalidArgument, Developer, FIELD_INVALID),
        R::SessionInvalid => row(
            Code::Unauthenticated,
            AgencySystem,
            vocabulary(RefusalReason::SessionExpired),
        ),
        R::ProofRefused => row(Code::Unauthenticated, Developer, PROOF_REFUSED),
        R::IssuerUnreachable => row(Code::Unavailable, Operator, ISSUER_UNREACHABLE).again(30),
        R::AgentBlocked => row(Code::PermissionDenied, Manager, AGENT_BLOCKED),
        R::RoleNotAllowed => row(Code::PermissionDenied, Manager, ROLE_NOT_ALLOWED),
        R::PersonNotFound => row(Code::NotFound, AgencySystem, PERSON_NOT_FOUND),
        R::NotFound => row(Code::NotFound, AgencySystem, NOT_FOUND),
        R::IdReused => row(Code::AlreadyExists, AgencySystem, ID_REUSED),
        R::CannotMerge => row(Code::FailedPrecondition, Agent, CANNOT_MERGE),
        R::NoLink => row(
            Code::FailedPrecondition,
            Agent,
            vocabulary(RefusalReason::NoLink),
        ),
        R::PaperFails => row(
            Code::FailedPrecondition,
            Agent,
            vocabulary(RefusalReason::NoReceipt),
        ),
        R::PassRefused => row(
            Code::FailedPrecondition,
            Agent,
            vocabulary(RefusalReason::PassRefused),
        ),
        R::NotEntitled => row(
            Code::PermissionDenied,
            Officer,
            vocabulary(RefusalReason::OrganisationNotEntitled),
        ),
        R::SecondFactorRequired => row(
            Code::FailedPrecondition,
            Agent,
            vocabulary(RefusalReason::SecondFactorRequired),
        ),
        R::MemberUnknown => row(
            Code::NotFound,
            Agent,
            vocabulary(RefusalReason::PeerUnknown),
        ),
        R::PeerUnreachable => row(
            Code::Unavailable,
            Nobody,
            vocabulary(RefusalReason::PeerUnreachable),
        )
        .again(30),
        R::PeerAnswerRefused => row(Code::Unavailable, Operator, PEER_ANSWER_REFUSED),
        R::LogUnavailable => row(
            Code::Unavailable,
            Operator,
            vocabulary(RefusalReason::LogUnavailable),
        )
        .again(60),
        R::RolledBack => row(Code::Unavailable, Operator, ROLLED_BACK),
        R::ClockSkew => row(
            Code::FailedPrecondition,
            Operator,
            vocabulary(RefusalReason::ClockSkew),
        ),
        R::TrustListExpired => row(
            Code::Unavailable,
            Operator,
            vocabulary(RefusalReason::TrustListExpired),
        ),
        R::QuotaExceeded => row(
            Code::ResourceExhausted,
            Agent,
            vocabulary(RefusalReason::QuotaExceeded),
        ),
        R::PeerNotAMember => row(Code::Unauthenticated, Operator, PEER_NOT_A_MEMBER),
        R::CursorUnknown => row(Code::OutOfRange, AgencySystem, CURSOR_UNKNOWN),
        R::TooSlow => row(Code::DeadlineExceeded, AgencySystem, TOO_SLOW).again(1),
    }
}

impl fmt::Display for Actor {
    /// As the metadata `act_by` says it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Agent => "agent",
            Self::AgencySystem => "agency_system",
            Self::Developer => "developer",
            Self::Manager => "manager",
            Self::Officer => "officer",
            Self::Operator => "operator",
            Self::Nobody => "nobody",
        })
    }
}

impl From<ActBy> for Actor {
    fn from(who: ActBy) -> Self {
        match who {
            ActBy::Agent => Self::Agent,
            ActBy::Operator => Self::Operator,
            ActBy::Officer => Self::Officer,
            ActBy::Manager => Self::Manager,
            ActBy::None => Self::Nobody,
        }
    }
}

impl Conduct {
    fn again(self, seconds: u64) -> Self {
        Self {
            retry_after: Some(Duration::from_secs(seconds)),
            ..self
        }
    }
}

pub(super) fn vocabulary(reason: RefusalReason) -> &'static str {
    // Every row of the list has its text; a test asks for each that is used here.
    reason.item().attribute("text_fr").unwrap_or_default()
}

const FIELD_INVALID: &str = "Votre logiciel a envoyé une demande mal formée : rien n’a été fait. Prévenez votre informaticien.";
const PROOF_REFUSED: &str = "Votre connexion n’a pas pu être vérifiée. Reconnectez-vous ; si cela se reproduit, prévenez votre informaticien.";
const ISSUER_UNREACHABLE: &str = "Votre fournisseur d’identité ne répond pas : votre connexion n’a pas pu être vérifiée. Réessayez dans un instant ; si cela dure, prévenez votre informaticien.";
const AGENT_BLOCKED: &str =
    "Votre accès a été suspendu par votre organisme. Voyez votre responsable.";
const ROLE_NOT_ALLOWED: &str =
    "Votre fonction ne permet pas cette action. Voyez votre responsable.";
const PERSON_NOT_FOUND: &str = "Cette personne n’est pas enregistrée dans votre organisme. Vérifiez son dossier, ou enregistrez-la.";
const NOT_FOUND: &str =
    "Ce que vous cherchez n’existe pas ou n’existe plus. Actualisez la page et recommencez.";
const ID_REUSED: &str = "Cette demande porte le numéro d’une autre : elle n’a pas été faite. Recommencez depuis le dossier.";
const CANNOT_MERGE: &str = "Ces deux dossiers ne peuvent pas être réunis en l’état : celui à fermer a encore un lien, une opposition ou un autre dossier réuni. Conservez plutôt celui-là, ou mettez-y fin d’abord.";
const PEER_ANSWER_REFUSED: &str = "La réponse de l’organisme partenaire n’a pas pu être vérifiée et n’a pas été retenue. Prévenez votre informaticien.";
const ROLLED_BACK: &str = "Les transmissions sont arrêtées : une copie ancienne des données a été remise en place. Prévenez votre informaticien : il faut remettre le dossier de données plus récent.";
const PEER_NOT_A_MEMBER: &str = "Ce logiciel n’est pas reconnu. Prévenez votre informaticien.";
const TOO_SLOW: &str = "La réponse a trop tardé ; votre demande a peut-être été prise en compte. Recommencez dans un instant.";
const CURSOR_UNKNOWN: &str = "Votre logiciel doit relire les dossiers : il n’a pas suivi tous les changements. Actualisez la page ; si cela se reproduit, prévenez votre informaticien.";
const INTERNAL: &str = "Une erreur s’est produite de notre côté. Réessayez ; si cela se reproduit, donnez à votre informaticien le numéro de l’incident.";
