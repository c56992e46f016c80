use std::fs;
use std::sync::Arc;

use passerelle_exchange::ports::Notices;
use passerelle_transport::jwt::SigningKey;
use tempfile::TempDir;

use super::*;
use crate::runtime::SystemClock;

struct Place {
    folder: TempDir,
    key: SigningKey,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = SigningKey::create(
            &folder.path().join("author.key"),
            passerelle_domain::member::KeyAlgorithm::EdDSA,
        );
        let place = Self {
            key: key.unwrap(),
            folder,
        };
        fs::write(&place.files().key_file, place.key.public_key_pem()).unwrap();
        place.draft("Vous êtes informé·e.");
        place.sign();
        place
    }

    fn files(&self) -> config::Notices {
        config::Notices {
            catalogue_file: self.folder.path().join("catalogue.jwt"),
            key_file: self.folder.path().join("author.pub.pem"),
        }
    }

    fn draft(&self, text: &str) {
        let draft = "federation: spie.example\ntexts:\n  - id: information\n    lang: fr\n    title: Vos \
                     informations\n    file: text.txt\n    from: 2026-01-01\n";
        fs::write(self.folder.path().join("draft.yaml"), draft).unwrap();
        fs::write(self.folder.path().join("text.txt"), text).unwrap();
    }

    fn sign(&self) {
        let draft = drafted(&self.folder.path().join("draft.yaml"), SystemClock.now());
        let token = notices::sign(&draft.unwrap(), &self.key).unwrap();
        fs::write(self.files().catalogue_file, token).unwrap();
    }

    fn load(&self) -> Result<SignedNotices, NoticesError> {
        let federation = "spie.example".parse().unwrap();
        SignedNotices::load(&self.files(), &federation, Arc::new(SystemClock))
    }
}

#[test]
fn a_new_catalogue_is_in_force_once_it_is_read_again() {
    let place = Place::new();
    let notices = place.load().unwrap();
    assert_eq!(notices.catalogue().texts[0].text, "Vous êtes informé·e.");
    place.draft("Vous êtes bien informé·e.");
    place.sign();
    assert_eq!(notices.catalogue().texts[0].text, "Vous êtes informé·e.");
    notices.reload().unwrap();
    assert_eq!(
        notices.catalogue().texts[0].text,
        "Vous êtes bien informé·e."
    );
}

#[test]
fn a_catalogue_that_another_key_signed_leaves_in_force_what_was_and_says_what_to_do() {
    let place = Place::new();
    let notices = place.load().unwrap();
    let stranger = Place::new();
    fs::copy(
        stranger.files().catalogue_file,
        place.files().catalogue_file,
    )
    .unwrap();
    let said = notices.reload().unwrap_err().to_string();
    assert!(
        said.contains("catalogue.jwt (`notices.catalogue_file`): "),
        "{said}"
    );
    assert!(said.contains("passerelle notices sign"), "{said}");
    assert_eq!(notices.refused().unwrap().to_string(), said);
    assert_eq!(notices.catalogue().texts[0].text, "Vous êtes informé·e.");
    assert!(place.load().is_err(), "no node starts with it");

    place.sign();
    notices.reload().unwrap();
    assert!(notices.refused().is_none());
}

#[test]
fn a_draft_that_breaks_a_rule_is_refused_at_its_place() {
    let place = Place::new();
    let file = place.folder.path().join("draft.yaml");
    let good = fs::read_to_string(&file).unwrap();
    for (from, to, expected) in [
        (
            "id: information",
            "id: À lire",
            "line 3, column 9: `texts[0].id`: ",
        ),
        (
            "file: text.txt",
            "file: none.txt",
            "line 6, column 11: `texts[0].file`: ",
        ),
        ("from: 2026-01-01", "from: 2026-13-01", "`texts[0].from`: "),
        (
            "from: 2026-01-01",
            "from: 2026-01-01\n    until: 2025-01-01",
            "`texts[0].until`: later than from",
        ),
        ("lang: fr", "lang: fr\n    size: 3", "`texts[0].size`: "),
    ] {
        fs::write(&file, good.replacen(from, to, 1)).unwrap();
        let said = drafted(&file, SystemClock.now()).unwrap_err().to_string();
        assert!(said.contains(expected), "{to}: {said}");
    }
}
