use passerelle_domain::ExchangeId;
use passerelle_proto::agency::v1::{FetchSummaryRequest, SectionScope};

use super::Desk;
use crate::demo::federation::Federation;

/// What the département asks for: more than it was given, in two sections.
pub(super) const OF_DEPARTEMENT: [(&str, u32); 11] = [
    ("contact_card", 2),
    ("status", 4),
    ("project", 2),
    ("orientation", 2),
    ("diagnosis", 4),
    ("objectives", 2),
    ("steps", 3),
    ("appointments", 2),
    ("contracts", 2),
    ("employment", 2),
    ("exit", 2),
];

/// What the association asks for: as much as an association may.
pub(super) const OF_ASSOCIATION: [(&str, u32); 2] = [("project", 1), ("steps", 1)];

/// A new question to the mission locale, to be shown to the agent.
pub(super) fn question(
    federation: &Federation,
    desk: &Desk,
    sections: &[(&str, u32)],
) -> FetchSummaryRequest {
    let world = &federation.world;
    let scope = |(section, sensitivity): &(&str, u32)| SectionScope {
        section: (*section).to_owned(),
        sensitivity: *sensitivity,
    };
    FetchSummaryRequest {
        person_id: desk.person.clone(),
        holder: federation.mission_locale.node().to_string(),
        exchange_id: ExchangeId::new(world.clock.now(), &*world.rng).to_string(),
        purpose: "pathway_follow_up".to_owned(),
        sections: sections.iter().map(scope).collect(),
        usage: "display".to_owned(),
    }
}
