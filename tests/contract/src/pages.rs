//! The reference pages: one a file of the protocol, and one that lists every call.

mod comments;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    ServiceDescriptorProto,
};

use comments::{Comments, first_sentence, prose};

/// Where they are committed.
pub fn folder() -> PathBuf {
    crate::root().join("docs/reference")
}

/// The pages of a protocol, by file name. What a node keeps on its own disk has none.
pub fn pages(files: &[FileDescriptorProto]) -> BTreeMap<String, String> {
    let public = |file: &&FileDescriptorProto| file.package() != "passerelle.storage.v1";
    let mut files: Vec<_> = files.iter().filter(public).collect();
    files.sort_by_key(|file| page_name(file));
    let mut places = BTreeMap::new();
    for file in &files {
        places_of(file, &mut places);
    }
    let mut pages: BTreeMap<_, _> = files
        .iter()
        .map(|file| (page_name(file), Page::new(file, &places).written()))
        .collect();
    pages.insert("README.md".to_owned(), index(&files));
    pages
}

/// The anchor that a heading of that text has.
pub fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let lower = heading.to_lowercase();
    lower
        .chars()
        .filter(kept)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

fn index(files: &[&FileDescriptorProto]) -> String {
    let mut out = String::from(
        "# Reference\n\nMade from the comments of [`proto/`](../../proto/), which are where to change it \
         ([how](../contract.md)).\nWhat errors say is in [`docs/errors`](../errors/README.md).\n",
    );
    for file in files {
        let comments = Comments::of(file);
        let _ = write!(
            out,
            "\n## [{}]({})\n\n{}",
            title(file),
            page_name(file),
            prose(&comments.of_file(), "")
        );
        for (i, service) in (0..).zip(&file.service) {
            let _ = write!(out, "\n`{}`:\n\n", service.name());
            for (j, method) in (0..).zip(&service.method) {
                let said = first_sentence(&comments.at(&[6, i, 2, j]));
                let (name, place) = (method.name(), anchor(method.name()));
                let _ = writeln!(out, "- [`{name}`]({}#{place}): {said}", page_name(file));
            }
        }
    }
    out
}

fn page_name(file: &FileDescriptorProto) -> String {
    format!("{}-{}.md", area(file), stem(file))
}

fn title(file: &FileDescriptorProto) -> String {
    format!("{}: {}", file.package(), stem(file))
}

fn area(file: &FileDescriptorProto) -> &str {
    file.package().split('.').nth(1).unwrap_or_default()
}

fn stem(file: &FileDescriptorProto) -> &str {
    let name = file.name().rsplit('/').next().unwrap_or_default();
    name.strip_suffix(".proto").unwrap_or(name)
}

/// Where each type is told of: by its full name, the page and its name within the package.
type Places = BTreeMap<String, (String, String)>;

fn places_of(file: &FileDescriptorProto, places: &mut Places) {
    fn below(scope: &str, message: &DescriptorProto, found: &mut Vec<String>) {
        let name = format!("{scope}{}", message.name());
        let inner = format!("{name}.");
        message
            .nested_type
            .iter()
            .for_each(|nested| below(&inner, nested, found));
        found.extend(
            message
                .enum_type
                .iter()
                .map(|one| format!("{inner}{}", one.name())),
        );
        found.push(name);
    }
    let mut found: Vec<_> = file
        .enum_type
        .iter()
        .map(|one| one.name().to_owned())
        .collect();
    file.message_type
        .iter()
        .for_each(|message| below("", message, &mut found));
    for name in found {
        let full = format!(".{}.{name}", file.package());
        places.insert(full, (page_name(file), name));
    }
}

struct Page<'a> {
    file: &'a FileDescriptorProto,
    places: &'a Places,
    comments: Comments<'a>,
    out: String,
}

impl<'a> Page<'a> {
    fn new(file: &'a FileDescriptorProto, places: &'a Places) -> Self {
        let comments = Comments::of(file);
        let out = String::new();
        Self {
            file,
            places,
            comments,
            out,
        }
    }

    fn written(mut self) -> String {
        let file = self.file;
        let head = format!(
            "# {}\n\nMade from [`{}`](../../proto/{1}).\n\n{}",
            title(file),
            file.name(),
            prose(&self.comments.of_file(), "")
        );
        self.out.push_str(&head);
        for (i, one) in (0..).zip(&file.service) {
            self.service(one, i);
        }
        for (i, one) in (0..).zip(&file.message_type) {
            self.message("", one, &[4, i]);
        }
        for (i, one) in (0..).zip(&file.enum_type) {
            self.enumeration("", one, &[5, i]);
        }
        self.out
    }

    fn service(&mut self, one: &ServiceDescriptorProto, at: i32) {
        self.section(2, one.name(), &[6, at]);
        for (j, method) in (0..).zip(&one.method) {
            let stream = |yes: bool| if yes { "stream of " } else { "" };
            let signature = format!(
                "\n{}{} → {}{}\n",
                stream(method.client_streaming()),
                self.link(method.input_type()),
                stream(method.server_streaming()),
                self.link(method.output_type()),
            );
            self.section(3, method.name(), &[6, at, 2, j]);
            self.out.push_str(&signature);
        }
    }

    fn message(&mut self, scope: &str, one: &DescriptorProto, path: &[i32]) {
        if one
            .options
            .as_ref()
            .is_some_and(|options| options.map_entry())
        {
            return;
        }
        let name = format!("{scope}{}", one.name());
        self.section(2, &name, path);
        if !one.field.is_empty() {
            self.out.push('\n');
        }
        for (i, field) in (0..).zip(&one.field) {
            let typed = self.typed(one, field);
            let said = prose(&self.comments.at(&[path, &[2, i]].concat()), "  ");
            let (name, number) = (field.name(), field.number());
            let _ = write!(
                self.out,
                "- **`{name}`** = {number}, {typed}: {}",
                said.trim_start()
            );
        }
        let inner = format!("{name}.");
        for (i, nested) in (0..).zip(&one.nested_type) {
            self.message(&inner, nested, &[path, &[3, i]].concat());
        }
        for (i, nested) in (0..).zip(&one.enum_type) {
            self.enumeration(&inner, nested, &[path, &[4, i]].concat());
        }
    }

    fn enumeration(&mut self, scope: &str, one: &EnumDescriptorProto, path: &[i32]) {
        self.section(2, &format!("{scope}{}", one.name()), path);
        self.out.push('\n');
        for (i, value) in (0..).zip(&one.value) {
            let said = prose(&self.comments.at(&[path, &[2, i]].concat()), "  ");
            let (name, number) = (value.name(), value.number());
            let _ = write!(self.out, "- **`{name}`** = {number}: {}", said.trim_start());
        }
    }

    fn section(&mut self, level: usize, heading: &str, path: &[i32]) {
        let hashes = "#".repeat(level);
        let said = prose(&self.comments.at(path), "");
        let _ = write!(self.out, "\n{hashes} {heading}\n\n{said}");
    }

    fn typed(&self, message: &DescriptorProto, field: &FieldDescriptorProto) -> String {
        let entry = message.nested_type.iter().find(|nested| {
            nested
                .options
                .as_ref()
                .is_some_and(|options| options.map_entry())
                && field.type_name().ends_with(&format!(".{}", nested.name()))
        });
        if let Some([key, value]) = entry.map(|entry| entry.field.as_slice()) {
            return format!("map of {} to {}", self.kind(key), self.kind(value));
        }
        let kind = self.kind(field);
        match field.oneof_index.map(usize::try_from) {
            _ if field.label() == Label::Repeated => format!("repeated {kind}"),
            _ if field.proto3_optional() => format!("optional {kind}"),
            Some(Ok(at)) => format!("{kind}, one of `{}`", message.oneof_decl[at].name()),
            _ => kind,
        }
    }

    fn kind(&self, field: &FieldDescriptorProto) -> String {
        match field.r#type() {
            Type::Message | Type::Enum | Type::Group => self.link(field.type_name()),
            scalar => scalar
                .as_str_name()
                .trim_start_matches("TYPE_")
                .to_lowercase(),
        }
    }

    fn link(&self, full: &str) -> String {
        match self.places.get(full) {
            Some((page, name)) if *page == page_name(self.file) => {
                format!("[{name}](#{})", anchor(name))
            }
            Some((page, name)) => format!("[{name}]({page}#{})", anchor(name)),
            None => format!("`{}`", full.trim_start_matches('.')),
        }
    }
}

#[cfg(test)]
mod tests;
