use super::*;

#[test]
fn a_secret_is_written_for_its_owner_alone_and_never_over_another() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    create_secret(&path, "first").unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(matches!(create_secret(&path, "second"), Err(FileError::Exists(p)) if p == path));
    assert_eq!(read_secret(&path).unwrap().as_str(), "first");
}

#[test]
fn a_secret_that_everyone_may_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    create(&path, "text").unwrap();
    assert!(matches!(read_secret(&path), Err(FileError::Exposed(_))));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(read_secret(&path).is_ok());
}

#[test]
fn a_replaced_file_leaves_nothing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.jwt");
    replace(&path, "one").unwrap();
    replace(&path, "two").unwrap();
    assert_eq!(read(&path).unwrap(), "two");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn an_error_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("absent.pem");
    assert!(read(&path).unwrap_err().to_string().contains("absent.pem"));
    fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(matches!(read(&path), Err(FileError::NotText(_))));
}

#[test]
fn a_folder_and_those_above_it_are_for_their_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("data/trust-lists");
    create_folder(&made).unwrap();
    for path in [made.parent().unwrap(), &made] {
        let mode = fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{}", path.display());
    }
    create_folder(&made).unwrap();
}
