//! Whom an agent may ring at another organisation.

use passerelle_domain::{NodeId, Pii};
use passerelle_linkage::pass::PassSecret;

use crate::Passerelle;

/// Another organisation, as the trust list knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Its name.
    pub organisation: String,
    /// Whom to ring; empty where the list does not say.
    pub contact: String,
}

impl Passerelle {
    /// Whom to ring about a node.
    pub fn contact(&self, node: &NodeId) -> Option<Contact> {
        let list = self.0.trust.list();
        list.member(node).map(|member| Contact {
            organisation: member.organisation.name.clone(),
            contact: member.organisation.contact.clone(),
        })
    }

    /// This organisation; by the name of its node where the list has it no more.
    pub fn own_contact(&self) -> Contact {
        self.named(&self.0.own.node)
    }

    /// An organisation, or its node by its own name where the list has it no more.
    pub(crate) fn named(&self, node: &NodeId) -> Contact {
        self.contact(node).unwrap_or_else(|| Contact {
            organisation: node.to_string(),
            contact: String::new(),
        })
    }

    /// Whom to ring about a pass, which names the node that issued it.
    pub fn contact_of_issuer(&self, pass_text: &Pii<String>) -> Option<Contact> {
        let pass = PassSecret::parse(pass_text.expose()).ok()?;
        self.contact(pass.issuer())
    }
}
