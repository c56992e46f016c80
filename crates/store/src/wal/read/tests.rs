use std::path::Path;
use std::sync::Arc;

use passerelle_proto::storage::v1::Change;

use super::*;
use crate::sim::SimDisk;
use crate::wal::{BatchBuffer, Spares, Wal};

/// A wal of one batch with a change in each of these tables.
fn wal(tables: &[u32]) -> SimDisk {
    let disk = SimDisk::new();
    let files: Arc<dyn Files> = Arc::new(disk.clone());
    let dir = Path::new("wal").to_owned();
    let spares = Spares::find(files.clone(), dir.clone(), 4096, 4096).unwrap();
    let nothing = read_from::<WalError>(&disk, &[], |_| Ok(())).unwrap();
    let origin = Digest::of(b"origin");
    let mut wal = Wal::resume(files, dir, origin, Arc::new(spares), &nothing).unwrap();
    let mut batch = BatchBuffer::new();
    for table in tables {
        let change = Change {
            table: *table,
            key: Bytes::from("key"),
            value: Some(Bytes::from("value")),
        };
        let frame = Frame {
            changes: vec![change],
            ..Frame::default()
        };
        batch.push(|bytes| frame.encode(bytes).unwrap());
    }
    wal.append(&mut batch, 0, false).unwrap();
    disk
}

fn read(disk: &SimDisk) -> Result<Tail, WalError> {
    let segments = segments(disk, Path::new("wal"), Digest::of(b"origin"))?;
    read_from(disk, &segments, |_| Ok(()))
}

#[test]
fn a_change_of_a_table_that_cannot_be_is_named_and_never_passed_over() {
    assert_eq!(read(&wal(&[1, 239])).unwrap().mark.batch, 1);
    for table in [0, 240, 255, 256, 257, u32::MAX] {
        let refused = read(&wal(&[1, table])).unwrap_err();
        let expected = "segment 00000000000000000000.wal of the wal is damaged";
        assert!(
            refused.to_string().starts_with(expected),
            "{table}: {refused}"
        );
    }
}
