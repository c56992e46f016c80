//! Section diagnosis: needs, constraints and situations by theme, by one method whatever the
//! structure.

mod finding;
mod joint;

use passerelle_proto::journey::v1 as proto;

pub use finding::{Confirmation, Constraint, Need, Situation};
pub use joint::{Countersignature, JointInterview, Specialist};

use super::redacted;
use crate::code::{check_system, check_version};
use crate::vocabulary::Class;
use crate::{Malformed, wire};

/// What was explored and what was found. What is not listed was not explored, which is not `no`.
#[derive(Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// The list that was gone through.
    pub explored: Explored,
    /// At most 100.
    pub needs: Vec<Need>,
    /// At most 100.
    pub constraints: Vec<Constraint>,
    /// At most 200.
    pub situations: Vec<Situation>,
    /// Set if a social and a professional specialist held the interview together.
    pub joint_interview: Option<JointInterview>,
}

/// The list that a diagnosis went through, and its version: the same item may mean something else
/// in another list.
#[derive(Clone, PartialEq, Eq)]
pub struct Explored {
    list: String,
    version: String,
}

redacted!(Diagnosis, Explored);

impl Explored {
    /// `list`: 1 to 32 characters among a-z, 0-9, `_`, `-` and `.`; `version`: 1 to 32 among
    /// letters, digits, `_`, `-`, `.` and `:`. The error names the field of the message.
    pub fn new(list: impl Into<String>, version: impl Into<String>) -> Result<Self, Malformed> {
        let (list, version) = (list.into(), version.into());
        check_system(&list).map_err(|e| e.within("explored"))?;
        check_version(&version).map_err(|e| e.within("explored_version"))?;
        Ok(Self { list, version })
    }

    /// The name of the list.
    pub fn list(&self) -> &str {
        &self.list
    }

    /// Its version.
    pub fn version(&self) -> &str {
        &self.version
    }
}

impl Diagnosis {
    /// Who confirmed what: the path of each confirmation and the confirmation itself.
    pub(super) fn confirmations(&self) -> impl Iterator<Item = (String, &Confirmation)> {
        let needs = self.needs.iter().map(|need| need.confirmations.as_slice());
        let constraints = self
            .constraints
            .iter()
            .map(|constraint| constraint.confirmations.as_slice());
        let situations = self
            .situations
            .iter()
            .map(|situation| situation.confirmations.as_slice());
        let of = |name: &'static str| move |(i, list)| (format!("{name}[{i}]"), list);
        needs
            .enumerate()
            .map(of("needs"))
            .chain(constraints.enumerate().map(of("constraints")))
            .chain(situations.enumerate().map(of("situations")))
            .flat_map(|(path, list): (String, &[Confirmation])| {
                let at = move |(i, one)| (format!("{path}.confirmations[{i}]"), one);
                list.iter().enumerate().map(at)
            })
    }

    pub(super) fn sensitivity(&self) -> Class {
        let needs = self.needs.iter().map(Need::sensitivity);
        let constraints = self.constraints.iter().map(Constraint::sensitivity);
        let situations = self.situations.iter().map(Situation::sensitivity);
        let joint = self
            .joint_interview
            .as_ref()
            .map(JointInterview::sensitivity);
        Class::highest(needs.chain(constraints).chain(situations).chain(joint))
    }
}

impl TryFrom<&proto::Diagnosis> for Diagnosis {
    type Error = Malformed;

    fn try_from(from: &proto::Diagnosis) -> Result<Self, Malformed> {
        Ok(Self {
            explored: Explored::new(&from.explored, &from.explored_version)?,
            needs: wire::messages(&from.needs, "needs", 100, "at most 100 needs")?,
            constraints: wire::messages(
                &from.constraints,
                "constraints",
                100,
                "at most 100 constraints",
            )?,
            situations: wire::messages(
                &from.situations,
                "situations",
                200,
                "at most 200 situations",
            )?,
            joint_interview: wire::optional_message(
                from.joint_interview.as_ref(),
                "joint_interview",
            )?,
        })
    }
}

impl From<&Diagnosis> for proto::Diagnosis {
    fn from(diagnosis: &Diagnosis) -> Self {
        Self {
            explored: diagnosis.explored.list.clone(),
            explored_version: diagnosis.explored.version.clone(),
            needs: diagnosis.needs.iter().map(Into::into).collect(),
            constraints: diagnosis.constraints.iter().map(Into::into).collect(),
            situations: diagnosis.situations.iter().map(Into::into).collect(),
            joint_interview: diagnosis.joint_interview.as_ref().map(Into::into),
        }
    }
}
