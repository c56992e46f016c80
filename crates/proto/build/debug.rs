//! `Debug` that prints a message's name and nothing of what it holds.
//!
//! prost derives `Debug` with every field in it; nearly every message here can hold personal data,
//! and a message added later would be forgotten in any list of exceptions.

use std::fmt::Write;

use prost_types::{DescriptorProto, FileDescriptorSet};

/// A message, or one of its oneofs.
pub(crate) struct Named {
    /// As protobuf writes it: `.passerelle.journey.v1.Record`.
    pub(crate) path: String,
    rust_paths: Vec<String>,
    name: String,
}

/// Every message of our own packages, nested ones included.
pub(crate) fn messages(descriptors: &FileDescriptorSet) -> Vec<Named> {
    let mut found = Vec::new();
    for file in &descriptors.file {
        let package = file.package();
        if package.starts_with("passerelle.") {
            let module = package.replace('.', "::");
            for message in &file.message_type {
                collect(message, &format!(".{package}"), &module, &mut found);
            }
        }
    }
    found
}

/// The implementations, for a file that stands beside the module `passerelle`.
pub(crate) fn impls(messages: &[Named]) -> String {
    let mut code = String::new();
    for Named {
        rust_paths, name, ..
    } in messages
    {
        for path in rust_paths {
            // Writing to a `String` cannot fail.
            let _ = writeln!(
                code,
                "impl ::core::fmt::Debug for {path} {{\n    \
                     fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {{\n        \
                         f.write_str(\"{name}(***)\")\n    }}\n}}"
            );
        }
    }
    code
}

fn collect(message: &DescriptorProto, outer: &str, module: &str, found: &mut Vec<Named>) {
    let name = message.name();
    let path = format!("{outer}.{name}");
    let inner = format!("{module}::{}", snake(name));
    let is_synthetic = |index: usize| {
        message.field.iter().any(|field| {
            field.proto3_optional()
                && field.oneof_index.and_then(|i| usize::try_from(i).ok()) == Some(index)
        })
    };
    let oneofs = message.oneof_decl.iter().enumerate();
    let oneofs = oneofs
        .filter(|(index, _)| !is_synthetic(*index))
        .map(|(_, oneof)| format!("{inner}::{}", camel(oneof.name())));
    let rust_paths = std::iter::once(format!("{module}::{name}"))
        .chain(oneofs)
        .collect();
    for nested in &message.nested_type {
        // A map's entry type is no Rust type.
        if !nested
            .options
            .as_ref()
            .is_some_and(|options| options.map_entry())
        {
            collect(nested, &path, &inner, found);
        }
    }
    found.push(Named {
        path,
        rust_paths,
        name: name.to_owned(),
    });
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.char_indices() {
        if c.is_ascii_uppercase() && i > 0 {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

fn camel(name: &str) -> String {
    name.split('_')
        .flat_map(|word| {
            let mut chars = word.chars();
            let first = chars.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(chars)
        })
        .collect()
}
