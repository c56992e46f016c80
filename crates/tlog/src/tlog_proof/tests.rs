use proptest::prelude::*;

use super::*;
use crate::memory::MemoryTree;
use crate::note::NoteError;
use crate::prove::prove_inclusion;
use crate::signing::LogKey;
use crate::tree::Tree;

fn key() -> LogKey {
    LogKey::from_seed(&[1; 32], "ml.example/exchange/2026h2".parse().unwrap()).unwrap()
}

fn entry(index: u64) -> Vec<u8> {
    format!("{{\"entry\":{index}}}").into_bytes()
}

fn proof(index: u64, size: u64) -> TlogProof {
    let tree: MemoryTree = (0..size).map(|n| leaf_hash(&entry(n))).collect();
    let root = Tree::from_reader(&tree, size).unwrap().root();
    let hashes = prove_inclusion(&tree, index, size).unwrap();
    TlogProof::new(index, hashes, &key().sign_checkpoint(size, root))
}

#[test]
fn it_is_written_as_the_specification_shows() {
    let mut proof = proof(1, 3);
    proof.extra = b"opaque".to_vec();
    let text = proof.to_string();
    let lines: Vec<_> = text.split('\n').collect();
    assert_eq!(
        lines[..3],
        ["c2sp.org/tlog-proof@v1", "extra b3BhcXVl", "index 1"]
    );
    assert_eq!(lines[3], proof.hashes[0].to_base64());
    assert_eq!(lines[4], proof.hashes[1].to_base64());
    assert_eq!(lines[5..8], ["", "ml.example/exchange/2026h2", "3"]);
    assert!(text.ends_with(&proof.checkpoint));
    assert_eq!(TlogProof::parse(text.as_bytes()), Ok(proof));
}

#[test]
fn any_other_form_is_refused() {
    let good = proof(1, 3).to_string();
    let hash = proof(1, 3).hashes[0].to_base64();
    assert!(TlogProof::parse(good.as_bytes()).is_ok());
    for (text, error) in [
        (String::new(), TlogProofError::Form),
        (good.replace("@v1", "@v2"), TlogProofError::Form),
        (good.replace("c2sp", " c2sp"), TlogProofError::Form),
        (
            good.replace("index", "extra \nindex"),
            TlogProofError::Extra,
        ),
        (
            good.replace("index", "extra AA\nindex"),
            TlogProofError::Extra,
        ),
        (
            good.replace("index", "extra AAAA\nextra AAAA\nindex"),
            TlogProofError::Index,
        ),
        (good.replace("index 1", "index 01"), TlogProofError::Index),
        (good.replace("index 1", "index +1"), TlogProofError::Index),
        (good.replace("index 1", "index  1"), TlogProofError::Index),
        (good.replace("index 1", "index"), TlogProofError::Index),
        (good.replace("index 1\n", ""), TlogProofError::Index),
        (
            good.replace("index 1\n", "index 1\nextra AAAA\n"),
            TlogProofError::Hash,
        ),
        (good.replace(&hash, &hash[4..]), TlogProofError::Hash),
        (good.replace('\n', "\r\n"), TlogProofError::Form),
        ("x".repeat(MAX_PROOF_BYTES + 1), TlogProofError::TooLong),
    ] {
        assert_eq!(TlogProof::parse(text.as_bytes()), Err(error), "{text:?}");
    }
}

#[test]
fn the_proof_of_a_log_of_one_has_no_hashes() {
    let proof = proof(0, 1);
    assert_eq!(proof.hashes, []);
    let read = TlogProof::parse(proof.to_string().as_bytes()).unwrap();
    let head = read.verify(&entry(0), key().verifying_key()).unwrap();
    assert_eq!(head.size(), 1);
}

#[test]
fn it_says_whether_the_signature_or_the_inclusion_fails() {
    let mut proof = proof(1, 3);
    let key = key();
    assert!(matches!(
        proof.verify(b"other", key.verifying_key()),
        Err(TlogProofError::Inclusion(ProofError::Root))
    ));
    let other = LogKey::from_seed(&[2; 32], "ml.example/exchange/2026h2".parse().unwrap()).unwrap();
    assert!(matches!(
        proof.verify(&entry(1), other.verifying_key()),
        Err(TlogProofError::Checkpoint(CheckpointError::Note(
            NoteError::NoKnownSignature
        )))
    ));
    proof.index = 3;
    assert!(matches!(
        proof.verify(&entry(1), key.verifying_key()),
        Err(TlogProofError::Inclusion(ProofError::OutOfRange))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn it_reads_back_to_the_byte_and_verifies(
        size in 1u64..300, index in any::<u64>(), extra in prop::collection::vec(any::<u8>(), 0..50),
    ) {
        let index = index % size;
        let mut proof = proof(index, size);
        proof.extra = extra;
        let text = proof.to_string();
        let read = TlogProof::parse(text.as_bytes()).unwrap();
        prop_assert_eq!(&read, &proof);
        prop_assert_eq!(read.to_string(), text);
        let head = read.verify(&entry(index), key().verifying_key()).unwrap();
        prop_assert_eq!(head.size(), size);
        prop_assert!(read.verify(&entry(index + 1), key().verifying_key()).is_err());
    }

    #[test]
    fn with_any_bit_flipped_it_no_longer_verifies(size in 2u64..40, index in any::<u64>(), at in any::<usize>(), bit in 0u8..8) {
        let index = index % size;
        let mut bytes = proof(index, size).to_string().into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        let key = key();
        let verified = TlogProof::parse(&bytes).and_then(|read| read.verify(&entry(index), key.verifying_key()));
        prop_assert!(verified.is_err());
    }
}
