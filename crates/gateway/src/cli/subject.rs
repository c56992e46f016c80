use clap::Args;
use passerelle_domain::{FederationId, NodeId};
use passerelle_transport::pki::Subject;

use super::Failure;

/// Whom a certificate is for.
#[derive(Debug, Args)]
pub(super) struct For {
    /// For a node: its name in the federation
    #[arg(long, value_name = "ID", requires = "federation")]
    node: Option<NodeId>,
    /// For a node: the federation
    #[arg(long, value_name = "NAME", requires = "node")]
    federation: Option<FederationId>,
    /// For the agency listener of a node: the DNS name that agency systems call
    #[arg(long, value_name = "DNS", conflicts_with_all = ["node", "system"])]
    listener: Option<String>,
    /// For an agency system: a DNS name that tells it apart (it need not resolve)
    #[arg(long, value_name = "DNS", conflicts_with = "node")]
    system: Option<String>,
}

impl For {
    pub(super) fn subject(&self) -> Result<Subject, Failure> {
        match (&self.node, &self.federation, &self.listener, &self.system) {
            (Some(node), Some(federation), _, _) => Ok(Subject::Node {
                federation: federation.clone(),
                node: node.clone(),
            }),
            (_, _, Some(dns), _) => Ok(Subject::Listener { dns: dns.clone() }),
            (_, _, _, Some(dns)) => Ok(Subject::System { dns: dns.clone() }),
            _ => Err(Failure::new(
                "whom the certificate is for is missing; give --node and --federation, or --listener, or --system",
            )),
        }
    }
}
