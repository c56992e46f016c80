use std::path::PathBuf;

use clap::Args;
use passerelle_policy::Environment;

use super::Failure;
use crate::assemble::{World, assemble};
use crate::config::Config;
use crate::serve::until_signalled;
use crate::telemetry;

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

impl Serve {
    pub(super) fn run(self) -> Result<(), Failure> {
        let config = Config::read(&self.config)?;
        telemetry::install(config.telemetry);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        runtime.block_on(serve(&config))
    }
}

async fn serve(config: &Config) -> Result<(), Failure> {
    let node = assemble(config, World::real()).await?.node;
    if config.node.environment == Environment::Training {
        tracing::warn!("TRAINING: rules that nobody verified count; enter fictitious persons only");
    }
    Ok(until_signalled(node).await?)
}
