use passerelle_domain::record::{
    Aim, Diagnosis, Employment, Objective, Organisation, StateCode, Status, Step,
};
use passerelle_domain::vocabulary::{ConstraintState, NeedState, Open, SituationState, Wire};
use passerelle_domain::{RecordBody, SharedRecord};

use super::Language;

/// A record on one line behind its section, in the labels of the vocabulary.
pub(crate) fn described(record: &SharedRecord, language: Language) -> String {
    let section = language.label(record.section());
    match said(record, language) {
        // A diagnosis may have found nothing, or talked about nothing.
        text if text.is_empty() => section.to_owned(),
        text => format!("{section} · {text}"),
    }
}

/// What a record says, on one line.
pub(crate) fn said(record: &SharedRecord, language: Language) -> String {
    let said = Said(language);
    match record.body() {
        RecordBody::ContactCard(card) => {
            let professional = card.professional.as_ref();
            let name = professional.map(|one| one.name.as_str());
            join(", ", [name, said.open(card.member_role)])
        }
        RecordBody::Identity(_) => String::new(),
        RecordBody::Status(status) => said.status(status),
        RecordBody::Project(project) => project.wants.as_str().to_owned(),
        RecordBody::Orientation(one) => join(
            ", ",
            [
                Some(language.label_of(&one.pathway)),
                one.modality.as_ref().map(|code| language.label_of(code)),
                one.organisation.as_ref().map(name),
            ],
        ),
        RecordBody::Diagnosis(diagnosis) => said.diagnosis(diagnosis),
        RecordBody::Objective(objective) => said.objective(objective),
        RecordBody::Step(step) => said.step(step),
        RecordBody::Appointment(one) => {
            said.stands(language.label_of(&one.kind), said.open(one.status))
        }
        RecordBody::Contract(one) => {
            said.stands(language.label_of(&one.kind), said.open(one.status))
        }
        RecordBody::Employment(employment) => said.employment(employment),
        RecordBody::Exit(exit) => join(
            language.colon(),
            [
                said.open(exit.status),
                Some(language.label_of(&exit.reason)),
            ],
        ),
    }
}

/// What is shown of a diagnosis.
const MOST_FINDINGS: usize = 4;

/// Labels in one language.
#[derive(Clone, Copy)]
struct Said(Language);

impl Said {
    fn open<T: Wire>(self, value: Open<T>) -> Option<&'static str> {
        value.known().map(|term| self.0.label(term))
    }

    /// A thing and its state, within a line: a label that has a colon itself takes brackets.
    fn stands(self, thing: &str, state: Option<&str>) -> String {
        match state {
            None => thing.to_owned(),
            Some(state) if state.contains(':') => format!("{thing} ({state})"),
            Some(state) => format!("{thing}{}{}", self.0.colon(), within_a_line(state)),
        }
    }

    fn status(self, status: &Status) -> String {
        let state = match &status.state {
            StateCode::JobSeeker(code) => self.0.label_of(code),
            StateCode::Rsa(code) => self.0.label_of(code),
            StateCode::Other(code) => self.0.label_of(code),
        };
        self.stands(self.0.label_of(&status.kind), Some(state))
    }

    fn diagnosis(self, diagnosis: &Diagnosis) -> String {
        let needs = diagnosis.needs.iter();
        let needs = needs.filter(|need| need.state.known() == Some(NeedState::Need));
        let needs = needs.filter_map(|need| match &need.detail {
            Some(detail) => Some(self.0.label_of(detail)),
            None => self.open(need.theme),
        });
        let constraints = diagnosis.constraints.iter();
        let present = constraints.filter(|one| one.state.known() == Some(ConstraintState::Present));
        let present = present.filter_map(|one| self.open(one.theme));
        let situations = diagnosis.situations.iter();
        let situations = situations.filter(|one| one.state.known() == Some(SituationState::Yes));
        let situations = situations.map(|one| self.0.label_of(&one.situation));
        let found: Vec<_> = needs.chain(present).chain(situations).collect();
        match found.get(..MOST_FINDINGS) {
            Some(first) if found.len() > MOST_FINDINGS => format!("{}…", first.join(", ")),
            _ => found.join(", "),
        }
    }

    fn objective(self, objective: &Objective) -> String {
        let aim = match &objective.aim {
            Aim::Listed(_, Some(label)) | Aim::Said(label) => label.as_str(),
            Aim::Listed(code, None) => self.0.label_of(code),
        };
        self.stands(aim, self.open(objective.state))
    }

    fn step(self, step: &Step) -> String {
        let what = match (&step.label, &step.action) {
            (Some(label), _) => label.as_str(),
            (None, Some(action)) => self.0.label_of(action),
            (None, None) => self.0.label_of(&step.kind),
        };
        self.stands(what, self.open(step.status))
    }

    fn employment(self, employment: &Employment) -> String {
        let occupation = employment.occupation.as_ref();
        let label = occupation.and_then(|one| one.label.as_ref());
        let contract = self.0.label_of(&employment.contract);
        join(", ", [Some(contract), label.map(|label| label.as_str())])
    }
}

fn name(organisation: &Organisation) -> &str {
    organisation.name.as_str()
}

/// Without the capital of a label, unless it is one of an acronym.
fn within_a_line(label: &str) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => label.to_owned(),
    }
}

fn join<'a>(between: &str, parts: impl IntoIterator<Item = Option<&'a str>>) -> String {
    parts
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(between)
}
