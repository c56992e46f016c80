//! The pass against an oracle that keeps no state but the history, and counts in it.

use std::time::Duration;

use passerelle_domain::Timestamp;
use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Begin {
        known: bool,
    },
    Finish {
        which: usize,
        pin_fits: bool,
        traits_fit: bool,
        has_link: bool,
    },
    Wait {
        secs: u64,
    },
    Revoke,
    NewPin,
}

#[derive(Debug)]
enum Event {
    /// The number of an attempt that was let through to the comparison.
    Admitted(usize),
    /// The number of an attempt that fitted, and whether a link was born.
    Fitted(usize, bool),
    Revoked,
    NewPin,
}

/// What has happened so far.
#[derive(Debug, Default)]
struct History(Vec<Event>);

impl History {
    fn is_over(&self, now: Timestamp) -> Option<PassRefusal> {
        if self.0.iter().any(|event| matches!(event, Event::Revoked)) {
            Some(PassRefusal::Revoked)
        } else if now >= EXPIRES {
            Some(PassRefusal::Expired)
        } else {
            None
        }
    }

    /// What has happened since the PIN in force was made.
    fn under_this_pin(&self) -> &[Event] {
        let last = self
            .0
            .iter()
            .rposition(|event| matches!(event, Event::NewPin));
        &self.0[last.map_or(0, |index| index + 1)..]
    }

    fn began_under_this_pin(&self, number: usize) -> bool {
        self.under_this_pin()
            .iter()
            .any(|event| matches!(event, Event::Admitted(n) if *n == number))
    }

    fn begin(&self, now: Timestamp) -> Result<(), PassRefusal> {
        if let Some(over) = self.is_over(now) {
            return Err(over);
        }
        let fitted = |number: &usize| {
            self.0
                .iter()
                .any(|event| matches!(event, Event::Fitted(n, _) if n == number))
        };
        let misses_or_open = self.under_this_pin().iter().filter(|event| match event {
            Event::Admitted(number) => !fitted(number),
            _ => false,
        });
        if misses_or_open.count() < 5 {
            Ok(())
        } else {
            Err(PassRefusal::Locked)
        }
    }

    fn finish(
        &self,
        (number, begun): (usize, Result<(), PassRefusal>),
        now: Timestamp,
        (pin_fits, traits_fit): (bool, bool),
        has_link: bool,
    ) -> Outcome {
        let births = self
            .0
            .iter()
            .filter(|event| matches!(event, Event::Fitted(_, true)))
            .count();
        let refusal = match begun.err().or_else(|| self.is_over(now)) {
            Some(refusal) => refusal,
            None if !self.began_under_this_pin(number) => PassRefusal::PinReplaced,
            None if !pin_fits => PassRefusal::WrongPin,
            None if !traits_fit => PassRefusal::WrongTraits,
            None if has_link => return Outcome::StandingLink(terms()),
            None if births < 3 => return Outcome::NewLink(terms()),
            None => PassRefusal::Spent,
        };
        Outcome::Refused(refusal)
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..10u8).prop_map(|n| Step::Begin { known: n > 0 }),
        8 => (any::<usize>(), prop::bool::weighted(0.6), prop::bool::weighted(0.8), prop::bool::weighted(0.2))
            .prop_map(|(which, pin_fits, traits_fit, has_link)| Step::Finish { which, pin_fits, traits_fit, has_link }),
        2 => (0..200u64).prop_map(|secs| Step::Wait { secs }),
        1 => Just(Step::NewPin),
        1 => prop::bool::weighted(0.2).prop_map(|revoke| if revoke { Step::Revoke } else { Step::Wait { secs: 1 } }),
    ]
}

fn play(steps: &[Step]) -> Result<(), TestCaseError> {
    let (mut real, mut history, mut now) = (row(), History::default(), ISSUED);
    let mut open = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        match step {
            Step::Begin { known } => {
                let (attempt, begun) = Attempt::begin(known.then_some(&real), now);
                let expected = if *known {
                    history.begin(now)
                } else {
                    Err(PassRefusal::Unknown)
                };
                prop_assert_eq!(begun.is_some(), expected.is_ok());
                if expected.is_ok() {
                    history.0.push(Event::Admitted(number));
                }
                real = begun.unwrap_or(real);
                open.push((number, expected, attempt));
            }
            Step::Finish { .. } if open.is_empty() => {}
            Step::Finish {
                which,
                pin_fits,
                traits_fit,
                has_link,
            } => {
                let (number, begun, attempt) = open.remove(which % open.len());
                let expected =
                    history.finish((number, begun), now, (*pin_fits, *traits_fit), *has_link);
                let finished =
                    compared(attempt, *pin_fits, *traits_fit).finish(Some(&real), *has_link, now);
                prop_assert_eq!(finished.outcome, expected);
                match expected {
                    Outcome::NewLink(_) => history.0.push(Event::Fitted(number, true)),
                    Outcome::StandingLink(_) | Outcome::Refused(PassRefusal::Spent) => {
                        history.0.push(Event::Fitted(number, false));
                    }
                    Outcome::Refused(_) => prop_assert!(finished.row.is_none()),
                }
                real = finished.row.unwrap_or(real);
            }
            Step::Wait { secs } => now = now.plus(Duration::from_secs(*secs)),
            Step::Revoke => {
                real = real.revoke(now);
                history.0.push(Event::Revoked);
            }
            Step::NewPin => {
                let renewed = real.replace_pin(hash(), now);
                prop_assert_eq!(renewed.is_ok(), history.is_over(now).is_none());
                if let Ok(renewed) = renewed {
                    real = renewed;
                    history.0.push(Event::NewPin);
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_pass_does_what_its_history_says(steps in prop::collection::vec(step(), 1..60)) {
        play(&steps)?;
    }
}
