use std::collections::BTreeSet;

use passerelle_proto::FILE_DESCRIPTOR_SET;
use prost::Message;
use prost_types::FileDescriptorSet;

/// The methods that are served, to be named in logs.
///
/// The path of a request is the caller's text: it is written only if it is one of these.
#[derive(Clone, Debug)]
pub struct Methods(BTreeSet<String>);

impl Methods {
    /// Those of `proto/`, and of the services that every server has.
    pub fn known() -> Self {
        // The descriptor set is made by the build; a bad one would name no method and harm nobody.
        let files = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap_or_default();
        let ours = files.file.iter().flat_map(|file| {
            file.service.iter().flat_map(move |service| {
                let service_path = format!("/{}.{}", file.package(), service.name());
                service
                    .method
                    .iter()
                    .map(move |method| format!("{service_path}/{}", method.name()))
            })
        });
        Self(
            ours.chain(OF_EVERY_SERVER.iter().map(|method| (*method).to_owned()))
                .collect(),
        )
    }

    /// Their paths.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The path, if it is a method.
    pub fn named<'a>(&'a self, path: &str) -> Option<&'a str> {
        self.0.get(path).map(String::as_str)
    }
}

const OF_EVERY_SERVER: &[&str] = &[
    "/grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/List",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];
