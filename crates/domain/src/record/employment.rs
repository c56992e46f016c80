//! Section employment: a return to work, and the follow-up afterwards.

use passerelle_proto::journey::v1 as proto;

use super::{Occupation, Organisation, Period, WeeklyMinutes, redacted};
use crate::vocabulary::{Class, EmploymentContractType, Open, SupportOfferState};
use crate::{CivilDate, Code, Malformed, wire};

/// A return to work.
#[derive(Clone, PartialEq, Eq)]
pub struct Employment {
    /// Kind of job contract.
    pub contract: Code<EmploymentContractType>,
    /// What the person does.
    pub occupation: Option<Occupation>,
    /// For whom; only with the agreement of the person.
    pub employer: Option<Organisation>,
    /// From when until when.
    pub period: Period,
    /// Hours of work a week, if known.
    pub weekly: Option<WeeklyMinutes>,
    /// Set once a follow-up was proposed.
    pub follow_up: Option<FollowUp>,
}

/// A follow-up after the return to work: proposed, never imposed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FollowUp {
    proposed_on: CivilDate,
    answer: Open<SupportOfferState>,
    answered_on: Option<CivilDate>,
}

redacted!(Employment, FollowUp);

impl FollowUp {
    /// Proposed on a day, and what the person answered, on that day or later.
    pub fn new(
        proposed_on: CivilDate,
        answer: Open<SupportOfferState>,
        answered_on: Option<CivilDate>,
    ) -> Result<Self, Malformed> {
        if answered_on.is_some_and(|answered_on| answered_on < proposed_on) {
            return Err(Malformed::new("answered_on", "not before proposed_on"));
        }
        Ok(Self {
            proposed_on,
            answer,
            answered_on,
        })
    }

    /// When it was proposed.
    pub const fn proposed_on(&self) -> CivilDate {
        self.proposed_on
    }

    /// The person's answer; a decline stops reminders and closes nothing.
    pub const fn answer(&self) -> Open<SupportOfferState> {
        self.answer
    }

    /// When the person answered.
    pub const fn answered_on(&self) -> Option<CivilDate> {
        self.answered_on
    }
}

impl Employment {
    pub(super) fn sensitivity(&self) -> Class {
        let of_rest = [
            self.employer.as_ref().map(Organisation::sensitivity),
            self.follow_up
                .map(|follow_up| follow_up.answer.sensitivity()),
        ];
        Class::highest(
            [self.contract.sensitivity()]
                .into_iter()
                .chain(of_rest.into_iter().flatten()),
        )
    }
}

impl TryFrom<&proto::Employment> for Employment {
    type Error = Malformed;

    fn try_from(from: &proto::Employment) -> Result<Self, Malformed> {
        Ok(Self {
            contract: wire::message(from.contract.as_ref(), "contract")?,
            occupation: wire::optional_message(from.occupation.as_ref(), "occupation")?,
            employer: wire::optional_message(from.employer.as_ref(), "employer")?,
            period: Period::read(&from.starts_on, &from.ends_on)?,
            weekly: WeeklyMinutes::read(from.weekly_minutes)?,
            follow_up: wire::optional_message(from.follow_up.as_ref(), "follow_up")?,
        })
    }
}

impl From<&Employment> for proto::Employment {
    fn from(employment: &Employment) -> Self {
        Self {
            contract: Some((&employment.contract).into()),
            occupation: employment.occupation.as_ref().map(Into::into),
            employer: employment.employer.as_ref().map(Into::into),
            starts_on: wire::written(employment.period.starts_on().as_ref()),
            ends_on: wire::written(employment.period.ends_on().as_ref()),
            weekly_minutes: employment
                .weekly
                .map(WeeklyMinutes::as_u32)
                .unwrap_or_default(),
            follow_up: employment.follow_up.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<&proto::FollowUp> for FollowUp {
    type Error = Malformed;

    fn try_from(from: &proto::FollowUp) -> Result<Self, Malformed> {
        Self::new(
            wire::text(&from.proposed_on, "proposed_on", str::parse)?,
            wire::open(from.answer, "answer")?,
            wire::optional_text(&from.answered_on, "answered_on", str::parse)?,
        )
    }
}

impl From<&FollowUp> for proto::FollowUp {
    fn from(follow_up: &FollowUp) -> Self {
        Self {
            proposed_on: follow_up.proposed_on.to_string(),
            answer: follow_up.answer.number(),
            answered_on: wire::written(follow_up.answered_on.as_ref()),
        }
    }
}
