//! The class of a record, found a second way: by walking whatever the message holds, against the
//! vocabulary's own file. A field that the rule in the code forgets is not forgotten here.

use std::sync::LazyLock;

use prost::Message;
use protox::prost_reflect::{DescriptorPool, DynamicMessage, Kind, ReflectMessage, Value};
use serde_json::Value as Json;

use passerelle_proto::journey::v1 as proto;

static VOCABULARY: LazyLock<Json> = LazyLock::new(|| {
    let text = include_str!("../../../vocabulary/spie_vocabulary.json");
    serde_json::from_str::<Json>(text).unwrap()["enums"].take()
});

static POOL: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(passerelle_proto::FILE_DESCRIPTOR_SET).unwrap());

/// 1 to 4.
pub(super) fn class(record: &proto::Record) -> u64 {
    let descriptor = POOL
        .get_message_by_name("passerelle.journey.v1.Record")
        .unwrap();
    let message = DynamicMessage::decode(descriptor, record.encode_to_vec().as_slice()).unwrap();
    let body = message.descriptor().oneofs().next().unwrap();
    let section = body
        .fields()
        .find(|field| message.has_field(field))
        .unwrap();
    let section = match section.name() {
        "objective" => "objectives",
        "step" => "steps",
        "appointment" => "appointments",
        "contract" => "contracts",
        "support_exit" => "exit",
        same => same,
    };
    let imported_text =
        !record.message_to_partner.is_empty() && record.source.as_ref().unwrap().imported;
    [
        of_id("section", section).unwrap(),
        u64::from(record.author_sensitivity),
        if imported_text { 3 } else { 1 },
        of_message(&message),
    ]
    .into_iter()
    .max()
    .unwrap()
}

fn of_message(message: &DynamicMessage) -> u64 {
    message
        .fields()
        .map(|(field, value)| of_value(message, field.name(), &field.kind(), value))
        .max()
        .unwrap_or(1)
}

fn of_value(message: &DynamicMessage, field: &str, kind: &Kind, value: &Value) -> u64 {
    match (kind, value) {
        (_, Value::List(values)) => values
            .iter()
            .map(|value| of_value(message, field, kind, value))
            .max()
            .unwrap_or(1),
        (Kind::Enum(list), Value::EnumNumber(number)) if *number != 0 => {
            let name = snake(list.name());
            match list.get_value(*number) {
                Some(value) => {
                    let id = value
                        .name()
                        .strip_prefix(&format!("{}_", name.to_uppercase()))
                        .unwrap();
                    of_id(&name, &id.to_lowercase()).unwrap_or(1)
                }
                None => of_unknown(&name),
            }
        }
        (Kind::Message(descriptor), Value::Message(code)) if descriptor.name() == "Code" => {
            of_code(&list_of(message, field, code), code)
        }
        (_, Value::Message(message)) => of_message(message),
        _ => 1,
    }
}

/// Which list a code belongs to, as the comments of the proto files say.
fn list_of(message: &DynamicMessage, field: &str, code: &DynamicMessage) -> String {
    match (message.descriptor().name(), field) {
        ("Status", "kind") => "status_kind",
        ("Status", "state") => match text(
            message
                .get_field_by_name("kind")
                .unwrap()
                .as_message()
                .unwrap(),
            "code",
        )
        .as_str()
        {
            "rsa_right" | "RSA" | "ETATDOSRSA" => "rsa_right_state",
            "job_seeker_registration" => "job_seeker_category",
            _ => "status_state",
        },
        ("Status", "reason") if !items(code, "rsa_closure_reason").is_empty() => {
            "rsa_closure_reason"
        }
        ("Status", "reason") => "rsa_suspension_reason",
        ("Orientation", "pathway") => "pathway_type",
        ("Orientation", "modality") => "support_modality",
        ("Orientation", "origin") => "orientation_origin",
        ("Orientation", "refusal_reason") => "orientation_refusal_reason",
        ("OrientationCriterion", "criterion") => "orientation_criteria",
        ("Need", "detail") | ("Objective", "kind") => "objective",
        ("Situation", "kind") => "diagnosis_situation",
        ("Step", "kind") => "step_kind",
        ("Step", "action") => "action",
        ("Appointment", "kind") => "appointment_kind",
        ("Contract", "kind") => "contract_type",
        ("Employment", "contract") => "employment_contract_type",
        ("SupportExit", "reason") => "exit_reason",
        other => panic!("no list is known for {other:?}"),
    }
    .to_owned()
}

fn of_code(list: &str, code: &DynamicMessage) -> u64 {
    let found = items(code, list);
    found
        .iter()
        .map(|item| item["class"].as_u64().unwrap())
        .max()
        .unwrap_or_else(|| of_unknown(list))
}

fn items(code: &DynamicMessage, list: &str) -> Vec<&'static Json> {
    let (system, code) = (text(code, "system"), text(code, "code"));
    let all = VOCABULARY[list]["items"].as_array().unwrap();
    let holds = |value: &Json| {
        value == code.as_str()
            || value
                .as_array()
                .is_some_and(|v| v.contains(&code.as_str().into()))
    };
    let own_code = matches!(
        (list, system.as_str()),
        ("support_modality", "webrsa") | ("contract_type", "cdb")
    );
    all.iter()
        .filter(|item| match system.as_str() {
            "" => item["id"] == code.as_str(),
            // France Travail codes of objectives changed between versions.
            "ft" if list == "objective" => false,
            _ if own_code => item["code"] == code.as_str(),
            _ => holds(&item[&system]) || holds(&item["codes"][&system]),
        })
        .collect()
}

fn of_id(list: &str, id: &str) -> Option<u64> {
    let items = VOCABULARY[list]["items"].as_array().unwrap();
    items.iter().find(|item| item["id"] == id).unwrap()["class"].as_u64()
}

fn of_unknown(list: &str) -> u64 {
    let items = VOCABULARY[list]["items"].as_array().unwrap();
    match items.iter().filter_map(|item| item["class"].as_u64()).max() {
        None => 1,
        Some(4) => 4,
        Some(_) => 3,
    }
}

fn text(message: &DynamicMessage, field: &str) -> String {
    message
        .get_field_by_name(field)
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
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
