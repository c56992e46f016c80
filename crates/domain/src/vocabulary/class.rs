//! How sensitive a thing is.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Malformed;

/// Sensitivity, from 1 to 4; in `proto/` the field is `sensitivity`. JSON form: the number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Class {
    /// 1: job, training, project.
    Professional = 1,
    /// 2: housing, mobility, income, digital, identity, missed appointment.
    LivingConditions = 2,
    /// 3: family, rights, language, residence, justice, debts, suspension or sanction.
    Social = 3,
    /// 4: health and disability, and memberships that are themselves sensitive.
    Health = 4,
}

impl Class {
    /// Every class, lowest first.
    pub const ALL: &'static [Self] = &[
        Self::Professional,
        Self::LivingConditions,
        Self::Social,
        Self::Health,
    ];

    /// The highest.
    pub const MAX: Self = Self::Health;

    /// 1 to 4.
    pub const fn as_u8(self) -> u8 {
        self as u8
    }

    /// The class that a message carries; the error names no field.
    pub fn from_wire(number: u32) -> Result<Self, Malformed> {
        // A number too large for a byte is no class either.
        Self::try_from(u8::try_from(number).unwrap_or_default())
    }

    /// The highest of several, the lowest there is when there are none.
    pub(crate) fn highest(classes: impl IntoIterator<Item = Self>) -> Self {
        classes.into_iter().max().unwrap_or(Self::Professional)
    }

    /// The id in the list `class`.
    pub fn id(self) -> &'static str {
        self.item().id
    }

    /// The row in the list `class`.
    pub fn item(self) -> &'static super::Item {
        // The list has one row a class, lowest first.
        &super::CLASS.items[usize::from(self.as_u8()) - 1]
    }

    /// What people read, in French.
    pub fn label_fr(self) -> &'static str {
        self.item().label_fr
    }

    /// What people read, in English.
    pub fn label_en(self) -> &'static str {
        self.item().label_en
    }

    /// The class with this id.
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|class| class.id() == id)
    }
}

impl TryFrom<u8> for Class {
    type Error = Malformed;

    fn try_from(number: u8) -> Result<Self, Malformed> {
        match number {
            1 => Ok(Self::Professional),
            2 => Ok(Self::LivingConditions),
            3 => Ok(Self::Social),
            4 => Ok(Self::Health),
            _ => Err(Malformed::new("", "a class from 1 to 4")),
        }
    }
}

impl From<Class> for u8 {
    fn from(class: Class) -> Self {
        class.as_u8()
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_u8())
    }
}
