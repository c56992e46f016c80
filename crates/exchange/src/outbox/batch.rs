//! What goes in one delivery.

use std::sync::Arc;

use bytes::Bytes;
use passerelle_domain::NodeId;
use passerelle_proto::exchange::v1 as wire;
use passerelle_proto::exchange::v1::delivery_item::Item;
use passerelle_store::Head;
use passerelle_store::tables::outbox::{OutboxItem, OutboxKind};
use passerelle_store::tables::peers;
use passerelle_tlog::SignedCheckpoint;
use prost::Message;

use super::{Placed, envelope};
use crate::deliver::MOST_ITEMS;
use crate::logging::{Appended, logged_entry};
use crate::{ExchangeError, Passerelle};

/// A message between nodes has 64 KiB at most; this leaves room for what is around the items.
const MOST_BYTES: usize = 56 * 1024;

/// Some items of the outbox, as they travel.
pub(super) struct Batch {
    pub(super) sent: Vec<Placed>,
    /// What cannot be read here: it stays, and the others go.
    pub(super) unreadable: Vec<Placed>,
    items: Vec<wire::DeliveryItem>,
    held: Option<SignedCheckpoint>,
    /// Size of the head that its acknowledgements are proved under.
    pub(super) head: u64,
}

impl Passerelle {
    /// The first of these items that go in one delivery.
    pub(super) fn batch(&self, peer: &NodeId, due: Vec<Placed>) -> Result<Batch, ExchangeError> {
        let member = self.0.trust.list().member(peer).cloned();
        let head = self.0.store.log().head();
        let known = self.read(|view| Ok(peers::find(view, peer)?))?;
        let shown = known.map(|known| known.shown_size).filter(|size| *size > 0);
        let mut batch = Batch {
            sent: Vec::new(),
            unreadable: Vec::new(),
            items: Vec::new(),
            held: match &member {
                Some(member) => self.held_checkpoint(member)?,
                None => None,
            },
            head: head.size(),
        };
        let mut bytes = 0;
        for (place, item) in due {
            let travelling = match self.travelling(&item, &head, shown) {
                Ok(travelling) => wire::DeliveryItem {
                    number: place.number,
                    item: Some(travelling),
                },
                Err(error) => {
                    let (kind, number) = (item.kind, place.number);
                    tracing::error!(%peer, ?kind, number, %error, "an item of the outbox cannot be delivered");
                    batch.unreadable.push((place, item));
                    continue;
                }
            };
            bytes += travelling.encoded_len() + FRAMING;
            if batch.items.len() == MOST_ITEMS || (bytes > MOST_BYTES && !batch.items.is_empty()) {
                break;
            }
            batch.sent.push((place, item));
            batch.items.push(travelling);
        }
        Ok(batch)
    }

    fn travelling(
        &self,
        item: &OutboxItem,
        head: &Arc<Head>,
        shown: Option<u64>,
    ) -> Result<Item, ExchangeError> {
        let unreadable = || ExchangeError::Internal {
            what: "an item of the outbox cannot be read".to_owned(),
        };
        let jwt = || String::from_utf8(item.item.to_vec()).map_err(|_| unreadable());
        Ok(match item.kind {
            OutboxKind::Receipt => Item::Receipt(jwt()?),
            OutboxKind::Withdrawal => Item::Withdrawal(jwt()?),
            OutboxKind::Objection => Item::Objection(jwt()?),
            OutboxKind::PurgeOrder => Item::PurgeOrder(jwt()?),
            OutboxKind::LinkEnd => Item::LinkEnd(jwt()?),
            OutboxKind::Introduction => Item::Introduction(jwt()?),
            OutboxKind::IntroductionReply => Item::IntroductionReply(jwt()?),
            OutboxKind::Acknowledgement => {
                let message =
                    wire::Acknowledgement::decode(&*item.item).map_err(|_| unreadable())?;
                let leaf = item.leaf.ok_or_else(unreadable)?;
                Item::Acknowledgement(wire::Acknowledgement {
                    logged: Some(self.logged_at(leaf, head, shown)?),
                    ..message
                })
            }
        })
    }

    /// An entry of this log as it is shown to another node, with its proof as of now, and that the
    /// log continues what that node was shown before.
    fn logged_at(
        &self,
        leaf: u64,
        head: &Arc<Head>,
        shown: Option<u64>,
    ) -> Result<wire::LoggedEntry, ExchangeError> {
        let bytes = self.0.store.log().entry(leaf).map_err(|error| {
            tracing::error!(%error, "the log cannot be read");
            ExchangeError::LogUnavailable
        })?;
        logged_entry(&self.0.store, &Appended { bytes, leaf }, head, shown)
    }
}

impl Batch {
    /// The call that delivers it.
    pub(super) fn request(&self, node: &Passerelle) -> wire::DeliverRequest {
        let held = self.held.as_ref().map(SignedCheckpoint::to_bytes);
        let body = wire::DeliverBody {
            sent_at_millis: node.now().as_millis(),
            nonce: Bytes::copy_from_slice(&node.rng().bytes::<32>()),
            held_checkpoint: held.unwrap_or_default().into(),
            items: self.items.clone(),
        };
        wire::DeliverRequest {
            envelope: Some(envelope(body.encode_to_vec())),
        }
    }
}

/// What an item costs in its message beside its bytes, at most.
const FRAMING: usize = 8;
