use super::*;

#[test]
fn what_was_not_synced_is_lost_whole() {
    let disk = SimDisk::new();
    let (dir, path) = (Path::new("dir"), Path::new("dir/file"));
    let file = disk.create(path).unwrap();
    file.write_at(b"kept", 0).unwrap();
    file.sync().unwrap();
    disk.sync_dir(dir).unwrap();
    file.write_at(b"lost", 4).unwrap();
    disk.rename(path, Path::new("dir/other")).unwrap();
    disk.crash(Crash::Whole);
    assert_eq!(disk.read(path).unwrap(), b"kept");
    assert_eq!(disk.list(dir).unwrap(), ["file"]);
    file.write_at(b"late", 0).unwrap_err();
}

#[test]
fn a_file_whose_name_was_not_synced_is_gone() {
    let disk = SimDisk::new();
    let file = disk.create(Path::new("dir/file")).unwrap();
    file.write_at(b"content", 0).unwrap();
    file.sync().unwrap();
    disk.crash(Crash::Whole);
    assert_eq!(disk.find(Path::new("dir/file")).unwrap(), None);
}

#[test]
fn a_torn_crash_leaves_sectors_of_the_old_and_of_the_new() {
    let mut mixed = 0;
    for seed in 0..40 {
        let disk = SimDisk::new();
        let path = Path::new("dir/file");
        let file = disk.create(path).unwrap();
        file.write_at(&[0; 4096], 0).unwrap();
        file.sync().unwrap();
        disk.sync_dir(Path::new("dir")).unwrap();
        file.write_at(&[1; 4096], 0).unwrap();
        disk.crash(Crash::Torn { seed });
        let content = disk.read(path).unwrap();
        let new = content.iter().filter(|byte| **byte == 1).count();
        mixed += usize::from(new > 0 && new < 4096);
    }
    assert!(mixed > 10, "{mixed}");
}

#[test]
fn faults_come_at_their_operation_and_power_stays_cut() {
    let disk = SimDisk::new();
    let file = disk.create(Path::new("file")).unwrap();
    disk.fail_at(2, Fault::NoSpace);
    disk.fail_at(4, Fault::PowerCut);
    file.write_at(b"a", 0).unwrap();
    assert_eq!(
        file.write_at(b"b", 1).unwrap_err().kind(),
        ErrorKind::StorageFull
    );
    file.write_at(b"b", 1).unwrap();
    file.sync().unwrap_err();
    file.size().unwrap_err();
    disk.open(Path::new("file")).map(drop).unwrap_err();
    assert_eq!((disk.operations(), disk.syncs()), (5, 0));
}

#[test]
fn a_full_disk_takes_what_is_allocated() {
    let disk = SimDisk::new();
    let file = disk.create(Path::new("file")).unwrap();
    file.write_at(&[0; 100], 0).unwrap();
    disk.set_full(true);
    file.write_at(&[1; 100], 0).unwrap();
    assert_eq!(
        file.write_at(&[1; 2], 99).unwrap_err().kind(),
        ErrorKind::StorageFull
    );
    assert_eq!(
        disk.create(Path::new("new")).map(drop).unwrap_err().kind(),
        ErrorKind::StorageFull
    );
    disk.set_full(false);
    file.write_at(&[1; 2], 99).unwrap();
}
