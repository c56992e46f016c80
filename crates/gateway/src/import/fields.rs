//! What a mapping can fill in: the fields of each section, and what each takes.

use passerelle_domain::vocabulary::{DiagnosisTheme, Item, List, Section};

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text, as it is.
    Text,
    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; days are also read as `DD/MM/YYYY`, times left out.
    Date,
    /// A ROME code, alone or in brackets behind a label.
    Rome,
    /// A phone number; of several, the first that is one.
    Phone,
    /// Hours a week.
    Hours,
    /// An id of a list of the vocabulary.
    Listed(&'static str),
    /// An id of one of several lists.
    ListedIn(&'static [&'static str]),
}

/// The fields of a section; `None` where records of it are not imported from rows.
pub(super) fn of_section(section: Section) -> Option<&'static [(&'static str, Kind)]> {
    Some(match section {
        Section::Status => STATUS,
        Section::Project => PROJECT,
        Section::Orientation => ORIENTATION,
        Section::ContactCard => CONTACT_CARD,
        Section::Steps => STEP,
        Section::Contracts => CONTRACT,
        Section::Diagnosis => DIAGNOSIS,
        _ => return None,
    })
}

/// What a field of a section takes.
pub(super) fn kind_of(section: Section, field: &str) -> Option<Kind> {
    let constraint = || {
        field
            .strip_prefix(CONSTRAINT)
            .and_then(DiagnosisTheme::parse)
    };
    if section == Section::Diagnosis && constraint().is_some() {
        return Some(Kind::Listed("constraint_state"));
    }
    let mut fields = of_section(section)?.iter();
    fields
        .find(|(name, _)| *name == field)
        .map(|(_, kind)| *kind)
}

/// The fields of an identity.
pub(super) const IDENTITY: &[(&str, Kind)] = &[
    ("birth_name", Kind::Text),
    ("usage_name", Kind::Text),
    ("first_names", Kind::Text),
    ("birth_date", Kind::Date),
    ("sex", Kind::Text),
    ("birth_commune", Kind::Text),
    ("birth_country", Kind::Text),
    ("nir", Kind::Text),
];

impl Kind {
    /// Whether `id` may stand in a field of a list; a field of another kind has none.
    pub(super) fn item(self, id: &str) -> Option<&'static Item> {
        self.lists().find_map(|list| list.item(id))
    }

    /// The items that `system` writes as `code`.
    pub(super) fn coded(self, system: &str, code: &str) -> Option<&'static Item> {
        let mut found = self.lists().flat_map(|list| list.coded(system, code));
        // A code that stands for several is one that somebody must decide.
        match (found.next(), found.next()) {
            (Some(item), None) => Some(item),
            _ => None,
        }
    }

    fn lists(self) -> impl Iterator<Item = &'static List> {
        let (one, several): (Option<&'static str>, &'static [&'static str]) = match self {
            Self::Listed(name) => (Some(name), &[]),
            Self::ListedIn(names) => (None, names),
            _ => (None, &[]),
        };
        one.into_iter()
            .chain(several.iter().copied())
            .filter_map(List::named)
    }

    /// Whether it takes ids of the vocabulary.
    pub(super) const fn is_listed(self) -> bool {
        matches!(self, Self::Listed(_) | Self::ListedIn(_))
    }
}

/// Fields of a diagnosis that name a theme: `constraint.health`.
pub(super) const CONSTRAINT: &str = "constraint.";

const STATUS: &[(&str, Kind)] = &[
    ("kind", Kind::Listed("status_kind")),
    (
        "state",
        Kind::ListedIn(&["rsa_right_state", "job_seeker_category", "status_state"]),
    ),
    (
        "reason",
        Kind::ListedIn(&["rsa_suspension_reason", "rsa_closure_reason"]),
    ),
    ("starts_on", Kind::Date),
    ("ends_on", Kind::Date),
];
const PROJECT: &[(&str, Kind)] = &[
    ("wants", Kind::Text),
    ("target_1", Kind::Rome),
    ("target_2", Kind::Rome),
    ("target_3", Kind::Rome),
    ("chosen_by", Kind::Listed("chosen_by")),
    ("chosen_on", Kind::Date),
];
const ORIENTATION: &[(&str, Kind)] = &[
    ("pathway", Kind::Listed("pathway_type")),
    ("modality", Kind::Listed("support_modality")),
    ("organisation_siret", Kind::Text),
    ("organisation_name", Kind::Text),
    ("organisation_kind", Kind::Listed("organisation_kind")),
    ("decided_on", Kind::Date),
];
const CONTACT_CARD: &[(&str, Kind)] = &[
    ("organisation_siret", Kind::Text),
    ("organisation_name", Kind::Text),
    ("organisation_kind", Kind::Listed("organisation_kind")),
    ("professional_name", Kind::Text),
    ("professional_job_title", Kind::Text),
    ("professional_phone", Kind::Phone),
    ("professional_email", Kind::Text),
    ("member_role", Kind::Listed("group_member_role")),
    ("starts_on", Kind::Date),
    ("ends_on", Kind::Date),
];
const STEP: &[(&str, Kind)] = &[
    ("kind", Kind::Listed("step_kind")),
    ("action", Kind::Listed("action")),
    ("label", Kind::Text),
    ("status", Kind::Listed("action_status")),
    ("starts_on", Kind::Date),
    ("ends_on", Kind::Date),
];
const CONTRACT: &[(&str, Kind)] = &[
    ("kind", Kind::Listed("contract_type")),
    ("status", Kind::Listed("contract_status")),
    ("starts_on", Kind::Date),
    ("ends_on", Kind::Date),
    ("weekly_hours", Kind::Hours),
];
/// And `constraint.<theme>` for each theme.
const DIAGNOSIS: &[(&str, Kind)] = &[("explored", Kind::Text), ("explored_version", Kind::Text)];
