use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Failure;
use crate::assemble::{World, open_store};
use crate::config::Config;
use crate::telemetry;

#[derive(Debug, Subcommand)]
pub(super) enum Clock {
    /// Say that the clock of this machine is right, and that the node ran under a wrong one.
    ///
    /// A node whose clock is more than 60 seconds behind its newest entry exchanges nothing: one of
    /// the two times is wrong. If it is the clock, set it. If it is the entry, written while the
    /// clock was ahead, stop the node, run this, and start it again. Entries keep the times that
    /// they bear.
    Accept(Accept),
}

#[derive(Debug, Args)]
pub(super) struct Accept {
    /// The configuration file of the node, which must not run
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

impl Clock {
    pub(super) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let Self::Accept(Accept { config }) = self;
        let config = Config::read(&config)?;
        telemetry::install(config.telemetry);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        runtime.block_on(accept(&config, out))
    }
}

async fn accept(config: &Config, out: &mut dyn Write) -> Result<(), Failure> {
    let store = open_store(config, &World::real()).await?;
    let accepted = store.accept_clock();
    store.close().await?;
    match accepted.map_err(|error| Failure::of_file(&config.node.data_dir, error))? {
        Some(fault) => {
            writeln!(out, "clock: {}", fault.wall)?;
            writeln!(out, "newest_entry: {}", fault.newest)?;
            writeln!(out, "accepted: time goes on from the clock")?;
        }
        None => writeln!(out, "nothing to accept: the clock is not behind")?,
    }
    Ok(())
}
