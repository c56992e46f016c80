use bytes::Bytes;

use super::*;
use crate::engine::{ALL_ROWS, Changes, Engines, MemoryEngines};
use crate::sim::SimDisk;
use crate::table::{Row, Table};

fn row(number: u32) -> Row {
    Row::new(Table::new(9), &number.to_be_bytes())
}

fn mark(batch: u64) -> Mark {
    Mark { batch, chain: 3 }
}

fn change(number: u32, value: Option<&'static str>) -> Changes {
    Changes::from([(row(number), value.map(Bytes::from))])
}

/// An engine that takes batches while it is read: one after each page.
struct Busy<'a> {
    engine: Arc<dyn Engine>,
    batches: Mutex<std::slice::Iter<'a, Changes>>,
}

impl Engine for Busy<'_> {
    fn get(&self, row: &Row) -> Result<Option<Bytes>, EngineError> {
        self.engine.get(row)
    }

    fn scan(
        &self,
        range: std::ops::Range<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Row, Bytes)>, EngineError> {
        let found = self.engine.scan(range, limit)?;
        if let Some(changes) = self.batches.lock().unwrap().next() {
            let batch = self.mark()?.unwrap().batch + 1;
            self.engine.apply(changes, mark(batch))?;
        }
        Ok(found)
    }

    fn apply(&self, changes: &Changes, mark: Mark) -> Result<(), EngineError> {
        self.engine.apply(changes, mark)
    }

    fn mark(&self) -> Result<Option<Mark>, EngineError> {
        self.engine.mark()
    }

    fn rows(&self) -> Result<u64, EngineError> {
        self.engine.rows()
    }

    fn check(&self, rest: &dyn Fn(u64) -> bool) -> Result<(), EngineError> {
        self.engine.check(rest)
    }

    fn flush(&self) -> Result<(), EngineError> {
        self.engine.flush()
    }
}

fn rows(engine: &dyn Engine) -> Vec<(Row, Bytes)> {
    engine.scan(ALL_ROWS, usize::MAX).unwrap()
}

#[test]
fn a_snapshot_of_an_engine_that_goes_on_is_made_whole_by_the_wal() {
    let disk = SimDisk::new();
    let engines = MemoryEngines::new();
    let engine = engines.open(Path::new("one")).unwrap();
    let many = (0..1000)
        .map(|number| (row(number), Some(Bytes::from("old"))))
        .collect();
    engine.apply(&many, mark(7)).unwrap();
    // Before and after where the pages are at the time, changed, gone, new, and new and gone.
    let wal = [
        change(3, Some("new")),
        change(999, None),
        change(998, Some("new")),
        change(5000, Some("new")),
        change(5000, None),
        change(6000, Some("late")),
    ];
    let busy = Busy {
        engine: engine.clone(),
        batches: Mutex::new(wal.iter()),
    };
    let path = Path::new("snapshot");
    write(&disk, path, &busy, mark(7)).unwrap();
    let restored = engines.open(Path::new("two")).unwrap();
    let covered = read(&disk, path, mark(7), Some(&*restored)).unwrap();
    assert_eq!(covered.from, mark(7));
    assert!(covered.until.batch > 10, "{covered:?}");
    assert_eq!(restored.mark().unwrap(), Some(Mark::UNFINISHED));
    for (changes, batch) in wal.iter().zip(8..=covered.until.batch) {
        restored.apply(changes, mark(batch)).unwrap();
    }
    assert_eq!(rows(&*restored), rows(&*engine));
}

#[test]
fn every_changed_byte_and_every_cut_of_a_snapshot_is_found() {
    let disk = SimDisk::new();
    let engine = MemoryEngines::new().open(Path::new("one")).unwrap();
    engine
        .apply(
            &(0..9)
                .flat_map(|number| change(number, Some("value")))
                .collect(),
            mark(7),
        )
        .unwrap();
    let path = Path::new("snapshot");
    let bytes = write(&disk, path, &*engine, mark(7)).unwrap();
    read(&disk, path, mark(7), None).unwrap();
    read(&disk, path, mark(8), None).unwrap_err();
    for at in 0..bytes as usize {
        let copy = disk.copy();
        copy.tamper(path, |bytes| bytes[at] ^= 4).unwrap();
        assert!(
            matches!(
                read(&copy, path, mark(7), None),
                Err(SnapshotError::Damaged(_))
            ),
            "byte {at}"
        );
        copy.tamper(path, |bytes| bytes.truncate(at)).unwrap();
        assert!(
            matches!(
                read(&copy, path, mark(7), None),
                Err(SnapshotError::Damaged(_))
            ),
            "cut at {at}"
        );
    }
}
