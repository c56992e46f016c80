#![allow(clippy::disallowed_methods, reason = "tests look at what is kept")]

use std::collections::BTreeSet;

use bytes::Bytes;
use passerelle_domain::entry::Entry;
use passerelle_domain::vocabulary::RecordUse;
use passerelle_domain::{ChainId, ExchangeId, LinkId, Pii};
use passerelle_store::tables::copies::CopySource;

use super::*;
use crate::testing::{Federation, awa};

pub(super) const HERE: &str = "departement";
pub(super) const THERE: &str = "mission-locale";

/// A person followed here and there, with a link.
pub(super) struct Story {
    pub(super) federation: Federation,
    pub(super) here: PersonId,
    pub(super) there: PersonId,
    pub(super) link: LinkId,
}

impl Story {
    pub(super) async fn new() -> Self {
        let federation = Federation::new(1);
        let here = federation.register(HERE, "D-1", awa()).await;
        let there = federation.register(THERE, "ML-1", awa()).await;
        let link = federation
            .link((THERE, there), (HERE, here), Class::MAX)
            .await;
        Self {
            federation,
            here,
            there,
            link,
        }
    }

    pub(super) async fn journey(&self, caller: &Caller) -> MergedJourney {
        self.federation
            .node(HERE)
            .merged_journey(caller, self.here)
            .await
            .unwrap()
    }

    pub(super) async fn source(&self) -> JourneySource {
        let journey = self.journey(&self.federation.caseworker(HERE)).await;
        let [source] = journey.sources.as_slice() else {
            panic!("{journey:?}")
        };
        source.clone()
    }

    pub(super) async fn note(&self, state: SourceState) {
        let standing = SourceStanding {
            state,
            since: self.federation.now(),
        };
        let (person, holder) = (self.here, NodeId::new(THERE).unwrap());
        let put = move |tx: &mut Tx<'_>| Ok(source_states::put(tx, &person, &holder, standing)?);
        self.federation
            .node(HERE)
            .transact("note", put)
            .await
            .unwrap();
    }

    /// Everything that the other holds, as a copy here that may be shown for a day.
    pub(super) async fn receive(&self) {
        let until = self.federation.now().plus(DAY);
        self.receive_until(|_| until, self.link).await;
    }

    pub(super) async fn receive_until(&self, until: impl Fn(Class) -> Timestamp, link: LinkId) {
        let read = self.federation.node(THERE).read(|view| {
            let journey = records::journey(view, &self.there)?;
            journey
                .iter()
                .map(own_record)
                .collect::<Result<Vec<_>, _>>()
        });
        let records: Vec<_> = read
            .unwrap()
            .iter()
            .map(|record| record.shareable().clone())
            .collect();
        let summary = Summary {
            overview: Overview::of(&records, self.federation.now()),
            records: records
                .into_iter()
                .map(|record| SummaryRecord {
                    until: until(record.class()),
                    contested: None,
                    record,
                    holder: NodeId::new(THERE).unwrap(),
                    usage: RecordUse::Display,
                })
                .collect(),
            not_opened: BTreeSet::new(),
        };
        self.keep(&summary, link).await;
        self.note(SourceState::Received).await;
    }

    async fn keep(&self, summary: &Summary, link: LinkId) {
        let body = wire::AnswerBody {
            result: Some(wire::answer_body::Result::Summary(summary.into())),
            ..wire::AnswerBody::default()
        };
        let held = HeldCopy {
            body: Pii::new(Bytes::from(body.encode_to_vec())),
            received_at: self.federation.now(),
            exchange: ExchangeId::new(self.federation.now(), self.federation.chance()),
            attempt: 1,
            chains: vec![ChainId::from_bytes([1; 16])],
            leaf: 0,
            records: 1,
            asked: Vec::new(),
        };
        let source = self.copy_source(link);
        let put = move |tx: &mut Tx<'_>| Ok(copies::put(tx, &source, &held)?);
        self.federation
            .node(HERE)
            .transact("copy", put)
            .await
            .unwrap();
    }

    pub(super) async fn purge(&self) {
        let source = self.copy_source(self.link);
        let purge = move |tx: &mut Tx<'_>| {
            let now = tx.now();
            Ok(copies::purge(tx, &source, now)?)
        };
        self.federation
            .node(HERE)
            .transact("purge", purge)
            .await
            .unwrap();
    }

    fn copy_source(&self, link: LinkId) -> CopySource {
        CopySource {
            person: self.here,
            holder: NodeId::new(THERE).unwrap(),
            link,
        }
    }

    pub(super) fn viewed(&self) -> Vec<Entry> {
        let log = self.federation.node(HERE).store().log().clone();
        let entries = log.entries(0..log.size()).unwrap();
        let entries = entries.iter().map(|entry| Entry::parse(entry).unwrap());
        entries
            .filter(|entry| entry.kind == EntryKind::Viewed)
            .collect()
    }
}
