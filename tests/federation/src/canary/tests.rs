use data_encoding::{BASE64, HEXUPPER};

use super::*;

const TEXT: &str = "Zéphyrine-Quatrecanards";

#[test]
fn a_text_is_found_in_every_form() {
    let canaries = Canaries::of([TEXT]);
    let accentless = "zephyrine-quatrecanards";
    for written in [
        format!("name: {TEXT}."),
        TEXT.to_uppercase(),
        accentless.to_owned(),
        HEXLOWER.encode(TEXT.as_bytes()),
        HEXUPPER.encode(TEXT.as_bytes()),
        "Z%C3%A9phyrine-Quatrecanards".to_owned(),
        BASE64.encode(TEXT.as_bytes()),
        BASE64.encode(format!("x{TEXT}").as_bytes()),
        BASE64.encode(format!("xy{TEXT}z").as_bytes()),
        BASE64URL_NOPAD.encode(format!("xyz{TEXT}").as_bytes()),
    ] {
        let found = canaries.in_bytes("here", written.as_bytes());
        assert!(!found.is_empty(), "{written}");
    }
    assert!(
        canaries
            .in_bytes("here", b"Zephyrin, and nobody else")
            .is_empty()
    );
}

#[test]
fn a_text_is_found_in_the_name_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(format!("{TEXT}.txt")), "nothing").unwrap();
    let found = Canaries::of([TEXT]).in_folder(folder.path());
    assert_eq!(found[0].place, "a file name");
}
