//! The power of each node of a federation is cut at every operation on its disk, in a story of all
//! that two organisations do about one person. The node starts again from what its disk kept, the
//! agency systems repeat the calls that failed, and what is queued is delivered. Then everything
//! that must always hold is looked for in what the nodes hold.

mod acknowledged;
mod held;
mod invariants;
mod planted;
mod story;

use passerelle_store::sim::Crash;

use self::held::Held;
use self::invariants::broken;
use self::story::{STEPS, Story, Victim};

/// A power cut: before which operation on the disk of the victim, and what it leaves.
#[derive(Clone, Copy, Debug)]
struct Cut {
    operation: u64,
    crash: Crash,
    /// What the engine forgets: it takes changes when it likes, and the wal has them.
    applied: usize,
}

/// Cuts the power of one node everywhere, each time in one of two ways, and tells the rest.
async fn cut_everywhere(victim: Victim, torn_first: bool) {
    let mut story = Story::begin().await;
    let mut cuts = 0;
    for (number, step) in STEPS.iter().enumerate() {
        // What starting again takes is the store's to test.
        let mut whole = story.fork();
        let first = whole.operations(victim);
        whole.tell(*step).await;
        for operation in first..whole.operations(victim) {
            let torn = (operation % 2 == 0) == torn_first;
            let cut = Cut {
                operation,
                crash: match torn {
                    true => Crash::Torn { seed: operation },
                    false => Crash::Whole,
                },
                // All that it can, each seventh time.
                applied: [0, 1, 2, 3, 5, 8, 64][usize::try_from(operation % 7).unwrap()],
            };
            let mut fork = story.fork();
            fork.threaten(victim, cut);
            for step in &STEPS[number..] {
                fork.tell(*step).await;
            }
            fork.settle().await;
            assert!(fork.is_cut(), "{victim:?} {cut:?}");
            assert_eq!(
                broken(&Held::by(&fork)),
                [""; 0],
                "{victim:?} {cut:?}, {step:?}"
            );
            cuts += 1;
        }
        story.tell(*step).await;
    }
    assert!(cuts > 15, "{cuts}");
}

#[tokio::test]
async fn everything_holds_when_no_power_is_cut() {
    let mut story = Story::begin().await;
    for step in STEPS {
        story.tell(*step).await;
    }
    assert_eq!(broken(&Held::by(&story)), [""; 0]);
}

macro_rules! everywhere {
    ($($name:ident: $victim:ident, $torn_first:literal;)*) => {$(
        #[tokio::test]
        async fn $name() {
            cut_everywhere(Victim::$victim, $torn_first).await;
        }
    )*};
}

mod i2_to_i11_hold_when_the_power_is_cut_at_any_operation {
    use super::{Victim, cut_everywhere};

    everywhere! {
        of_the_holder_whole_and_torn: Holder, false;
        of_the_holder_torn_and_whole: Holder, true;
        of_the_requester_whole_and_torn: Requester, false;
        of_the_requester_torn_and_whole: Requester, true;
        of_the_third_whole_and_torn: Third, false;
        of_the_third_torn_and_whole: Third, true;
    }
}
