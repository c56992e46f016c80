//! `sandbox.json`: what the printed explanation says, for programs.

use std::path::PathBuf;

use serde::Serialize;

use super::Running;
use super::persons::Person;
use crate::demo::described::{Node, at_once, node};
use crate::demo::error::DemoError;
use crate::shown::Language;

/// The file in the folder of the sandbox.
const FILE: &str = "sandbox.json";

#[derive(Serialize)]
struct Described<'a> {
    /// The node to call.
    node: Node<'a>,
    /// The nodes that it asks.
    partners: [&'a str; 2],
    /// While this file is there, the first partner is not reached.
    unreachable_file: PathBuf,
    /// While this file is there, the first partner is slow.
    slow_file: PathBuf,
    /// Who makes this file has a person withdraw at the first partner; it goes once that is done.
    withdraws_file: PathBuf,
    /// The folder of the texts that persons are shown, `<notice_id>.<lang>.txt`.
    notices_folder: PathBuf,
    persons: Vec<DescribedPerson<'a>>,
}

#[derive(Serialize)]
struct DescribedPerson<'a> {
    reference: &'a str,
    /// The id in the node to call.
    person_id: &'a str,
    birth_name: &'a str,
    first_names: &'a str,
    birth_date: &'a str,
    passes: Vec<DescribedPass<'a>>,
    /// What to call.
    call: &'a str,
    /// What comes.
    comes: &'a str,
}

#[derive(Serialize)]
struct DescribedPass<'a> {
    /// The partner that issued it: `holder` of a question.
    node: &'a str,
    pass_text: &'a str,
    pin: &'a str,
}

/// Writes the file: whoever sees it can call.
pub(super) fn write(running: &Running, language: Language) -> Result<(), DemoError> {
    let federation = &running.federation;
    let persons = running.persons.iter().map(|prepared| {
        let Person {
            reference,
            birth_name,
            first_names,
            birth_date,
            ..
        } = prepared.person;
        let told = prepared.person.told(language);
        DescribedPerson {
            reference,
            person_id: &prepared.person_id,
            birth_name,
            first_names,
            birth_date,
            passes: prepared
                .passes
                .iter()
                .map(|pass| DescribedPass {
                    node: pass.node,
                    pass_text: &pass.issued.pass_text,
                    pin: &pass.issued.pin,
                })
                .collect(),
            call: told.call,
            comes: told.comes,
        }
    });
    let described = Described {
        node: node(&federation.departement, &federation.folder)?,
        partners: [
            federation.mission_locale.organisation.node,
            federation.association.organisation.node,
        ],
        unreachable_file: running.switch.unreachable_file(),
        slow_file: running.switch.slow_file(),
        withdraws_file: running.partner.withdraws_file(),
        notices_folder: federation.notices_folder(),
        persons: persons.collect(),
    };
    at_once(&federation.folder, FILE, &described)
}
