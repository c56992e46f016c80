use std::fs;
use std::io;
use std::path::Path;

use tempfile::TempDir;

use super::{AssembleError, NodeKeys, World, store_config};
use crate::config::{Config, Identity};
use crate::readiness::trust;
use crate::trust::{TrustUnits, kept, system_keys};

/// Loads all that a node loads before it opens its store, and keeps nothing. Gives what health would
/// say of it, a sentence each.
pub fn rehearse(config: &Config, world: &World) -> Result<Vec<String>, AssembleError> {
    // A trust list that is taken is kept, and so is the number of a revocation list: here in a copy
    // of what the node has kept so far.
    let aside = TempDir::with_prefix("passerelle-").map_err(AssembleError::Rehearsal)?;
    let rehearsed = Config {
        node: Identity {
            data_dir: aside.path().to_owned(),
            ..config.node.clone()
        },
        ..config.clone()
    };
    copy(&kept(config), &kept(&rehearsed)).map_err(AssembleError::Rehearsal)?;
    let units = TrustUnits::load(&rehearsed, &world.clock)?;
    system_keys(&config.agency)?;
    let now = world.clock.now();
    let keys = NodeKeys::load(config, &store_config(config, world), &*world.files, now)?;
    let own = trust::own_keys(
        units.nodes.clone(),
        keys.log.verifying_key().clone(),
        keys.own.receipt,
    );
    let checks = trust::of(&units).into_iter().chain([own]);
    let issuers = config.agency.issuers.iter().filter_map(|issuer| {
        let fault = issuer.settings().rehearse().err()?;
        Some(format!("the keys of {}: {fault}", issuer.issuer))
    });
    let faults = checks.filter_map(|check| check.fault(now));
    Ok(faults.chain(issuers).collect())
}

/// Copies the files of a folder, if it is there; what is kept has no folders in it.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    let kept = match fs::read_dir(from) {
        Ok(kept) => kept,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in kept {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
