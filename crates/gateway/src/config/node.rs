use std::path::PathBuf;

use passerelle_domain::{FederationId, NodeId};
use serde::Deserialize;

/// Which node this is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Its name in the federation, as in its certificate and in the trust list.
    pub id: NodeId,
    /// The federation it belongs to.
    pub federation: FederationId,
    /// The folder that holds all it keeps.
    pub data_dir: PathBuf,
    /// What it is for.
    pub environment: Environment,
    /// What the operator calls it; only shown.
    #[serde(default)]
    pub name: String,
}

/// What a node is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Real persons: starts only with rules that somebody has accepted, and counts those of their
    /// rows that nobody has verified as absent.
    Production,
    /// Fictitious persons: every rule counts, and a banner says so.
    Training,
}
