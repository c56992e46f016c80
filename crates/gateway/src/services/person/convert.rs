use passerelle_domain::{Malformed, PersonId, Pii};
use passerelle_exchange::{
    FindPersons, IdentityChange, MergedFile, Page, PageSize, PersonFile, PersonLink,
    RegisterPerson, Registered, UpdatePerson,
};
use passerelle_linkage::traits::{Search, TraitsForm};
use passerelle_proto::agency::v1 as wire;

use crate::services::fields;

pub(super) fn person(message: wire::RegisterPersonRequest) -> Result<RegisterPerson, Malformed> {
    let identity = message
        .identity
        .ok_or_else(|| Malformed::new("identity", "must be set"))?;
    Ok(RegisterPerson {
        reference: Pii::new(message.reference),
        identity: form(identity),
        hidden: message.hidden,
    })
}

pub(super) fn registered(registered: Registered) -> wire::RegisterPersonResponse {
    wire::RegisterPersonResponse {
        person_id: registered.person.to_string(),
        created: registered.created,
    }
}

/// By reference or by traits, never by both.
pub(super) fn find(
    message: &wire::FindPersonsRequest,
) -> Result<(FindPersons, PageSize), Malformed> {
    let size = PageSize::from_wire(message.page_size)?;
    let traits = [&message.name, &message.first_name, &message.birth_date];
    if message.reference.is_empty() && traits.iter().all(|text| text.is_empty()) {
        return Err(Malformed::new(
            "name",
            "a reference, or a name and a birth date",
        ));
    }
    if message.reference.is_empty() {
        let search = Search::parse(&message.name, &message.first_name, &message.birth_date)?;
        return Ok((FindPersons::Traits(search), size));
    }
    if traits.iter().any(|text| !text.is_empty()) {
        return Err(Malformed::new(
            "reference",
            "a reference, or traits, not both",
        ));
    }
    let reference = Pii::new(message.reference.clone());
    Ok((FindPersons::Reference(reference), size))
}

pub(super) fn page(page: Page<PersonFile>) -> wire::FindPersonsResponse {
    wire::FindPersonsResponse {
        persons: page.items.into_iter().map(file).collect(),
        next_page_token: page.next.unwrap_or_default(),
    }
}

pub(super) fn given(person: PersonFile) -> wire::GetPersonResponse {
    wire::GetPersonResponse {
        person: Some(file(person)),
    }
}

pub(super) fn update(message: wire::UpdatePersonRequest) -> Result<UpdatePerson, Malformed> {
    let all = |references: Vec<String>| references.into_iter().map(Pii::new).collect();
    Ok(UpdatePerson {
        person: fields::person(&message.person_id)?,
        identity: IdentityChange {
            traits: message.identity.map(form),
            forget_nir: message.forget_nir,
        },
        reference: (!message.reference.is_empty()).then(|| Pii::new(message.reference)),
        add: all(message.add_references),
        drop: all(message.drop_references),
        hidden: message.hidden,
    })
}

pub(super) fn merged(merged_person_id: &str) -> Result<PersonId, Malformed> {
    let read = merged_person_id.parse();
    read.map_err(fields::within("merged_person_id"))
}

pub(super) fn kept(person: PersonFile) -> wire::MergePersonsResponse {
    wire::MergePersonsResponse {
        person: Some(file(person)),
    }
}

pub(super) fn parted(person: PersonFile) -> wire::UnmergePersonsResponse {
    wire::UnmergePersonsResponse {
        person: Some(file(person)),
    }
}

pub(super) fn updated(person: PersonFile) -> wire::UpdatePersonResponse {
    wire::UpdatePersonResponse {
        person: Some(file(person)),
    }
}

fn file(file: PersonFile) -> wire::PersonFile {
    wire::PersonFile {
        person_id: file.person.to_string(),
        reference: file.reference.into_exposed(),
        identity: Some(identity(file.identity)),
        links: file.links.into_iter().map(link).collect(),
        hidden: file.hidden,
        other_references: file
            .other_references
            .into_iter()
            .map(Pii::into_exposed)
            .collect(),
        created_at: file.created_at.to_string(),
        merged: file.merged.into_iter().map(merged_file).collect(),
    }
}

fn merged_file(merged: MergedFile) -> wire::MergedFile {
    wire::MergedFile {
        person_id: merged.person.to_string(),
        reference: merged.reference.into_exposed(),
        merged_at: merged.at.to_string(),
    }
}

fn link(link: PersonLink) -> wire::PersonLink {
    wire::PersonLink {
        node: link.node.to_string(),
        organisation: link.organisation,
        ceiling: u32::from(link.ceiling.as_u8()),
        since: link.since.to_string(),
        link_id: link.id.to_string(),
    }
}

pub(in crate::services) fn form(identity: wire::Identity) -> TraitsForm {
    TraitsForm {
        birth_name: identity.birth_name,
        usage_name: identity.usage_name,
        first_names: identity.first_names,
        birth_date: identity.birth_date,
        sex: identity.sex,
        birth_commune: identity.birth_commune,
        birth_country: identity.birth_country,
        nir: identity.nir,
    }
}

/// The NIR is given back by no call, whatever the use case gives.
fn identity(form: TraitsForm) -> wire::Identity {
    wire::Identity {
        birth_name: form.birth_name,
        usage_name: form.usage_name,
        first_names: form.first_names,
        birth_date: form.birth_date,
        sex: form.sex,
        birth_commune: form.birth_commune,
        birth_country: form.birth_country,
        nir: String::new(),
    }
}
