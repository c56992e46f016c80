use std::collections::BTreeMap;
use std::fmt;

use tonic::{Code, Response, Status};
use tonic_types::StatusExt;

/// What a caller is told when a call fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The gRPC status.
    pub code: Code,
    /// The name of an `ErrorReason` without its prefix.
    pub reason: String,
    /// What goes with it.
    pub metadata: BTreeMap<String, String>,
    /// What an agent is shown.
    pub text_fr: String,
}

impl Told {
    /// One of the metadata; empty where it is not there.
    pub fn says(&self, key: &str) -> &str {
        self.metadata.get(key).map_or("", String::as_str)
    }
}

impl From<&Status> for Told {
    fn from(status: &Status) -> Self {
        let info = status.get_details_error_info();
        let text = status.get_details_localized_message();
        let reason = info.as_ref().map_or("", |info| &info.reason);
        Self {
            code: status.code(),
            reason: reason
                .strip_prefix("ERROR_REASON_")
                .unwrap_or(reason)
                .to_owned(),
            metadata: info
                .map(|info| info.metadata.into_iter().collect())
                .unwrap_or_default(),
            text_fr: text.map(|text| text.message).unwrap_or_default(),
        }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {} {:?}", self.code, self.reason, self.metadata)
    }
}

/// What a call that must fail has told.
#[track_caller]
pub fn refusal<T: fmt::Debug>(answer: Result<Response<T>, Status>) -> Told {
    match answer {
        Ok(answer) => panic!("the call should have failed, and answered {answer:?}"),
        Err(status) => Told::from(&status),
    }
}
