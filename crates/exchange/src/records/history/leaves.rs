//! A record as a list of paths and values, by the descriptors of its messages: the paths are those
//! that refusals name, and no field can be forgotten.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use passerelle_domain::{RecordId, Timestamp};
use passerelle_proto::FILE_DESCRIPTOR_SET;
use passerelle_proto::prost_types::field_descriptor_proto::{Label, Type};
use passerelle_proto::prost_types::{self, FileDescriptorSet};
use prost::Message;
use prost::encoding::{WireType, decode_key, decode_varint};

/// Values by their paths.
pub(super) type Leaves = BTreeMap<String, String>;

/// The fields of an encoded `OwnRecord` that are set, but for those that change with every version.
pub(super) fn leaves(own_record: &[u8]) -> Option<Leaves> {
    let mut leaves = Leaves::new();
    walk(own_record, ROOT, "", &mut leaves)?;
    leaves.retain(|path, _| !OF_EVERY_VERSION.contains(&path.as_str()));
    Some(leaves)
}

fn walk(mut bytes: &[u8], message: &str, prefix: &str, leaves: &mut Leaves) -> Option<()> {
    let fields = SHAPES.messages.get(message)?;
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    while !bytes.is_empty() {
        let (tag, wire) = decode_key(&mut bytes).ok()?;
        let field = fields.get(&tag)?;
        let mut path = format!("{prefix}{}", field.name);
        if field.repeated {
            let count = counts.entry(tag).or_default();
            path = format!("{path}[{count}]");
            *count += 1;
        }
        match wire {
            WireType::Varint => {
                let number = decode_varint(&mut bytes).ok()?;
                leaves.insert(path, field.number(number)?);
            }
            WireType::LengthDelimited => {
                let length = usize::try_from(decode_varint(&mut bytes).ok()?).ok()?;
                let (value, rest) = bytes.split_at_checked(length)?;
                bytes = rest;
                match &field.kind {
                    Kind::Message(of) if of == TIMESTAMP => {
                        leaves.insert(path, instant(value)?);
                    }
                    Kind::Message(of) => walk(value, of, &format!("{path}."), leaves)?,
                    Kind::Text => {
                        leaves.insert(path, String::from_utf8(value.to_vec()).ok()?);
                    }
                    // Ids of records are all the bytes that a record holds.
                    Kind::Bytes => {
                        leaves.insert(path, RecordId::from_slice(value).ok()?.to_string());
                    }
                    Kind::Enum(_) | Kind::Bool | Kind::Number => return None,
                }
            }
            // No record has such a field.
            _ => return None,
        }
    }
    Some(())
}

fn instant(value: &[u8]) -> Option<String> {
    let at = prost_types::Timestamp::decode(value).ok()?;
    let millis = at.seconds.checked_mul(1000)? + i64::from(at.nanos / 1_000_000);
    Some(Timestamp::from_millis(u64::try_from(millis).ok()?).to_string())
}

/// What the descriptors say.
struct Shapes {
    messages: BTreeMap<String, BTreeMap<u32, Field>>,
    enums: BTreeMap<String, BTreeMap<i32, String>>,
}

struct Field {
    name: String,
    repeated: bool,
    kind: Kind,
}

enum Kind {
    Message(String),
    Enum(String),
    Text,
    Bytes,
    Bool,
    Number,
}

impl Field {
    fn number(&self, number: u64) -> Option<String> {
        match &self.kind {
            Kind::Number => Some(number.to_string()),
            Kind::Bool => Some((number != 0).to_string()),
            Kind::Enum(of) => {
                let value = i32::try_from(number).ok()?;
                let name = SHAPES.enums.get(of)?.get(&value);
                Some(name.cloned().unwrap_or_else(|| number.to_string()))
            }
            Kind::Message(_) | Kind::Text | Kind::Bytes => None,
        }
    }
}

/// Read once: they are a constant of the program.
static SHAPES: LazyLock<Shapes> = LazyLock::new(|| {
    // This program's own descriptors; a test reads a record of every section by them.
    let files = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap_or_default();
    let mut shapes = Shapes {
        messages: BTreeMap::new(),
        enums: BTreeMap::new(),
    };
    for file in files.file {
        let package = file.package().to_owned();
        for message in file.message_type {
            let fields = message.field.iter().filter_map(|field| {
                let kind = match field.r#type() {
                    Type::Message => {
                        Kind::Message(field.type_name().trim_start_matches('.').into())
                    }
                    Type::Enum => Kind::Enum(field.type_name().trim_start_matches('.').into()),
                    Type::String => Kind::Text,
                    Type::Bytes => Kind::Bytes,
                    Type::Bool => Kind::Bool,
                    _ => Kind::Number,
                };
                let read = Field {
                    name: field.name().to_owned(),
                    repeated: field.label() == Label::Repeated,
                    kind,
                };
                Some((u32::try_from(field.number()).ok()?, read))
            });
            let name = format!("{package}.{}", message.name());
            shapes.messages.insert(name, fields.collect());
        }
        for list in file.enum_type {
            let values = list.value.iter();
            let values = values.map(|value| (value.number(), value.name().to_owned()));
            let name = format!("{package}.{}", list.name());
            shapes.enums.insert(name, values.collect());
        }
    }
    shapes
});

const ROOT: &str = "passerelle.journey.v1.OwnRecord";
const TIMESTAMP: &str = "google.protobuf.Timestamp";
/// Said of the version itself, beside what changed.
const OF_EVERY_VERSION: &[&str] = &["record.record_id", "record.version", "record.recorded_at"];
