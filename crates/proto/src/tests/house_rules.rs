//! What every file of `proto/` must keep, so that no language's generator stumbles over it.

use std::path::PathBuf;

use prost::Message;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FileDescriptorProto, FileDescriptorSet,
    MethodDescriptorProto,
};

use crate::FILE_DESCRIPTOR_SET;

/// Reserved words of Java, C#, PHP, Python and JavaScript, in lower case: PHP does not look at case.
const KEYWORDS: &[&str] = &[
    "abstract",
    "and",
    "array",
    "arguments",
    "as",
    "assert",
    "async",
    "await",
    "base",
    "bool",
    "boolean",
    "break",
    "byte",
    "callable",
    "case",
    "catch",
    "char",
    "checked",
    "class",
    "clone",
    "const",
    "continue",
    "debugger",
    "decimal",
    "declare",
    "def",
    "default",
    "del",
    "delegate",
    "delete",
    "die",
    "do",
    "double",
    "echo",
    "elif",
    "else",
    "elseif",
    "empty",
    "enddeclare",
    "endfor",
    "endforeach",
    "endif",
    "endswitch",
    "endwhile",
    "enum",
    "eval",
    "event",
    "except",
    "exit",
    "explicit",
    "export",
    "extends",
    "extern",
    "false",
    "final",
    "finally",
    "fixed",
    "float",
    "fn",
    "for",
    "foreach",
    "from",
    "function",
    "global",
    "goto",
    "if",
    "implements",
    "implicit",
    "import",
    "in",
    "include",
    "include_once",
    "instanceof",
    "insteadof",
    "int",
    "interface",
    "internal",
    "is",
    "isset",
    "iterable",
    "lambda",
    "let",
    "list",
    "lock",
    "long",
    "match",
    "mixed",
    "namespace",
    "native",
    "never",
    "new",
    "none",
    "nonlocal",
    "not",
    "null",
    "object",
    "operator",
    "or",
    "out",
    "override",
    "package",
    "params",
    "parent",
    "pass",
    "print",
    "private",
    "protected",
    "public",
    "raise",
    "readonly",
    "ref",
    "require",
    "require_once",
    "return",
    "sbyte",
    "sealed",
    "self",
    "short",
    "sizeof",
    "stackalloc",
    "static",
    "strictfp",
    "string",
    "struct",
    "super",
    "switch",
    "synchronized",
    "this",
    "throw",
    "throws",
    "trait",
    "transient",
    "true",
    "try",
    "typeof",
    "uint",
    "ulong",
    "unchecked",
    "unsafe",
    "unset",
    "use",
    "ushort",
    "using",
    "var",
    "virtual",
    "void",
    "volatile",
    "while",
    "with",
    "xor",
    "yield",
];

#[test]
fn no_name_is_a_keyword_of_another_language() {
    let mut faults = Vec::new();
    // What a node writes to its own disk is generated in no other language.
    for file in files()
        .iter()
        .filter(|file| file.package() != "passerelle.storage.v1")
    {
        let mut check = |kind: &str, name: &str| {
            if KEYWORDS.contains(&name.to_lowercase().as_str()) {
                faults.push(format!("{}: {kind} {name}", file.name()));
            }
        };
        for message in &file.message_type {
            names_of(message, &mut check);
        }
        for one in &file.enum_type {
            check("enum", one.name());
            one.value
                .iter()
                .for_each(|value| check("enum value", value.name()));
        }
        for service in &file.service {
            check("service", service.name());
            service
                .method
                .iter()
                .for_each(|method| check("method", method.name()));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn no_field_has_the_name_of_its_message() {
    // C# names members in PascalCase, and none may be named as what holds it: protoc then adds `_`.
    // A `Code` keeps its `code`: no other word says it in the languages that have no such rule.
    let mut faults = Vec::new();
    for file in files()
        .iter()
        .filter(|file| file.package() != "passerelle.storage.v1")
    {
        for message in &file.message_type {
            same_names(message, &mut faults);
        }
    }
    faults.retain(|fault| fault != "Code.code");
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_file_names_its_package_in_every_language() {
    for file in files() {
        let parts: Vec<_> = file.package().split('.').collect();
        let [root, area, version] = parts[..] else {
            panic!("{}: package {}", file.name(), file.package());
        };
        assert_eq!(file.syntax(), "proto3", "{}", file.name());
        assert!(
            file.name()
                .starts_with(&format!("{root}/{area}/{version}/")),
            "{}",
            file.name()
        );
        let options = file.options.clone().unwrap_or_default();
        let upper = |word: &str| word[..1].to_uppercase() + &word[1..];
        let (area_upper, version_upper) = (upper(area), upper(version));
        assert_eq!(
            options.java_package(),
            format!("fr.passerelle.{area}.{version}"),
            "{}",
            file.name()
        );
        assert!(options.java_multiple_files(), "{}", file.name());
        // Without it protoc takes the name of the file, and `Error` and `Record` hide java.lang's.
        let stem = file.name().rsplit('/').next().unwrap_or_default();
        let stem = stem.strip_suffix(".proto").unwrap_or_default();
        assert_eq!(
            options.java_outer_classname(),
            format!("{}Proto", upper(stem)),
            "{}",
            file.name()
        );
        assert_eq!(
            options.csharp_namespace(),
            format!("Passerelle.{area_upper}.{version_upper}"),
            "{}",
            file.name()
        );
        assert_eq!(
            options.php_namespace(),
            format!("Passerelle\\{area_upper}\\{version_upper}"),
            "{}",
            file.name()
        );
    }
}

#[test]
fn every_enum_starts_unspecified_and_prefixes_its_values() {
    for file in files() {
        let nested = file
            .message_type
            .iter()
            .flat_map(|message| &message.enum_type);
        for one in file.enum_type.iter().chain(nested) {
            let prefix = screaming(one.name());
            assert_eq!(one.value[0].name(), format!("{prefix}_UNSPECIFIED"));
            assert_eq!(one.value[0].number(), 0);
            for value in &one.value {
                assert!(
                    value.name().starts_with(&format!("{prefix}_")),
                    "{}",
                    value.name()
                );
            }
        }
    }
}

#[test]
fn everything_is_commented() {
    let mut faults = Vec::new();
    for file in files() {
        let info = file.source_code_info.clone().unwrap_or_default();
        let commented = |path: &[i32]| {
            let mut at = info
                .location
                .iter()
                .filter(|location| location.path == path);
            at.any(|location| !location.leading_comments().trim().is_empty())
        };
        let mut check = |path: Vec<i32>, name: &str| {
            if !commented(&path) {
                faults.push(format!("{}: {name}", file.name()));
            }
        };
        for (i, message) in (0..).zip(&file.message_type) {
            paths_of_message(message, vec![4, i], &mut check);
        }
        for (i, one) in (0..).zip(&file.enum_type) {
            paths_of_enum(one, vec![5, i], &mut check);
        }
        for (i, service) in (0..).zip(&file.service) {
            check(vec![6, i], service.name());
            let methods: &[MethodDescriptorProto] = &service.method;
            (0..)
                .zip(methods)
                .for_each(|(j, method)| check(vec![6, i, 2, j], method.name()));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

fn names_of(message: &DescriptorProto, check: &mut impl FnMut(&str, &str)) {
    check("message", message.name());
    message
        .field
        .iter()
        .for_each(|field| check("field", field.name()));
    message
        .oneof_decl
        .iter()
        .for_each(|oneof| check("oneof", oneof.name()));
    message
        .nested_type
        .iter()
        .for_each(|nested| names_of(nested, check));
}

fn same_names(message: &DescriptorProto, faults: &mut Vec<String>) {
    let fields = message.field.iter().map(|field| field.name());
    let oneofs = message.oneof_decl.iter().map(|oneof| oneof.name());
    let mut names = fields.chain(oneofs);
    if let Some(name) = names.find(|name| pascal(name) == message.name()) {
        faults.push(format!("{}.{name}", message.name()));
    }
    for nested in &message.nested_type {
        same_names(nested, faults);
    }
}

fn paths_of_message(
    message: &DescriptorProto,
    path: Vec<i32>,
    check: &mut impl FnMut(Vec<i32>, &str),
) {
    let below = |kind: i32, i: i32| [path.as_slice(), &[kind, i]].concat();
    for (i, field) in (0..).zip(&message.field) {
        check(below(2, i), &format!("{}.{}", message.name(), field.name()));
    }
    for (i, nested) in (0..).zip(&message.nested_type) {
        let is_map = nested
            .options
            .as_ref()
            .is_some_and(|options| options.map_entry());
        if !is_map {
            paths_of_message(nested, below(3, i), check);
        }
    }
    for (i, one) in (0..).zip(&message.enum_type) {
        paths_of_enum(one, below(4, i), check);
    }
    check(path, message.name());
}

fn paths_of_enum(
    one: &EnumDescriptorProto,
    path: Vec<i32>,
    check: &mut impl FnMut(Vec<i32>, &str),
) {
    for (i, value) in (0..).zip(&one.value) {
        check([path.as_slice(), &[2, i]].concat(), value.name());
    }
    check(path, one.name());
}

fn files() -> Vec<FileDescriptorProto> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
    let ours = set
        .file
        .iter()
        .filter(|file| file.package().starts_with("passerelle."));
    let ours: Vec<_> = ours.map(|file| root.join(file.name())).collect();
    // Once more from the text: the set that is shipped has no comments.
    let mut compiler = protox::Compiler::new([&root]).unwrap();
    compiler.include_source_info(true).open_files(ours).unwrap();
    compiler.file_descriptor_set().file
}

fn pascal(name: &str) -> String {
    let upper = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    name.split('_').map(upper).collect()
}

fn screaming(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.char_indices() {
        if c.is_ascii_uppercase() && i > 0 {
            out.push('_');
        }
        out.push(c.to_ascii_uppercase());
    }
    out
}
