mod issuers;

pub use issuers::Issuer;

use std::collections::BTreeSet;
use std::path::PathBuf;

use passerelle_domain::member::KeyAlgorithm;
use passerelle_domain::vocabulary::AgentRole;
use passerelle_domain::{Digest, Siret};
use serde::Deserialize;

use super::{Base, Refused};

/// The organisation's own systems.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agency {
    /// Those that may call; a certificate that is not named here is refused.
    pub systems: Vec<System>,
    /// The identity providers at which agents sign in, if the systems show their tokens.
    #[serde(default)]
    pub issuers: Vec<Issuer>,
}

/// One of the organisation's systems.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// Its name: `iss` of the proofs that it signs. 1 to 64 characters among a-z, 0-9, `.`, `_`, `-`.
    pub name: String,
    /// SHA-256 of the certificate that it shows (DER), 64 hexadecimal digits.
    pub certificate_sha256: Digest,
    /// The public key that checks its proofs, PEM (SubjectPublicKeyInfo).
    pub assertion_key_file: PathBuf,
    /// The name of that key: `kid` of the proofs.
    pub assertion_kid: String,
    /// The algorithm of that key.
    pub alg: KeyAlgorithm,
    /// The establishments for whose agents it may open sessions.
    pub sirets: BTreeSet<Siret>,
    /// As what it may work without an agent: `caseworker` to import, `operator` to keep agents out.
    #[serde(default)]
    pub without_agent: BTreeSet<AgentRole>,
}

impl Agency {
    pub(super) fn resolve(&mut self, base: &Base<'_>) -> Result<(), Refused> {
        for (i, system) in self.systems.iter_mut().enumerate() {
            base.resolve(
                &format!("agency.systems[{i}].assertion_key_file"),
                &mut system.assertion_key_file,
            )?;
        }
        for (i, issuer) in self.issuers.iter_mut().enumerate() {
            issuer.resolve(&format!("agency.issuers[{i}]"), base)?;
        }
        Ok(())
    }

    pub(super) fn check(&self) -> Result<(), Refused> {
        let mut names = BTreeSet::new();
        let mut certificates = BTreeSet::new();
        for (i, system) in self.systems.iter().enumerate() {
            let field = |name: &str| format!("agency.systems[{i}].{name}");
            if !is_name(&system.name) {
                return Err(Refused::new(
                    field("name"),
                    "1 to 64 characters among a-z, 0-9, ., _ and -",
                ));
            }
            if !names.insert(&system.name) {
                return Err(Refused::new(
                    field("name"),
                    "another system has this name; choose another",
                ));
            }
            if !certificates.insert(system.certificate_sha256) {
                return Err(Refused::new(
                    field("certificate_sha256"),
                    "another system has this certificate; give each its own",
                ));
            }
            if system.assertion_kid.is_empty() || system.assertion_kid.len() > 64 {
                return Err(Refused::new(field("assertion_kid"), "1 to 64 characters"));
            }
            let nights = [AgentRole::Caseworker, AgentRole::Operator];
            if !system
                .without_agent
                .iter()
                .all(|role| nights.contains(role))
            {
                return Err(Refused::new(
                    field("without_agent"),
                    "caseworker, operator, or both",
                ));
            }
            if system.sirets.is_empty() {
                return Err(Refused::new(field("sirets"), "at least one establishment"));
            }
        }
        let mut issuers = BTreeSet::new();
        for (i, issuer) in self.issuers.iter().enumerate() {
            let field = format!("agency.issuers[{i}]");
            issuer.check(&field)?;
            // Proofs are remembered by the name of who made them.
            if names.contains(&issuer.issuer) || !issuers.insert(&issuer.issuer) {
                let rule = "another issuer or system has this name";
                return Err(Refused::new(format!("{field}.issuer"), rule));
            }
        }
        Ok(())
    }
}

fn is_name(text: &str) -> bool {
    let plain =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-');
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}
