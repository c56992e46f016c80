use std::io::{self, IsTerminal, Write};

/// Says on a terminal how far a check is; on anything else nothing.
pub(super) struct Progress {
    of: u64,
    tenths: u64,
    shown: bool,
}

impl Progress {
    pub(super) fn new(of: u64) -> Self {
        Self {
            of,
            tenths: 0,
            shown: io::stderr().is_terminal(),
        }
    }

    pub(super) fn show(&mut self, leaves: u64) {
        let tenths = leaves.saturating_mul(1000) / self.of.max(1);
        if self.shown && tenths > self.tenths {
            self.tenths = tenths;
            let _closed = write!(
                io::stderr(),
                "\r{}.{} %, {leaves} of {}",
                tenths / 10,
                tenths % 10,
                self.of
            );
        }
    }

    pub(super) fn end(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _closed = writeln!(io::stderr());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}
