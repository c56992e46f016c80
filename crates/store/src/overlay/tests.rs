use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::engine::{Engines, MemoryEngines};
use crate::rows::Rows;
use crate::table::Table;

fn row(number: u32) -> Row {
    Row::new(Table::new(1), &number.to_be_bytes())
}

fn mark(batch: u64) -> Mark {
    Mark { batch, chain: 0 }
}

fn rows(numbers: Range<u32>, value: &'static str) -> Changes {
    numbers
        .map(|number| (row(number), Some(Bytes::from(value))))
        .collect()
}

fn overlay() -> Overlay {
    let engine = MemoryEngines::new().open(Path::new("engine")).unwrap();
    Overlay::new(engine, 1 << 20, 1 << 20)
}

#[test]
fn a_row_stays_until_the_engine_has_its_newest_value() {
    let overlay = overlay();
    overlay.push(rows(0..400, "one"), mark(1));
    overlay.push(rows(300..700, "two"), mark(2));
    // Too many to be taken together.
    assert!(overlay.apply());
    assert_eq!(overlay.engine().mark().unwrap(), Some(mark(1)));
    assert_eq!(overlay.get(&row(299)).unwrap().unwrap(), "one");
    assert_eq!(overlay.get(&row(300)).unwrap().unwrap(), "two");
    assert!(!overlay.apply());
    assert_eq!(overlay.engine().get(&row(300)).unwrap().unwrap(), "two");
    assert!(overlay.rows.read().unwrap().is_empty());
    assert_eq!(overlay.waiting().bytes, 0);
}

#[test]
fn small_batches_reach_the_engine_together() {
    let overlay = overlay();
    for batch in 1..=20 {
        overlay.push(rows(0..3, "value"), mark(batch));
    }
    assert!(!overlay.apply());
    assert_eq!(overlay.engine().mark().unwrap(), Some(mark(20)));
    assert!(!overlay.apply());
}

static NONE: Changes = Changes::new();

/// All rows of one id, as numbers.
fn of_id(overlay: &Overlay, id: [u8; 16]) -> Vec<u32> {
    let rows = Rows {
        overlay,
        pending: [&NONE, &NONE],
    };
    let found = rows.scan(Table::new(1), &id, &[], usize::MAX).unwrap();
    let number = |(_, value): (Bytes, Bytes)| str::from_utf8(&value).unwrap().parse().unwrap();
    found.into_iter().map(number).collect()
}

#[test]
fn rows_of_an_id_are_as_they_were_written_last_however_often_they_are_read() {
    let overlay = overlay();
    let row = |last: u8| Row::new(Table::new(1), &[[7; 16].as_slice(), &[last]].concat());
    let mut batch = 0;
    let mut write = |last: u8, value: Option<&'static str>, expected: &[u32]| {
        batch += 1;
        let value = value.map(Bytes::from);
        overlay.push(Changes::from([(row(last), value)]), mark(batch));
        assert_eq!(of_id(&overlay, [7; 16]), expected);
        while overlay.apply() {}
        for _ in 0..2 {
            assert_eq!(of_id(&overlay, [7; 16]), expected);
            assert_eq!(of_id(&overlay, [8; 16]), [0; 0]);
        }
    };
    write(1, Some("1"), &[1]);
    write(3, Some("3"), &[1, 3]);
    write(2, Some("2"), &[1, 2, 3]);
    write(3, Some("4"), &[1, 2, 4]);
    write(1, None, &[2, 4]);
}

#[test]
fn what_is_pushed_while_others_read_and_apply_is_always_seen() {
    let overlay = overlay();
    let row = Row::new(Table::new(1), &[0; 16]);
    let pushed = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for batch in 1..=2000u32 {
                let value = Some(Bytes::from(batch.to_string()));
                overlay.push(Changes::from([(row.clone(), value)]), mark(batch.into()));
            }
            pushed.store(true, Ordering::Release);
        });
        scope.spawn(|| {
            while !pushed.load(Ordering::Acquire) {
                overlay.apply();
            }
        });
        let mut last = 0;
        while !pushed.load(Ordering::Acquire) {
            let read = overlay.get(&row).unwrap();
            let read = read.map_or(0, |value| str::from_utf8(&value).unwrap().parse().unwrap());
            assert!(read >= last, "{read} after {last}");
            let scanned = of_id(&overlay, [0; 16]).pop().unwrap_or_default();
            assert!(scanned >= read, "{scanned} after {read}");
            last = scanned;
        }
    });
    while overlay.apply() {}
    assert_eq!(overlay.engine().get(&row).unwrap().unwrap(), "2000");
}
