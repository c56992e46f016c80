use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::oneshot;

use crate::error::{Refusal, TransactError};
use crate::log::Head;
use crate::tx::Tx;

/// A transaction on its way through the writer.
pub(crate) trait Job: Send {
    fn name(&self) -> &'static str;

    /// Whether it may use the reserve.
    fn urgent(&self) -> bool;

    /// Runs it, once more or for the first time.
    fn run(&mut self, tx: &mut Tx<'_>) -> Ran;

    /// Ends it: with what it came to, or with a refusal.
    fn answer(self: Box<Self>, outcome: Result<Option<Logged>, Refusal>);
}

/// How a closure ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ran {
    Done,
    Aborted,
    Panicked,
}

/// A transaction that is durable.
#[derive(Debug, Clone)]
pub struct Committed<T> {
    /// What its closure returned.
    pub value: T,
    /// Where its entry is in the exchange log, if it appended one.
    pub logged: Option<Logged>,
}

/// Where an entry is in the exchange log.
#[derive(Debug, Clone)]
pub struct Logged {
    /// Its index.
    pub index: u64,
    /// The head of the log after its batch: a promise as soon as it leaves the node.
    pub head: Arc<Head>,
}

/// How [`Store::transact`](crate::Store::transact) is answered.
pub(crate) type Reply<T, E> = oneshot::Sender<Result<Committed<T>, TransactError<E>>>;

/// The job that runs a closure and answers whoever called.
pub(crate) struct Call<F, T, E> {
    pub(crate) name: &'static str,
    pub(crate) urgent: bool,
    pub(crate) f: F,
    pub(crate) returned: Option<Result<T, E>>,
    pub(crate) reply: Reply<T, E>,
}

impl<F, T, E> Job for Call<F, T, E>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: Send,
{
    fn name(&self) -> &'static str {
        self.name
    }

    fn urgent(&self) -> bool {
        self.urgent
    }

    fn run(&mut self, tx: &mut Tx<'_>) -> Ran {
        // What a panic leaves half-done is thrown away: the transaction, and what the closure
        // returned. If the closure holds more than that, it is not called again.
        let returned = catch_unwind(AssertUnwindSafe(|| (self.f)(tx)));
        self.returned = returned.ok();
        match &self.returned {
            Some(Ok(_)) => Ran::Done,
            Some(Err(_)) => Ran::Aborted,
            None => Ran::Panicked,
        }
    }

    fn answer(self: Box<Self>, outcome: Result<Option<Logged>, Refusal>) {
        let answer = match (outcome, self.returned) {
            (Err(refusal), _) => Err(refusal.into()),
            (Ok(logged), Some(Ok(value))) => Ok(Committed { value, logged }),
            (Ok(_), Some(Err(error))) => Err(TransactError::Aborted(error)),
            (Ok(_), None) => Err(Refusal::Panicked { name: self.name }.into()),
        };
        // Nobody may be waiting any more; what was done is done.
        let _ = self.reply.send(answer);
    }
}
