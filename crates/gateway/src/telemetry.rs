//! What a node writes about itself, on standard error: never personal data (I10).
//!
//! A field is written only if its name is on [`ALLOWED`]; any other shows as `***`. What other
//! libraries say is shown from warnings on, and then only where it was said: their texts hold
//! headers and names. Messages of our own are literals, which a test sees to.

mod fields;
mod lines;
mod panics;

pub use fields::ALLOWED;
pub use lines::Lines;
pub use panics::log_panics;

use std::io;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;

use crate::config::{Format, Level, Telemetry};

/// Sets how the process writes to standard error, panics included. For the binary alone: whoever
/// runs several nodes in one process sets it once for all of them.
pub fn install(config: Telemetry) {
    log_panics();
    // Refused only when there is one already, which then serves.
    let _already_set = tracing::subscriber::set_global_default(subscriber(config, io::stderr));
}

/// What writes lines to `writer`.
pub fn subscriber<W>(config: Telemetry, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let level = match config.level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
    };
    let json = config.format == Format::Json;
    Registry::default().with(Lines::new(json, level, writer))
}

#[cfg(test)]
mod tests;
