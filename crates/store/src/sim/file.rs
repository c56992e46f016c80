use std::io::{self, ErrorKind};

use super::disk::{SimDisk, State};
use crate::files::WalFile;

/// An open file of a [`SimDisk`].
pub(super) struct SimFile {
    disk: SimDisk,
    id: u64,
    /// Power cuts before it was opened.
    life: u64,
}

impl SimFile {
    pub(super) fn new(disk: SimDisk, id: u64, life: u64) -> Self {
        Self { disk, id, life }
    }

    fn with<T>(&self, change: bool, f: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.disk.state();
        if state.life != self.life {
            return Err(io::Error::other(
                "this file was open when the power was cut",
            ));
        }
        if !change {
            state.alive()?;
        }
        f(&mut state)
    }
}

impl WalFile for SimFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.with(false, |state| {
            let inode = state.inodes.get(&self.id).ok_or(ErrorKind::NotFound)?;
            let start = place(offset)?.min(inode.now.len());
            let read = buffer.len().min(inode.now.len() - start);
            buffer[..read].copy_from_slice(&inode.now[start..start + read]);
            Ok(read)
        })
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.with(true, |state| {
            let at = place(offset)?;
            let was_alive = !state.dead;
            let outcome = state.operation();
            let (full, dead) = (state.full, state.dead);
            let inode = state.inodes.get_mut(&self.id).ok_or(ErrorKind::NotFound)?;
            if outcome.is_err() {
                if was_alive && dead {
                    inode.write_half(bytes, at);
                }
                return outcome;
            }
            if full && at + bytes.len() > inode.now.len() {
                return Err(ErrorKind::StorageFull.into());
            }
            inode.write(bytes, at);
            Ok(())
        })
    }

    fn sync(&self) -> io::Result<()> {
        self.with(true, |state| {
            state.operation()?;
            state.syncs += 1;
            state
                .inodes
                .get_mut(&self.id)
                .ok_or(ErrorKind::NotFound)?
                .sync();
            Ok(())
        })
    }

    fn size(&self) -> io::Result<u64> {
        self.with(false, |state| {
            let inode = state.inodes.get(&self.id).ok_or(ErrorKind::NotFound)?;
            Ok(inode.now.len() as u64)
        })
    }
}

fn place(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(|_| ErrorKind::InvalidInput.into())
}
