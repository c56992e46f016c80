use std::panic::{self, PanicHookInfo};
use std::thread;

/// Logs a panic by its place alone: its text may hold what was being worked on.
pub fn log_panics() {
    panic::set_hook(Box::new(log));
}

fn log(info: &PanicHookInfo<'_>) {
    let location = info.location().map(ToString::to_string).unwrap_or_default();
    let thread = thread::current();
    let thread = thread.name().unwrap_or_default();
    let kind = if info.payload().is::<&str>() || info.payload().is::<String>() {
        "text"
    } else {
        "value"
    };
    tracing::error!(location, thread, kind, "panic");
}
