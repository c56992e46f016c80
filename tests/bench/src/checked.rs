use bytes::Bytes;
use passerelle_domain::Digest;
use passerelle_domain::entry::Entry;
use passerelle_domain::vocabulary::EntryKind;
use passerelle_proto::exchange::v1 as wire;
use passerelle_store::Log;
use passerelle_tlog::{Hash, SignedCheckpoint, TlogProof, verify_consistency};
use prost::Message;

use crate::asking::Asking;
use crate::persons::REQUESTER;

/// An answer of the holder that was kept, with what it answers.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) asking: Asking,
    /// The checkpoint that was shown.
    pub(crate) held: Bytes,
    pub(crate) answer: wire::AskResponse,
}

impl Kept {
    /// Checks all that a requester checks, and that every record is there: what is wrong does not
    /// count as fast.
    pub(crate) fn check(&self, log: &Log, records: usize) {
        let body = &self.answer.envelope.as_ref().expect("an envelope").body;
        let logged = self.answer.logged.as_ref().expect("an entry");
        let entry = Entry::parse(&logged.entry).expect("an entry of an exchange log");
        assert_eq!(entry.kind, EntryKind::Disclosed);
        assert_eq!(entry.exchange, Some(self.asking.exchange));
        assert_eq!(entry.attempt, Some(1));
        assert_eq!(entry.question, Some(Digest::of(&self.asking.question)));
        assert_eq!(entry.body, Some(Digest::of(body)));
        let peer = entry.peer.expect("a peer").node;
        assert_eq!(peer.as_str(), REQUESTER);
        assert_eq!(entry.records, Some(records as u64));

        let proof = TlogProof::parse(&logged.proof).expect("a tlog-proof");
        let key = log.verifying_key();
        let head = proof.verify(&logged.entry, key);
        self.continues(&head.expect("an entry that is in the log"), log);

        let answer = wire::AnswerBody::decode(&**body).expect("a body");
        assert_eq!(&*answer.exchange_id, self.asking.exchange.as_bytes());
        let Some(wire::answer_body::Result::Summary(summary)) = answer.result else {
            panic!("no summary");
        };
        assert_eq!(summary.records.len(), records);
    }

    fn continues(&self, head: &SignedCheckpoint, log: &Log) {
        if self.held.is_empty() {
            return;
        }
        let held = SignedCheckpoint::open(&self.held, log.verifying_key());
        let held = held.expect("a checkpoint of this log");
        if held.size() == head.size() {
            assert_eq!(held.root(), head.root());
            return;
        }
        let hashes = self
            .answer
            .logged
            .as_ref()
            .expect("an entry")
            .consistency
            .iter();
        let hashes: Vec<Hash> = hashes
            .map(|hash| Hash::try_from(&hash[..]).expect("a hash"))
            .collect();
        verify_consistency(held.size(), held.root(), head.size(), head.root(), &hashes)
            .expect("a log that only grew");
    }
}

/// Checks that each entry in a stretch of the log discloses something.
pub(crate) fn all_disclosed(log: &Log, from: u64, to: u64) {
    for first in (from..to).step_by(AT_ONCE) {
        let entries = log.entries(first..to.min(first + AT_ONCE as u64));
        for entry in entries.expect("a log that can be read") {
            let entry = Entry::parse(&entry).expect("an entry of an exchange log");
            assert_eq!(entry.kind, EntryKind::Disclosed);
        }
    }
}

const AT_ONCE: usize = 4096;
