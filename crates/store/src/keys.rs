//! The keys of a node and where they lie.
//!
//! ```text
//! node key ──HKDF──► a key for each table · index key · agent key · key for entries about nobody
//! epoch key ──wraps──► person's key ──HKDF──► key of the person's rows
//!                                    └──────► for each log entry: sealing key, commitment, tag,
//!                                             references to receipts
//! ```
//!
//! The node key is a file of 32 bytes, or a systemd credential. Epoch keys are files
//! `epoch-<n>.key` of 32 bytes in a folder of their own, outside the engine and outside backups:
//! once the last rows are wrapped under a new one, destroying the old file destroys, in every copy
//! of the engine, the keys of all persons erased since.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aws_lc_rs::hmac;

use crate::seal::RowKey;
use crate::tables::TABLES;

mod derive;
mod epoch;
mod error;
mod file;
mod secret;

pub(crate) use derive::Derive;
pub(crate) use epoch::{EpochKey, WrappedKey, aes_256_gcm};
pub use error::KeyError;
pub(crate) use secret::Secret;

/// What shows that a key is the one that was used before, without giving it away.
pub(crate) type KeyCheck = [u8; 16];

/// Where the keys of a node lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPaths {
    /// The node key.
    pub node_key: NodeKeySource,
    /// The folder of the epoch keys.
    pub epoch_keys: PathBuf,
}

/// Where the node key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKeySource {
    /// A file that nobody but its owner may read (mode 0600 or 0400).
    File(PathBuf),
    /// A credential that systemd put where only this service reads it. Its mode is systemd's
    /// affair: where the service has a user of its own, an ACL shows as a group's right to read.
    Credential(PathBuf),
}

impl NodeKeySource {
    /// The file.
    pub fn path(&self) -> &Path {
        match self {
            Self::File(path) | Self::Credential(path) => path,
        }
    }
}

/// All keys that seal what one node stores. They never leave this crate.
pub struct Keys {
    tables: BTreeMap<u8, RowKey>,
    index: hmac::Key,
    agents: Derive,
    nobody: Derive,
    check: KeyCheck,
    epochs: BTreeMap<u32, EpochKey>,
    paths: KeyPaths,
}

impl Keys {
    /// Draws a node key and the first epoch key and writes them durably; files that exist are not
    /// touched, and make it fail.
    pub fn create(paths: &KeyPaths, rng: &dyn passerelle_domain::Rng) -> Result<(), KeyError> {
        file::create(paths.node_key.path(), &Secret::random(rng))?;
        file::create(
            &epoch_path(&paths.epoch_keys, FIRST_EPOCH),
            &Secret::random(rng),
        )
    }

    /// Reads the node key and every epoch key there is.
    pub fn open(paths: KeyPaths) -> Result<Self, KeyError> {
        let node = match &paths.node_key {
            NodeKeySource::File(path) => file::read_private(path)?,
            NodeKeySource::Credential(path) => file::read(path)?,
        };
        let mut epochs = BTreeMap::new();
        for (epoch, path) in file::epochs(&paths.epoch_keys)? {
            epochs.insert(epoch, EpochKey::new(epoch, &file::read_private(&path)?));
        }
        if epochs.is_empty() {
            return Err(KeyError::NoEpochKey {
                path: epoch_path(&paths.epoch_keys, FIRST_EPOCH),
            });
        }
        Ok(Self::derived(&node, epochs, paths))
    }

    /// Keys that lie nowhere, for a simulation and for tests: a first epoch key and a node key.
    pub fn in_memory(node: [u8; 32], epoch: [u8; 32]) -> Self {
        let (node, epoch) = (Secret::new(node), Secret::new(epoch));
        let paths = KeyPaths {
            node_key: NodeKeySource::File("node.key".into()),
            epoch_keys: PathBuf::new(),
        };
        let epochs = BTreeMap::from([(FIRST_EPOCH, EpochKey::new(FIRST_EPOCH, &epoch))]);
        Self::derived(&node, epochs, paths)
    }

    fn derived(node: &Secret, epochs: BTreeMap<u32, EpochKey>, paths: KeyPaths) -> Self {
        let derive = Derive::new(b"passerelle node key v1", node);
        let tables = TABLES
            .iter()
            .map(|table| {
                let key = derive.expand(&[b"table", table.name.as_bytes()]);
                (table.table.number(), RowKey::new(&key))
            })
            .collect();
        let sub = |label: &[u8]| derive.expand(&[label]);
        Self {
            tables,
            index: hmac::Key::new(hmac::HMAC_SHA256, sub(b"index").bytes()),
            agents: Derive::new(b"passerelle agents v1", &sub(b"agents")),
            nobody: Derive::new(b"passerelle nobody v1", &sub(b"nobody")),
            check: check(&derive),
            epochs,
            paths,
        }
    }

    /// The key of the rows of a table that are about no person.
    pub(crate) fn table(&self, number: u8) -> Option<&RowKey> {
        self.tables.get(&number)
    }

    /// 16 bytes that stand for a value in a key of a row: they tell nothing to whoever has no node
    /// key, not even whether two tables hold the same value.
    pub(crate) fn index(&self, table: &str, parts: &[&[u8]]) -> [u8; 16] {
        let mut context = hmac::Context::with_key(&self.index);
        context.update(table.as_bytes());
        context.update(&[0]);
        for part in parts {
            // Length first: ("ab", "c") is not ("a", "bc").
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        truncated(context.sign().as_ref())
    }

    /// Gives the keys of agents' parts.
    pub(crate) fn agents(&self) -> &Derive {
        &self.agents
    }

    /// Stands in for a person's key in entries about nobody.
    pub(crate) fn nobody(&self) -> &Derive {
        &self.nobody
    }

    /// The epoch key under which persons' keys are wrapped from now on.
    pub(crate) fn current_epoch(&self) -> Result<&EpochKey, KeyError> {
        let newest = self.epochs.last_key_value();
        newest
            .map(|(_, key)| key)
            .ok_or_else(|| KeyError::NoEpochKey {
                path: self.epoch_path(FIRST_EPOCH),
            })
    }

    /// The key of an epoch.
    pub(crate) fn epoch(&self, epoch: u32) -> Result<&EpochKey, KeyError> {
        self.epochs.get(&epoch).ok_or_else(|| KeyError::NoEpochKey {
            path: self.epoch_path(epoch),
        })
    }

    /// The checks of all keys: what a store remembers of them. Epoch 0 is the node key.
    pub(crate) fn checks(&self) -> impl Iterator<Item = (u32, KeyCheck)> {
        let epochs = self.epochs.iter().map(|(epoch, key)| (*epoch, key.check()));
        std::iter::once((NODE_KEY, self.check)).chain(epochs)
    }

    /// What to say when the check of a key is not the one remembered.
    pub(crate) fn wrong(&self, key: u32) -> KeyError {
        if key == NODE_KEY {
            KeyError::WrongNodeKey {
                path: self.paths.node_key.path().to_owned(),
            }
        } else {
            KeyError::WrongEpochKey {
                path: self.epoch_path(key),
            }
        }
    }

    fn epoch_path(&self, epoch: u32) -> PathBuf {
        epoch_path(&self.paths.epoch_keys, epoch)
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(***)")
    }
}

/// The check of whatever key `derive` was made from.
fn check(derive: &Derive) -> KeyCheck {
    truncated(derive.expand(&[b"check"]).bytes())
}

fn truncated(bytes: &[u8]) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&bytes[..16]);
    out
}

fn epoch_path(folder: &Path, epoch: u32) -> PathBuf {
    folder.join(format!(
        "{}{epoch}{}",
        file::EPOCH_PREFIX,
        file::EPOCH_SUFFIX
    ))
}

/// The number that stands for the node key among the checks.
const NODE_KEY: u32 = 0;
const FIRST_EPOCH: u32 = 1;

#[cfg(test)]
mod tests;
