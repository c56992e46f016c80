//! Who an agent is, by the word of an issuer (OpenID Connect Core 1.0) that the configuration names.
//!
//! The issuer signs the ID token for the application of the agency system, not for this node. Two things
//! make it a proof for one system at one node: its `nonce`, which hides a secret and the SHA-256 of the
//! system's certificate, and that it is used once.

mod fetch;
mod keys;
#[cfg(test)]
pub(super) mod sample;

pub use fetch::FetchError;
pub use keys::KeysFrom;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use passerelle_domain::claim::{OidcAgent, OidcProof};
use passerelle_domain::vocabulary::AgentRole;
use passerelle_domain::{Digest, Malformed, Pii, Siret, Timestamp, TokenId, Verified};

use crate::jwt::TokenError;
use crate::jwt::foreign::{ForeignToken, IssuerAlgorithm, Unchecked};
use keys::{HeldKeys, NoKeys};

/// An issuer, as the configuration describes it.
#[derive(Clone, Debug)]
pub struct IssuerSettings {
    /// `iss` of its tokens.
    pub issuer: String,
    /// The client id of the agency systems' application there: `aud` of its tokens.
    pub client_id: String,
    /// Where its keys are.
    pub keys: KeysFrom,
    /// What it signs with.
    pub algorithms: Vec<IssuerAlgorithm>,
    /// Whether the claims come from a signed userinfo answer instead of the ID token.
    pub userinfo: bool,
    /// Where the establishment is said.
    pub siret: SiretFrom,
    /// The claim with roles or groups, one text or several, and what they mean. Whoever has two roles by
    /// it is refused.
    pub roles: Option<(String, BTreeMap<String, AgentRole>)>,
    /// The role of whoever has none by that.
    pub role: Option<AgentRole>,
    /// Values of `amr` and `acr` that stand for a second factor.
    pub second_factor: BTreeSet<String>,
}

impl IssuerSettings {
    /// Looks at the files that it names, and fetches nothing.
    pub fn rehearse(&self) -> Result<(), FetchError> {
        keys::rehearse(&self.keys, &self.algorithms)
    }
}

/// Where the establishment of an agent is said.
#[derive(Clone, Debug)]
pub enum SiretFrom {
    /// In a claim of that name, 14 digits.
    Claim(String),
    /// All agents are of this one.
    Fixed(Siret),
}

/// Why a proof shows nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProofError {
    /// It breaks a rule.
    Token(TokenError),
    /// The keys of its issuer are not known, and cannot be read or fetched now.
    NoKeys,
}

/// The issuers of a node, with their keys.
pub struct Issuers(Vec<Issuer>);

struct Issuer {
    settings: IssuerSettings,
    keys: HeldKeys,
}

impl Issuers {
    /// With these, which must have different names. Nothing is read or fetched yet.
    pub fn new(settings: Vec<IssuerSettings>) -> Self {
        let issuer = |settings: IssuerSettings| Issuer {
            keys: HeldKeys::new(settings.keys.clone(), settings.algorithms.clone()),
            settings,
        };
        Self(settings.into_iter().map(issuer).collect())
    }

    /// Whom a proof shows, to a system with that certificate.
    pub async fn check(
        &self,
        proof: OidcProof<'_>,
        certificate: Digest,
        now: Timestamp,
    ) -> Result<Verified<OidcAgent>, ProofError> {
        let id_token = Unchecked::read(proof.id_token)?;
        let named = id_token.issuer()?;
        let issuer = self.0.iter().find(|one| one.settings.issuer == named);
        let issuer = issuer.ok_or(TokenError::UnknownIssuer)?;
        let agent = issuer.check(id_token, proof, certificate, now).await?;
        #[allow(
            clippy::disallowed_methods,
            reason = "made of tokens whose signatures were checked by the keys of their issuer"
        )]
        Ok(Verified::new(agent))
    }

    /// Reads or fetches keys that are not held, or not fresh: to be called every minute or so.
    pub async fn refresh(&self, now: Timestamp) {
        for issuer in &self.0 {
            issuer.keys.refresh(now).await;
        }
    }

    /// Issuers whose keys could not be read or fetched when it was last tried, and why.
    pub fn failing(&self) -> Vec<(&str, FetchError)> {
        let failing = |issuer: &'_ Issuer| issuer.keys.failure();
        self.0
            .iter()
            .filter_map(|issuer| Some((issuer.settings.issuer.as_str(), failing(issuer)?)))
            .collect()
    }
}

impl Issuer {
    async fn check(
        &self,
        id_token: Unchecked<'_>,
        proof: OidcProof<'_>,
        certificate: Digest,
        now: Timestamp,
    ) -> Result<OidcAgent, ProofError> {
        let id_token = self.verified(id_token, now).await?;
        if id_token.text("nonce")? != nonce(proof.nonce_secret, certificate) {
            return Err(contradiction("nonce", "made for this system and secret"));
        }
        let made = id_token.time("iat")?;
        let until = id_token.time("exp")?.min(made.plus(LONGEST));
        if until <= now {
            return Err(TokenError::Expired.into());
        }
        let subject = id_token.text("sub")?;
        if subject.is_empty() || subject.chars().count() > 128 || subject.contains(char::is_control)
        {
            return Err(TokenError::InvalidClaim("sub".to_owned()).into());
        }
        let userinfo = self.userinfo(proof.userinfo, subject, now).await?;
        let said = userinfo.as_ref().unwrap_or(&id_token);
        Ok(OidcAgent {
            issuer: self.settings.issuer.clone(),
            id: half(id_token.signed()),
            until,
            authenticated: if id_token.says("auth_time") {
                id_token.time("auth_time")?
            } else {
                made
            },
            siret: self.siret(said)?,
            role: self.role(said)?,
            second_factor: self.second_factor(&id_token)?,
            subject: Pii::new(subject.to_owned()),
        })
    }

    /// Checks whose key signed a token, and for whom and when it is good.
    async fn verified(
        &self,
        token: Unchecked<'_>,
        now: Timestamp,
    ) -> Result<ForeignToken, ProofError> {
        let keys = self.keys.with(token.kid(), now).await?;
        let token = token.verify(&keys)?;
        token.check(&self.settings.issuer, &self.settings.client_id, now)?;
        Ok(token)
    }

    /// OpenID Connect Core 1.0 §5.3.2: `sub` must be that of the ID token, or it is of somebody else.
    async fn userinfo(
        &self,
        token: &str,
        subject: &str,
        now: Timestamp,
    ) -> Result<Option<ForeignToken>, ProofError> {
        match (self.settings.userinfo, token.is_empty()) {
            (false, true) => return Ok(None),
            (true, false) => {}
            (true, true) => {
                return Err(contradiction("userinfo", "the signed answer of the issuer"));
            }
            (false, false) => {
                return Err(contradiction(
                    "userinfo",
                    "empty: the configuration takes the claims of the ID token",
                ));
            }
        }
        let userinfo = self.verified(Unchecked::read(token)?, now).await?;
        if userinfo.text("sub")? != subject {
            return Err(contradiction("userinfo", "of the `sub` of the ID token"));
        }
        // An old answer may tell of an establishment that the agent has left: it is as new as the ID
        // token, or at least says when it ends.
        let dated = userinfo.says("iat") || !userinfo.says("exp");
        if dated && userinfo.time("iat")?.plus(LONGEST) <= now {
            return Err(TokenError::Expired.into());
        }
        Ok(Some(userinfo))
    }

    fn siret(&self, said: &ForeignToken) -> Result<Siret, ProofError> {
        match &self.settings.siret {
            SiretFrom::Fixed(siret) => Ok(*siret),
            SiretFrom::Claim(name) => {
                let siret = said.text(name)?.parse();
                Ok(siret.map_err(|_| TokenError::InvalidClaim(name.clone()))?)
            }
        }
    }

    fn role(&self, said: &ForeignToken) -> Result<AgentRole, ProofError> {
        let Some((claim, roles)) = &self.settings.roles else {
            return self.role_else("role");
        };
        let has = if said.says(claim) {
            said.texts(claim)?
        } else {
            Vec::new()
        };
        let meant = has
            .into_iter()
            .filter_map(|value| roles.get(value).copied());
        let meant: BTreeSet<AgentRole> = meant.collect();
        let mut meant = meant.into_iter();
        match (meant.next(), meant.next()) {
            (Some(role), None) => Ok(role),
            (None, _) => self.role_else(claim),
            // Which of two roles somebody works in is not for this node to choose.
            (Some(_), Some(_)) => Err(contradiction(claim, "values of one role, and not of two")),
        }
    }

    fn role_else(&self, claim: &str) -> Result<AgentRole, ProofError> {
        self.settings
            .role
            .ok_or_else(|| contradiction(claim, "a value to which the configuration gives a role"))
    }

    /// OpenID Connect Core 1.0 §2: `amr` are methods, `acr` is a class.
    fn second_factor(&self, id_token: &ForeignToken) -> Result<bool, ProofError> {
        let mut second_factor = false;
        for name in ["amr", "acr"] {
            if id_token.says(name) {
                let values = id_token.texts(name)?;
                let counts = |value: &&str| self.settings.second_factor.contains(*value);
                second_factor |= values.iter().any(counts);
            }
        }
        Ok(second_factor)
    }
}

impl From<TokenError> for ProofError {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

impl From<NoKeys> for ProofError {
    fn from(NoKeys: NoKeys) -> Self {
        Self::NoKeys
    }
}

/// `nonce` of a token for the system with that certificate: base64url of the SHA-256 of the secret, a
/// dot and the certificate's SHA-256 in hexadecimal.
pub fn nonce(secret: &str, certificate: Digest) -> String {
    let bound = Digest::of(format!("{secret}.{certificate}").as_bytes());
    BASE64URL_NOPAD.encode(bound.as_bytes())
}

fn half(digest: Digest) -> TokenId {
    let (half, _) = digest.as_bytes().split_at(16);
    let mut id = [0; 16];
    id.copy_from_slice(half);
    TokenId::from_bytes(id)
}

fn contradiction(field: &str, rule: &'static str) -> ProofError {
    TokenError::Contradiction(Malformed::new(field, rule)).into()
}

/// How long after it was made an ID token is good at most, whatever its `exp`.
const LONGEST: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests;
