use passerelle_domain::{Digest, NodeId};
use passerelle_store::Tx;
use passerelle_store::tables::peers;
use passerelle_store::tables::peers::KnownPeer;
use passerelle_tlog::SignedCheckpoint;

use crate::ExchangeError;

/// Remembers the largest checkpoint of a peer's log that was checked; the peer was reached.
pub(crate) fn note_peer(
    tx: &mut Tx<'_>,
    node: &NodeId,
    checkpoint: &SignedCheckpoint,
    certificate: Option<Digest>,
) -> Result<(), ExchangeError> {
    let mut peer = peers::find(tx, node)?.unwrap_or_default();
    hold(&mut peer, checkpoint);
    peer.unreachable_since = None;
    peer.certificate = certificate.or(peer.certificate);
    peers::put(tx, node, &peer)?;
    Ok(())
}

/// Holds a checkpoint that was checked, if it is larger than the one that is held of the same log.
pub(crate) fn hold(peer: &mut KnownPeer, checkpoint: &SignedCheckpoint) {
    let origin = checkpoint.checkpoint().origin.as_str();
    let known = if peer.origin == origin {
        held_size(&peer.checkpoint)
    } else {
        None
    };
    if known.is_none_or(|size| size < checkpoint.size()) {
        peer.checkpoint = checkpoint.to_bytes().into();
        origin.clone_into(&mut peer.origin);
    }
}

/// The size in a checkpoint that was checked before it was kept.
fn held_size(note: &[u8]) -> Option<u64> {
    std::str::from_utf8(note).ok()?.lines().nth(1)?.parse().ok()
}
