use passerelle_tlog::{Hash, LogKey};

use super::super::Head;
use super::{Heads, MOST};

#[test]
fn a_head_is_found_by_all_of_its_bytes_and_by_no_others() {
    let key = LogKey::from_seed(&[1; 32], "node-a.example/exchange/2026h2".parse().unwrap());
    let key = key.unwrap();
    let head = |size| Head::sign(&key, size, Hash::EMPTY_ROOT);
    let mut heads = Heads::default();
    for size in 1..=MOST as u64 + 1 {
        heads.push(head(size));
    }
    let found = |bytes: &[u8]| heads.find(bytes).map(|head| head.size());
    assert_eq!(found(&head(2).bytes), Some(2));
    assert_eq!(found(&head(MOST as u64 + 1).bytes), Some(MOST as u64 + 1));
    assert_eq!(found(&head(1).bytes), None, "it went");

    let shown = head(7).bytes.to_vec();
    for at in 0..shown.len() {
        let mut changed = shown.clone();
        changed[at] ^= 1;
        assert_eq!(found(&changed), None, "byte {at}");
        assert_eq!(found(&shown[..at]), None);
    }
    assert_eq!(found(&[&shown[..], b"\n"].concat()), None);
}
