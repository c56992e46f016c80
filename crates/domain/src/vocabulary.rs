//! The lists of the SPIE vocabulary: what a journey, a receipt or an entry may say.
//!
//! Generated from `vocabulary/spie_vocabulary.json`: each list is an enum (`purpose` is
//! [`Purpose`]) whose text form is the id, and a [`List`] that also knows the codes of the systems
//! the list comes from. Sensitivity of an item is a [`Class`].

#[macro_use]
mod macros;
mod class;
mod open;
mod table;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use class::Class;
pub use open::Open;
pub use table::{Item, List};

/// A value of one list of the vocabulary.
pub trait Term: Copy + Eq + Ord + fmt::Debug + Send + Sync + 'static {
    /// Every value, in the order of the list.
    const ALL: &'static [Self];

    /// The list with its codes.
    fn list() -> &'static List;

    /// The row of this value.
    fn item(self) -> &'static Item;

    /// The value with this id.
    fn parse(id: &str) -> Option<Self>;

    /// The value whose row is `item`, found by identity of the id.
    fn of_item(item: &Item) -> Option<Self> {
        Self::parse(item.id)
    }
}

/// A value that can be part of a person's record, hence has a class.
pub trait Classed: Term {
    /// How sensitive the value is.
    fn sensitivity(self) -> Class;
}

/// A value that has a number in an enum of `proto/`.
pub trait Wire: Term {
    /// The enum in `proto/`.
    type Proto: Into<i32> + TryFrom<i32>;

    /// The value as it travels.
    fn to_proto(self) -> Self::Proto;

    /// The value that came; none for `_UNSPECIFIED`.
    fn from_proto(proto: Self::Proto) -> Option<Self>;
}

/// Who may be told why a request was refused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Tell {
    /// The requesting side: the reason is about its own request or papers.
    Asker,
    /// The node that issued the receipt; others hear `nothing_to_share`.
    Issuer,
    /// Said by the agent's own node.
    OwnSide,
    /// Stays in the holder's log; the asker hears `nothing_to_share`.
    HolderLog,
}

/// Who can mend what a refusal names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ActBy {
    /// The agent, with the person.
    Agent,
    /// Whoever runs the node.
    Operator,
    /// The privacy officer.
    Officer,
    /// The agent's manager.
    Manager,
    /// Nobody: there is nothing to mend.
    None,
}

include!(concat!(env!("OUT_DIR"), "/vocabulary.rs"));

#[cfg(test)]
mod tests;
