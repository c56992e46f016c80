//! What every handler does first and last.

use passerelle_domain::{Caller, Malformed, Peer};
use passerelle_exchange::{Contact, ExchangeError};
use tonic::{Request, Response, Status};

use crate::errors::{self, CallError};

/// The message of a call and the agent for whom it is made, whom the layer put there (I9).
pub(super) fn by_agent<T>(request: Request<T>) -> Result<(Caller, T), Status> {
    let (_, mut extensions, message) = request.into_parts();
    match extensions.remove::<Caller>() {
        Some(caller) => Ok((caller, message)),
        // The layer lets nobody through without one.
        None => Err(errors::status(ExchangeError::SessionInvalid)),
    }
}

/// The message of a call and the node that makes it, which the layer put there (I9).
pub(super) fn by_peer<T>(request: Request<T>) -> Result<(Peer, T), Status> {
    let (_, mut extensions, message) = request.into_parts();
    match extensions.remove::<Peer>() {
        Some(peer) => Ok((peer, message)),
        // As above.
        None => Err(CallError::NotAMember.into()),
    }
}

/// What a handler answers.
pub(super) type Answer<T> = Result<Response<T>, Status>;

/// An answer of what a use case gave.
pub(super) fn answer<T, U>(
    given: Result<T, ExchangeError>,
    encode: impl FnOnce(T) -> U,
) -> Answer<U> {
    given
        .map(|given| Response::new(encode(given)))
        .map_err(errors::status)
}

/// The same of a use case that calls another organisation: whoever is refused learns whom to ring.
pub(super) fn answer_about<T, U>(
    given: Result<T, ExchangeError>,
    whom: impl FnOnce() -> Option<Contact>,
    encode: impl FnOnce(T) -> U,
) -> Answer<U> {
    given
        .map(|given| Response::new(encode(given)))
        .map_err(|error| match whom() {
            Some(whom) => CallError::AboutPeer { error, whom }.into(),
            None => errors::status(error),
        })
}

/// A message that breaks a rule.
pub(super) fn refused(error: Malformed) -> Status {
    errors::status(error.into())
}
