//! Turns `vocabulary/spie_vocabulary.json` into one enum and one table a list.
//!
//! Only data is written out; what can be done with it stands in `src/vocabulary/macros.rs`.

mod list;

use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;
use std::{env, fs};

use list::List;
use serde_json::Value;

const SOURCE: &str = "vocabulary/spie_vocabulary.json";

/// Written by hand as an ordered number.
const NOT_GENERATED: &str = "class";

/// Lists that have an enum in `proto/`, with the path of that enum. The generated `match` covers
/// both sides, so that a value missing on one of them does not compile.
const WIRE: &[(&str, &str)] = &[
    ("organisation_kind", "journey::v1::OrganisationKind"),
    ("agent_role", "journey::v1::AgentRole"),
    ("diagnosis_theme", "journey::v1::DiagnosisTheme"),
    ("need_state", "journey::v1::NeedState"),
    ("constraint_state", "journey::v1::ConstraintState"),
    ("constraint_impact", "journey::v1::ConstraintImpact"),
    ("situation_state", "journey::v1::SituationState"),
    ("objective_state", "journey::v1::ObjectiveState"),
    ("action_status", "journey::v1::ActionStatus"),
    ("appointment_status", "journey::v1::AppointmentStatus"),
    ("contact_modality", "journey::v1::ContactModality"),
    ("reception_type", "journey::v1::ReceptionType"),
    ("initiator", "journey::v1::Initiator"),
    ("orientation_decision", "journey::v1::OrientationDecision"),
    ("contract_status", "journey::v1::ContractStatus"),
    ("exit_status", "journey::v1::ExitStatus"),
    ("support_offer_state", "journey::v1::SupportOfferState"),
    ("chosen_by", "journey::v1::ChosenBy"),
    ("identity_status", "journey::v1::IdentityStatus"),
    ("group_member_role", "journey::v1::GroupMemberRole"),
];

/// Attributes that are an item of another list: list, attribute, that list, whether it may be missing.
const JOINS: &[(&str, &str, &str, bool)] = &[
    ("diagnosis_situation", "theme", "diagnosis_theme", false),
    ("objective", "theme", "diagnosis_theme", false),
    ("action", "theme", "diagnosis_theme", false),
    ("action", "step_kind", "step_kind", false),
    ("step_kind", "theme", "diagnosis_theme", true),
    ("diagnosis_theme", "export_as", "diagnosis_theme", true),
    ("gesture_purpose", "purpose", "purpose", false),
];

/// Attributes that are a type of `src/vocabulary.rs`: list, attribute, type.
const CHOICES: &[(&str, &str, &str)] = &[
    ("refusal_reason", "tell", "Tell"),
    ("refusal_reason", "act_by", "ActBy"),
];

/// Attributes that are yes or, left out, no: list, attribute.
const FLAGS: &[(&str, &str)] = &[("organisation_kind", "sensitive"), ("purpose", "forbidden")];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed={SOURCE}");

    let root: Value = serde_json::from_str(&fs::read_to_string(SOURCE)?)?;
    let lists = root["enums"].as_object().ok_or("`enums` is an object")?;
    let lists = lists
        .iter()
        .map(|(name, list)| List::read(name, list))
        .collect::<Result<Vec<_>, _>>()?;

    let mut code = String::new();
    for list in &lists {
        list.write_table(&mut code)?;
        if list.name != NOT_GENERATED {
            list.write_enum(&mut code)?;
            write_attributes(list, &mut code)?;
        }
    }
    let tables: Vec<_> = lists.iter().map(List::table).collect();
    writeln!(code, "static ALL_LISTS: &[&List] = &[{}];", refs(&tables))?;

    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("vocabulary.rs"), code)?;
    Ok(())
}

fn write_attributes(list: &List, code: &mut String) -> Result<(), Box<dyn Error>> {
    for (_, path) in WIRE.iter().filter(|(name, _)| *name == list.name) {
        list.write_wire(path, code)?;
    }
    for (_, attribute, to, optional) in JOINS.iter().filter(|(name, ..)| *name == list.name) {
        list.write_join(attribute, &list::camel(to), *optional, code)?;
    }
    for (_, attribute, to) in CHOICES.iter().filter(|(name, ..)| *name == list.name) {
        list.write_join(attribute, to, false, code)?;
    }
    for (_, attribute) in FLAGS.iter().filter(|(name, _)| *name == list.name) {
        list.write_flag(attribute, code)?;
    }
    Ok(())
}

fn refs(names: &[String]) -> String {
    let refs: Vec<_> = names.iter().map(|name| format!("&{name}")).collect();
    refs.join(", ")
}
