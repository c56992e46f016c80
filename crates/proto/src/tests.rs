use prost::Message;
use prost_types::FileDescriptorSet;

use crate::FILE_DESCRIPTOR_SET;
use crate::journey::v1::{ContactModality, Identity, Record, record};

mod house_rules;

#[test]
fn the_descriptor_set_holds_our_files_and_what_they_import() {
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
    let names: Vec<_> = set.file.iter().map(|file| file.name()).collect();
    assert!(
        names.contains(&"passerelle/journey/v1/journey.proto"),
        "{names:?}"
    );
    assert!(
        names.contains(&"google/protobuf/timestamp.proto"),
        "{names:?}"
    );
}

#[test]
fn i10_a_message_prints_its_name_and_nothing_of_what_it_holds() {
    let identity = Identity {
        birth_name: "canary".to_owned(),
        ..Identity::default()
    };
    let body = record::Body::Identity(identity.clone());
    assert_eq!(format!("{identity:?}"), "Identity(***)");
    assert_eq!(format!("{body:?}"), "Record(***)");
    let whole = Record {
        body: Some(body),
        ..Record::default()
    };
    assert_eq!(format!("{whole:#?}"), "Record(***)");
}

#[test]
fn an_enum_value_on_its_own_is_printed() {
    assert_eq!(format!("{:?}", ContactModality::InPerson), "InPerson");
}
