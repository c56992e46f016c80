use std::path::Path;

use super::*;
use crate::yaml::Document;

const SAMPLE: &str = include_str!("../../../../deploy/client.example.yaml");

#[test]
fn the_sample_is_read_and_its_paths_count_from_its_folder() {
    let document = Document::new("client.yaml", SAMPLE);
    let settings = ClientSettings::parse(&document, Path::new("/etc/passerelle")).unwrap();
    assert_eq!(
        settings.ca_file,
        Path::new("/etc/passerelle/listener-ca.pem")
    );
    assert_eq!(settings.server_name(), "passerelle.example.fr");
}

#[test]
fn an_address_without_a_port_is_refused_by_its_line() {
    let text = SAMPLE.replace("passerelle.example.fr:8443", "passerelle.example.fr");
    let refused = ClientSettings::parse(&Document::new("client.yaml", text), Path::new(""));
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("`address`"), "{refused}");
}
