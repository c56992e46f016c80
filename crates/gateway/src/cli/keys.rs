use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use passerelle_domain::member::KeyAlgorithm;
use passerelle_domain::{Clock, FederationId, NodeId, Rng};
use passerelle_store::keys::{KeyPaths, Keys as StoreKeys, NodeKeySource};
use passerelle_tlog::LogKey;
use passerelle_transport::jwt::{SigningKey, VerifyingKey};
use passerelle_transport::key_file;

use super::Failure;
use super::snippet::MemberSnippet;
use crate::origin::{HalfYear, origin};

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Make the keys of a new node, and print what the coordinator puts into the trust list.
    ///
    /// Writes node.key, log.key, receipt.key and session.key into DIR, and the first epoch key into
    /// the folder of the epoch keys. Each is readable by its owner alone; none is ever overwritten.
    Init(Init),
    /// Make a key that signs trust lists, and print its public part.
    ///
    /// Writes FILE (keep it offline) and FILE with .pub.pem added (give it to every operator, by a
    /// way that is not the network of the federation).
    Coordinator(Pair),
    /// Make the key with which an agency system signs who its agents are, and print its public part.
    ///
    /// Writes FILE (the agency system keeps it) and FILE with .pub.pem added, which the node's
    /// configuration names as `assertion_key_file`, with the `kid` and the `alg` printed here.
    System(Pair),
    /// Show the public part of a key: its name (kid), its algorithm, and the key itself.
    Show(Show),
}

#[derive(Debug, Args)]
pub(super) struct Init {
    /// Folder for the keys; made if it is not there
    dir: PathBuf,
    /// The node's name in the federation
    #[arg(long, value_name = "ID")]
    node: NodeId,
    /// The federation
    #[arg(long, value_name = "NAME")]
    federation: FederationId,
    /// Folder for the epoch keys, outside every backup; DIR/epochs if not given
    #[arg(long, value_name = "DIR")]
    epoch_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Pair {
    /// File for the new key
    file: PathBuf,
    /// Its algorithm
    #[arg(long, value_enum, default_value = "EdDSA")]
    alg: Algorithm,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// A private or public key, PEM
    file: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Algorithm {
    #[value(name = "EdDSA")]
    EdDsa,
    #[value(name = "ES256")]
    Es256,
}

impl Keys {
    pub(super) fn run(
        self,
        out: &mut dyn Write,
        clock: &dyn Clock,
        rng: &dyn Rng,
    ) -> Result<(), Failure> {
        match self {
            Self::Init(command) => command.run(out, clock, rng),
            Self::Coordinator(Pair { file, alg }) | Self::System(Pair { file, alg }) => {
                let algorithm = match alg {
                    Algorithm::EdDsa => KeyAlgorithm::EdDSA,
                    Algorithm::Es256 => KeyAlgorithm::ES256,
                };
                let public = with_suffix(&file, ".pub.pem");
                if public.exists() {
                    return Err(Failure::of_file(
                        &public,
                        "exists already and is never overwritten",
                    ));
                }
                let key = SigningKey::create(&file, algorithm)?;
                fs::write(&public, key.public_key_pem())
                    .map_err(|error| Failure::of_file(&public, error))?;
                writeln!(out, "key: {}", file.display())?;
                writeln!(out, "public_key_file: {}", public.display())?;
                show(out, key.kid(), key.algorithm(), key.public_key_pem())
            }
            Self::Show(Show { file }) => {
                let bytes = fs::read(&file).map_err(|error| Failure::of_file(&file, error))?;
                let text = String::from_utf8(bytes).map_err(|_| {
                    Failure::of_file(
                        &file,
                        "not PEM; a key that seals (node.key) has no public part",
                    )
                })?;
                if text.contains("PRIVATE KEY") {
                    let key = SigningKey::load(&file)?;
                    show(out, key.kid(), key.algorithm(), key.public_key_pem())
                } else {
                    let key = VerifyingKey::from_pem(&text)
                        .map_err(|error| Failure::of_file(&file, error))?;
                    show(out, key.kid(), key.algorithm(), &text)
                }
            }
        }
    }
}

impl Init {
    fn run(self, out: &mut dyn Write, clock: &dyn Clock, rng: &dyn Rng) -> Result<(), Failure> {
        let epochs = self.epoch_dir.unwrap_or_else(|| self.dir.join("epochs"));
        for folder in [&self.dir, &epochs] {
            private_folder(folder)?;
        }
        let file = |name: &str| self.dir.join(name);
        for name in ["node.key", "log.key", "receipt.key", "session.key"] {
            if file(name).exists() {
                return Err(Failure::of_file(
                    &file(name),
                    "exists already and is never overwritten",
                ));
            }
        }
        StoreKeys::create(
            &KeyPaths {
                node_key: NodeKeySource::File(file("node.key")),
                epoch_keys: epochs,
            },
            rng,
        )?;
        let log = key_file::create(&file("log.key"), KeyAlgorithm::EdDSA)?;
        let receipt = SigningKey::create(&file("receipt.key"), KeyAlgorithm::EdDSA)?;
        SigningKey::create(&file("session.key"), KeyAlgorithm::EdDSA)?;

        let now = HalfYear::of(clock.now());
        let mut logs = Vec::new();
        for half in [now, now.next()] {
            let name = origin(&self.node, &self.federation, half)
                .map_err(|error| Failure::new(error.to_string()))?;
            let key = LogKey::from_pkcs8(&log, name)
                .map_err(|error| Failure::of_file(&file("log.key"), error))?;
            logs.push((format!("log-{half}"), key.verifying_key().to_string()));
        }
        let snippet = MemberSnippet {
            node: &self.node,
            logs: &logs,
            receipt: &receipt,
        };
        write!(out, "{snippet}").map_err(Failure::from)
    }
}

fn show(out: &mut dyn Write, kid: &str, algorithm: KeyAlgorithm, pem: &str) -> Result<(), Failure> {
    writeln!(out, "kid: {kid}")?;
    writeln!(out, "alg: {algorithm:?}")?;
    writeln!(out, "public_key: |")?;
    for line in pem.lines() {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

/// A folder that nobody but its owner may look into.
fn private_folder(folder: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| Failure::of_file(folder, error))
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
