use std::collections::BTreeMap;
use std::path::Path;

use passerelle_domain::claim::{Confirmation, NumericDate};
use passerelle_domain::member::{KeyAlgorithm, Rights};
use passerelle_domain::vocabulary::{AgentRole, OrganisationKind};
use passerelle_domain::{ChainId, Digest, LinkId, Pii, SessionId, TokenId};
use passerelle_transport::jwt::oidc::Issuers;
use passerelle_transport::throwaway::{Federation, Plan};
use passerelle_transport::tls::TrustUnit;
use tempfile::TempDir;

use super::*;
use crate::ports::NodeClock;
use crate::runtime::SystemClock;

const ML: &str = "ml-nord";
const CD: &str = "departement-59";
const SYSTEMS: [&str; 2] = ["solis", "imilo"];

struct World {
    folder: TempDir,
    federation: Federation,
}

impl World {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let plans = [plan(ML), plan(CD)];
        let id = "test.example".parse().unwrap();
        let federation = Federation::create(folder.path(), &id, &plans, SystemClock.now()).unwrap();
        Self { folder, federation }
    }

    fn tokens(&self, node: &str) -> SignedTokens {
        self.tokens_at(node, Arc::new(SystemClock))
    }

    fn tokens_at(&self, node: &str, clock: Arc<dyn Clock>) -> SignedTokens {
        let id: NodeId = node.parse().unwrap();
        let files = self.federation.node(&id).unwrap();
        let mut systems = SystemKeys::default();
        for (name, system) in &files.systems {
            let key = SigningKey::load(&system.assertion_key).unwrap();
            systems.register(name, key.verifying_key().unwrap());
        }
        let own = OwnKeys {
            receipt: SigningKey::load(&files.receipt_key).unwrap(),
            session: SigningKey::load(&files.session_key).unwrap(),
        };
        let trust = TrustUnit::start(files.trust.clone(), Arc::clone(&clock)).unwrap();
        let issuers = Arc::new(Issuers::new(Vec::new()));
        SignedTokens::new(id, trust, systems, issuers, own, clock).unwrap()
    }

    fn assertion_key(&self, node: &str, system: &str) -> SigningKey {
        let files = self.federation.node(&node.parse().unwrap()).unwrap();
        SigningKey::load(&files.systems[system].assertion_key).unwrap()
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }
}

fn plan(node: &str) -> Plan {
    Plan {
        node: node.parse().unwrap(),
        organisation: passerelle_domain::member::Organisation {
            name: node.to_owned(),
            kind: OrganisationKind::Association,
            sirens: Default::default(),
            sirets: ["73282932000074".parse().unwrap()].into(),
            territories: Default::default(),
            contact: String::new(),
        },
        endpoints: vec!["127.0.0.1:9".to_owned()],
        rights: Rights {
            purposes: BTreeMap::new(),
            evidence: Default::default(),
            nir: false,
        },
        sensitive: false,
        systems: SYSTEMS.map(str::to_owned).to_vec(),
    }
}

fn now() -> NumericDate {
    NumericDate::of(SystemClock.now())
}

fn withdrawal(issuer: &str, audience: &str) -> Withdrawal {
    Withdrawal {
        issuer: issuer.parse().unwrap(),
        audience: audience.parse().unwrap(),
        receipt_iss: issuer.parse().unwrap(),
        chain: ChainId::from_bytes([1; 16]),
        link: LinkId::from_bytes([2; 16]),
        issued_at: now(),
        id: TokenId::from_bytes([3; 16]),
    }
}

#[test]
fn a_member_checks_what_another_has_signed() {
    let world = World::new();
    let signed = withdrawal(ML, CD);
    let token = world
        .tokens(ML)
        .sign(Outgoing::Withdrawal(&signed))
        .unwrap();
    let taken = world
        .tokens(CD)
        .withdrawal(&token, &ML.parse().unwrap())
        .unwrap();
    assert_eq!(*taken, signed);
}

#[test]
fn i9_the_word_of_one_member_is_not_taken_from_another() {
    let world = World::new();
    let token = world
        .tokens(ML)
        .sign(Outgoing::Withdrawal(&withdrawal(ML, CD)))
        .unwrap();
    let refused = world.tokens(CD).withdrawal(&token, &CD.parse().unwrap());
    assert!(refused.unwrap_err().rule.contains("another node"));
}

#[test]
fn i9_a_member_cannot_sign_in_the_name_of_another() {
    let world = World::new();
    let token = world
        .tokens(CD)
        .sign(Outgoing::Withdrawal(&withdrawal(ML, CD)))
        .unwrap();
    let refused = world.tokens(CD).withdrawal(&token, &ML.parse().unwrap());
    assert!(refused.is_err());
}

#[test]
fn i9_a_member_that_was_suspended_has_no_keys() {
    let mut world = World::new();
    let token = world
        .tokens(ML)
        .sign(Outgoing::Withdrawal(&withdrawal(ML, CD)))
        .unwrap();
    let tokens = world.tokens(CD);
    let ml: NodeId = ML.parse().unwrap();
    assert!(tokens.withdrawal(&token, &ml).is_ok());
    world.federation.suspend(&ml, SystemClock.now()).unwrap();
    tokens.trust.reload().unwrap();
    assert!(tokens.withdrawal(&token, &ml).is_err());
}

#[test]
fn i9_a_proof_is_taken_from_the_system_that_signed_it_alone() {
    let world = World::new();
    let proof = AgentProof {
        issuer: "solis".to_owned(),
        audience: ML.parse().unwrap(),
        subject: Pii::new("agent-7".to_owned()),
        siret: "73282932000074".parse().unwrap(),
        role: AgentRole::Caseworker,
        amr: vec!["otp".to_owned()],
        auth_time: now(),
        issued_at: now(),
        expires_at: NumericDate::of(SystemClock.now().plus(std::time::Duration::from_secs(60))),
        id: TokenId::from_bytes([4; 16]),
    };
    let own = sign(&proof, &world.assertion_key(ML, "solis")).unwrap();
    let tokens = world.tokens(ML);
    assert!(tokens.agent_proof(&own, "solis").is_ok());
    assert!(tokens.agent_proof(&own, "imilo").is_err());
    let forged = sign(&proof, &world.assertion_key(ML, "imilo")).unwrap();
    assert!(tokens.agent_proof(&forged, "solis").is_err());
    assert!(tokens.agent_proof(&forged, "imilo").is_err());
    assert!(world.tokens(CD).agent_proof(&own, "solis").is_err());
}

#[test]
fn a_proof_that_is_refused_says_what_its_claim_must_be() {
    let node: NodeId = ML.parse().unwrap();
    let invalid = |claim: &str| TokenError::InvalidClaim(claim.to_owned());
    for (error, rule) in [
        (
            TokenError::WrongAudience,
            format!("aud: the name of this node, {ML}"),
        ),
        (invalid("aud"), format!("aud: the name of this node, {ML}")),
        (
            invalid("role"),
            "role: an id of the list agent_role, such as caseworker".to_owned(),
        ),
        (invalid("iat"), "iat: whole seconds since 1970".to_owned()),
        (
            invalid("amr[0]"),
            "claim amr[0] has a value that it cannot have".to_owned(),
        ),
    ] {
        assert_eq!(refused_proof(&error, &node).rule, rule);
    }
}

#[test]
fn a_session_is_of_the_node_that_opened_it() {
    let world = World::new();
    let claim = SessionToken {
        issuer: ML.parse().unwrap(),
        session: SessionId::from_bytes([5; 16]),
        cnf: Confirmation {
            certificate: Digest::of(b"certificate"),
        },
        issued_at: now(),
        expires_at: NumericDate::of(SystemClock.now().plus(std::time::Duration::from_secs(60))),
    };
    let token = world
        .tokens(ML)
        .sign(Outgoing::SessionToken(&claim))
        .unwrap();
    assert!(world.tokens(ML).session_token(&token).is_ok());
    assert!(world.tokens(CD).session_token(&token).is_err());
    let other = SigningKey::create(&world.folder().join("other.key"), KeyAlgorithm::EdDSA).unwrap();
    let forged = sign(&claim, &other).unwrap();
    assert!(world.tokens(ML).session_token(&forged).is_err());
}

#[test]
fn a_system_speaks_without_an_agent_by_its_own_key_and_in_a_role_of_the_night() {
    let world = World::new();
    let claim = |role| SystemProof {
        issuer: SYSTEMS[0].to_owned(),
        audience: ML.parse().unwrap(),
        siret: "73282932000074".parse().unwrap(),
        role,
        issued_at: now(),
        expires_at: now(),
        id: TokenId::from_bytes([6; 16]),
    };
    let proof = |role| SystemProof {
        expires_at: NumericDate::from_secs(now().as_secs() + 60),
        ..claim(role)
    };
    let key = world.assertion_key(ML, SYSTEMS[0]);
    let token = sign(&proof(AgentRole::Caseworker), &key).unwrap();
    let tokens = world.tokens(ML);
    assert!(tokens.system_proof(&token, SYSTEMS[0]).is_ok());
    assert!(tokens.system_proof(&token, SYSTEMS[1]).is_err());
    assert!(tokens.agent_proof(&token, SYSTEMS[0]).is_err());
    assert!(world.tokens(CD).system_proof(&token, SYSTEMS[0]).is_err());
    for day in [AgentRole::Reception, AgentRole::PrivacyOfficer] {
        assert!(sign(&proof(day), &key).is_err());
    }
    assert!(sign(&claim(AgentRole::Caseworker), &key).is_err());
}

#[tokio::test]
async fn a_session_that_has_ended_is_not_revived_by_a_wall_clock_that_was_set_back() {
    use passerelle_store::Tx;
    use passerelle_store::sim::SimNode;
    use passerelle_store::tables::peers::{self, KnownPeer};
    let world = World::new();
    let site = SimNode::new("ml-nord.test.example/exchange/2026h2", 1).unwrap();
    let before = SystemClock.now();
    site.clock.set(before);
    let hour = std::time::Duration::from_secs(3600);
    let claim = SessionToken {
        issuer: ML.parse().unwrap(),
        session: SessionId::from_bytes([5; 16]),
        cnf: Confirmation {
            certificate: Digest::of(b"certificate"),
        },
        issued_at: NumericDate::of(before),
        expires_at: NumericDate::of(before.plus(hour)),
    };
    let (store, _) = site.open().unwrap();
    let tokens = world.tokens_at(ML, Arc::new(NodeClock::new(store.clone())));
    let token = tokens.sign(Outgoing::SessionToken(&claim)).unwrap();
    assert!(tokens.session_token(&token).is_ok());
    site.clock.set(before.plus(hour));
    let peer: NodeId = CD.parse().unwrap();
    let write = move |tx: &mut Tx<'_>| peers::put(tx, &peer, &KnownPeer::default());
    store.transact("any", write).await.unwrap();
    site.clock.set(before);
    assert!(tokens.session_token(&token).is_err());
}

#[test]
fn i3_what_is_signed_with_a_key_that_is_not_in_the_list_yet_may_hold_later() {
    let world = World::new();
    let new = SigningKey::create(&world.folder().join("new.key"), KeyAlgorithm::EdDSA).unwrap();
    let tokens = world.tokens(CD);
    let from: NodeId = ML.parse().unwrap();
    let token = sign(&withdrawal(ML, CD), &new).unwrap();
    assert!(tokens.withdrawal(&token, &from).unwrap_err().may_pass);
    // What is not what it says it is never holds.
    let cut = token.rsplit_once('.').unwrap().0;
    assert!(!tokens.withdrawal(cut, &from).unwrap_err().may_pass);
}
