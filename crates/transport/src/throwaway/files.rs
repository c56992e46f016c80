use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use passerelle_domain::member::KeyAlgorithm;
use passerelle_domain::{FederationId, NodeId, Timestamp};

use crate::file;
use crate::jwt::SigningKey;
use crate::key_file::{self, KeyError};
use crate::pki::{self, AUTHORITY_VALIDITY, Authority, LEAF_VALIDITY, Subject};
use crate::throwaway::{Plan, ThrowawayError};
use crate::tls::{AgencyFiles, SystemCertificate, TrustFiles};
use crate::trust_list::Pin;

/// Every file of one node, and of its agency systems.
#[derive(Clone, Debug)]
pub struct NodeFiles {
    /// What its node listener trusts.
    pub trust: TrustFiles,
    /// What its agency listener trusts.
    pub agency: AgencyFiles,
    /// The key that signs its receipts (EdDSA).
    pub receipt_key: PathBuf,
    /// The key that signs its sessions (EdDSA).
    pub session_key: PathBuf,
    /// The key of its exchange log (Ed25519).
    pub log_key: PathBuf,
    /// Its agency systems, by name.
    pub systems: BTreeMap<String, SystemFiles>,
}

/// What an agency system holds.
#[derive(Clone, Debug)]
pub struct SystemFiles {
    /// Its client certificate, PEM.
    pub certificate: PathBuf,
    /// The key of the certificate, PEM.
    pub key: PathBuf,
    /// The authority that issued the certificate of the node's agency listener, PEM.
    pub anchors: PathBuf,
    /// The key with which it asserts who its agents are (EdDSA).
    pub assertion_key: PathBuf,
}

/// A certificate and its key.
pub(super) struct Leaf {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
    pub(super) fingerprints: pki::Fingerprints,
}

impl NodeFiles {
    pub(super) fn create(
        folder: &Path,
        plan: &Plan,
        pin: &Pin,
        federation: &Authority,
        now: Timestamp,
    ) -> Result<Self, ThrowawayError> {
        let subject = subject(&pin.federation, &plan.node);
        let node = leaf(
            &folder.join("node"),
            &subject,
            federation,
            LEAF_VALIDITY,
            now,
        )?;
        let revocation_lists = folder.join("revocation-lists.pem");
        file::create(
            &revocation_lists,
            &file::read(&federation.revocation_file())?,
        )?;
        let trust = TrustFiles {
            node: plan.node.clone(),
            certificate: node.certificate,
            key: node.key,
            anchors: federation.certificate_file(),
            revocation_lists,
            offered_lists: folder.join("trust-lists.jwt"),
            kept_lists: folder.join("trust-lists"),
            pin: pin.clone(),
        };
        let name = format!("agencies of {}", plan.node);
        let own = Authority::init(&folder.join("authority"), &name, AUTHORITY_VALIDITY, now)?;
        let (agency, systems) = agency(folder, plan, &own, now)?;
        let keys = [
            folder.join("receipt.key"),
            folder.join("session.key"),
            folder.join("log.key"),
        ];
        for key in &keys {
            key_file::create(key, KeyAlgorithm::EdDSA)?;
        }
        let [receipt_key, session_key, log_key] = keys;
        Ok(Self {
            trust,
            agency,
            receipt_key,
            session_key,
            log_key,
            systems,
        })
    }

    /// The key that signs its receipts.
    pub fn receipt_key(&self) -> Result<SigningKey, KeyError> {
        SigningKey::load(&self.receipt_key)
    }
}

fn agency(
    folder: &Path,
    plan: &Plan,
    own: &Authority,
    now: Timestamp,
) -> Result<(AgencyFiles, BTreeMap<String, SystemFiles>), ThrowawayError> {
    // Everything runs on one machine.
    let subject = Subject::Listener {
        dns: "localhost".to_owned(),
    };
    let listener = leaf(&folder.join("listener"), &subject, own, LEAF_VALIDITY, now)?;
    let mut systems = BTreeMap::new();
    let mut certificates = Vec::new();
    for name in &plan.systems {
        let folder = folder.join("systems").join(name);
        let leaf = leaf(
            &folder,
            &Subject::System { dns: name.clone() },
            own,
            LEAF_VALIDITY,
            now,
        )?;
        let assertion_key = folder.join("assertion.key");
        key_file::create(&assertion_key, KeyAlgorithm::EdDSA)?;
        certificates.push(SystemCertificate {
            name: name.clone(),
            certificate_sha256: leaf.fingerprints.certificate,
        });
        let files = SystemFiles {
            certificate: leaf.certificate,
            key: leaf.key,
            anchors: own.certificate_file(),
            assertion_key,
        };
        systems.insert(name.clone(), files);
    }
    let files = AgencyFiles {
        certificate: listener.certificate,
        key: listener.key,
        anchors: own.certificate_file(),
        revocation_lists: Some(own.revocation_file()),
        kept_numbers: folder.join("agency-revocation-numbers"),
        tls12: false,
        systems: certificates,
    };
    Ok((files, systems))
}

pub(super) fn subject(federation: &FederationId, node: &NodeId) -> Subject {
    Subject::Node {
        federation: federation.clone(),
        node: node.clone(),
    }
}

pub(super) fn leaf(
    folder: &Path,
    subject: &Subject,
    authority: &Authority,
    validity: Duration,
    now: Timestamp,
) -> Result<Leaf, ThrowawayError> {
    file::create_folder(folder)?;
    let (certificate, key, csr) = (
        folder.join("certificate.pem"),
        folder.join("private.key"),
        folder.join("request.pem"),
    );
    pki::request(subject, &key, &csr)?;
    let issued = authority.issue(&csr, subject, validity, now)?;
    file::create(&certificate, &issued.pem)?;
    Ok(Leaf {
        certificate,
        key,
        fingerprints: issued.fingerprints,
    })
}
