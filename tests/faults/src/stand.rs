use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use passerelle_gateway::config::Config;
use passerelle_transport::throwaway::SystemFiles;
use tempfile::TempDir;

/// The folder of the demo's federation after its story: keys, data and configurations of its nodes,
/// none of which runs.
pub struct Stand {
    folder: TempDir,
}

impl Stand {
    /// Plays the demo to its end, in a folder of its own.
    pub fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let stand = Self { folder };
        let played = Command::new(binary())
            .args(["demo", "--exit", "--dir"])
            .arg(stand.demo())
            .stdin(Stdio::null())
            .output()
            .expect("the binary runs");
        assert!(
            played.status.success(),
            "the demo failed:\n{}",
            String::from_utf8_lossy(&played.stdout)
        );
        stand
    }

    /// A folder for whatever a test keeps.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The configuration of a node, as a file and as it was read.
    pub fn config(&self, node: &str) -> (PathBuf, Config) {
        let file = self.demo().join(node).join("node.yaml");
        let config = Config::read(&file).expect("the demo writes what `serve` reads");
        (file, config)
    }

    /// The files of an agency system of a node.
    pub(crate) fn system(&self, node: &str, system: &str) -> SystemFiles {
        let node = self.demo().join(node);
        let own = node.join("systems").join(system);
        SystemFiles {
            certificate: own.join("certificate.pem"),
            key: own.join("private.key"),
            anchors: node.join("authority").join("ca.pem"),
            assertion_key: own.join("assertion.key"),
        }
    }

    fn demo(&self) -> PathBuf {
        self.folder.path().join("demo")
    }
}

impl Default for Stand {
    fn default() -> Self {
        Self::new()
    }
}

/// The binary of this build, beside the folder of the test binaries.
pub(crate) fn binary() -> PathBuf {
    if let Some(named) = std::env::var_os("PASSERELLE_BINARY") {
        return named.into();
    }
    let own = std::env::current_exe().expect("a test knows where it is");
    let build = own
        .parent()
        .and_then(Path::parent)
        .expect("target/<profile>/deps");
    let binary = build.join("passerelle");
    assert!(
        binary.exists(),
        "{} is missing: cargo build -p passerelle-gateway",
        binary.display()
    );
    binary
}
