use std::fs;
use std::path::Path;

use serde::Serialize;

/// The file system that a folder is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disk {
    /// Its type, such as ext4.
    pub kind: String,
    /// What is mounted.
    pub device: String,
    /// Where.
    pub mounted_at: String,
    /// How.
    pub options: String,
}

impl Disk {
    /// The file system of `folder`, by `/proc/mounts`.
    pub fn of(folder: &Path) -> Self {
        let folder = fs::canonicalize(folder).expect("a folder");
        let mounts = fs::read_to_string("/proc/mounts").expect("Linux");
        Self::among(&mounts, &folder).expect("every folder is on a file system")
    }

    /// Whether what is synced to it outlives the machine.
    pub fn is_durable(&self) -> bool {
        !matches!(&*self.kind, "tmpfs" | "ramfs" | "devtmpfs")
    }

    fn among(mounts: &str, folder: &Path) -> Option<Self> {
        let mounts = mounts.lines().filter_map(|line| {
            let mut fields = line.split(' ').map(str::to_owned);
            let (device, mounted_at) = (fields.next()?, unescaped(&fields.next()?));
            Some(Self {
                kind: fields.next()?,
                device,
                mounted_at,
                options: fields.next()?,
            })
        });
        mounts
            .filter(|mount| folder.starts_with(&mount.mounted_at))
            // The innermost; of two at one place the later one hides the other.
            .max_by_key(|mount| Path::new(&mount.mounted_at).components().count())
    }
}

/// proc(5): blanks are written as their octal codes.
fn unescaped(path: &str) -> String {
    path.replace("\\040", " ").replace("\\011", "\t")
}

#[cfg(test)]
mod tests;
