//! The sealed part of a log entry: who it was about and which agent asked, and why.
//!
//! ```text
//! version 1 · salt 32 · commitment to the agent's key 32 · agent's part · person's part
//! ```
//!
//! Keys serve for this one entry, whose salt is drawn at random, so nonces are zero. Parts are
//! padded: the agent's to a multiple of 128 bytes, the person's to 240, whether there is a person
//! or not. The agent's part has its own key: to show an outsider what an entry says of the person
//! is not to name the agent.

use aws_lc_rs::aead::{Aad, NONCE_LEN, Nonce};
use bytes::Bytes;
use passerelle_domain::{AgentRef, AskingAgent, Caller, Digest, PersonId, Pii, Rng, Siret};
use passerelle_proto::storage::v1::{SealedAgent, SealedPerson};
use prost::Message;

use crate::keys::{Derive, Keys, Secret, aes_256_gcm};

/// What only the node itself may read of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedFields {
    /// The agent who asked.
    pub agent: Option<KnownAgent>,
    /// The true reason, an id of the vocabulary; at most 200 bytes, empty if there is none.
    pub reason: String,
}

/// The agent of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownAgent {
    /// As other nodes know them.
    pub reference: AgentRef,
    /// As their agency system knows them, at most 512 bytes; `None` for another node's agent.
    pub subject: Option<Pii<String>>,
    /// The agency system, at most 256 bytes; `None` for another node's agent.
    pub system: Option<String>,
    /// The establishment; `None` for another node's agent.
    pub siret: Option<Siret>,
}

impl From<&Caller> for KnownAgent {
    fn from(caller: &Caller) -> Self {
        Self {
            reference: caller.reference.clone(),
            subject: Some(caller.subject.clone()),
            system: Some(caller.system.clone()),
            siret: Some(caller.siret),
        }
    }
}

impl From<&AskingAgent> for KnownAgent {
    fn from(agent: &AskingAgent) -> Self {
        Self {
            reference: agent.reference.clone(),
            subject: None,
            system: None,
            siret: None,
        }
    }
}

/// What an entry says of a sealed part, and the sealed part itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedEntry {
    /// For `tag`: finds the entries of one person, for whoever has the person's key.
    pub tag: Digest,
    /// For `commitment`: the person's part opens in one way only.
    pub commitment: Digest,
    /// For `sealed`: SHA-256 of `part`.
    pub digest: Digest,
    /// For `grounds`: one a receipt, in their order.
    pub receipt_refs: Vec<Digest>,
    /// Goes with the entry to the log.
    pub part: Bytes,
}

/// A sealed part, opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedPart {
    /// The person, where there is one.
    pub person: Option<PersonId>,
    /// The agent and the true reason.
    pub fields: SealedFields,
}

/// Seals what an entry is to keep to itself. `entries` is of the person, or stands in for one where
/// there is none: nothing tells the two apart without the node's keys. `None` when the reason is
/// too long.
pub(crate) fn seal_part(
    keys: &Keys,
    entries: &Derive,
    person: Option<&PersonId>,
    fields: &SealedFields,
    receipts: &[Digest],
    rng: &dyn Rng,
) -> Option<SealedEntry> {
    let salt: [u8; SALT_LEN] = rng.bytes();
    let agent_key = keys.agents().expand(&[AGENT_KEY, &salt]);
    let agent_commitment = keys.agents().expand(&[AGENT_COMMITMENT, &salt]);
    let agent = agent_row(fields.agent.as_ref());
    let agent = padded(&agent, AGENT_STEP);
    let person = padded(
        &SealedPerson {
            person: person.map_or_else(Bytes::new, |id| Bytes::copy_from_slice(id.as_bytes())),
            reason: fields.reason.clone(),
        },
        PERSON_SIZE,
    );
    if person.len() != PERSON_SIZE {
        return None;
    }
    let mut part = Vec::with_capacity(HEAD_LEN + agent.len() + PERSON_SIZE + 2 * TAG_LEN);
    part.push(VERSION);
    part.extend_from_slice(&salt);
    part.extend_from_slice(agent_commitment.bytes());
    seal(&agent_key, agent, &mut part);
    seal(&entries.expand(&[PERSON_KEY, &salt]), person, &mut part);
    Some(SealedEntry {
        tag: digest(&entries.expand(&[TAG, &salt])),
        commitment: digest(&entries.expand(&[COMMITMENT, &salt])),
        digest: Digest::of(&part),
        receipt_refs: receipts
            .iter()
            .map(|receipt| receipt_ref(entries, receipt, &salt))
            .collect(),
        part: part.into(),
    })
}

/// What a sealed part holds; `None` when it was not sealed under `entries` for an entry with this
/// commitment, or was changed since.
pub(crate) fn open_part(
    keys: &Keys,
    entries: &Derive,
    part: &[u8],
    commitment: &Digest,
) -> Option<OpenedPart> {
    let (salt, rest) = salt_of(part)?;
    // AES-GCM does not commit to its key: without this, a part could open in two ways.
    if digest(&entries.expand(&[COMMITMENT, salt])) != *commitment {
        return None;
    }
    let (agent_commitment, boxes) = rest.split_first_chunk::<32>()?;
    if keys.agents().expand(&[AGENT_COMMITMENT, salt]).bytes() != agent_commitment {
        return None;
    }
    let (agent, person) =
        boxes.split_at_checked(boxes.len().checked_sub(PERSON_SIZE + TAG_LEN)?)?;
    let agent: SealedAgent = open(&keys.agents().expand(&[AGENT_KEY, salt]), agent)?;
    let person: SealedPerson = open(&entries.expand(&[PERSON_KEY, salt]), person)?;
    Some(OpenedPart {
        person: match &person.person[..] {
            [] => None,
            id => Some(PersonId::from_slice(id).ok()?),
        },
        fields: SealedFields {
            agent: agent_of(agent)?,
            reason: person.reason,
        },
    })
}

/// The tag of the entry that a sealed part belongs to, if it is about the person of `entries`.
pub(crate) fn tag_of(entries: &Derive, part: &[u8]) -> Option<Digest> {
    let (salt, _) = salt_of(part)?;
    Some(digest(&entries.expand(&[TAG, salt])))
}

/// How the entry that a sealed part belongs to names a receipt.
pub(crate) fn receipt_ref_of(entries: &Derive, part: &[u8], receipt: &Digest) -> Option<Digest> {
    let (salt, _) = salt_of(part)?;
    Some(receipt_ref(entries, receipt, salt))
}

fn receipt_ref(entries: &Derive, receipt: &Digest, salt: &[u8; SALT_LEN]) -> Digest {
    digest(&entries.expand(&[RECEIPT, receipt.as_bytes(), salt]))
}

fn salt_of(part: &[u8]) -> Option<(&[u8; SALT_LEN], &[u8])> {
    part.strip_prefix(&[VERSION])?.split_first_chunk()
}

fn agent_row(agent: Option<&KnownAgent>) -> SealedAgent {
    let Some(agent) = agent else {
        return SealedAgent::default();
    };
    SealedAgent {
        agent_ref: agent.reference.to_string(),
        subject: agent
            .subject
            .as_ref()
            .map_or_else(String::new, |s| s.expose().clone()),
        system: agent.system.clone().unwrap_or_default(),
        siret: agent
            .siret
            .map_or_else(String::new, |siret| siret.to_string()),
    }
}

#[allow(clippy::option_option, reason = "not readable, no agent, an agent")]
fn agent_of(row: SealedAgent) -> Option<Option<KnownAgent>> {
    if row.agent_ref.is_empty() {
        return Some(None);
    }
    let given = |text: String| (!text.is_empty()).then_some(text);
    Some(Some(KnownAgent {
        reference: AgentRef::new(row.agent_ref).ok()?,
        subject: given(row.subject).map(Pii::new),
        system: given(row.system),
        siret: match given(row.siret) {
            None => None,
            Some(siret) => Some(siret.parse().ok()?),
        },
    }))
}

/// A message behind its length, with zeros up to a multiple of `step`.
fn padded(message: &impl Message, step: usize) -> Vec<u8> {
    let mut bytes = message.encode_length_delimited_to_vec();
    bytes.resize(bytes.len().next_multiple_of(step), 0);
    bytes
}

fn seal(key: &Secret, mut plain: Vec<u8>, part: &mut Vec<u8>) {
    aes_256_gcm(key)
        .seal_in_place_append_tag(zero_nonce(), Aad::from([VERSION]), &mut plain)
        // Fails on more than 64 GiB only (NIST SP 800-38D §5.2.1.1).
        .expect("a part shorter than 64 GiB");
    part.extend_from_slice(&plain);
}

fn open<M: Message + Default>(key: &Secret, sealed: &[u8]) -> Option<M> {
    let mut sealed = sealed.to_vec();
    let plain = aes_256_gcm(key)
        .open_in_place(zero_nonce(), Aad::from([VERSION]), &mut sealed)
        .ok()?;
    M::decode_length_delimited(&*plain).ok()
}

/// Each key seals one part once.
fn zero_nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

fn digest(bytes: &Secret) -> Digest {
    Digest::from_bytes(*bytes.bytes())
}

const VERSION: u8 = 1;
const SALT_LEN: usize = 32;
const HEAD_LEN: usize = 1 + SALT_LEN + 32;
const TAG_LEN: usize = 16;
const AGENT_STEP: usize = 128;
const PERSON_SIZE: usize = 240;

const PERSON_KEY: &[u8] = b"person's part";
const COMMITMENT: &[u8] = b"commitment";
const TAG: &[u8] = b"tag";
const RECEIPT: &[u8] = b"receipt";
const AGENT_KEY: &[u8] = b"agent's part";
const AGENT_COMMITMENT: &[u8] = b"agent's commitment";
