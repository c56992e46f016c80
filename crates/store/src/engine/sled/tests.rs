use super::super::conformance;
use super::*;
use crate::table::Table;

#[test]
fn it_conforms() {
    let dir = tempfile::tempdir().unwrap();
    conformance::run(&SledEngines::default(), &dir.path().join("engine"));
}

#[test]
fn a_row_that_disappears_or_changes_is_found_by_the_check() {
    let dir = tempfile::tempdir().unwrap();
    let engine = filled(dir.path());
    let path = dir.path().join("engine");
    drop(engine);

    let db = open_once_free(&sled::Config::new().path(&path)).unwrap();
    let row = Row::new(Table::new(3), b"k005");
    let stored = db.remove(row.as_bytes()).unwrap().unwrap();
    drop(db);
    let engine = SledEngines::default().open(&path).unwrap();
    assert!(matches!(
        engine.check(&|_| true),
        Err(EngineError::Damaged(_))
    ));
    drop(engine);

    let db = open_once_free(&sled::Config::new().path(&path)).unwrap();
    let mut changed = stored.to_vec();
    *changed.last_mut().unwrap() ^= 1;
    db.insert(row.as_bytes(), changed).unwrap();
    drop(db);
    let engine = SledEngines::default().open(&path).unwrap();
    assert!(matches!(engine.get(&row), Err(EngineError::Damaged(_))));
    assert!(matches!(
        engine.check(&|_| true),
        Err(EngineError::Damaged(_))
    ));
}

#[test]
fn a_check_passes_while_rows_change_under_it() {
    let dir = tempfile::tempdir().unwrap();
    let engine = filled(dir.path());
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for round in 0..200u64 {
                let row = Row::new(
                    Table::new(3),
                    format!("k{:03}", round * 7 % 1000).as_bytes(),
                );
                let value = (round % 3 > 0).then(|| Bytes::from(round.to_string()));
                let changes = Changes::from([(row, value)]);
                engine
                    .apply(
                        &changes,
                        Mark {
                            batch: round + 2,
                            chain: 0,
                        },
                    )
                    .unwrap();
            }
        });
        while !writer.is_finished() {
            engine.check(&|_| true).unwrap();
        }
    });
    engine.check(&|_| true).unwrap();
}

#[test]
fn a_long_value_is_read_whole_while_it_is_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let engine = SledEngines::default()
        .open(&dir.path().join("engine"))
        .unwrap();
    let row = Row::new(Table::new(1), b"long");
    let put = |byte: u8, batch| {
        let length = value::CHUNK_BYTES * (1 + usize::from(byte % 3)) + 1;
        let changes = Changes::from([(row.clone(), Some(Bytes::from(vec![byte; length])))]);
        engine.apply(&changes, Mark { batch, chain: 0 }).unwrap();
    };
    put(0, 1);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| (1..60).for_each(|round| put(round, u64::from(round) + 1)));
        while !writer.is_finished() {
            let value = engine.get(&row).unwrap().unwrap();
            assert!(value.iter().all(|byte| *byte == value[0]));
        }
    });
}

fn filled(dir: &Path) -> Arc<dyn Engine> {
    let engine = SledEngines::default().open(&dir.join("engine")).unwrap();
    let row = |n: u32| Row::new(Table::new(3), format!("k{n:03}").as_bytes());
    let changes = (0..1000)
        .map(|n| (row(n), Some(Bytes::from(n.to_string()))))
        .collect();
    engine.apply(&changes, Mark { batch: 1, chain: 7 }).unwrap();
    engine
}
