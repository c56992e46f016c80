//! Merkle tree, checkpoints as signed notes, cosignatures, tiles, proofs, and a verifier that
//! works offline.
//!
//! Formats are C2SP's (signed-note v1.0.0, tlog-checkpoint v1.0.0, tlog-cosignature v1.0.1,
//! tlog-tiles v0.1.0, tlog-proof v1) over RFC 6962 trees, with Ed25519 and SHA-256, so that tools
//! written by others can check what this crate writes.
//!
//! # What it does not do
//!
//! It does not know what an entry means, where bytes are kept or how they travel, and it takes no
//! time of its own: everything is a function of its arguments. The one exception, [`DirSource`],
//! reads a folder of tiles for the offline verifier. It makes no ML-DSA signature and no
//! `subtree/v1` cosignature; lines that carry them are kept and ignored, as the note format asks.
//!
//! # Read first
//!
//! - [`Tree`]: append leaf hashes, take the root. What a writer holds.
//! - [`SignedCheckpoint`]: a tree head that a log key has signed, and the only form in which a
//!   head should be believed.
//! - [`verify_log`]: checks a folder of tiles against a checkpoint and names what is wrong.
//!
//! # The shape
//!
//! A writer advances a [`Tree`] for a batch and signs its head ([`LogKey::sign_checkpoint`]); once
//! the batch is durable it appends the same leaves to a [`RightEdge`], which serves
//! the hashes that proofs need ([`prove_inclusion`], [`prove_consistency`]) together with the full
//! tiles already written, and says which tiles a publication must write ([`tiles_to_write`]).
//! Whoever receives a [`TlogProof`] checks it with the log's [`VerifyingKey`] alone.

mod bundle;
mod checkpoint;
mod cosignature;
mod dir;
mod ed25519;
mod edge;
mod hash;
mod key;
mod memory;

mod note;
mod proof;
mod prove;
mod signing;
mod subtree;
mod text;
mod tile;
mod tiles;
mod tlog_proof;
mod tree;
mod verify;

pub use bundle::{Bundle, BundleError, EntryTooLong, MAX_ENTRY_BYTES, push_entry};
pub use checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
pub use cosignature::{Cosignature, CosignedAt};
pub use dir::DirSource;
pub use edge::{EdgeReader, RightEdge};
pub use hash::{Hash, InvalidHash, leaf_hash, node_hash};
pub use key::{KeyError, KeyId, KeyName, SignatureType, VerifyingKey};
pub use memory::MemoryTree;
pub use note::{MAX_NOTE_BYTES, MAX_SIGNATURES, Note, NoteError, NoteSignature, Opened, Signer};
pub use proof::{ProofError, verify_consistency, verify_inclusion};
pub use prove::{HashReader, ProveError, ReadError, prove_consistency, prove_inclusion};
pub use signing::{LogKey, WitnessKey};
pub use subtree::{
    prove_subtree_consistency, prove_subtree_inclusion, subtree_hash, verify_subtree_consistency,
    verify_subtree_inclusion,
};
pub use tile::{TileKind, TilePath, TilePathError, bundles_to_write, tiles_to_write};
pub use tiles::{TileError, TileHashes, TileSource, tile_bytes};
pub use tlog_proof::{MAX_PROOF_BYTES, TlogProof, TlogProofError};
pub use tree::{RestoreError, Tree};
pub use verify::{Below, Depth, Finding, Report, verify_consistency_of, verify_log};
