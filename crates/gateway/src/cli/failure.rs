use std::fmt;
use std::io;
use std::path::Path;

use passerelle_domain::Malformed;
use passerelle_store::CloseError;
use passerelle_store::keys::KeyError as StoreKeyError;
use passerelle_transport::FileError;
use passerelle_transport::jwt::TokenError;
use passerelle_transport::key_file::KeyError;
use passerelle_transport::pki::PkiError;
use passerelle_transport::tls::LoadError;
use passerelle_transport::trust_list::ListError;

use crate::assemble::AssembleError;
use crate::client::ClientError;
use crate::demo::DemoError;
use crate::import::RunError;
use crate::notices::NoticesError;
use crate::rules::TableError;
use crate::serve::ServeError;
use crate::sheet::SheetError;
use crate::yaml::YamlError;

/// Why a command did not do what it was asked: one sentence for the operator.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// The sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// What is wrong with a file.
    pub(super) fn of_file(file: &Path, what: impl fmt::Display) -> Self {
        Self(format!("{}: {what}", file.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! sentences {
    ($($error:ty),+) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self(error.to_string())
            }
        }
    )+};
}

sentences!(
    AssembleError,
    ClientError,
    CloseError,
    DemoError,
    ServeError,
    FileError,
    KeyError,
    ListError,
    LoadError,
    Malformed,
    NoticesError,
    PkiError,
    RunError,
    SheetError,
    StoreKeyError,
    TableError,
    TokenError,
    YamlError
);

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self(format!("the output could not be written: {error}"))
    }
}
