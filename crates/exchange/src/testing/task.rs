use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// A future that a test moves by hand, so that it can choose what happens in between.
pub struct Task<'a, T> {
    state: State<'a, T>,
}

enum State<'a, T> {
    UnderWay(Pin<Box<dyn Future<Output = T> + 'a>>),
    Done(T),
    Dropped,
}

impl<'a, T> Task<'a, T> {
    /// Nothing has happened yet.
    pub fn new(future: impl Future<Output = T> + 'a) -> Self {
        Self {
            state: State::UnderWay(Box::pin(future)),
        }
    }

    /// Moves it as far as it goes; says whether it is over.
    pub fn step(&mut self) -> bool {
        if let State::UnderWay(future) = &mut self.state {
            let mut context = Context::from_waker(Waker::noop());
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                self.state = State::Done(output);
            }
        }
        self.is_over()
    }

    /// Drops what is not at its end, as a server does when the caller goes away or the time is over.
    pub fn give_up(&mut self) {
        if !self.is_over() {
            self.state = State::Dropped;
        }
    }

    /// Whether it is at its end, or was given up.
    pub fn is_over(&self) -> bool {
        !matches!(self.state, State::UnderWay(_))
    }

    /// What it gave; `None` if it was given up.
    ///
    /// # Panics
    ///
    /// While it is under way.
    pub fn outcome(self) -> Option<T> {
        match self.state {
            State::Done(output) => Some(output),
            State::Dropped => None,
            State::UnderWay(_) => panic!("a task that is not over"),
        }
    }

    /// What it gave.
    ///
    /// # Panics
    ///
    /// If it did not come to its end.
    pub fn output(self) -> T {
        self.outcome().expect("a task at its end")
    }
}
