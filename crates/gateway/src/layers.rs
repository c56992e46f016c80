//! What stands between a channel and a service: who calls, whether it may call now, for how long,
//! and what is written about it.
//!
//! [`agency`] and [`exchange`] stack the steps of the two listeners, the outermost first, and say
//! why each stands where it does. A step is an `async` function around the rest of the call
//! ([`Step`]). Behind them a request bears a [`Caller`](passerelle_domain::Caller), or a
//! [`Peer`](passerelle_domain::Peer), among its extensions; whatever does not is answered
//! `UNAUTHENTICATED` here.

mod bounds;
mod deadline;
mod methods;
mod panics;
mod peer;
mod rates;
mod session;
mod step;
mod trace;
mod unread;

pub use bounds::AtOnce;
pub use methods::Methods;
pub use peer::PeerOf;
pub use rates::{Rate, Rates};
pub use session::{CallerFuture, CallerOf, Sessions};
pub use step::{Around, Next, Step, StepLayer};

use std::sync::Arc;

use passerelle_transport::tls::TrustHandle;
use tonic::transport::Server;
use tower::layer::util::Stack;

use crate::config::Limits;
use bounds::Bounds;
use deadline::Deadline;
use panics::Panics;
use trace::Trace;
use unread::Unread;

/// The steps of the agency listener around its services.
pub fn agency(
    server: Server,
    limits: &Limits,
    methods: &Arc<Methods>,
    sessions: Arc<dyn Sessions>,
) -> Server<AgencySteps> {
    server
        // Outermost: a call that is refused by any step below is written like any other.
        .layer(StepLayer(Trace::new(Arc::clone(methods))))
        // Under the trace, so that a panic is a call with a code; above all else, so that none of
        // the steps can take the connection and its other calls down.
        .layer(StepLayer(Panics))
        // Before the session is looked at: the look costs a signature and a read, and what bounds it
        // must cost less. By system, the only name known here.
        .layer(StepLayer(Bounds::by_party(limits)))
        // Under the bounds: what waits for nothing needs no clock. Above the session, whose look is
        // part of the call's time.
        .layer(StepLayer(Deadline(limits.call())))
        // The services see a caller or are not called.
        .layer(StepLayer(CallerOf::new(sessions)))
        // Only now is the agent known.
        .layer(StepLayer(Bounds::by_agent(limits)))
        // Next to the services: what is wrong with a message is told to whoever may call.
        .layer(StepLayer(Unread(*limits)))
}

/// The steps of the node listener around its service.
pub fn exchange(
    server: Server,
    limits: &Limits,
    methods: &Arc<Methods>,
    trust: TrustHandle,
) -> Server<ExchangeSteps> {
    server
        // As above.
        .layer(StepLayer(Trace::new(Arc::clone(methods))))
        .layer(StepLayer(Panics))
        // First of what may refuse: a member that was suspended since it connected is not even
        // counted. It is a look into a list in memory.
        .layer(StepLayer(PeerOf::new(trust)))
        // By member: one that asks too much waits alone (I8).
        .layer(StepLayer(Bounds::by_party(limits)))
        // As above.
        .layer(StepLayer(Deadline(limits.call())))
        .layer(StepLayer(Unread(*limits)))
}

/// The steps of [`agency`], the innermost first.
pub type AgencySteps = Stack<
    StepLayer<Unread>,
    Stack<
        StepLayer<Bounds>,
        Stack<StepLayer<CallerOf>, Stack<StepLayer<Deadline>, Stack<StepLayer<Bounds>, Outer>>>,
    >,
>;

/// The steps of [`exchange`], the innermost first.
pub type ExchangeSteps = Stack<
    StepLayer<Unread>,
    Stack<StepLayer<Deadline>, Stack<StepLayer<Bounds>, Stack<StepLayer<PeerOf>, Outer>>>,
>;

type Outer = Stack<StepLayer<Panics>, Stack<StepLayer<Trace>, tower::layer::util::Identity>>;

#[cfg(test)]
mod tests;
