//! Compares a protocol with the one that was promised.
//!
//! A protocol is taken apart into statements, each with a key (`passerelle.agency.v1.PersonFile field
//! 3`) and what is said under it (`Identity identity`). v1 only grows: every statement of the baseline
//! must still be made, word for word. `buf breaking` checks the same where there is npm.

use std::collections::BTreeMap;

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    ServiceDescriptorProto,
};

/// What no longer holds of the baseline, a line each.
pub fn faults(baseline: &[FileDescriptorProto], now: &[FileDescriptorProto]) -> Vec<String> {
    let now = statements(now);
    let broken = |(key, was): (String, String)| match now.get(&key) {
        None => Some(format!("{key} is gone: it was `{was}`")),
        Some(is) if *is != was => Some(format!("{key} was `{was}` and is `{is}`")),
        Some(_) => None,
    };
    statements(baseline)
        .into_iter()
        .filter_map(broken)
        .collect()
}

type Statements = BTreeMap<String, String>;

fn statements(files: &[FileDescriptorProto]) -> Statements {
    let mut all = Statements::new();
    for file in files {
        let options = file.options.clone().unwrap_or_default();
        let mut say = |what: &str, value: &str| {
            all.insert(format!("{} {what}", file.name()), value.to_owned());
        };
        say("package", file.package());
        say("java_package", options.java_package());
        say("java_outer_classname", options.java_outer_classname());
        say("csharp_namespace", options.csharp_namespace());
        say("php_namespace", options.php_namespace());
        // Python imports by file, so that what moves to another file has moved away.
        for one in &file.message_type {
            message(file.package(), file.name(), one, &mut all);
        }
        for one in &file.enum_type {
            enumeration(file.package(), file.name(), one, &mut all);
        }
        for one in &file.service {
            service(file.package(), file.name(), one, &mut all);
        }
    }
    all
}

fn message(scope: &str, place: &str, one: &DescriptorProto, all: &mut Statements) {
    let name = format!("{scope}.{}", one.name());
    all.insert(name.clone(), format!("message in {place}"));
    for field in &one.field {
        let key = format!("{name} field {}", field.number());
        all.insert(key, declaration(one, field));
    }
    for range in &one.reserved_range {
        for number in range.start()..range.end() {
            all.insert(format!("{name} field {number}"), "reserved".to_owned());
        }
    }
    for reserved in &one.reserved_name {
        all.insert(format!("{name} field {reserved}"), "reserved".to_owned());
    }
    for nested in &one.nested_type {
        message(&name, place, nested, all);
    }
    for nested in &one.enum_type {
        enumeration(&name, place, nested, all);
    }
}

fn enumeration(scope: &str, place: &str, one: &EnumDescriptorProto, all: &mut Statements) {
    let name = format!("{scope}.{}", one.name());
    all.insert(name.clone(), format!("enum in {place}"));
    for value in &one.value {
        let key = format!("{name} value {}", value.number());
        all.insert(key, value.name().to_owned());
    }
    for range in &one.reserved_range {
        // Of an enum, unlike of a message, the end is part of the range.
        for number in range.start()..=range.end() {
            all.insert(format!("{name} value {number}"), "reserved".to_owned());
        }
    }
}

fn service(scope: &str, place: &str, one: &ServiceDescriptorProto, all: &mut Statements) {
    let name = format!("{scope}.{}", one.name());
    all.insert(name.clone(), format!("service in {place}"));
    for method in &one.method {
        let stream = |yes: bool| if yes { "stream " } else { "" };
        let says = format!(
            "({}{}) returns ({}{})",
            stream(method.client_streaming()),
            method.input_type(),
            stream(method.server_streaming()),
            method.output_type()
        );
        all.insert(format!("{name} call {}", method.name()), says);
    }
}

fn declaration(message: &DescriptorProto, field: &FieldDescriptorProto) -> String {
    let label = match field.label() {
        Label::Repeated => "repeated ",
        _ if field.proto3_optional() => "optional ",
        _ => "",
    };
    let kind = match field.r#type() {
        Type::Message | Type::Enum | Type::Group => field.type_name().to_owned(),
        scalar => scalar
            .as_str_name()
            .trim_start_matches("TYPE_")
            .to_lowercase(),
    };
    let choice = match field.oneof_index {
        Some(index) if !field.proto3_optional() => {
            let oneof = usize::try_from(index)
                .ok()
                .and_then(|at| message.oneof_decl.get(at));
            format!(" in oneof {}", oneof.map_or("", |oneof| oneof.name()))
        }
        _ => String::new(),
    };
    format!("{label}{kind} {}{choice}", field.name())
}

#[cfg(test)]
mod tests;
