use std::path::{Path, PathBuf};

use passerelle_domain::vocabulary::AgentRole;
use passerelle_domain::{NodeId, Siret};
use passerelle_transport::client::ClientFiles;
use serde::Deserialize;

use crate::yaml::{Document, YamlError};

/// How a command reaches its own node: a file such as `deploy/client.example.yaml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSettings {
    /// The node.
    pub node: NodeId,
    /// Its agency listener, `host:port`. The host must be in the listener's certificate.
    pub address: String,
    /// The authority of that certificate, PEM.
    pub ca_file: PathBuf,
    /// The certificate that is shown to the node, PEM.
    pub certificate_file: PathBuf,
    /// Its key, PEM.
    pub key_file: PathBuf,
    /// The name of the system in the node's configuration.
    pub system: String,
    /// The key that signs who the agent is, PEM.
    pub assertion_key_file: PathBuf,
    /// The establishment for which the work is done.
    pub siret: Siret,
    /// Who does it, 1 to 128 characters; it is in the log of the node. Not set: nobody does, and the
    /// system works by itself, where the node lets it.
    pub agent: Option<String>,
    /// Their role; `caseworker` unless set.
    #[serde(default = "caseworker")]
    pub role: AgentRole,
    /// How they authenticated (RFC 8176); `pwd` alone unless set. Classes 3 and 4 need a second
    /// factor. Nobody authenticates where there is no agent.
    #[serde(default = "password")]
    pub amr: Vec<String>,
}

impl ClientSettings {
    /// Reads a file. Its paths count from its folder.
    pub fn read(file: &Path) -> Result<Self, YamlError> {
        let folder = file.parent().unwrap_or_else(|| Path::new(""));
        Self::parse(&Document::read(file)?, folder)
    }

    /// Reads a document; its paths count from `folder`.
    pub fn parse(document: &Document, folder: &Path) -> Result<Self, YamlError> {
        let mut settings: Self = document.parse()?;
        let has_port = settings
            .address
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
        if !has_port {
            return Err(document.refuse("address", "a host and a port, `localhost:8443`"));
        }
        for path in [
            &mut settings.ca_file,
            &mut settings.certificate_file,
            &mut settings.key_file,
            &mut settings.assertion_key_file,
        ] {
            *path = folder.join(&*path);
        }
        Ok(settings)
    }

    pub(super) fn files(&self) -> ClientFiles {
        ClientFiles {
            anchors: self.ca_file.clone(),
            certificate: self.certificate_file.clone(),
            key: self.key_file.clone(),
        }
    }

    pub(super) fn server_name(&self) -> &str {
        let host = self.address.rsplit_once(':').map(|(host, _)| host);
        host.unwrap_or(&self.address)
    }
}

fn caseworker() -> AgentRole {
    AgentRole::Caseworker
}

fn password() -> Vec<String> {
    vec!["pwd".to_owned()]
}
