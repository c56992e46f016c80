use super::{Cpu, Machine, ticks};

const BEFORE: &str = "cpu  100 0 100 700 50 5 5 40 0 0\ncpu0 1 2 3 4 5 6 7 8 9 0\n";
const AFTER: &str = "cpu  180 0 120 750 50 5 5 90 0 0\n";

#[test]
fn stolen_time_and_what_others_used_are_shares_of_all() {
    let at = |stat, process, driver| Cpu {
        machine: Machine::read(stat),
        process,
        driver,
    };
    let used = at(AFTER, 90, 40).since(&at(BEFORE, 10, 10));
    assert_eq!(used.stolen, 0.25);
    assert_eq!(used.by_others, 0.1);
    assert_eq!((used.servers, used.driver), (0.5, 0.3));
}

#[test]
fn a_name_with_blanks_and_brackets_is_skipped() {
    let stat = "77 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 30 12 99 98";
    assert_eq!(ticks(stat), 42);
}

#[test]
fn what_this_thread_does_is_seen() {
    let before = Cpu::now("nobody");
    let mut sum = 0_u64;
    while Cpu::now("nobody").process < before.process + 2 {
        sum = sum.wrapping_mul(31).wrapping_add(7);
    }
    assert!(Cpu::now("nobody").since(&before).servers > 0.0, "{sum}");
}
