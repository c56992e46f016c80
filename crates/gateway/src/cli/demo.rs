use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::pin::Pin;

use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Failure;
use super::lang::Lang;
use crate::config::{Format, Level, Telemetry};
use crate::demo::{self, DemoError, EXAMPLE_RULES};
use crate::telemetry;

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// End after the story; exit status 0 only if every step did what it must
    #[arg(long)]
    exit: bool,
    /// The language of the story
    #[arg(long, value_enum, default_value = "en")]
    lang: Lang,
    /// Folder for everything, empty or absent, which stays; a temporary one if not given
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Demo {
    pub(super) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        // What nodes refuse is part of the story; what fails in them is not.
        telemetry::install(Telemetry {
            format: Format::Human,
            level: Level::Error,
        });
        let demo = demo::Demo {
            language: self.lang.into(),
            colours: io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
            stays: !self.exit,
            folder: self.dir,
            rules: EXAMPLE_RULES.to_owned(),
        };
        until_a_signal(async |interrupted| Box::pin(demo::run(demo, out, interrupted)).await)
    }
}

/// Runs what ends at SIGTERM and SIGINT.
pub(super) fn until_a_signal(
    run: impl AsyncFnOnce(Pin<Box<dyn Future<Output = ()>>>) -> Result<(), DemoError>,
) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let (terminate, interrupt) = (
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        );
        let interrupted = Box::pin(first_of(terminate, interrupt));
        Ok(Box::pin(run(interrupted)).await?)
    })
}

async fn first_of(mut one: Signal, mut other: Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
