use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Failure;
use crate::config::{Format, Level, Telemetry};
use crate::demo::{self, EXAMPLE_RULES, Language};
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

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Lang {
    En,
    Fr,
}

impl Demo {
    pub(super) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        // What nodes refuse is part of the story; what fails in them is not.
        telemetry::install(Telemetry {
            format: Format::Human,
            level: Level::Error,
        });
        let demo = demo::Demo {
            language: match self.lang {
                Lang::En => Language::English,
                Lang::Fr => Language::French,
            },
            colours: io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
            stays: !self.exit,
            folder: self.dir,
            rules: EXAMPLE_RULES.to_owned(),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let (terminate, interrupt) = (
                signal(SignalKind::terminate())?,
                signal(SignalKind::interrupt())?,
            );
            let interrupted = first_of(terminate, interrupt);
            Ok(Box::pin(demo::run(demo, out, interrupted)).await?)
        })
    }
}

async fn first_of(mut one: Signal, mut other: Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
