//! From when until when.

use crate::{CivilDate, Malformed, PartialDate, wire};

/// A time span whose ends may be open, unknown or known in part.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Period {
    starts_on: Option<PartialDate>,
    ends_on: Option<PartialDate>,
}

impl Period {
    /// From `starts_on` to `ends_on`, which must not lie wholly before it.
    pub fn new(
        starts_on: Option<PartialDate>,
        ends_on: Option<PartialDate>,
    ) -> Result<Self, Malformed> {
        let backwards = starts_on
            .zip(ends_on)
            .is_some_and(|(start, end)| end.latest() < start.earliest());
        if backwards {
            return Err(Malformed::new("ends_on", "not before starts_on"));
        }
        Ok(Self { starts_on, ends_on })
    }

    /// The first day; none if not known.
    pub const fn starts_on(&self) -> Option<PartialDate> {
        self.starts_on
    }

    /// The last day; none if open or not known.
    pub const fn ends_on(&self) -> Option<PartialDate> {
        self.ends_on
    }

    /// Whether it surely ended before `day`.
    pub fn is_over(&self, day: CivilDate) -> bool {
        self.ends_on.is_some_and(|end| end.latest() < day)
    }

    /// Whether it surely starts after `day`.
    pub fn is_to_come(&self, day: CivilDate) -> bool {
        self.starts_on.is_some_and(|start| start.earliest() > day)
    }

    pub(super) fn read(starts_on: &str, ends_on: &str) -> Result<Self, Malformed> {
        Self::new(
            wire::optional_text(starts_on, "starts_on", str::parse)?,
            wire::optional_text(ends_on, "ends_on", str::parse)?,
        )
    }
}

super::redacted!(Period);
