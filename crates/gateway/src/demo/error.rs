use std::io;
use std::path::{Path, PathBuf};

use passerelle_domain::Malformed;
use passerelle_tlog::{CheckpointError, KeyError as LogKeyError};
use passerelle_transport::jwt::SignError;
use passerelle_transport::key_file::KeyError;
use passerelle_transport::throwaway::ThrowawayError;

use super::agency::Refused;
use super::folder::FolderError;
use crate::assemble::AssembleError;
use crate::node::NodeError;
use crate::throwaway::ConfigError;
use crate::trust::ReloadError;
use crate::yaml::YamlError;

/// Why the demonstration did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A step did not do what it must: the sentence that says so, in the language of the story.
    #[error("{0}")]
    Step(String),
    /// A call failed that must not.
    #[error(transparent)]
    Call(#[from] Box<Refused>),
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A file in it.
    #[error("{}: {source}", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The text cannot be written.
    #[error("the output could not be written: {0}")]
    Output(#[from] io::Error),
    /// Keys, certificates, trust list.
    #[error(transparent)]
    Federation(#[from] ThrowawayError),
    /// The configuration of a node cannot be made.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The configuration of a node cannot be read back.
    #[error(transparent)]
    Written(#[from] YamlError),
    /// A node cannot start.
    #[error(transparent)]
    Assemble(#[from] AssembleError),
    /// A node does not take the last trust list.
    #[error(transparent)]
    Trust(#[from] ReloadError),
    /// A node ended by itself.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// A node panicked.
    #[error("a node failed; its panic is above")]
    NodeFailed,
    /// A name or a number of the story is none.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A key that signs.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The proof of an agent cannot be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The key of an exchange log.
    #[error(transparent)]
    LogKey(#[from] LogKeyError),
    /// The checkpoint of an exchange log.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A signal came before the end of the story.
    #[error("interrupted before the end of the story")]
    Interrupted,
}

/// Names the file in what went wrong with it.
pub(super) fn of_file(file: &Path) -> impl FnOnce(io::Error) -> DemoError {
    let file = file.to_owned();
    move |source| DemoError::File { file, source }
}
