//! Section contracts: a signed commitment between the person and who accompanies them.

use passerelle_proto::journey::v1 as proto;

use super::{Period, redacted};
use crate::vocabulary::{Class, ContractStatus, ContractType, Open};
use crate::{Code, Malformed, wire};

/// A support contract.
#[derive(Clone, PartialEq, Eq)]
pub struct Contract {
    /// CER, PPAE, CEJ and so on.
    pub kind: Code<ContractType>,
    /// How far it is.
    pub status: Open<ContractStatus>,
    /// From when until when.
    pub period: Period,
    /// Hours of activity a week, if the contract names them.
    pub weekly: Option<WeeklyMinutes>,
}

/// Hours a week, in minutes: 1 to 3600.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WeeklyMinutes(u16);

redacted!(Contract, WeeklyMinutes);

impl WeeklyMinutes {
    /// Takes 1 to 3600 minutes; the error names no field.
    pub fn new(minutes: u32) -> Result<Self, Malformed> {
        match u16::try_from(minutes) {
            Ok(minutes @ 1..=3600) => Ok(Self(minutes)),
            _ => Err(Malformed::new("", "1 to 3600 minutes a week")),
        }
    }

    /// The minutes.
    pub const fn as_u32(self) -> u32 {
        self.0 as u32
    }

    /// Reads a field in which 0 says that nothing is known.
    pub(super) fn read(minutes: u32) -> Result<Option<Self>, Malformed> {
        match minutes {
            0 => Ok(None),
            minutes => Self::new(minutes)
                .map(Some)
                .map_err(|e| e.within("weekly_minutes")),
        }
    }
}

impl Contract {
    pub(super) fn sensitivity(&self) -> Class {
        Class::highest([self.kind.sensitivity(), self.status.sensitivity()])
    }
}

impl TryFrom<&proto::Contract> for Contract {
    type Error = Malformed;

    fn try_from(from: &proto::Contract) -> Result<Self, Malformed> {
        Ok(Self {
            kind: wire::message(from.kind.as_ref(), "kind")?,
            status: wire::open(from.status, "status")?,
            period: Period::read(&from.starts_on, &from.ends_on)?,
            weekly: WeeklyMinutes::read(from.weekly_minutes)?,
        })
    }
}

impl From<&Contract> for proto::Contract {
    fn from(contract: &Contract) -> Self {
        Self {
            kind: Some((&contract.kind).into()),
            status: contract.status.number(),
            starts_on: wire::written(contract.period.starts_on().as_ref()),
            ends_on: wire::written(contract.period.ends_on().as_ref()),
            weekly_minutes: contract
                .weekly
                .map(WeeklyMinutes::as_u32)
                .unwrap_or_default(),
        }
    }
}
