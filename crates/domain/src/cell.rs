//! The grain of a decision.

use std::fmt;

use passerelle_proto::journey::v1 as proto;

use crate::{Class, GrantAction, Malformed, Section};

/// A section, a class in it, and what is to be done with it: opened or not as one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Cell {
    /// The section.
    pub section: Section,
    /// The class, this one alone: a grant that opens class 2 of a section opens two cells.
    pub class: Class,
    /// What is to be done with it.
    pub action: GrantAction,
}

impl fmt::Display for Cell {
    /// `diagnosis/2/read`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.section, self.class, self.action)
    }
}

impl TryFrom<&proto::Cell> for Cell {
    type Error = Malformed;

    fn try_from(from: &proto::Cell) -> Result<Self, Malformed> {
        Ok(Self {
            section: Section::parse(&from.section)
                .ok_or_else(|| Malformed::new("section", "a section of the vocabulary"))?,
            class: Class::from_wire(from.sensitivity).map_err(|e| e.within("sensitivity"))?,
            action: GrantAction::parse(&from.action)
                .ok_or_else(|| Malformed::new("action", "read, import or follow"))?,
        })
    }
}

impl From<&Cell> for proto::Cell {
    fn from(cell: &Cell) -> Self {
        Self {
            section: cell.section.id().to_owned(),
            sensitivity: cell.class.as_u8().into(),
            action: cell.action.id().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
