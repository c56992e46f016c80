use std::fs;

use super::*;

#[test]
fn a_text_is_there_under_the_digest_of_its_bytes_alone() {
    let folder = tempfile::tempdir().unwrap();
    let notices = NoticeFolder::new(folder.path());
    let (text, other) = (b"Vos informations", Digest::of(b"other"));
    let sha256 = Digest::of(text);
    assert!(!notices.has_text(&sha256));
    fs::write(folder.path().join(sha256.to_string()), text).unwrap();
    fs::write(folder.path().join(other.to_string()), text).unwrap();
    assert!(notices.has_text(&sha256));
    assert!(!notices.has_text(&other));
}
