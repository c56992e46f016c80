use proptest::prelude::*;

use super::*;

#[test]
fn an_entry_stands_behind_its_length() {
    let mut bundle = Vec::new();
    push_entry(&mut bundle, b"ab").unwrap();
    push_entry(&mut bundle, b"").unwrap();
    assert_eq!(bundle, [0, 2, b'a', b'b', 0, 0]);
}

#[test]
fn the_longest_entry_fits_and_the_next_does_not() {
    let mut bundle = Vec::new();
    let entry = vec![7; MAX_ENTRY_BYTES + 1];
    push_entry(&mut bundle, &entry[1..]).unwrap();
    let before = bundle.len();
    let refused = push_entry(&mut bundle, &entry);
    assert_eq!(refused, Err(EntryTooLong { bytes: 65_536 }));
    assert_eq!(bundle.len(), before);
    assert_eq!(Bundle::new(&bundle).next(), Some(Ok(&entry[1..])));
}

proptest! {
    #[test]
    fn entries_read_back_and_a_cut_is_noticed(
        entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..20),
        cut in any::<usize>(),
    ) {
        let mut bundle = Vec::new();
        for entry in &entries {
            push_entry(&mut bundle, entry).unwrap();
        }
        let read: Result<Vec<_>, _> = Bundle::new(&bundle).collect();
        prop_assert_eq!(read.unwrap(), entries.clone());

        let cut = &bundle[..cut % bundle.len()];
        let mut read = Bundle::new(cut);
        let whole = read.by_ref().take_while(Result::is_ok).count();
        prop_assert!(whole < entries.len());
        prop_assert_eq!(read.next(), None);
    }
}
