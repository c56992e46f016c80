//! Chains of receipts that have ended for good.
//!
//! `withdrawals`: link ∥ issuer of the chain ∥ chain. A row may precede the receipts it ends.

use passerelle_domain::{ChainId, LinkId, Malformed, NodeId, PersonId, Timestamp, TokenId};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, bytes, field};
use super::key::{Key, KeyParts};
use super::links::Link;
use super::spec::{Found, Spec};
use super::{Read, TableError, Write, expiry};

/// A chain that was withdrawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawnChain {
    /// The link.
    pub link: LinkId,
    /// The issuer of the chain.
    pub receipt_issuer: NodeId,
    /// The chain.
    pub chain: ChainId,
    /// The JWT of the withdrawal, or of the end of the link; `None` if it was made here.
    pub jwt: Option<String>,
    /// When it took effect here.
    pub withdrawn_at: Timestamp,
    /// The node that withdrew.
    pub by: NodeId,
    /// `jti` of the withdrawal, which the answer to it names.
    pub order: TokenId,
}

/// Every chain withdrawn over a link.
pub fn over_link(read: &impl Read, link: &LinkId) -> Result<Vec<WithdrawnChain>, TableError> {
    WITHDRAWALS
        .all(read, link.as_bytes())?
        .into_iter()
        .map(withdrawn)
        .collect()
}

/// The withdrawal of one chain.
pub fn find(
    read: &impl Read,
    link: &LinkId,
    receipt_issuer: &NodeId,
    chain: &ChainId,
) -> Result<Option<WithdrawnChain>, TableError> {
    let key = chain_key(link, receipt_issuer, chain);
    WITHDRAWALS.find(read, &key)?.map(withdrawn).transpose()
}

/// Ends a chain about a person, for good. A chain that has ended already stays as it was: then the
/// answer is `false`.
pub fn put(
    tx: &mut impl Write,
    person: &PersonId,
    withdrawn: &WithdrawnChain,
) -> Result<bool, TableError> {
    end(tx, Some(person), withdrawn, None)
}

/// The same over a link that is not known here yet: its withdrawal came before it. Kept until
/// `keep_until`, under the key of the table; for good if the link is known by then.
pub fn put_ahead(
    tx: &mut impl Write,
    withdrawn: &WithdrawnChain,
    keep_until: Timestamp,
) -> Result<bool, TableError> {
    end(tx, None, withdrawn, Some(keep_until))
}

/// Makes what the peer withdrew over a link before it was known the person's: kept as long as what
/// else there is of them.
pub(super) fn adopt(tx: &mut impl Write, link: &Link) -> Result<(), TableError> {
    for found in WITHDRAWALS.all::<rows::WithdrawalRow>(tx, link.id.as_bytes())? {
        if found.owner.is_none() && found.row.by == link.peer.as_str() {
            WITHDRAWALS.put(tx, Some(&link.person), &found.key, &found.row)?;
        }
    }
    Ok(())
}

/// Whether a row that came ahead has become a person's.
pub(super) fn is_adopted(read: &impl Read, key: &[u8]) -> Result<bool, TableError> {
    Ok(WITHDRAWALS.owner(read, key)?.flatten().is_some())
}

fn end(
    tx: &mut impl Write,
    person: Option<&PersonId>,
    withdrawn: &WithdrawnChain,
    keep_until: Option<Timestamp>,
) -> Result<bool, TableError> {
    let key = chain_key(&withdrawn.link, &withdrawn.receipt_issuer, &withdrawn.chain);
    if WITHDRAWALS.exists(tx, &key) {
        return Ok(false);
    }
    if let Some(keep_until) = keep_until {
        expiry::put(tx, keep_until, &WITHDRAWALS, &key)?;
    }
    let row = rows::WithdrawalRow {
        jwt: withdrawn.jwt.clone().unwrap_or_default(),
        withdrawn_at: withdrawn.withdrawn_at.as_millis(),
        by: withdrawn.by.to_string(),
        order: bytes(withdrawn.order.as_bytes()),
    };
    WITHDRAWALS.put(tx, person, &key, &row)?;
    Ok(true)
}

fn withdrawn(found: Found<rows::WithdrawalRow>) -> Result<WithdrawnChain, TableError> {
    let Found { key, row, .. } = found;
    let read = || {
        let mut parts = KeyParts::of(&key);
        Ok(WithdrawnChain {
            link: LinkId::from_bytes(parts.id()?),
            receipt_issuer: parts.node()?,
            chain: ChainId::from_bytes(parts.id()?),
            jwt: (!row.jwt.is_empty()).then_some(row.jwt),
            withdrawn_at: at(row.withdrawn_at),
            by: field("by", NodeId::new(&row.by))?,
            order: field("order", TokenId::from_slice(&row.order))?,
        })
    };
    read().map_err(|what: Malformed| WITHDRAWALS.malformed(what))
}

fn chain_key(link: &LinkId, receipt_issuer: &NodeId, chain: &ChainId) -> Key {
    Key::new()
        .id(link.as_bytes())
        .node(receipt_issuer)
        .id(chain.as_bytes())
}

pub(super) const WITHDRAWALS: Spec = Spec::new(11, "withdrawals");
