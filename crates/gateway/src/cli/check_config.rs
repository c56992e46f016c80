use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use passerelle_policy::Environment;

use super::Failure;
use crate::assemble::{World, rehearse};
use crate::config::Config;
use crate::rules;

#[derive(Debug, Args)]
pub(super) struct CheckConfig {
    /// The configuration file
    file: PathBuf,
}

impl CheckConfig {
    pub(super) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let config = Config::read(&self.file)?;
        for file in named_files(&config) {
            if let Err(error) = fs::File::open(file) {
                return Err(Failure::of_file(
                    file,
                    format_args!("named in {}: {error}", self.file.display()),
                ));
            }
        }
        let rules = rules::load(&config.rules, config.node.environment)?;
        let faults = rehearse(&config, &World::real())?;
        writeln!(
            out,
            "{}: node {} of {}",
            self.file.display(),
            config.node.id,
            config.node.federation
        )?;
        if !config.node.name.is_empty() {
            writeln!(out, "name: {}", config.node.name)?;
        }
        if config.node.environment == Environment::Training {
            writeln!(out, "environment: training (fictitious persons only)")?;
        }
        writeln!(out, "rules: {} rows count", rules.rows())?;
        for fault in faults {
            writeln!(out, "attention: {fault}")?;
        }
        writeln!(out, "ok")?;
        Ok(())
    }
}

fn named_files(config: &Config) -> Vec<&Path> {
    let Config {
        node_listener,
        agency_listener,
        agency,
        keys,
        trust,
        rules,
        notices,
        ..
    } = config;
    let mut files: Vec<&Path> = vec![
        &node_listener.certificate_file,
        &node_listener.key_file,
        &node_listener.anchors_file,
        &node_listener.crl_file,
        &agency_listener.certificate_file,
        &agency_listener.key_file,
        &agency_listener.client_ca_file,
        &keys.node_key_file,
        &keys.epoch_dir,
        &keys.log_key_file,
        &keys.receipt_key_file,
        &keys.session_key_file,
        &trust.list_file,
        &trust.pin.coordinator_key_file,
        &rules.path,
        &notices.catalogue_file,
        &notices.key_file,
    ];
    files.extend(agency_listener.client_crl_file.as_deref());
    files.extend(
        agency
            .systems
            .iter()
            .map(|system| system.assertion_key_file.as_path()),
    );
    files
}
