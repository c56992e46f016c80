//! Section status: rights, registrations and schemes.

use passerelle_proto::journey::v1 as proto;

use super::{Period, redacted};
use crate::vocabulary::{
    Class, JobSeekerCategory, RsaClosureReason, RsaRightState, RsaSuspensionReason, StatusKind,
    StatusState,
};
use crate::{Code, Malformed, wire};

/// A right, a registration or a scheme, and its state. A change of status never closes a journey.
#[derive(Clone, PartialEq, Eq)]
pub struct Status {
    /// Which.
    pub kind: Code<StatusKind>,
    /// In which state.
    pub state: StateCode,
    /// Why it is in this state.
    pub reason: Option<ReasonCode>,
    /// From when until when.
    pub period: Period,
}

/// The state of a status, from the list that its kind names.
#[derive(Clone, PartialEq, Eq)]
pub enum StateCode {
    /// Of a registration as job seeker.
    JobSeeker(Code<JobSeekerCategory>),
    /// Of a right to RSA.
    Rsa(Code<RsaRightState>),
    /// Of any other status, unknown ones included.
    Other(Code<StatusState>),
}

/// The reason of a state.
#[derive(Clone, PartialEq, Eq)]
pub enum ReasonCode {
    /// Why RSA is suspended; also what no list of reasons knows, for this one holds class 4.
    Suspension(Code<RsaSuspensionReason>),
    /// Why RSA was closed.
    Closure(Code<RsaClosureReason>),
}

redacted!(Status, StateCode, ReasonCode);

impl Status {
    pub(super) fn sensitivity(&self) -> Class {
        let of_reason = self.reason.as_ref().map(ReasonCode::sensitivity);
        Class::highest(
            [self.kind.sensitivity(), self.state.sensitivity()]
                .into_iter()
                .chain(of_reason),
        )
    }
}

impl StateCode {
    /// How sensitive it is.
    pub fn sensitivity(&self) -> Class {
        match self {
            Self::JobSeeker(code) => code.sensitivity(),
            Self::Rsa(code) => code.sensitivity(),
            Self::Other(code) => code.sensitivity(),
        }
    }

    /// What people read, in French.
    pub fn label_fr(&self) -> &str {
        match self {
            Self::JobSeeker(code) => code.label_fr(),
            Self::Rsa(code) => code.label_fr(),
            Self::Other(code) => code.label_fr(),
        }
    }

    /// Whether the right or the scheme is over, or was never given.
    pub fn is_over(&self) -> bool {
        match self {
            Self::JobSeeker(_) => false,
            Self::Rsa(code) => matches!(
                code.term(),
                Some(
                    RsaRightState::Refused
                        | RsaRightState::Closed
                        | RsaRightState::ClosedEarlierMonth
                )
            ),
            Self::Other(code) => {
                matches!(code.term(), Some(StatusState::Ended | StatusState::Refused))
            }
        }
    }

    fn read(kind: &Code<StatusKind>, from: &proto::Code) -> Result<Self, Malformed> {
        Ok(match kind.term() {
            Some(StatusKind::JobSeekerRegistration) => Self::JobSeeker(Code::try_from(from)?),
            Some(StatusKind::RsaRight) => Self::Rsa(Code::try_from(from)?),
            _ => Self::Other(Code::try_from(from)?),
        })
    }

    fn to_proto(&self) -> proto::Code {
        match self {
            Self::JobSeeker(code) => code.into(),
            Self::Rsa(code) => code.into(),
            Self::Other(code) => code.into(),
        }
    }
}

impl ReasonCode {
    /// How sensitive it is.
    pub fn sensitivity(&self) -> Class {
        match self {
            Self::Suspension(code) => code.sensitivity(),
            Self::Closure(code) => code.sensitivity(),
        }
    }

    /// What people read, in French.
    pub fn label_fr(&self) -> &str {
        match self {
            Self::Suspension(code) => code.label_fr(),
            Self::Closure(code) => code.label_fr(),
        }
    }

    fn to_proto(&self) -> proto::Code {
        match self {
            Self::Suspension(code) => code.into(),
            Self::Closure(code) => code.into(),
        }
    }
}

impl TryFrom<&proto::Code> for ReasonCode {
    type Error = Malformed;

    fn try_from(from: &proto::Code) -> Result<Self, Malformed> {
        let closure = Code::<RsaClosureReason>::try_from(from)?;
        match closure.term() {
            Some(_) => Ok(Self::Closure(closure)),
            None => Code::try_from(from).map(Self::Suspension),
        }
    }
}

impl TryFrom<&proto::Status> for Status {
    type Error = Malformed;

    fn try_from(from: &proto::Status) -> Result<Self, Malformed> {
        let kind = wire::message(from.kind.as_ref(), "kind")?;
        let state = from
            .state
            .as_ref()
            .ok_or_else(|| Malformed::new("state", "required"))?;
        Ok(Self {
            state: StateCode::read(&kind, state).map_err(|e| e.within("state"))?,
            kind,
            reason: wire::optional_message(from.reason.as_ref(), "reason")?,
            period: Period::read(&from.starts_on, &from.ends_on)?,
        })
    }
}

impl From<&Status> for proto::Status {
    fn from(status: &Status) -> Self {
        Self {
            kind: Some((&status.kind).into()),
            state: Some(status.state.to_proto()),
            reason: status.reason.as_ref().map(ReasonCode::to_proto),
            starts_on: wire::written(status.period.starts_on().as_ref()),
            ends_on: wire::written(status.period.ends_on().as_ref()),
        }
    }
}
