use passerelle_domain::NodeId;
use passerelle_domain::member::{KeyUsage, Member, MemberKey, MemberStatus, Organisation, Rights};

use crate::throwaway::{NodeFiles, ThrowawayError};

/// A node to be made.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its name.
    pub node: NodeId,
    /// Whose node it is.
    pub organisation: Organisation,
    /// Where it will be reached, `host:port`.
    pub endpoints: Vec<String>,
    /// What it may ask for.
    pub rights: Rights,
    /// That a person is known there must stay hidden.
    pub sensitive: bool,
    /// The names of its agency systems, DNS names of their certificates.
    pub systems: Vec<String>,
}

impl Plan {
    pub(super) fn member(&self, files: &NodeFiles) -> Result<Member, ThrowawayError> {
        let receipt = files.receipt_key()?;
        Ok(Member {
            node: self.node.clone(),
            organisation: self.organisation.clone(),
            endpoints: self.endpoints.clone(),
            keys: vec![MemberKey {
                usage: KeyUsage::Receipt,
                kid: receipt.kid().to_owned(),
                alg: receipt.algorithm(),
                public_key: receipt.public_key_pem().to_owned(),
            }],
            certificate_pins: Vec::new(),
            rights: self.rights.clone(),
            sensitive: self.sensitive,
            status: MemberStatus::Active,
        })
    }
}
