//! The configuration file of a node: strict YAML, one file a node.
//!
//! Units are in the names (`_seconds`, `_bytes`). A setting that may be left out has its default
//! written in `deploy/node.example.yaml`; a test compares the two. Secrets are never in the file:
//! it names files that hold them. Relative paths count from the folder of the file; a path may begin
//! with `${NAME}/`, the value of an environment variable, such as systemd's
//! `${CREDENTIALS_DIRECTORY}/`.

mod agency;
mod keys;
mod limits;
mod listener;
mod log;
mod node;
mod path;
mod rules;
mod telemetry;
mod trust;

pub use agency::{Agency, Issuer, System};
pub use keys::Keys;
pub use limits::{Limits, Quotas};
pub use listener::{AgencyListener, ListenerBounds, NodeListener};
pub use log::Log;
pub use node::Identity;
pub use path::Base;
pub use rules::{Acceptance, Rules};
pub use telemetry::{Format, Level, Telemetry};
pub use trust::{Pin, Trust};

use std::fs;
use std::path::{Path, PathBuf};

use passerelle_policy::Environment;
use serde::Deserialize;

use crate::yaml::{Document, YamlError};

/// The configuration of a node.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Which node this is.
    pub node: Identity,
    /// Where other nodes call.
    pub node_listener: NodeListener,
    /// Where the organisation's own systems call.
    pub agency_listener: AgencyListener,
    /// The organisation's own systems.
    pub agency: Agency,
    /// The node's own keys.
    pub keys: Keys,
    /// The trust list and the key that the first one is checked with.
    pub trust: Trust,
    /// The rules of what may be shared.
    pub rules: Rules,
    /// The texts shown to people.
    pub notices: Notices,
    /// The exchange log.
    #[serde(default)]
    pub log: Log,
    /// What the node says about itself.
    #[serde(default)]
    pub telemetry: Telemetry,
    /// Bounds on messages, time and rates.
    #[serde(default)]
    pub limits: Limits,
}

/// The texts shown to people.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notices {
    /// The signed catalogue, with the texts inside. Read at start and on SIGHUP.
    pub catalogue_file: PathBuf,
    /// The public key that must have signed it, PEM (SubjectPublicKeyInfo).
    pub key_file: PathBuf,
}

impl Config {
    /// Reads a file and checks it.
    pub fn read(file: &Path) -> Result<Self, YamlError> {
        let unreadable = |source| YamlError::Unreadable {
            file: file.to_owned(),
            source,
        };
        let whole = fs::canonicalize(file).map_err(unreadable)?;
        // A file has a folder; `/` is none.
        let folder = whole.parent().unwrap_or_else(|| Path::new("/"));
        Self::parse(
            &Document::read(file)?,
            &Base::new(folder, |name| std::env::var_os(name)),
        )
    }

    /// Reads a document; its paths count from `base`.
    pub fn parse(document: &Document, base: &Base<'_>) -> Result<Self, YamlError> {
        let mut config: Self = document.parse()?;
        config
            .resolve(base)
            .and_then(|()| config.check())
            .map_err(|Refused { field, rule }| document.refuse(field, rule))?;
        Ok(config)
    }

    fn resolve(&mut self, base: &Base<'_>) -> Result<(), Refused> {
        base.resolve("node.data_dir", &mut self.node.data_dir)?;
        self.node_listener.resolve(base)?;
        self.agency_listener.resolve(base)?;
        self.agency.resolve(base)?;
        self.keys.resolve(base)?;
        base.resolve("trust.list_file", &mut self.trust.list_file)?;
        base.resolve(
            "trust.pin.coordinator_key_file",
            &mut self.trust.pin.coordinator_key_file,
        )?;
        base.resolve("rules.path", &mut self.rules.path)?;
        base.resolve("notices.catalogue_file", &mut self.notices.catalogue_file)?;
        base.resolve("notices.key_file", &mut self.notices.key_file)
    }

    /// What settings may not say together.
    fn check(&self) -> Result<(), Refused> {
        if self.node.environment == Environment::Production && self.rules.acceptance.is_none() {
            return Err(Refused::new(
                "rules.accepted_sha256",
                "`environment: production` needs rules that somebody accepted; write accepted_sha256, accepted_by and accepted_on",
            ));
        }
        self.keys.check(&self.node.data_dir)?;
        self.agency.check()
    }
}

/// A setting that breaks a rule which the place in the file does not show.
#[derive(Debug, PartialEq, Eq)]
struct Refused {
    field: String,
    rule: String,
}

impl Refused {
    fn new(field: impl Into<String>, rule: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            rule: rule.into(),
        }
    }
}

#[cfg(test)]
mod tests;
