use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// A future that a test moves by hand, so that it can choose what happens in between.
pub struct Task<'a, T> {
    future: Pin<Box<dyn Future<Output = T> + 'a>>,
    output: Option<T>,
}

impl<'a, T> Task<'a, T> {
    /// Nothing has happened yet.
    pub fn new(future: impl Future<Output = T> + 'a) -> Self {
        Self {
            future: Box::pin(future),
            output: None,
        }
    }

    /// Moves it as far as it goes; says whether it is at its end.
    pub fn step(&mut self) -> bool {
        if self.output.is_none() {
            let mut context = Context::from_waker(Waker::noop());
            if let Poll::Ready(output) = self.future.as_mut().poll(&mut context) {
                self.output = Some(output);
            }
        }
        self.is_done()
    }

    /// Whether it is at its end.
    pub fn is_done(&self) -> bool {
        self.output.is_some()
    }

    /// What it gave.
    pub fn output(self) -> T {
        self.output.expect("a task at its end")
    }
}
