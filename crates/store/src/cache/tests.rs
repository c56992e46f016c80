use super::*;
use crate::engine::rows_with;
use crate::table::Table;

fn row(id: u8, rest: &[u8]) -> Row {
    Row::new(Table::new(1), &[[id; 16].as_slice(), rest].concat())
}

fn group(id: u8) -> Bytes {
    row(id, b"").into_bytes()
}

/// Has the cache know a group of two rows.
fn keep(cache: &RowCache, id: u8, value: usize) {
    let rows = [b"a", b"b"].map(|rest| (row(id, rest), Bytes::from(vec![id; value])));
    let Err(ticket) = cache.group(&group(id)) else {
        panic!("it is known already");
    };
    cache.keep_group(ticket, &group(id), &rows);
}

#[test]
fn what_was_read_is_known_until_one_of_its_rows_changes() {
    let cache = RowCache::new(1 << 20);
    let value = Bytes::from("value");
    let Err(ticket) = cache.row(&row(1, b"a")) else {
        panic!("nothing was read");
    };
    cache.keep_row(ticket, &row(1, b"a"), &value);
    keep(&cache, 1, 10);
    assert!(cache.row(&row(1, b"a")).is_ok_and(|known| known == value));
    assert!(cache.group(&group(1)).is_ok_and(|known| known.len() == 2));

    cache.forget([row(2, b"a")].iter());
    assert!(cache.group(&group(1)).is_ok());
    // A row that is new is one of the group, too.
    cache.forget([row(1, b"c")].iter());
    assert!(cache.group(&group(1)).is_err());
    assert!(cache.row(&row(1, b"a")).is_ok());
    cache.forget([row(1, b"a")].iter());
    assert!(cache.row(&row(1, b"a")).is_err());
}

#[test]
fn what_changed_while_it_was_read_is_not_kept() {
    let cache = RowCache::new(1 << 20);
    let Err(of_row) = cache.row(&row(1, b"a")) else {
        panic!("nothing was read");
    };
    let Err(of_group) = cache.group(&group(1)) else {
        panic!("nothing was read");
    };
    cache.forget([row(1, b"a")].iter());
    cache.keep_row(of_row, &row(1, b"a"), &Bytes::from("old"));
    cache.keep_group(of_group, &group(1), &[]);
    assert!(cache.row(&row(1, b"a")).is_err());
    assert!(cache.group(&group(1)).is_err());
}

#[test]
fn it_holds_so_many_bytes_and_what_is_read_stays() {
    let most = 1 << 20;
    let cache = RowCache::new(most);
    keep(&cache, 0, 1000);
    for id in 1..=255 {
        // Of the shard of the first.
        for _ in 0..2 {
            if id % 16 == 0 {
                assert!(cache.group(&group(0)).is_ok(), "{id}");
            }
        }
        keep(&cache, id, 10_000);
    }
    let bytes = |shard: &Mutex<Shard>| {
        let shard = shard.lock().unwrap();
        shard.young.bytes + shard.old.bytes
    };
    let held: usize = cache.shards.iter().map(bytes).sum();
    assert!(held <= most, "{held}");
    assert!(cache.group(&group(16)).is_err());
    assert!(cache.group(&group(255)).is_ok());

    // What is forgotten takes nothing.
    for id in 0..=255 {
        cache.forget([row(id, b"a")].iter());
    }
    assert_eq!(cache.shards.iter().map(bytes).sum::<usize>(), 0);
}

#[test]
fn what_is_large_is_not_kept() {
    let cache = RowCache::new(64 << 20);
    keep(&cache, 1, LARGEST / 2);
    assert!(cache.group(&group(1)).is_err());
}

#[test]
fn only_the_range_of_all_rows_with_an_id_is_a_group() {
    let range = |prefix: &Row, from: &Row| {
        let (start, end) = rows_with(prefix, from);
        is_group(&start, &end)
    };
    for id in [0, 7, 255] {
        assert!(range(&row(id, b""), &row(id, b"")));
        assert!(!range(&row(id, b""), &row(id, b"a")));
        assert!(!range(&row(id, b"a"), &row(id, b"a")));
    }
    let table = Row::new(Table::new(1), b"");
    assert!(!range(&table, &table));
    assert!(!range(&table, &row(7, b"")));
}
