use std::sync::Arc;

use passerelle_domain::claim::{
    AgentProof, Introduction, IntroductionReply, LinkEnd, Objection, OidcAgent, OidcProof,
    PurgeAnswer, PurgeOrder, Receipt, SessionToken, SystemProof, Withdrawal,
};
use passerelle_domain::{Clock, Digest, NodeId, Verified};
use passerelle_exchange::ports::{
    IssuerRefused, Outgoing, PortFuture, SignFault, TokenRefused, Tokens,
};
use passerelle_transport::jwt::oidc::{Issuers, ProofError};
use passerelle_transport::jwt::{
    Issuer, KeySource, OwnKey, SigningKey, SystemKeys, Token, TokenError, sign, verify,
};
use passerelle_transport::key_file::KeyError;
use passerelle_transport::tls::TrustHandle;

/// The keys that a node signs tokens with.
#[derive(Clone, Debug)]
pub struct OwnKeys {
    /// Receipts, withdrawals, objections, ends of links, purge orders and answers.
    pub receipt: SigningKey,
    /// Sessions.
    pub session: SigningKey,
}

/// Tokens as JWTs: those of members checked with the keys of the trust list in force, those of
/// agency systems with the keys of the configuration.
pub struct SignedTokens {
    node: NodeId,
    trust: TrustHandle,
    systems: SystemKeys,
    issuers: Arc<Issuers>,
    own: OwnKeys,
    session: OwnKey,
    clock: Arc<dyn Clock>,
}

impl SignedTokens {
    /// Of the node `node`.
    pub fn new(
        node: NodeId,
        trust: TrustHandle,
        systems: SystemKeys,
        issuers: Arc<Issuers>,
        own: OwnKeys,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, KeyError> {
        Ok(Self {
            session: OwnKey::of(&node, &own.session)?,
            node,
            trust,
            systems,
            issuers,
            own,
            clock,
        })
    }

    fn verified<C: Token>(
        &self,
        token: &str,
        keys: &dyn KeySource,
    ) -> Result<Verified<C>, TokenRefused> {
        verify(token, &self.node, keys, self.clock.now()).map_err(|error| refused(&error))
    }

    /// A token of a member, which must be the one that sent it: nobody forwards another's word.
    fn of_member<C: Token>(&self, token: &str, from: &NodeId) -> Result<Verified<C>, TokenRefused> {
        let unit = self.trust.current();
        let claim: Verified<C> = self.verified(token, unit.list().member_keys())?;
        if claim.issuer() == Issuer::Node(from) {
            Ok(claim)
        } else {
            Err(TokenRefused {
                rule: "issued by another node than the one that sent it".to_owned(),
                may_pass: false,
            })
        }
    }

    /// A token of an agency system, which must be the one that calls.
    fn of_system<C: Token>(&self, token: &str, system: &str) -> Result<Verified<C>, TokenRefused> {
        let now = self.clock.now();
        let proof: Verified<C> = verify(token, &self.node, &self.systems, now)
            .map_err(|error| refused_proof(&error, &self.node))?;
        if proof.issuer() == Issuer::System(system) {
            Ok(proof)
        } else {
            Err(TokenRefused {
                rule: "iss: the agency system whose certificate the channel shows".to_owned(),
                may_pass: false,
            })
        }
    }
}

impl Tokens for SignedTokens {
    fn sign(&self, claim: Outgoing<'_>) -> Result<String, SignFault> {
        let receipt = &self.own.receipt;
        match claim {
            Outgoing::Receipt(claim) => sign(claim, receipt),
            Outgoing::Withdrawal(claim) => sign(claim, receipt),
            Outgoing::Objection(claim) => sign(claim, receipt),
            Outgoing::PurgeOrder(claim) => sign(claim, receipt),
            Outgoing::PurgeAnswer(claim) => sign(claim, receipt),
            Outgoing::LinkEnd(claim) => sign(claim, receipt),
            Outgoing::Introduction(claim) => sign(claim, receipt),
            Outgoing::IntroductionReply(claim) => sign(claim, receipt),
            Outgoing::SessionToken(claim) => sign(claim, &self.own.session),
        }
        .map_err(|error| SignFault(error.to_string()))
    }

    fn receipt(&self, token: &str, from: &NodeId) -> Result<Verified<Receipt>, TokenRefused> {
        self.of_member(token, from)
    }

    fn withdrawal(&self, token: &str, from: &NodeId) -> Result<Verified<Withdrawal>, TokenRefused> {
        self.of_member(token, from)
    }

    fn objection(&self, token: &str, from: &NodeId) -> Result<Verified<Objection>, TokenRefused> {
        self.of_member(token, from)
    }

    fn purge_order(
        &self,
        token: &str,
        from: &NodeId,
    ) -> Result<Verified<PurgeOrder>, TokenRefused> {
        self.of_member(token, from)
    }

    fn purge_answer(
        &self,
        token: &str,
        from: &NodeId,
    ) -> Result<Verified<PurgeAnswer>, TokenRefused> {
        self.of_member(token, from)
    }

    fn link_end(&self, token: &str, from: &NodeId) -> Result<Verified<LinkEnd>, TokenRefused> {
        self.of_member(token, from)
    }

    fn introduction(
        &self,
        token: &str,
        from: &NodeId,
    ) -> Result<Verified<Introduction>, TokenRefused> {
        self.of_member(token, from)
    }

    fn introduction_reply(
        &self,
        token: &str,
        from: &NodeId,
    ) -> Result<Verified<IntroductionReply>, TokenRefused> {
        self.of_member(token, from)
    }

    fn agent_proof(&self, token: &str, system: &str) -> Result<Verified<AgentProof>, TokenRefused> {
        self.of_system(token, system)
    }

    fn system_proof(
        &self,
        token: &str,
        system: &str,
    ) -> Result<Verified<SystemProof>, TokenRefused> {
        self.of_system(token, system)
    }

    fn oidc_agent<'a>(
        &'a self,
        proof: OidcProof<'a>,
        certificate: Digest,
    ) -> PortFuture<'a, Result<Verified<OidcAgent>, IssuerRefused>> {
        let checked = self.issuers.check(proof, certificate, self.clock.now());
        Box::pin(async {
            checked.await.map_err(|error| match error {
                ProofError::Token(error) => IssuerRefused::Token(refused(&error)),
                ProofError::NoKeys => IssuerRefused::NoKeys,
            })
        })
    }

    fn session_token(&self, token: &str) -> Result<Verified<SessionToken>, TokenRefused> {
        self.verified(token, &self.session)
    }
}

fn refused(error: &TokenError) -> TokenRefused {
    TokenRefused {
        rule: error.to_string(),
        may_pass: error.may_pass(),
    }
}

/// The same of a proof, in words that help whoever writes the agency system.
fn refused_proof(error: &TokenError, node: &NodeId) -> TokenRefused {
    let claim = match error {
        TokenError::InvalidClaim(claim) => claim.as_str(),
        TokenError::WrongAudience => "aud",
        _ => "",
    };
    let rule = match claim {
        "aud" => format!("aud: the name of this node, {node}"),
        "siret" => "siret: 14 digits, the last by Luhn".to_owned(),
        "role" => "role: an id of the list agent_role, such as caseworker".to_owned(),
        "jti" => "jti: 16 random bytes in base64url, 22 characters".to_owned(),
        "auth_time" | "iat" | "exp" => format!("{claim}: whole seconds since 1970"),
        _ => return refused(error),
    };
    TokenRefused {
        rule,
        may_pass: error.may_pass(),
    }
}

#[cfg(test)]
mod tests;
