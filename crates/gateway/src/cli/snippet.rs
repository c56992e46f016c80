use std::fmt;

use passerelle_domain::NodeId;
use passerelle_transport::jwt::SigningKey;

/// The member of a new node as the draft of a trust list has it, to be completed by hand.
pub(super) struct MemberSnippet<'a> {
    pub(super) node: &'a NodeId,
    /// Name and C2SP verifier key of the log, this half-year's and the next's.
    pub(super) logs: &'a [(String, String)],
    pub(super) receipt: &'a SigningKey,
}

impl fmt::Display for MemberSnippet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# For the coordinator of the federation: one member of the draft of the trust list."
        )?;
        writeln!(
            f,
            "# Complete what is marked; the keys are those of this node."
        )?;
        writeln!(f, "- node: {}", self.node)?;
        f.write_str(TO_COMPLETE)?;
        writeln!(f, "  keys:")?;
        for (kid, vkey) in self.logs {
            writeln!(f, "    - usage: log")?;
            writeln!(f, "      kid: {kid}")?;
            writeln!(f, "      alg: EdDSA")?;
            writeln!(f, "      public_key: \"{vkey}\"")?;
        }
        writeln!(f, "    - usage: receipt")?;
        writeln!(f, "      kid: {}", self.receipt.kid())?;
        writeln!(f, "      alg: {:?}", self.receipt.algorithm())?;
        writeln!(f, "      public_key: |")?;
        for line in self.receipt.public_key_pem().lines() {
            writeln!(f, "        {line}")?;
        }
        Ok(())
    }
}

const TO_COMPLETE: &str = "  \
  organisation:
    name: \"\"                 # complete: as people know it
    kind: association        # complete: an id of the list `organisation_kind`
    sirens: []               # complete
    sirets: []               # complete: at least one establishment
    territories: []          # complete: codes such as \"67\"
    contact: \"\"              # complete: whom an agent may ring
  endpoints: []              # complete: host:port of node_listener, as others reach it
  rights:
    purposes: {}             # complete: purpose: highest class, such as pathway_follow_up: 2
    evidence: []
    nir: false
  sensitive: false
  status: active
";
