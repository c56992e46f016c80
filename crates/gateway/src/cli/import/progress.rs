use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use passerelle_domain::{Clock, Timestamp};

use crate::runtime::SystemClock;

/// Says on a terminal how far an import is, and how fast; on anything else nothing.
pub(super) struct Progress {
    of: usize,
    began: Timestamp,
    shown: bool,
}

impl Progress {
    pub(super) fn new(of: usize) -> Self {
        Self {
            of,
            began: SystemClock.now(),
            shown: io::stderr().is_terminal(),
        }
    }

    pub(super) fn show(&mut self, rows: usize) {
        if !self.shown {
            return;
        }
        let passed = SystemClock.now().since(self.began).max(TICK);
        let rate = rows as f64 / passed.as_secs_f64();
        let _closed = write!(
            io::stderr(),
            "\r{rows} of {} rows, {rate:.0} a second",
            self.of
        );
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _closed = writeln!(io::stderr());
        }
    }
}

/// What the clock tells apart.
const TICK: Duration = Duration::from_millis(1);
