use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use passerelle_domain::Digest;
use passerelle_exchange::ports::Notices;

/// The texts that persons are shown: a folder of files, each named by the SHA-256 of its bytes.
pub struct NoticeFolder(PathBuf);

impl NoticeFolder {
    /// Of this folder. Texts may be added while the node runs.
    pub fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }
}

impl Notices for NoticeFolder {
    /// A file whose bytes are not what its name says is no such text.
    fn has_text(&self, sha256: &Digest) -> bool {
        let file = self.0.join(sha256.to_string());
        let mut text = Vec::new();
        match File::open(&file).and_then(|open| open.take(LONGEST).read_to_end(&mut text)) {
            Ok(_) if Digest::of(&text) == *sha256 => true,
            Ok(_) => {
                tracing::error!(file = %file.display(), "a notice whose bytes are not what its name says is not taken");
                false
            }
            Err(_) => false,
        }
    }
}

/// What a person can be shown is shorter.
const LONGEST: u64 = 1 << 20;

#[cfg(test)]
mod tests;
