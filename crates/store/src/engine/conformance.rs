//! What every engine must do; an engine's tests call [`run`] on an empty folder.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use super::{ALL_ROWS, Changes, Engine, Engines, Mark, rows_with};
use crate::table::{Row, Table};

pub(super) fn run(engines: &dyn Engines, dir: &Path) {
    assert!(!engines.exists(dir));
    let engine = engines.open(dir).unwrap();
    assert!(engines.exists(dir));
    an_empty_engine_has_no_mark(&*engine);
    what_was_applied_is_read(&*engine);
    applying_twice_is_applying_once(&*engine);
    rows_come_in_order_of_table_and_key(&*engine);
    prefixes_end_where_they_end(&*engine);
    long_values_come_back_whole(&*engine);
    let engine = rows_and_mark_outlive_a_close(engines, dir, engine);
    an_engine_set_aside_leaves_room_for_an_empty_one(engines, dir, engine);
}

fn an_empty_engine_has_no_mark(engine: &dyn Engine) {
    assert_eq!(engine.mark().unwrap(), None);
    assert_eq!(engine.rows().unwrap(), 0);
    assert_eq!(engine.get(&row(1, "a")).unwrap(), None);
    assert!(all(engine).is_empty());
    engine.check(&|_| true).unwrap();
}

fn what_was_applied_is_read(engine: &dyn Engine) {
    apply(engine, 1, &[(1, "a", Some("one")), (1, "b", Some(""))]);
    assert_eq!(value(engine, 1, "a").as_deref(), Some("one"));
    assert_eq!(value(engine, 1, "b").as_deref(), Some(""));
    assert_eq!(value(engine, 2, "a"), None);
    apply(
        engine,
        2,
        &[(1, "a", Some("two")), (1, "b", None), (1, "c", None)],
    );
    assert_eq!(value(engine, 1, "a").as_deref(), Some("two"));
    assert_eq!(value(engine, 1, "b"), None);
    assert_eq!(engine.rows().unwrap(), 1);
    assert_eq!(engine.mark().unwrap(), Some(mark(2)));
    engine.check(&|_| true).unwrap();
}

fn applying_twice_is_applying_once(engine: &dyn Engine) {
    for _ in 0..2 {
        apply(engine, 3, &[(1, "a", None), (1, "d", Some("four"))]);
    }
    assert_eq!(all(engine), [(row(1, "d"), Bytes::from("four"))]);
    assert_eq!(engine.rows().unwrap(), 1);
    engine.check(&|_| true).unwrap();
}

fn rows_come_in_order_of_table_and_key(engine: &dyn Engine) {
    let keys = ["", "a", "a\u{1}", "ab", "b", "é"];
    let changes: Vec<_> = keys
        .iter()
        .flat_map(|key| [(2, *key, Some(*key)), (1, *key, Some(*key))])
        .collect();
    apply(engine, 4, &changes);
    apply(engine, 5, &[(1, "d", None)]);
    let expected: Vec<_> = [1, 2]
        .iter()
        .flat_map(|table| keys.map(|key| row(*table, key)))
        .collect();
    let found: Vec<_> = all(engine).into_iter().map(|(row, _)| row).collect();
    assert_eq!(found, expected);
    assert_eq!(engine.scan(ALL_ROWS, 3).unwrap().len(), 3);
    let from = row(1, "ab");
    let rest = engine.scan(from.as_bytes()..ALL_ROWS.end, 2).unwrap();
    assert_eq!(rest[0].0, from);
    assert_eq!(rest[1].0, row(1, "b"));
}

fn prefixes_end_where_they_end(engine: &dyn Engine) {
    let high = Row::new(Table::new(4), &[0xff, 0xff, 7]);
    let changes = Changes::from([
        (high.clone(), Some(Bytes::from("high"))),
        (Row::new(Table::new(4), &[0xff, 0xfe]), Some(Bytes::new())),
        (Row::new(Table::new(5), &[]), Some(Bytes::new())),
    ]);
    engine.apply(&changes, mark(6)).unwrap();
    let prefix = Row::new(Table::new(4), &[0xff, 0xff]);
    let (start, end) = rows_with(&prefix, &prefix);
    assert_eq!(
        engine.scan(&start..&end, 9).unwrap(),
        [(high, Bytes::from("high"))]
    );
}

fn long_values_come_back_whole(engine: &dyn Engine) {
    let long = |byte: u8, length: usize| Bytes::from(vec![byte; length]);
    for (batch, length) in [
        (7, 1 << 20),
        (8, 65_537),
        (9, 65_536),
        (10, 300_000),
        (11, 3),
    ] {
        let rows = engine.rows().unwrap();
        let changes = Changes::from([(row(6, "long"), Some(long(batch, length)))]);
        engine.apply(&changes, mark(batch.into())).unwrap();
        assert_eq!(
            engine.get(&row(6, "long")).unwrap().unwrap(),
            long(batch, length)
        );
        let scanned = engine.scan(row(6, "").as_bytes()..ALL_ROWS.end, 9).unwrap();
        assert_eq!(scanned, [(row(6, "long"), long(batch, length))]);
        assert!(engine.rows().unwrap() <= rows + 1);
        engine.check(&|_| true).unwrap();
    }
    let changes = Changes::from([(row(6, "long"), Some(long(1, 1 << 20)))]);
    engine.apply(&changes, mark(12)).unwrap();
}

fn rows_and_mark_outlive_a_close(
    engines: &dyn Engines,
    dir: &Path,
    engine: Arc<dyn Engine>,
) -> Arc<dyn Engine> {
    let before = all(&*engine);
    engine.flush().unwrap();
    drop(engine);
    let engine = engines.open(dir).unwrap();
    assert_eq!(all(&*engine), before);
    assert_eq!(engine.mark().unwrap(), Some(mark(12)));
    engine.check(&|_| true).unwrap();
    engine
}

fn an_engine_set_aside_leaves_room_for_an_empty_one(
    engines: &dyn Engines,
    dir: &Path,
    engine: Arc<dyn Engine>,
) {
    drop(engine);
    let aside = dir.with_extension("aside");
    for _ in 0..2 {
        engines.set_aside(dir, &aside).unwrap();
        assert!(!engines.exists(dir));
        an_empty_engine_has_no_mark(&*engines.open(dir).unwrap());
    }
}

fn apply(engine: &dyn Engine, batch: u64, changes: &[(u8, &str, Option<&str>)]) {
    let bytes = |text: &str| Bytes::copy_from_slice(text.as_bytes());
    let changes = changes
        .iter()
        .map(|(table, key, value)| (row(*table, key), value.map(bytes)));
    engine.apply(&changes.collect(), mark(batch)).unwrap();
}

fn all(engine: &dyn Engine) -> Vec<(Row, Bytes)> {
    engine.scan(ALL_ROWS, usize::MAX).unwrap()
}

fn value(engine: &dyn Engine, table: u8, key: &str) -> Option<String> {
    let value = engine.get(&row(table, key)).unwrap()?;
    Some(String::from_utf8(value.to_vec()).unwrap())
}

fn row(table: u8, key: &str) -> Row {
    Row::new(Table::new(table), key.as_bytes())
}

fn mark(batch: u64) -> Mark {
    Mark {
        batch,
        chain: 0xfeed,
    }
}
