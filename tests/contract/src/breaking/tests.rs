use prost_types::FileDescriptorProto;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};

use super::faults;

const BEFORE: &str = r#"
    syntax = "proto3";
    package t.v1;
    option java_package = "fr.t.v1";
    message A {
      reserved 9, 12 to 13;
      string name = 1;
      optional bool hidden = 2;
      repeated B several = 3;
      oneof which { string text = 4; uint32 number = 5; }
      map<string, string> labels = 6;
      message Inner { Kind kind = 1; }
      enum Kind { KIND_UNSPECIFIED = 0; KIND_ONE = 1; }
    }
    message B {}
    service S { rpc Call(A) returns (B); rpc Follow(A) returns (stream B); }
"#;

#[test]
fn what_grows_breaks_nothing() {
    assert_eq!(after("", ""), [""; 0]);
    for (from, to) in [
        ("message B {}", "message B { string more = 1; }"),
        ("message B {}", "message B {} message C {}"),
        ("uint32 number = 5;", "uint32 number = 5; bytes raw = 7;"),
        ("KIND_ONE = 1;", "KIND_ONE = 1; KIND_TWO = 2;"),
        ("rpc Call(A)", "rpc More(A) returns (B); rpc Call(A)"),
    ] {
        assert_eq!(after(from, to), [""; 0], "{to}");
    }
}

#[test]
fn whatever_a_client_was_built_on_is_missed_when_it_changes() {
    for (from, to, said) in [
        ("string name = 1;", "", "t.v1.A field 1 is gone"),
        (
            "string name = 1;",
            "reserved 1;",
            "t.v1.A field 1 was `string name` and is `reserved`",
        ),
        (
            "string name = 1;",
            "string title = 1;",
            "t.v1.A field 1 was",
        ),
        (
            "string name = 1;",
            "string name = 8;",
            "t.v1.A field 1 is gone",
        ),
        ("string name = 1;", "bytes name = 1;", "t.v1.A field 1 was"),
        (
            "string name = 1;",
            "optional string name = 1;",
            "t.v1.A field 1 was",
        ),
        ("optional bool hidden", "bool hidden", "t.v1.A field 2 was"),
        ("repeated B several", "B several", "t.v1.A field 3 was"),
        (
            "repeated B several",
            "repeated A several",
            "t.v1.A field 3 was",
        ),
        (
            "oneof which { string text = 4; ",
            "string text = 4; oneof which { ",
            "t.v1.A field 4 was",
        ),
        ("oneof which", "oneof other", "t.v1.A field 4 was"),
        (
            "map<string, string>",
            "map<string, bytes>",
            "t.v1.A.LabelsEntry field 2 was",
        ),
        (
            "reserved 9, 12 to 13;",
            "reserved 9, 12;",
            "t.v1.A field 13 is gone",
        ),
        ("KIND_ONE = 1;", "KIND_TWO = 1;", "t.v1.A.Kind value 1 was"),
        ("KIND_ONE = 1;", "", "t.v1.A.Kind value 1 is gone"),
        (
            "message Inner { Kind kind = 1; }",
            "",
            "t.v1.A.Inner is gone",
        ),
        ("rpc Call(A) returns (B);", "", "t.v1.S call Call is gone"),
        (
            "rpc Call(A) returns",
            "rpc Call(B) returns",
            "t.v1.S call Call was",
        ),
        (
            "returns (stream B)",
            "returns (B)",
            "t.v1.S call Follow was",
        ),
        ("fr.t.v1", "fr.u.v1", "t.proto java_package was"),
    ] {
        let faults = after(from, to);
        assert!(
            faults.iter().any(|fault| fault.starts_with(said)),
            "{to}: {faults:#?}"
        );
    }
}

#[test]
fn what_moves_to_another_file_is_missed() {
    let mut moved = compiled(BEFORE);
    moved.name = Some("u.proto".to_owned());
    let faults = faults(&[compiled(BEFORE)], &[moved]);
    assert!(
        faults
            .iter()
            .any(|fault| fault.contains("t.v1.B was `message in t.proto`")),
        "{faults:#?}"
    );
}

fn after(from: &str, to: &str) -> Vec<String> {
    assert!(BEFORE.contains(from), "{from}");
    let changed = BEFORE.replacen(from, to, 1);
    faults(&[compiled(BEFORE)], &[compiled(&changed)])
}

fn compiled(source: &str) -> FileDescriptorProto {
    struct One(String);
    impl FileResolver for One {
        fn open_file(&self, name: &str) -> Result<File, protox::Error> {
            File::from_source(name, &self.0)
        }
    }
    let mut resolver = ChainFileResolver::new();
    resolver.add(One(source.to_owned()));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = protox::Compiler::with_file_resolver(resolver);
    compiler.open_file("t.proto").unwrap();
    compiler.file_descriptor_set().file.remove(0)
}
