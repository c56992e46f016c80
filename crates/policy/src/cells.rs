//! Sets of cells as bits: what makes a decision cheap.

use std::fmt;
use std::ops::{BitAnd, BitOr, BitOrAssign, Not, Sub};

use passerelle_domain::vocabulary::{Class, Section};

const CLASSES: usize = Class::ALL.len();
// A new section must not silently share a bit with another.
const _: () = assert!(Section::ALL.len() * CLASSES <= 64);

/// A set of (section, class). The third part of a cell, its use, is the same for a whole question.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CellSet(u64);

impl CellSet {
    pub(crate) const EMPTY: Self = Self(0);
    pub(crate) const ALL: Self = Self(u64::MAX >> (64 - Section::ALL.len() * CLASSES));

    pub(crate) const fn one(section: Section, class: Class) -> Self {
        Self(1 << bit(section, class))
    }

    /// A section, whatever its class.
    pub(crate) const fn section(section: Section) -> Self {
        Self::up_to(section, Class::MAX)
    }

    /// A section from class 1 to `highest`.
    pub(crate) const fn up_to(section: Section, highest: Class) -> Self {
        Self(((1 << highest.as_u8()) - 1) << bit(section, Class::Professional))
    }

    /// A section from `lowest` to class 4.
    pub(crate) fn from(section: Section, lowest: Class) -> Self {
        (Self::section(section) - Self::up_to(section, lowest)) | Self::one(section, lowest)
    }

    /// Every section, from class 1 to `highest`.
    pub(crate) fn every_section_up_to(highest: Class) -> Self {
        Section::ALL
            .iter()
            .map(|section| Self::up_to(*section, highest))
            .collect()
    }

    /// Every section, at one class.
    pub(crate) fn every_section_at(class: Class) -> Self {
        Section::ALL
            .iter()
            .map(|section| Self::one(*section, class))
            .collect()
    }

    pub(crate) const fn contains(self, section: Section, class: Class) -> bool {
        self.0 & Self::one(section, class).0 != 0
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The whole set if `condition` holds, else nothing.
    pub(crate) const fn only_if(self, condition: bool) -> Self {
        if condition { self } else { Self::EMPTY }
    }

    /// The cells in the order of the sections, lowest class first.
    pub(crate) fn iter(self) -> impl Iterator<Item = (Section, Class)> {
        let pairs = Section::ALL
            .iter()
            .flat_map(|section| Class::ALL.iter().map(move |class| (*section, *class)));
        pairs.filter(move |(section, class)| self.contains(*section, *class))
    }
}

const fn bit(section: Section, class: Class) -> usize {
    section as usize * CLASSES + class.as_u8() as usize - 1
}

impl FromIterator<Self> for CellSet {
    fn from_iter<I: IntoIterator<Item = Self>>(sets: I) -> Self {
        sets.into_iter().fold(Self::EMPTY, Self::bitor)
    }
}

impl BitOr for CellSet {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for CellSet {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl BitAnd for CellSet {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl Sub for CellSet {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl Not for CellSet {
    type Output = Self;

    fn not(self) -> Self {
        Self::ALL - self
    }
}

impl fmt::Debug for CellSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests;
