use std::fmt;

use crate::vocabulary::AgentRole;
use crate::{Pii, Siret, Timestamp, TokenId};

/// What an agency system shows of an agent who signed in at an issuer of OpenID Connect.
#[derive(Clone, Copy)]
pub struct OidcProof<'a> {
    /// The ID token.
    pub id_token: &'a str,
    /// The userinfo answer as a JWT; empty where there is none.
    pub userinfo: &'a str,
    /// What the token's `nonce` was made from.
    pub nonce_secret: &'a str,
}

impl fmt::Debug for OidcProof<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OidcProof(***)")
    }
}

/// Who an agent is, as an issuer of OpenID Connect says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcAgent {
    /// The issuer.
    pub issuer: String,
    /// Which of its tokens said so.
    pub id: TokenId,
    /// From when on that token is not good any more.
    pub until: Timestamp,
    /// When the agent authenticated.
    pub authenticated: Timestamp,
    /// The agent as the issuer knows them.
    pub subject: Pii<String>,
    /// The establishment that the agent works for.
    pub siret: Siret,
    /// What the agent may do.
    pub role: AgentRole,
    /// Whether the agent authenticated with a second factor.
    pub second_factor: bool,
}
