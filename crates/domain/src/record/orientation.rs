//! Section orientation: the pathway that was decided, and who is to accompany the person.

use passerelle_proto::journey::v1 as proto;

use super::{Organisation, Professional, redacted};
use crate::code::check_code;
use crate::vocabulary::{
    Class, Open, OrientationCriteria, OrientationDecision, OrientationOrigin,
    OrientationRefusalReason, PathwayType, SupportModality,
};
use crate::{Code, Malformed, PartialDate, wire};

/// The pathway that was decided.
#[derive(Clone, PartialEq, Eq)]
pub struct Orientation {
    /// Social, socio-professional or professional.
    pub pathway: Code<PathwayType>,
    /// How closely the person is accompanied.
    pub modality: Option<Code<SupportModality>>,
    /// Where the orientation came from.
    pub origin: Option<Code<OrientationOrigin>>,
    /// What the decision rests on; at most 20.
    pub criteria: Vec<OrientationCriterion>,
    /// The organisation that the person is orientated to.
    pub organisation: Option<Organisation>,
    /// The referent there.
    pub referent: Option<Professional>,
    /// The answer of that organisation; none while it has not answered.
    pub decision: Option<Open<OrientationDecision>>,
    /// Why it refused.
    pub refusal_reason: Option<Code<OrientationRefusalReason>>,
    /// When it was decided.
    pub decided_on: Option<PartialDate>,
}

/// One criterion of an orientation.
#[derive(Clone, PartialEq, Eq)]
pub struct OrientationCriterion {
    criterion: Code<OrientationCriteria>,
    value: String,
}

redacted!(Orientation, OrientationCriterion);

impl OrientationCriterion {
    /// `value` as France Travail codes it (`IMPACT_FORT_RECHERCHE_EMPLOI`): 1 to 64 characters among
    /// letters, digits, `_`, `-`, `.`, `:` and `/`.
    pub fn new(
        criterion: Code<OrientationCriteria>,
        value: impl Into<String>,
    ) -> Result<Self, Malformed> {
        let value = check_code(value.into()).map_err(|e| e.within("value"))?;
        Ok(Self { criterion, value })
    }

    /// Which criterion.
    pub const fn criterion(&self) -> &Code<OrientationCriteria> {
        &self.criterion
    }

    /// Its value.
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl Orientation {
    pub(super) fn sensitivity(&self) -> Class {
        let of_criteria = self
            .criteria
            .iter()
            .map(|criterion| criterion.criterion.sensitivity());
        let of_codes = [
            Some(self.pathway.sensitivity()),
            self.modality.as_ref().map(Code::sensitivity),
            self.origin.as_ref().map(Code::sensitivity),
            self.organisation.as_ref().map(Organisation::sensitivity),
            self.decision.map(Open::sensitivity),
            self.refusal_reason.as_ref().map(Code::sensitivity),
        ];
        Class::highest(of_codes.into_iter().flatten().chain(of_criteria))
    }
}

impl TryFrom<&proto::Orientation> for Orientation {
    type Error = Malformed;

    fn try_from(from: &proto::Orientation) -> Result<Self, Malformed> {
        let decision = Open::from_number(from.decision);
        let may_have_reason = decision
            .is_some_and(|decision| decision.known() != Some(OrientationDecision::Accepted));
        if from.refusal_reason.is_some() && !may_have_reason {
            return Err(Malformed::new("refusal_reason", "only with a refusal"));
        }
        Ok(Self {
            pathway: wire::message(from.pathway.as_ref(), "pathway")?,
            modality: wire::optional_message(from.modality.as_ref(), "modality")?,
            origin: wire::optional_message(from.origin.as_ref(), "origin")?,
            criteria: wire::messages(&from.criteria, "criteria", 20, "at most 20 criteria")?,
            organisation: wire::optional_message(from.organisation.as_ref(), "organisation")?,
            referent: wire::optional_message(from.referent.as_ref(), "referent")?,
            decision,
            refusal_reason: wire::optional_message(from.refusal_reason.as_ref(), "refusal_reason")?,
            decided_on: wire::optional_text(&from.decided_on, "decided_on", str::parse)?,
        })
    }
}

impl From<&Orientation> for proto::Orientation {
    fn from(orientation: &Orientation) -> Self {
        Self {
            pathway: Some((&orientation.pathway).into()),
            modality: orientation.modality.as_ref().map(Into::into),
            origin: orientation.origin.as_ref().map(Into::into),
            criteria: orientation.criteria.iter().map(Into::into).collect(),
            organisation: orientation.organisation.as_ref().map(Into::into),
            referent: orientation.referent.as_ref().map(Into::into),
            decision: wire::number(orientation.decision),
            refusal_reason: orientation.refusal_reason.as_ref().map(Into::into),
            decided_on: wire::written(orientation.decided_on.as_ref()),
        }
    }
}

impl TryFrom<&proto::OrientationCriterion> for OrientationCriterion {
    type Error = Malformed;

    fn try_from(from: &proto::OrientationCriterion) -> Result<Self, Malformed> {
        Self::new(
            wire::message(from.criterion.as_ref(), "criterion")?,
            &from.value,
        )
    }
}

impl From<&OrientationCriterion> for proto::OrientationCriterion {
    fn from(from: &OrientationCriterion) -> Self {
        Self {
            criterion: Some((&from.criterion).into()),
            value: from.value.clone(),
        }
    }
}
