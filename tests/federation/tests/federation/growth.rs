//! I4: the exchange log only grows.

use std::collections::BTreeSet;

use passerelle_federation_tests::*;
use passerelle_proto::audit::v1::{GetExchangeRequest, GetLatestCheckpointRequest};
use passerelle_tlog::{SignedCheckpoint, TlogProof, VerifyingKey, verify_consistency_of};

/// Every checkpoint of a node's log that anybody was shown.
struct Shown {
    node: &'static str,
    key: Option<VerifyingKey>,
    checkpoints: Vec<SignedCheckpoint>,
}

impl Shown {
    fn of(node: &'static str) -> Self {
        Self {
            node,
            key: None,
            checkpoints: Vec::new(),
        }
    }

    async fn look(&mut self, federation: &Federation) {
        let officer = Agency::officer(federation, self.node).await;
        let request = officer.request(GetLatestCheckpointRequest {});
        let latest = Agency::told(officer.audit().get_latest_checkpoint(request)).await;
        let key: VerifyingKey = latest.verifier_key.parse().unwrap();
        let checkpoint = SignedCheckpoint::open(latest.checkpoint.as_bytes(), &key).unwrap();
        self.checkpoints.push(checkpoint);
        self.key = Some(key);
    }

    /// Those in the proofs that the other node was shown with its entries.
    async fn shown_to(&mut self, federation: &Federation, other: &str) {
        let officer = Agency::officer(federation, other).await;
        let size = Entries::of(federation, other).await.kinds().len();
        for log_index in 0..size as u64 {
            let request = officer.request(GetExchangeRequest { log_index });
            let file = Agency::told(officer.audit().get_exchange(request)).await;
            if file.peer_proof.is_empty() {
                continue;
            }
            let proof = TlogProof::parse(file.peer_proof.as_bytes()).unwrap();
            let key = self.key.as_ref().unwrap();
            let entry = file.peer_entry_json.as_bytes();
            self.checkpoints.push(proof.verify(entry, key).unwrap());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i4_every_checkpoint_ever_shown_is_the_beginning_of_every_later_one() {
    let mut federation = Federation::start().await;
    let mut shown = Shown::of(MISSION_LOCALE);
    shown.look(&federation).await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    shown.look(&federation).await;
    amina.keep(vec![step("step-1", "Atelier")]).await;
    let agreed = amina.agree(&Opening::usual()).await;
    for _ in 0..3 {
        Agency::told(amina.fetch(&amina.question(&["steps"]))).await;
        shown.look(&federation).await;
    }
    federation.restart(MISSION_LOCALE).await;
    shown.look(&federation).await;
    Agency::told(amina.fetch(&amina.question(&["steps"]))).await;
    amina.withdraw(&agreed.chain).await;
    refusal(amina.fetch(&amina.question(&["steps"])).await);
    shown.look(&federation).await;
    let looked_at = shown.checkpoints.len();
    shown.shown_to(&federation, DEPARTEMENT).await;
    assert!(
        shown.checkpoints.len() >= looked_at + 5,
        "answers were proved"
    );

    let verified = Entries::verify(&federation, MISSION_LOCALE).await;
    assert!(verified.whole, "{}", verified.finding);
    let key = shown.key.as_ref().unwrap();
    let published = SignedCheckpoint::open(verified.checkpoint.as_bytes(), key).unwrap();
    let sizes: BTreeSet<_> = shown
        .checkpoints
        .iter()
        .map(SignedCheckpoint::size)
        .collect();
    assert!(sizes.len() > 5, "{sizes:?}");
    // Whatever begins one tree begins whatever of it is longer.
    let log = federation
        .site(MISSION_LOCALE)
        .passerelle
        .store()
        .log()
        .folder();
    for old in &shown.checkpoints {
        let consistent = verify_consistency_of(&log, old, &published);
        assert!(
            consistent.is_ok(),
            "{} and {}",
            old.size(),
            published.size()
        );
    }
}
