//! The texts that persons are shown.

use std::fs;
use std::io;
use std::path::Path;

use passerelle_domain::Digest;
use passerelle_proto::agency::v1::ShownNotice;

/// A text, in the language of the persons.
pub(super) struct Notice {
    id: &'static str,
    /// Its file in the folder of the demonstration.
    file: &'static str,
    text: &'static str,
}

/// What is transmitted on a public task: the person is informed.
pub(super) const INFORMATION: Notice = Notice {
    id: "spie-information",
    file: "information.fr.txt",
    text: include_str!("notices/information.fr.txt"),
};

/// What is transmitted about health: the person agrees.
pub(super) const HEALTH: Notice = Notice {
    id: "spie-health",
    file: "health.fr.txt",
    text: include_str!("notices/health.fr.txt"),
};

const ALL: [&Notice; 2] = [&INFORMATION, &HEALTH];

impl Notice {
    /// As an agreement names it.
    pub(super) fn shown(&self) -> ShownNotice {
        ShownNotice {
            notice_id: self.id.to_owned(),
            lang: "fr".to_owned(),
            sha256: self.name(),
        }
    }

    fn name(&self) -> String {
        Digest::of(self.text.as_bytes()).to_string()
    }
}

/// Writes them where people find them.
pub(super) fn write_readable(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    ALL.iter()
        .try_for_each(|notice| fs::write(folder.join(notice.file), notice.text))
}

/// Writes them where a node finds them: under the SHA-256 of their bytes.
pub(super) fn write_for_node(folder: &Path) -> io::Result<()> {
    ALL.iter()
        .try_for_each(|notice| fs::write(folder.join(notice.name()), notice.text))
}
