use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::chance::Chance;
use super::file::SimFile;
use super::inode::Inode;
use crate::files::{FileLock, Files, WalFile};

/// A disk in memory that keeps, when the power is cut, only what was synced.
///
/// Every operation that changes something (a file made or emptied, a write, a sync, a rename, a
/// removal, a sync of a folder) has a number, the first 0. A test runs its story once to count them
/// ([`SimDisk::operations`]), then again for each number with a [`Fault`] there. Folders themselves
/// are durable at once. Clones are the same disk.
#[derive(Debug, Clone, Default)]
pub struct SimDisk(Arc<Mutex<State>>);

/// What goes wrong at one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The operation has no effect and fails: no space left.
    NoSpace,
    /// The operation has no effect and fails: the quota is used up.
    Quota,
    /// The operation has no effect and fails: the device says so.
    Io,
    /// The operation may or may not have happened, and all after it fail: the power is cut.
    PowerCut,
}

/// What a power cut leaves of what was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crash {
    /// Nothing.
    Whole,
    /// For each file nothing, its first bytes, or some of its 512-byte sectors; of the names in
    /// each folder, the oldest changes.
    Torn {
        /// Decides which.
        seed: u64,
    },
}

impl SimDisk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many operations there were: the number of the next.
    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// How many of them were [`WalFile::sync`].
    pub fn syncs(&self) -> u64 {
        self.state().syncs
    }

    /// What goes wrong at operation `number`.
    pub fn fail_at(&self, number: u64, fault: Fault) {
        self.state().faults.insert(number, fault);
    }

    /// While it is full, no file can be made or grow; what is allocated can be written.
    pub fn set_full(&self, full: bool) {
        self.state().full = full;
    }

    /// Cuts the power and gives it back: open files are dead, locks are free, and only what was
    /// synced is there, and what `crash` leaves of the rest.
    pub fn crash(&self, crash: Crash) {
        let mut state = self.state();
        state.cut(crash);
    }

    /// Changes the content of a file behind everybody's back, durably.
    pub fn tamper(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let mut state = self.state();
        let id = state.find(path)?;
        let inode = state.inodes.get_mut(&id).ok_or(ErrorKind::NotFound)?;
        let mut content = std::mem::take(&mut inode.now);
        change(&mut content);
        inode.truncate();
        inode.write(&content, 0);
        inode.sync();
        Ok(())
    }

    /// A copy of the disk as it is now, to go on separately: an old copy of a folder, restored.
    pub fn copy(&self) -> Self {
        let state = self.state();
        let copy = Self::new();
        let mut new = copy.state();
        for (path, id) in &state.names {
            let mut inode = Inode::default();
            if let Some(old) = state.inodes.get(id) {
                inode.write(&old.now, 0);
                inode.sync();
            }
            let id = new.add(inode);
            new.names.insert(path.clone(), id);
            new.durable_names.insert(path.clone(), id);
        }
        new.folders.clone_from(&state.folders);
        drop(new);
        copy
    }

    /// A copy of the disk with what was not synced yet, to go on separately: the process that had
    /// it open is gone, the machine is not.
    pub fn fork(&self) -> Self {
        let mut fork = self.state().clone();
        fork.life += 1;
        fork.locks.clear();
        Self(Arc::new(Mutex::new(fork)))
    }

    /// All files, by path.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.state().names.keys().cloned().collect()
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // A test that panics while it holds the state is over.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self, id: u64, life: u64) -> Arc<dyn WalFile> {
        Arc::new(SimFile::new(self.clone(), id, life))
    }
}

impl Files for SimDisk {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn WalFile>> {
        let mut state = self.state();
        state.operation()?;
        let life = state.life;
        if let Some(id) = state.names.get(path).copied() {
            state.inodes.entry(id).or_default().truncate();
            return Ok(self.file(id, life));
        }
        if state.full {
            return Err(ErrorKind::StorageFull.into());
        }
        let id = state.add(Inode::default());
        state.name(NameChange::Give(path.to_owned(), id));
        Ok(self.file(id, life))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn WalFile>> {
        let state = self.state();
        let id = state.find(path)?;
        Ok(self.file(id, state.life))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let state = self.state();
        state.alive()?;
        let mut names = BTreeSet::new();
        for path in state.names.keys().chain(&state.folders) {
            let first = path
                .strip_prefix(dir)
                .ok()
                .and_then(|rest| rest.iter().next());
            names.extend(first.and_then(|name| name.to_str()).map(str::to_owned));
        }
        Ok(names.into_iter().collect())
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.alive()?;
        state.folders.insert(dir.to_owned());
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        let id = state.find(from)?;
        state.operation()?;
        state.name(NameChange::Move(from.to_owned(), to.to_owned(), id));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.find(path)?;
        state.operation()?;
        state.name(NameChange::Take(path.to_owned()));
        Ok(())
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.operation()?;
        let inside: Vec<_> = state
            .names
            .keys()
            .filter(|path| path.starts_with(dir))
            .cloned()
            .collect();
        for path in inside {
            state.name(NameChange::Take(path));
        }
        state.folders.retain(|folder| !folder.starts_with(dir));
        Ok(())
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.operation()?;
        let pending = std::mem::take(&mut state.pending_names);
        let (durable, pending) = pending.into_iter().partition(|change| change.is_in(dir));
        state.pending_names = pending;
        let durable: Vec<NameChange> = durable;
        for change in &durable {
            change.apply(&mut state.durable_names);
        }
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Option<FileLock>> {
        let mut state = self.state();
        state.alive()?;
        if !state.locks.insert(path.to_owned()) {
            return Ok(None);
        }
        Ok(Some(Box::new(Held {
            disk: self.clone(),
            path: path.to_owned(),
            life: state.life,
        })))
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct State {
    operations: u64,
    pub(super) syncs: u64,
    faults: BTreeMap<u64, Fault>,
    pub(super) full: bool,
    /// The power is cut and was not given back yet.
    pub(super) dead: bool,
    /// Counts power cuts, so that files opened before one stay dead.
    pub(super) life: u64,
    next_inode: u64,
    pub(super) inodes: BTreeMap<u64, Inode>,
    names: BTreeMap<PathBuf, u64>,
    durable_names: BTreeMap<PathBuf, u64>,
    pending_names: Vec<NameChange>,
    folders: BTreeSet<PathBuf>,
    locks: BTreeSet<PathBuf>,
}

impl State {
    pub(super) fn alive(&self) -> io::Result<()> {
        if self.dead {
            Err(io::Error::other("the power is cut"))
        } else {
            Ok(())
        }
    }

    pub(super) fn operation(&mut self) -> io::Result<()> {
        self.alive()?;
        let number = self.operations;
        self.operations += 1;
        match self.faults.get(&number) {
            None => Ok(()),
            Some(Fault::NoSpace) => Err(ErrorKind::StorageFull.into()),
            Some(Fault::Quota) => Err(ErrorKind::QuotaExceeded.into()),
            Some(Fault::Io) => Err(io::Error::other("the device fails")),
            Some(Fault::PowerCut) => {
                self.dead = true;
                self.alive()
            }
        }
    }

    fn find(&self, path: &Path) -> io::Result<u64> {
        self.alive()?;
        self.names
            .get(path)
            .copied()
            .ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn add(&mut self, inode: Inode) -> u64 {
        let id = self.next_inode;
        self.next_inode += 1;
        self.inodes.insert(id, inode);
        id
    }

    fn name(&mut self, change: NameChange) {
        change.apply(&mut self.names);
        self.pending_names.push(change);
    }

    fn cut(&mut self, crash: Crash) {
        self.dead = false;
        self.life += 1;
        self.faults.clear();
        self.locks.clear();
        let pending = std::mem::take(&mut self.pending_names);
        match crash {
            Crash::Whole => self.inodes.values_mut().for_each(Inode::cut_whole),
            Crash::Torn { seed } => {
                let mut chance = Chance::new(seed);
                let mut kept = BTreeMap::new();
                for change in &pending {
                    let keep = kept
                        .entry(change.folder())
                        .or_insert_with(|| chance.below(4));
                    if *keep > 0 {
                        *keep -= 1;
                        change.apply(&mut self.durable_names);
                    }
                }
                for inode in self.inodes.values_mut() {
                    inode.cut_torn(&mut chance);
                }
            }
        }
        self.names.clone_from(&self.durable_names);
        let named: BTreeSet<_> = self.names.values().copied().collect();
        self.inodes.retain(|id, _| named.contains(id));
    }
}

#[derive(Debug, Clone)]
enum NameChange {
    Give(PathBuf, u64),
    Move(PathBuf, PathBuf, u64),
    Take(PathBuf),
}

impl NameChange {
    fn apply(&self, names: &mut BTreeMap<PathBuf, u64>) {
        match self {
            Self::Give(path, id) => {
                names.insert(path.clone(), *id);
            }
            Self::Move(from, to, id) => {
                names.remove(from);
                names.insert(to.clone(), *id);
            }
            Self::Take(path) => {
                names.remove(path);
            }
        }
    }

    fn is_in(&self, dir: &Path) -> bool {
        self.folder() == dir
    }

    /// We rename inside a folder only.
    fn folder(&self) -> PathBuf {
        let (Self::Give(path, _) | Self::Move(_, path, _) | Self::Take(path)) = self;
        path.parent().map(Path::to_owned).unwrap_or_default()
    }
}

struct Held {
    disk: SimDisk,
    path: PathBuf,
    pub(super) life: u64,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut state = self.disk.state();
        if state.life == self.life {
            state.locks.remove(&self.path);
        }
    }
}

#[cfg(test)]
mod tests;
