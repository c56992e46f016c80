use std::path::PathBuf;

use passerelle_domain::{FederationId, NodeId};
use passerelle_policy::Environment;
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
    /// Whether real persons are behind the data.
    pub environment: Environment,
    /// What the operator calls it; only shown.
    #[serde(default)]
    pub name: String,
    /// How a person reaches the privacy officer: printed on the copies of agreements.
    #[serde(default)]
    pub officer_contact: String,
}
