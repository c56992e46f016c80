use std::fs;

use tempfile::TempDir;

use super::{Folder, FolderError};
use crate::runtime::SystemRng;

#[test]
fn a_temporary_folder_goes_with_the_demonstration() {
    let folder = Folder::new(None, &SystemRng::new()).unwrap();
    let path = folder.path().to_owned();
    fs::write(path.join("file"), "kept nowhere").unwrap();
    drop(folder);
    assert!(!path.exists());
}

#[test]
fn a_folder_that_was_named_is_made_and_stays() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("some").join("where");
    drop(Folder::new(Some(&path), &SystemRng::new()).unwrap());
    assert!(path.is_dir());
}

#[test]
fn a_folder_with_something_in_it_is_refused_and_left_alone() {
    let place = TempDir::new().unwrap();
    let file = place.path().join("mine");
    fs::write(&file, "kept").unwrap();
    let refused = Folder::new(Some(place.path()), &SystemRng::new());
    assert!(matches!(refused, Err(FolderError::NotEmpty(_))));
    drop(refused);
    assert_eq!(fs::read_to_string(file).unwrap(), "kept");
}
