use super::*;
use crate::files::replace;

#[test]
fn a_locked_file_cannot_be_locked_again_until_it_is_let_go() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lock");
    let held = Disk.lock(&path).unwrap().expect("free");
    assert!(Disk.lock(&path).unwrap().is_none());
    drop(held);
    assert!(Disk.lock(&path).unwrap().is_some());
}

#[test]
fn folders_are_made_down_to_the_last_and_listing_a_missing_one_is_empty() {
    let dir = tempfile::tempdir().unwrap();
    let deep = dir.path().join("a/b/c");
    assert!(Disk.list(&deep).unwrap().is_empty());
    Disk.create_dir(&deep).unwrap();
    Disk.create_dir(&deep).unwrap();
    replace(&Disk, &deep.join("file"), b"content").unwrap();
    assert_eq!(Disk.list(&deep).unwrap(), ["file"]);
    assert_eq!(Disk.find(&deep.join("file")).unwrap().unwrap(), b"content");
    assert_eq!(Disk.find(&deep.join("other")).unwrap(), None);
    Disk.remove_dir(&dir.path().join("a")).unwrap();
    assert!(Disk.list(&deep).unwrap().is_empty());
}
