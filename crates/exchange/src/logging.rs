//! How an entry goes to the log: sealed, dated, appended and indexed in the transaction that it
//! tells of.

use std::sync::Arc;

use bytes::Bytes;
use passerelle_domain::entry::{Entry, Party};
use passerelle_domain::{Caller, Digest, NodeId, PersonId};
use passerelle_proto::exchange::v1 as wire;
use passerelle_store::tables::Write;
use passerelle_store::tables::exchange_index::{self, IndexedEntry};
use passerelle_store::{Head, KnownAgent, SealedFields, Store, Tx};

use crate::ExchangeError;

/// An entry on its way to the log.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    /// Everything but the time and what only sealing gives.
    pub entry: Entry,
    /// The person it is about, where there is one.
    pub person: Option<PersonId>,
    /// What only this node may read.
    pub fields: SealedFields,
    /// Digests of the receipts among the grounds, in their order.
    pub receipts: Vec<Digest>,
}

/// An entry that will be durable when its transaction is.
#[derive(Clone, Debug)]
pub(crate) struct Appended {
    /// As stored and hashed.
    pub bytes: Bytes,
    /// Its place in the log.
    pub leaf: u64,
}

impl Draft {
    /// An entry about a person, or about nobody, with no agent and no reason to seal.
    pub(crate) fn new(entry: Entry, person: Option<PersonId>) -> Self {
        Self {
            entry,
            person,
            fields: SealedFields {
                agent: None,
                reason: String::new(),
            },
            receipts: Vec::new(),
        }
    }

    /// With the agent for whom it happened.
    pub(crate) fn by(mut self, caller: &Caller) -> Self {
        self.entry.role = Some(caller.role);
        self.entry.assurance = Some(caller.assurance);
        self.fields.agent = Some(KnownAgent::from(caller));
        self
    }

    /// With the other node.
    pub(crate) fn with(mut self, peer: &NodeId, certificate: Option<Digest>) -> Self {
        self.entry.peer = Some(Party {
            node: peer.clone(),
            certificate,
        });
        self
    }

    /// Seals, dates, appends and indexes the entry: the only one of its transaction.
    pub(crate) fn log(mut self, tx: &mut Tx<'_>) -> Result<Appended, ExchangeError> {
        let sealed = match &self.person {
            Some(person) => tx.seal(person, &self.fields, &self.receipts)?,
            None => tx.seal_nobody(&self.fields, &self.receipts)?,
        };
        self.entry.at = tx.now();
        self.entry.tag = Some(sealed.tag);
        self.entry.commitment = Some(sealed.commitment);
        self.entry.sealed = Some(sealed.digest);
        for (ground, reference) in self.entry.grounds.iter_mut().zip(&sealed.receipt_refs) {
            ground.receipt_ref = *reference;
        }
        let bytes = Bytes::from(self.entry.to_bytes()?);
        let leaf = tx.append(bytes.clone());
        tx.attach_sealed(sealed.part);
        let indexed = IndexedEntry {
            leaf,
            person: self.person,
            kind: self.entry.kind,
            peer: self.entry.peer.map(|peer| peer.node),
            at: self.entry.at,
        };
        exchange_index::put(tx, &indexed)?;
        Ok(Appended { bytes, leaf })
    }
}

/// An entry as it is shown to the other party: with its proof under `head`, and the proof that the
/// log continues the checkpoint which that party holds, of this size.
pub(crate) fn logged_entry(
    store: &Store,
    appended: &Appended,
    head: &Arc<Head>,
    held: Option<u64>,
) -> Result<wire::LoggedEntry, ExchangeError> {
    let log = store.log();
    let fault = |error: passerelle_store::LogError| {
        tracing::error!(%error, "the log cannot be read");
        ExchangeError::LogUnavailable
    };
    let proof = log.tlog_proof(appended.leaf, head).map_err(fault)?;
    let consistency = match held {
        Some(held) if held < head.size() => {
            log.consistency_proof(held, head.size()).map_err(fault)?
        }
        _ => Vec::new(),
    };
    Ok(wire::LoggedEntry {
        entry: appended.bytes.clone(),
        proof: proof.to_string().into_bytes().into(),
        consistency: consistency
            .iter()
            .map(|hash| Bytes::copy_from_slice(hash.as_bytes()))
            .collect(),
    })
}
