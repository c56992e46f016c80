use proptest::prelude::*;

use super::*;

const SEGMENT: usize = 64 * BLOCK;

fn batch(frames: &[Vec<u8>], after: Mark) -> (Vec<u8>, Mark) {
    let mut buffer = BatchBuffer::new();
    for frame in frames {
        buffer.push(|bytes| bytes.extend_from_slice(frame));
    }
    assert_eq!(buffer.is_empty(), frames.is_empty());
    let (bytes, mark) = buffer.finish(after, 5);
    (bytes.to_vec(), mark)
}

fn segment(batches: &[&[u8]]) -> Vec<u8> {
    let mut segment = batches.concat();
    segment.resize(SEGMENT, 0);
    segment
}

/// Frames as they come: short ones, long ones, and some that hold blocks of zeros.
fn frames() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let frame = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..64),
        prop::collection::vec(any::<u8>(), 400..1400),
        (0..1800usize).prop_map(|length| vec![0; length]),
    ];
    prop::collection::vec(frame, 1..6)
}

fn start() -> Mark {
    Mark {
        batch: 3,
        chain: 0xabcd,
    }
}

proptest! {
    #[test]
    fn a_batch_reads_back_as_it_was_written(frames in frames()) {
        let (bytes, mark) = batch(&frames, start());
        prop_assert_eq!(bytes.len() % BLOCK, 0);
        let (next, _) = batch(&frames, mark);
        let segment = segment(&[&bytes, &next]);
        let Found::Batch(place) = find(&segment, 0, start()) else { panic!() };
        let read: Vec<_> = place.frames.iter().map(|frame| segment[frame.clone()].to_vec()).collect();
        prop_assert_eq!(&read, &frames);
        prop_assert_eq!((place.first_leaf, place.end, place.mark), (5, bytes.len(), mark));
        prop_assert!(matches!(find(&segment, place.end, mark), Found::Batch(_)));
        prop_assert_eq!(find(&segment, bytes.len() + next.len(), mark), Found::End);
    }

    #[test]
    fn a_batch_of_which_blocks_are_missing_is_incomplete(frames in frames(), kept: u64) {
        let (mut bytes, _) = batch(&frames, start());
        let whole = bytes.clone();
        for (number, block) in bytes.chunks_mut(BLOCK).enumerate() {
            if kept >> (number % 64) & 1 == 0 {
                block.fill(0);
            }
        }
        let found = find(&segment(&[&bytes]), 0, start());
        if bytes == whole {
            prop_assert!(matches!(found, Found::Batch(_)));
        } else if is_zero(&bytes) {
            prop_assert_eq!(found, Found::End);
        } else {
            prop_assert_eq!(found, Found::Incomplete);
        }
    }

    #[test]
    fn a_batch_of_which_the_end_is_missing_is_incomplete(frames in frames(), cut: prop::sample::Index) {
        let (mut bytes, _) = batch(&frames, start());
        let cut = 1 + cut.index(bytes.len() - 1);
        bytes[cut..].fill(0);
        prop_assert_eq!(find(&segment(&[&bytes]), 0, start()), Found::Incomplete);
    }

    #[test]
    fn a_batch_with_a_changed_bit_is_damaged(frames in frames(), at: prop::sample::Index, bit in 0..8u8) {
        let (mut bytes, _) = batch(&frames, start());
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let found = find(&segment(&[&bytes]), 0, start());
        prop_assert!(matches!(found, Found::Damaged(_)), "byte {}: {:?}", at, found);
    }
}

#[test]
fn a_batch_that_follows_another_wal_is_damaged() {
    let (bytes, _) = batch(&[vec![1]], start());
    for other in [
        Mark {
            batch: 4,
            ..start()
        },
        Mark {
            chain: 1,
            ..start()
        },
    ] {
        assert!(matches!(
            find(&segment(&[&bytes]), 0, other),
            Found::Damaged(_)
        ));
    }
}

#[test]
fn a_later_batch_shows_that_a_broken_one_was_not_the_last() {
    let (first, mark) = batch(&[vec![1; 900]], start());
    let (second, _) = batch(&[vec![2]], mark);
    let mut segment = segment(&[&first, &second]);
    segment[..BLOCK].fill(0);
    assert_eq!(find(&segment, 0, start()), Found::Incomplete);
    assert!(has_later(&segment, BLOCK, start()));
    segment[first.len()..].fill(0);
    assert!(!has_later(&segment, BLOCK, start()));
}
