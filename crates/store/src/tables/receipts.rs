//! Receipts over links, issued here or received.
//!
//! `receipts`: link ∥ issuer ∥ chain ∥ version. A peer cannot put a receipt over one of another
//! issuer.

use data_encoding::BASE64URL_NOPAD;
use passerelle_domain::claim::Receipt;
use passerelle_domain::{
    ChainId, Digest, LinkId, Malformed, NodeId, PersonId, Timestamp, Verified,
};
use passerelle_proto::storage::v1 as rows;

use super::column::at;
use super::key::Key;
use super::spec::{Found, Spec};
use super::{Read, TableError, Write};

/// A receipt as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptReceipt {
    /// What it says; its signature was checked before it was kept.
    pub receipt: Verified<Receipt>,
    /// The JWT as it was issued or received.
    pub jwt: String,
    /// SHA-256 of the JWT.
    pub digest: Digest,
    /// Whether this node issued it.
    pub issued_here: bool,
    /// When it came, or was made.
    pub received_at: Timestamp,
}

impl KeptReceipt {
    /// A receipt that this node has made and signed, together with its JWT.
    pub fn issued(receipt: Receipt, jwt: String, at: Timestamp) -> Self {
        #[allow(
            clippy::disallowed_methods,
            reason = "nobody but the node itself has signed it"
        )]
        let receipt = Verified::new(receipt);
        Self::new(receipt, jwt, true, at)
    }

    /// A receipt that was checked, together with its JWT.
    pub fn new(
        receipt: Verified<Receipt>,
        jwt: String,
        issued_here: bool,
        received_at: Timestamp,
    ) -> Self {
        Self {
            digest: Digest::of(jwt.as_bytes()),
            receipt,
            jwt,
            issued_here,
            received_at,
        }
    }
}

/// Every receipt kept over a link: by issuer, chain and version.
pub fn over_link(read: &impl Read, link: &LinkId) -> Result<Vec<KeptReceipt>, TableError> {
    RECEIPTS
        .all(read, link.as_bytes())?
        .into_iter()
        .map(kept)
        .collect()
}

/// Every version of a chain kept over a link, the lowest first.
pub fn chain(
    read: &impl Read,
    link: &LinkId,
    issuer: &NodeId,
    chain: &ChainId,
) -> Result<Vec<KeptReceipt>, TableError> {
    let prefix = Key::new()
        .id(link.as_bytes())
        .node(issuer)
        .id(chain.as_bytes());
    RECEIPTS.all(read, &prefix)?.into_iter().map(kept).collect()
}

/// Keeps a receipt about a person.
pub fn put(tx: &mut impl Write, person: &PersonId, kept: &KeptReceipt) -> Result<(), TableError> {
    let claim = kept.receipt.claim();
    let key = Key::new()
        .id(claim.link.as_bytes())
        .node(&claim.issuer)
        .id(claim.chain.as_bytes())
        .u32(claim.version);
    let row = rows::ReceiptRow {
        jwt: kept.jwt.clone(),
        issued_here: kept.issued_here,
        received_at: kept.received_at.as_millis(),
    };
    RECEIPTS.put(tx, Some(person), &key, &row)
}

fn kept(found: Found<rows::ReceiptRow>) -> Result<KeptReceipt, TableError> {
    let row = found.row;
    let claim = claims(&row.jwt).map_err(|what| RECEIPTS.malformed(what))?;
    #[allow(
        clippy::disallowed_methods,
        reason = "the row was sealed when its signature had been checked, and opened as it was sealed"
    )]
    let receipt = Verified::new(claim);
    Ok(KeptReceipt::new(
        receipt,
        row.jwt,
        row.issued_here,
        at(row.received_at),
    ))
}

/// The claims of a JWT in compact form (RFC 7515 §7.1).
fn claims(jwt: &str) -> Result<Receipt, Malformed> {
    let malformed = || Malformed::new("jwt", "a JWT with the claims of a receipt");
    let payload = jwt.split('.').nth(1).ok_or_else(malformed)?;
    let payload = BASE64URL_NOPAD
        .decode(payload.as_bytes())
        .map_err(|_| malformed())?;
    serde_json::from_slice(&payload).map_err(|_| malformed())
}

pub(super) const RECEIPTS: Spec = Spec::new(10, "receipts");
