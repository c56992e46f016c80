use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::path::walked;
use super::{Base, Refused};

/// The node's own keys; `passerelle keys init` makes them. Each file is readable by the node alone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// The key that all that is kept is sealed with. Outside `data_dir`.
    pub node_key_file: PathBuf,
    /// The folder of the epoch keys, which wrap the persons' keys. Outside `data_dir`, and in no
    /// backup: destroying a key in it is what erases a person.
    pub epoch_dir: PathBuf,
    /// Signs the checkpoints of the exchange log.
    pub log_key_file: PathBuf,
    /// Signs receipts, withdrawals, objections, purge orders and answers.
    pub receipt_key_file: PathBuf,
    /// Signs the tokens of agents' sessions.
    pub session_key_file: PathBuf,
}

impl Keys {
    pub(super) fn resolve(&mut self, base: &Base<'_>) -> Result<(), Refused> {
        base.resolve("keys.node_key_file", &mut self.node_key_file)?;
        base.resolve("keys.epoch_dir", &mut self.epoch_dir)?;
        base.resolve("keys.log_key_file", &mut self.log_key_file)?;
        base.resolve("keys.receipt_key_file", &mut self.receipt_key_file)?;
        base.resolve("keys.session_key_file", &mut self.session_key_file)
    }

    /// A backup of the data must not open it, nor bring back a person who was erased.
    pub(super) fn check(&self, data_dir: &Path) -> Result<(), Refused> {
        let data_dir = walked(data_dir);
        for (field, path) in [
            ("keys.node_key_file", &self.node_key_file),
            ("keys.epoch_dir", &self.epoch_dir),
        ] {
            if walked(path).starts_with(&data_dir) {
                return Err(Refused::new(
                    field,
                    "inside `node.data_dir`, whose backups would hold it; keep it elsewhere",
                ));
            }
        }
        Ok(())
    }
}
