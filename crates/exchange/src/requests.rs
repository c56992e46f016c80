//! A call that is repeated with the same request id has one effect.

use std::time::Duration;

use bytes::Bytes;
use passerelle_domain::{Caller, Digest, Malformed};
use passerelle_store::Tx;
use passerelle_store::tables::Read;
use passerelle_store::tables::requests::{self, AnsweredRequest};

use crate::ExchangeError;

/// How long a request is known again.
const KEPT: Duration = Duration::from_secs(90 * 24 * 3600);

/// What an agency system names one request of its own by, so that it can repeat it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// Reads 1 to 64 characters; the error names no field.
    pub fn new(text: impl Into<String>) -> Result<Self, Malformed> {
        let text = text.into();
        let fits = (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits {
            Ok(Self(text))
        } else {
            Err(Malformed::new(
                "",
                "1 to 64 characters, no control character",
            ))
        }
    }
}

/// One part of a request that is recorded in a transaction of its own.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    system: String,
    id: String,
    digest: Digest,
}

impl Request {
    /// The part `what` of a request that says `text`.
    pub(crate) fn of(caller: &Caller, what: &str, id: &RequestId, text: &str) -> Self {
        Self {
            system: caller.system.clone(),
            // No control character stands in an id: the parts cannot run into each other.
            id: format!("{what}\n{}", id.0),
            digest: Digest::of(text.as_bytes()),
        }
    }

    /// What was answered to it before.
    pub(crate) fn answered(&self, read: &impl Read) -> Result<Option<Bytes>, ExchangeError> {
        match requests::find(read, &self.system, &self.id)? {
            Some(before) if before.digest == self.digest => Ok(Some(before.response)),
            Some(_) => Err(ExchangeError::IdReused("request_id")),
            None => Ok(None),
        }
    }

    /// Remembers what is answered to it.
    pub(crate) fn answer(&self, tx: &mut Tx<'_>, response: &[u8]) -> Result<(), ExchangeError> {
        let answered = AnsweredRequest {
            digest: self.digest,
            response: Bytes::copy_from_slice(response),
            at: tx.now(),
        };
        let keep_until = tx.now().plus(KEPT);
        requests::put(tx, &self.system, &self.id, &answered, keep_until)?;
        Ok(())
    }
}
