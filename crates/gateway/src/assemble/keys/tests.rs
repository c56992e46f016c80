use std::fs;

use passerelle_policy::Environment;
use passerelle_store::Disk;

use super::*;

fn node(data_dir: &Path) -> Identity {
    Identity {
        id: "ml-nord".parse().unwrap(),
        federation: "test.example".parse().unwrap(),
        data_dir: data_dir.to_owned(),
        environment: Environment::Training,
        name: String::new(),
        officer_contact: String::new(),
    }
}

#[test]
fn a_log_goes_on_under_the_name_that_it_began_with() {
    let folder = tempfile::tempdir().unwrap();
    let (node, store) = (node(folder.path()), StoreConfig::new(folder.path()));
    let now = Timestamp::parse("2027-01-01T00:00:00Z").unwrap();
    let name = || log_name(&node, &store, &Disk, now).unwrap();
    assert_eq!(name().as_str(), "ml-nord.test.example/exchange/2027h1");
    for begun in ["2026h1", "2026h2"] {
        let log = store.logs().join("ml-nord.test.example/exchange");
        fs::create_dir_all(log.join(begun)).unwrap();
        let wanted = format!("ml-nord.test.example/exchange/{begun}");
        assert_eq!(name().as_str(), wanted);
    }
    for beside in ["2026h2.bak", "2026h3", "20260h1", "+226h1", "old"] {
        let log = store.logs().join("ml-nord.test.example/exchange");
        fs::create_dir_all(log.join(beside)).unwrap();
        assert_eq!(name().as_str(), "ml-nord.test.example/exchange/2026h2");
    }
}

#[test]
fn a_credential_of_systemd_is_one_whatever_its_mode() {
    let file = Path::new("/run/credentials/passerelle.service/node.key");
    let folder = OsStr::new("/run/credentials/passerelle.service");
    let credential = NodeKeySource::Credential(file.to_owned());
    assert_eq!(node_key(file, Some(folder)), credential);
    let plain = NodeKeySource::File(file.to_owned());
    for elsewhere in [
        None,
        Some(OsStr::new("")),
        Some(OsStr::new("/run/credentials/other")),
    ] {
        assert_eq!(node_key(file, elsewhere), plain);
    }
}
