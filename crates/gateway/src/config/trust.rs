use std::path::PathBuf;

use passerelle_domain::member::KeyAlgorithm;
use serde::Deserialize;

/// The trust list and the key that the first one is checked with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// The signed list of members. Read at start and on SIGHUP.
    pub list_file: PathBuf,
    /// What the operator was told by the coordinator, by a way that is not this network.
    pub pin: Pin,
}

/// The coordinator key that the first list of an epoch is checked with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The epoch: changed by hand, with the key, after a coordinator key was lost or stolen.
    pub epoch: u32,
    /// The coordinator's public key, PEM (SubjectPublicKeyInfo).
    pub coordinator_key_file: PathBuf,
    /// The name of that key in the header of the list.
    pub kid: String,
    /// Its algorithm.
    pub alg: KeyAlgorithm,
}
