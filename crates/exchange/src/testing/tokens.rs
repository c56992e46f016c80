use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use passerelle_domain::claim::{
    AgentProof, Claim, Introduction, IntroductionReply, LinkEnd, Objection, OidcAgent, OidcProof,
    PurgeAnswer, PurgeOrder, Receipt, SessionToken, SystemProof, Withdrawal,
};
use passerelle_domain::vocabulary::AgentRole;
use passerelle_domain::{Clock, Digest, NodeId, Pii, TokenId, Verified};
use passerelle_store::sim::SetClock;
use serde::{Deserialize, Serialize};

use crate::ports::{IssuerRefused, Outgoing, PortFuture, SignFault, TokenRefused, Tokens};

/// Tokens without a signature: three parts as in a JWT (RFC 7515 §7.1), the first of which names
/// who signed. Times and claims are checked as they are in a node.
#[derive(Clone, Debug)]
pub struct Statements {
    own: NodeId,
    clock: SetClock,
}

#[derive(Serialize, Deserialize)]
struct Header {
    typ: String,
    signed_by: String,
    kid: String,
}

impl Statements {
    /// Those of one node.
    pub const fn new(own: NodeId, clock: SetClock) -> Self {
        Self { own, clock }
    }

    /// A token that `signer` (a node, or an agency system) has signed, whatever it says.
    pub fn signed<C: Claim>(signer: &str, claim: &C) -> String {
        Self::signed_with(KNOWN_KEY, signer, claim)
    }

    /// A token that is signed with a key which the list of no node has yet.
    pub fn signed_with_a_new_key<C: Claim>(signer: &str, claim: &C) -> String {
        Self::signed_with("2", signer, claim)
    }

    fn signed_with<C: Claim>(kid: &str, signer: &str, claim: &C) -> String {
        let header = Header {
            typ: C::TYP.to_owned(),
            signed_by: signer.to_owned(),
            kid: kid.to_owned(),
        };
        let part = |json: serde_json::Result<Vec<u8>>| {
            BASE64URL_NOPAD.encode(&json.expect("claims are JSON"))
        };
        let (header, claims) = (
            part(serde_json::to_vec(&header)),
            part(serde_json::to_vec(claim)),
        );
        format!(
            "{header}.{claims}.{}",
            BASE64URL_NOPAD.encode(signer.as_bytes())
        )
    }

    fn agent(&self, token: &str) -> Option<OidcAgent> {
        let (subject, siret) = token.split_once(' ')?;
        let digest = Digest::of(token.as_bytes());
        let id = digest.as_bytes().first_chunk()?;
        Some(OidcAgent {
            issuer: "https://issuer.example".to_owned(),
            id: TokenId::from_bytes(*id),
            until: self.clock.now().plus(Duration::from_secs(60)),
            authenticated: self.clock.now(),
            subject: Pii::new(subject.to_owned()),
            siret: siret.parse().ok()?,
            role: AgentRole::Caseworker,
            second_factor: true,
        })
    }

    fn own<C: Claim>(&self, claim: &C) -> String {
        Self::signed(self.own.as_str(), claim)
    }

    fn opened<C: Claim>(&self, token: &str, signer: &str) -> Result<C, TokenRefused> {
        if token.len() > C::MAX_BYTES {
            return Err(refused("too long"));
        }
        let parts: Vec<&str> = token.split('.').collect();
        let &[header, claims, signature] = parts.as_slice() else {
            return Err(refused("three parts"));
        };
        let header: Header = read(header)?;
        if header.typ != C::TYP {
            return Err(refused("typ"));
        }
        if header.kid != KNOWN_KEY {
            return Err(not_yet("kid"));
        }
        if header.signed_by != signer || signature != BASE64URL_NOPAD.encode(signer.as_bytes()) {
            return Err(refused("signed by its issuer"));
        }
        let claim: C = read(claims)?;
        claim
            .check()
            .map_err(|malformed| refused(malformed.to_string()))?;
        let now = self.clock.now();
        if claim.expires_at().is_some_and(|end| end.at() <= now) {
            return Err(refused("exp"));
        }
        let starts = [Some(claim.issued_at()), claim.not_before()];
        if starts
            .into_iter()
            .flatten()
            .any(|start| start.at() > now.plus(LEAD))
            && !C::WHATEVER_THE_CLOCKS_SAY
        {
            return Err(not_yet("iat and nbf"));
        }
        Ok(claim)
    }

    fn issued_by<C: Claim>(
        &self,
        token: &str,
        from: &NodeId,
        parties: impl Fn(&C) -> (&NodeId, &NodeId),
    ) -> Result<Verified<C>, TokenRefused> {
        let claim: C = self.opened(token, from.as_str())?;
        if parties(&claim) != (from, &self.own) {
            return Err(refused("iss and aud"));
        }
        Ok(verified(claim))
    }
}

impl Tokens for Statements {
    fn sign(&self, claim: Outgoing<'_>) -> Result<String, SignFault> {
        Ok(match claim {
            Outgoing::Receipt(claim) => self.own(claim),
            Outgoing::Withdrawal(claim) => self.own(claim),
            Outgoing::Objection(claim) => self.own(claim),
            Outgoing::PurgeOrder(claim) => self.own(claim),
            Outgoing::PurgeAnswer(claim) => self.own(claim),
            Outgoing::LinkEnd(claim) => self.own(claim),
            Outgoing::Introduction(claim) => self.own(claim),
            Outgoing::IntroductionReply(claim) => self.own(claim),
            Outgoing::SessionToken(claim) => self.own(claim),
        })
    }

    fn receipt(&self, token: &str, from: &NodeId) -> Result<Verified<Receipt>, TokenRefused> {
        self.issued_by(token, from, |claim: &Receipt| {
            (&claim.issuer, &claim.audience)
        })
    }

    fn withdrawal(&self, token: &str, from: &NodeId) -> Result<Verified<Withdrawal>, TokenRefused> {
        self.issued_by(token, from, |claim: &Withdrawal| {
            (&claim.issuer, &claim.audience)
        })
    }

    fn objection(&self, token: &str, from: &NodeId) -> Result<Verified<Objection>, TokenRefused> {
        self.issued_by(token, from, |claim: &Objection| {
            (&claim.issuer, &claim.audience)
        })
    }

    fn purge_order(
        &self,
        token: &str,
        from: &NodeId,
    ) -> Result<Verified<PurgeOrder>, TokenRefused> {
        self.issued_by(token, from, |claim: &PurgeOrder| {
            (&claim.issuer, &claim.audience)
        })
    }

    fn purge_answer(
        &self,
        token: &str,
        from: &NodeId,
    ) -> Result<Verified<PurgeAnswer>, TokenRefused> {
        self.issued_by(token, from, |claim: &PurgeAnswer| {
            (&claim.issuer, &claim.audience)
        })
    }

    fn link_end(&self, token: &str, from: &NodeId) -> Result<Verified<LinkEnd>, TokenRefused> {
        self.issued_by(token, from, |claim: &LinkEnd| {
            (&claim.issuer, &claim.audience)
        })
    }

    fn introduction(
        &self,
        token: &str,
        from: &NodeId,
    ) -> Result<Verified<Introduction>, TokenRefused> {
        self.issued_by(token, from, |claim: &Introduction| {
            (&claim.issuer, &claim.audience)
        })
    }

    fn introduction_reply(
        &self,
        token: &str,
        from: &NodeId,
    ) -> Result<Verified<IntroductionReply>, TokenRefused> {
        self.issued_by(token, from, |claim: &IntroductionReply| {
            (&claim.issuer, &claim.audience)
        })
    }

    fn agent_proof(&self, token: &str, system: &str) -> Result<Verified<AgentProof>, TokenRefused> {
        let proof: AgentProof = self.opened(token, system)?;
        if proof.issuer != system || proof.audience != self.own {
            return Err(refused("iss and aud"));
        }
        Ok(verified(proof))
    }

    fn system_proof(
        &self,
        token: &str,
        system: &str,
    ) -> Result<Verified<SystemProof>, TokenRefused> {
        let proof: SystemProof = self.opened(token, system)?;
        if proof.issuer != system || proof.audience != self.own {
            return Err(refused("iss and aud"));
        }
        Ok(verified(proof))
    }

    /// The ID token is the subject and the establishment with a blank between them, for any certificate; `-` stands for an issuer whose keys cannot
    /// be had.
    fn oidc_agent<'a>(
        &'a self,
        proof: OidcProof<'a>,
        _: Digest,
    ) -> PortFuture<'a, Result<Verified<OidcAgent>, IssuerRefused>> {
        let agent = match proof.id_token {
            "-" => Err(IssuerRefused::NoKeys),
            token => self
                .agent(token)
                .map(verified)
                .ok_or_else(|| IssuerRefused::Token(refused("an agent"))),
        };
        Box::pin(std::future::ready(agent))
    }

    fn session_token(&self, token: &str) -> Result<Verified<SessionToken>, TokenRefused> {
        let claim: SessionToken = self.opened(token, self.own.as_str())?;
        if claim.issuer != self.own {
            return Err(refused("iss"));
        }
        Ok(verified(claim))
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "stands in for the check of a signature"
)]
pub(super) fn verified<C>(claim: C) -> Verified<C> {
    Verified::new(claim)
}

fn read<T: for<'de> Deserialize<'de>>(part: &str) -> Result<T, TokenRefused> {
    let json = BASE64URL_NOPAD
        .decode(part.as_bytes())
        .map_err(|_| refused("base64url"))?;
    serde_json::from_slice(&json).map_err(|_| refused("claims"))
}

fn refused(rule: impl Into<String>) -> TokenRefused {
    TokenRefused {
        rule: rule.into(),
        may_pass: false,
    }
}

fn not_yet(rule: &str) -> TokenRefused {
    TokenRefused {
        may_pass: true,
        ..refused(rule)
    }
}

/// The name of the one key that every node has of every other.
const KNOWN_KEY: &str = "1";

/// How far ahead of our clock another's may be (DESIGN.md section 7).
const LEAD: Duration = Duration::from_secs(60);
