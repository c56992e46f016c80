//! What is known of peers.
//!
//! `peers`: peer.

use bytes::Bytes;
use passerelle_domain::{Digest, Malformed, NodeId, Timestamp};
use passerelle_proto::storage::v1 as rows;

use super::column::{maybe_at, maybe_bytes, maybe_millis, optional};
use super::key::{Key, KeyParts};
use super::spec::{Found, Spec};
use super::{Read, TableError, Write};

/// What is known of a peer.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct KnownPeer {
    /// The last checkpoint of its log that was seen and checked, a C2SP signed note; empty if none.
    pub checkpoint: Bytes,
    /// The origin of its log; empty if not known.
    pub origin: String,
    /// Since when it cannot be reached; `None` if it can.
    pub unreachable_since: Option<Timestamp>,
    /// SHA-256 of the last certificate that it showed.
    pub certificate: Option<Digest>,
    /// Size of the largest checkpoint of this node's log that it was shown with an acknowledgement
    /// and has taken; 0 if none.
    pub shown_size: u64,
}

/// What is known of one peer.
pub fn find(read: &impl Read, peer: &NodeId) -> Result<Option<KnownPeer>, TableError> {
    let found = PEERS.find(read, &Key::new().node(peer))?;
    Ok(found.map(known).transpose()?.map(|(_, known)| known))
}

/// What is known of every peer that there was to do with.
pub fn all(read: &impl Read) -> Result<Vec<(NodeId, KnownPeer)>, TableError> {
    PEERS.all(read, &[])?.into_iter().map(known).collect()
}

/// Notes what is known of a peer.
pub fn put(tx: &mut impl Write, peer: &NodeId, known: &KnownPeer) -> Result<(), TableError> {
    let row = rows::PeerRow {
        checkpoint: known.checkpoint.clone(),
        origin: known.origin.clone(),
        unreachable_since: maybe_millis(known.unreachable_since),
        certificate: maybe_bytes(known.certificate.as_ref().map(Digest::as_bytes)),
        shown_size: known.shown_size,
    };
    PEERS.put(tx, None, &Key::new().node(peer), &row)
}

fn known(found: Found<rows::PeerRow>) -> Result<(NodeId, KnownPeer), TableError> {
    let Found { key, row, .. } = found;
    let read = || {
        let known = KnownPeer {
            checkpoint: row.checkpoint,
            origin: row.origin,
            unreachable_since: maybe_at(row.unreachable_since),
            certificate: optional("certificate", &row.certificate, Digest::from_slice)?,
            shown_size: row.shown_size,
        };
        Ok((KeyParts::of(&key).node()?, known))
    };
    read().map_err(|what: Malformed| PEERS.malformed(what))
}

pub(super) const PEERS: Spec = Spec::new(31, "peers");
