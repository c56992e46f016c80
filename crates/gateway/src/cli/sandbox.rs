use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::Failure;
use super::demo::until_a_signal;
use super::lang::Lang;
use crate::config::{Format, Level, Telemetry};
use crate::demo::{EXAMPLE_RULES, sandbox};
use crate::telemetry;

#[derive(Debug, Args)]
pub(super) struct Sandbox {
    /// Folder for everything, empty or absent, which stays; a temporary one if not given
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Port of the node to call, on this machine; a free one if not given
    #[arg(
        long,
        value_name = "PORT",
        default_value = "0",
        hide_default_value = true
    )]
    port: u16,
    /// The language of what is printed
    #[arg(long, value_enum, default_value = "en")]
    lang: Lang,
}

impl Sandbox {
    pub(super) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        // What nodes refuse is what they are here for; what fails in them is not.
        telemetry::install(Telemetry {
            format: Format::Human,
            level: Level::Error,
        });
        let sandbox = sandbox::Sandbox {
            language: self.lang.into(),
            port: self.port,
            folder: self.dir,
            rules: EXAMPLE_RULES.to_owned(),
        };
        until_a_signal(async |interrupted| Box::pin(sandbox::run(sandbox, out, interrupted)).await)
    }
}
