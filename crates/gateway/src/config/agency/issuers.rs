use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use passerelle_domain::Siret;
use passerelle_domain::vocabulary::AgentRole;
use passerelle_transport::jwt::IssuerAlgorithm;
use passerelle_transport::jwt::oidc::{IssuerSettings, KeysFrom, SiretFrom};
use serde::Deserialize;

use super::{Base, Refused};

/// An identity provider whose word about agents counts (OpenID Connect Core 1.0).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// `iss` of its tokens, as it writes it.
    pub issuer: String,
    /// The agency systems' client id there: `aud` of its tokens.
    pub client_id: String,
    /// Its keys as a JWK set in a file, read again every hour.
    pub jwks_file: Option<PathBuf>,
    /// Or where they are fetched, over HTTPS.
    pub jwks_url: Option<String>,
    /// The authorities of that server, PEM; Debian's set of public ones if not set.
    pub ca_file: Option<PathBuf>,
    /// What it signs with, one or more of RS256, PS256, ES256, EdDSA.
    pub algorithms: Vec<IssuerAlgorithm>,
    /// Whether claims come from a signed userinfo answer, as ProConnect gives it.
    #[serde(default)]
    pub userinfo: bool,
    /// The claim with the establishment of an agent, 14 digits.
    pub siret_claim: Option<String>,
    /// Or the one establishment of all of them.
    pub siret: Option<Siret>,
    /// The claim that `roles` reads, one text or several.
    pub role_claim: Option<String>,
    /// What values of it mean. Whoever has values of two roles is refused.
    #[serde(default)]
    pub roles: BTreeMap<String, AgentRole>,
    /// The role of whoever has none of those; who has none is refused if it is not set.
    pub role: Option<AgentRole>,
    /// Values of `amr` and `acr` that stand for a second factor.
    #[serde(default)]
    pub second_factor: BTreeSet<String>,
}

impl Issuer {
    pub(super) fn resolve(&mut self, field: &str, base: &Base<'_>) -> Result<(), Refused> {
        for (name, file) in [
            ("jwks_file", &mut self.jwks_file),
            ("ca_file", &mut self.ca_file),
        ] {
            if let Some(file) = file {
                base.resolve(&format!("{field}.{name}"), file)?;
            }
        }
        Ok(())
    }

    pub(super) fn check(&self, field: &str) -> Result<(), Refused> {
        let refused = |name: &str, rule| Err(Refused::new(format!("{field}.{name}"), rule));
        if self.issuer.is_empty() {
            return refused("issuer", "`iss` of its tokens");
        }
        if self.client_id.is_empty() {
            return refused("client_id", "`aud` of its tokens");
        }
        match (&self.jwks_file, &self.jwks_url) {
            (Some(_), None) if self.ca_file.is_some() => {
                return refused("ca_file", "only with jwks_url");
            }
            (Some(_), None) => {}
            (None, Some(url)) if url.starts_with("https://") => {}
            (None, Some(_)) => return refused("jwks_url", "an address that begins with https://"),
            _ => return refused("jwks_url", "either jwks_url or jwks_file"),
        }
        if self.algorithms.is_empty() {
            return refused("algorithms", "at least one of RS256, PS256, ES256, EdDSA");
        }
        if self.siret.is_some() == self.siret_claim.is_some() {
            return refused("siret", "either siret or siret_claim");
        }
        if self.role_claim.is_some() == self.roles.is_empty() {
            return refused("roles", "role_claim and roles together, or neither");
        }
        if self.role.is_none() && self.roles.is_empty() {
            return refused("role", "role, or role_claim and roles");
        }
        Ok(())
    }

    /// As tokens are checked by it.
    pub fn settings(&self) -> IssuerSettings {
        let keys = match (&self.jwks_file, &self.jwks_url) {
            (Some(file), _) => KeysFrom::File(file.clone()),
            (None, url) => KeysFrom::Url {
                // One of the two is set, or the configuration would have been refused.
                url: url.clone().unwrap_or_default(),
                anchors: self
                    .ca_file
                    .clone()
                    .unwrap_or_else(|| PathBuf::from(PUBLIC_AUTHORITIES)),
            },
        };
        let fixed = self.siret.map(SiretFrom::Fixed);
        IssuerSettings {
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            keys,
            algorithms: self.algorithms.clone(),
            userinfo: self.userinfo,
            siret: fixed
                .unwrap_or_else(|| SiretFrom::Claim(self.siret_claim.clone().unwrap_or_default())),
            roles: self
                .role_claim
                .clone()
                .map(|claim| (claim, self.roles.clone())),
            role: self.role,
            second_factor: self.second_factor.clone(),
        }
    }
}

/// Where Debian's package ca-certificates puts them.
const PUBLIC_AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";
