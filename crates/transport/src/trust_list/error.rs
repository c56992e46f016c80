use std::path::PathBuf;

use passerelle_domain::NodeId;

use crate::file::FileError;
use crate::jwt::{SignError, TokenError};
use crate::key_file::KeyError;

/// The place of a list among those of its federation: epoch, serial.
pub(super) type Number = (u32, u64);

/// Why a trust list is not accepted. Whatever it is, the list in force stays.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// There is nothing to start from: neither a list in the folder nor one offered.
    #[error("{}: no trust list yet; the first one must be offered", .0.display())]
    None(PathBuf),
    /// The token is refused.
    #[error("the trust list is refused: {0}")]
    Token(#[from] TokenError),
    /// A kept list no longer follows from the pinned key: its file was changed.
    #[error("{}: does not follow from the pinned key any more; restore the file: {source}", path.display())]
    Kept {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<Self>,
    },
    /// For another federation than the pinned one.
    #[error("the trust list is one of another federation")]
    OtherFederation,
    /// Of another epoch than the pinned one.
    #[error(
        "the trust list is of epoch {offered}, and epoch {pinned} is pinned in the configuration"
    )]
    OtherEpoch {
        /// What is pinned.
        pinned: u32,
        /// What is offered.
        offered: u32,
    },
    /// The configuration pins an older epoch than the lists that are kept.
    #[error(
        "epoch {pinned} is pinned in the configuration, and a list of epoch {kept} was accepted before"
    )]
    OlderPin {
        /// What is pinned.
        pinned: u32,
        /// The newest kept.
        kept: u32,
    },
    /// Lists between the one in force and the one offered are missing.
    #[error(
        "list {}.{} cannot follow {}.{}: offer the lists between them too, one a line, the oldest first",
        offered.0, offered.1, in_force.0, in_force.1
    )]
    Gap {
        /// The list in force.
        in_force: Number,
        /// The list offered.
        offered: Number,
    },
    /// The number does not rise.
    #[error("list {}.{} does not come after {}.{}", offered.0, offered.1, in_force.0, in_force.1)]
    NotRising {
        /// The list in force.
        in_force: Number,
        /// The list offered.
        offered: Number,
    },
    /// It follows another list than the one in force: the coordinators signed two histories.
    #[error("list {}.{} follows another list than the one in force", .0.0, .0.1)]
    OtherPrevious(Number),
    /// Two signed lists bear one number. Both are kept; an alarm for the coordinators.
    #[error(
        "two different lists {}.{} are signed; nothing is changed; the other one is kept as {}: show it to the coordinators",
        number.0, number.1, kept.display()
    )]
    TwoLists {
        /// The number that both bear.
        number: Number,
        /// Where the second is kept.
        kept: PathBuf,
    },
    /// A member's receipt key cannot be read.
    #[error("key {kid} of member {node}: {source}")]
    MemberKey {
        /// Which member.
        node: NodeId,
        /// Which key.
        kid: String,
        /// What is wrong with it.
        source: KeyError,
    },
    /// A coordinator key cannot be read.
    #[error("a coordinator key: {0}")]
    CoordinatorKey(KeyError),
    /// The key is none of those that may sign the next list.
    #[error("the key is not among the coordinator keys of the list before")]
    NotACoordinator,
    /// The list was not signed.
    #[error("the trust list was not signed: {0}")]
    Sign(SignError),
}

impl ListError {
    pub(crate) fn member_key((node, kid, source): (NodeId, String, KeyError)) -> Self {
        Self::MemberKey { node, kid, source }
    }
}
