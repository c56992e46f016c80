//! What the other party of an exchange shows of its log, checked.
//!
//! A node believes an answer only with proof that it was logged: the entry names this exchange, this
//! attempt and both digests; it is in the tree of a checkpoint that the log's key signed; and that
//! tree continues the last one that this node holds.

use passerelle_domain::entry::{Entry, SeenCheckpoint};
use passerelle_domain::member::{KeyUsage, Member};
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{Digest, ExchangeId, FederationId, NodeId};
use passerelle_proto::exchange::v1 as wire;
use passerelle_store::tables::{Read, peers};
use passerelle_tlog::{Hash, SignedCheckpoint, TlogProof, VerifyingKey, verify_consistency};

use crate::ExchangeError;

/// More hashes than any consistency proof of a log of 2^63 entries has.
const MOST_HASHES: usize = 128;

/// What an entry that is shown must say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected<'a> {
    /// The node whose log it is.
    pub shown_by: &'a NodeId,
    /// The node to which it is shown.
    pub shown_to: &'a NodeId,
    pub kinds: &'a [EntryKind],
    pub exchange: ExchangeId,
    pub attempt: u32,
    pub question: Digest,
    pub body: Digest,
}

/// An entry of another log, in it beyond doubt.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub entry: Entry,
    pub checkpoint: SignedCheckpoint,
}

/// Checks what a peer shows of its log. The error is the rule that it breaks.
pub(crate) fn check_shown(
    logged: &wire::LoggedEntry,
    keys: &[VerifyingKey],
    held: Option<&SignedCheckpoint>,
    expected: Expected<'_>,
) -> Result<Shown, &'static str> {
    let entry = Entry::parse(&logged.entry).map_err(|_| "the entry is no exchange log entry")?;
    says(&entry, expected)?;
    let proof = TlogProof::parse(&logged.proof).map_err(|_| "the proof is no C2SP tlog-proof")?;
    let origin = SignedCheckpoint::claimed_origin(proof.checkpoint.as_bytes())
        .map_err(|_| "the proof holds no checkpoint")?;
    let key = keys
        .iter()
        .find(|key| *key.name() == origin)
        .ok_or("the checkpoint is of a log that the trust list does not give to this member")?;
    let checkpoint = proof
        .verify(&logged.entry, key)
        .map_err(|_| "the entry is not proved to be in the log")?;
    // A held checkpoint of another origin belongs to a log that was frozen since.
    if let Some(held) = held.filter(|held| held.checkpoint().origin == origin) {
        continues(held, &checkpoint, &logged.consistency)?;
    }
    Ok(Shown { entry, checkpoint })
}

/// The verifier keys that the trust list gives to a member's logs, those whose name is an origin of
/// that member in that federation.
pub(crate) fn log_keys(member: &Member, federation: &FederationId) -> Vec<VerifyingKey> {
    let prefix = format!("{}.{federation}/exchange/", member.node);
    member
        .keys_for(KeyUsage::Log)
        .filter_map(|key| key.public_key.parse::<VerifyingKey>().ok())
        .filter(|key| key.name().as_str().starts_with(&prefix))
        .collect()
}

/// A checkpoint as entries name it.
pub(crate) fn seen(checkpoint: &SignedCheckpoint) -> SeenCheckpoint {
    SeenCheckpoint {
        origin: checkpoint.checkpoint().origin.as_str().to_owned(),
        size: checkpoint.size(),
        root: Digest::from_bytes(*checkpoint.root().as_bytes()),
    }
}

/// The last checkpoint of a peer's log that this node holds, as entries name it. It was checked
/// before it was kept.
pub(crate) fn seen_of(
    read: &impl Read,
    peer: &NodeId,
) -> Result<Option<SeenCheckpoint>, ExchangeError> {
    let known = peers::find(read, peer)?;
    Ok(known.and_then(|known| named(&known.checkpoint)))
}

/// The lines of C2SP tlog-checkpoint: origin, size, root.
fn named(note: &[u8]) -> Option<SeenCheckpoint> {
    let mut lines = std::str::from_utf8(note).ok()?.lines();
    Some(SeenCheckpoint {
        origin: lines.next()?.to_owned(),
        size: lines.next()?.parse().ok()?,
        root: Digest::from_bytes(*Hash::from_base64(lines.next()?).ok()?.as_bytes()),
    })
}

/// Checks that `new` continues `held`.
pub(crate) fn continues(
    held: &SignedCheckpoint,
    new: &SignedCheckpoint,
    proof: &[impl AsRef<[u8]>],
) -> Result<(), &'static str> {
    const BROKEN: &str = "the checkpoint does not continue the one that was shown before";
    if new.size() < held.size() {
        return Err("the checkpoint is older than one that was shown before");
    }
    if new.size() == held.size() {
        return if new.root() == held.root() {
            Ok(())
        } else {
            Err(BROKEN)
        };
    }
    if held.size() == 0 {
        return Ok(());
    }
    if proof.len() > MOST_HASHES {
        return Err(BROKEN);
    }
    let hashes = proof
        .iter()
        .map(|hash| Hash::try_from(hash.as_ref()).map_err(|_| BROKEN))
        .collect::<Result<Vec<_>, _>>()?;
    verify_consistency(held.size(), held.root(), new.size(), new.root(), &hashes)
        .map_err(|_| BROKEN)
}

fn says(entry: &Entry, expected: Expected<'_>) -> Result<(), &'static str> {
    if entry.own.node != *expected.shown_by {
        return Err("the entry is of another node's log");
    }
    if entry.peer.as_ref().map(|p| &p.node) != Some(expected.shown_to) {
        return Err("the entry names another node as its peer");
    }
    if !expected.kinds.contains(&entry.kind) {
        return Err("the entry is of another kind than the answer");
    }
    if (entry.exchange, entry.attempt) != (Some(expected.exchange), Some(expected.attempt)) {
        return Err("the entry is of another exchange or attempt");
    }
    if entry.question != Some(expected.question) {
        return Err("the entry does not hold the digest of the question");
    }
    if entry.body != Some(expected.body) {
        return Err("the entry does not hold the digest of the answer");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
