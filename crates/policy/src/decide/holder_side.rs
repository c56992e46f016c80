//! What closes whatever the receipts say.

use passerelle_domain::claim::ObjectionScope;
use passerelle_domain::vocabulary::{Class, RecordUse, RefusalReason};

use super::closings::Closings;
use super::scales::Scales;
use crate::cells::CellSet;
use crate::entitlement::entitled_cells;
use crate::standing::{OfficerAnswer, TakenObjection};
use crate::trace::By;

/// What an agent may ask for without a second factor.
const HIGHEST_WITHOUT_SECOND_FACTOR: Class = Class::LivingConditions;

pub(super) fn close(scales: &Scales<'_>, asked: CellSet, closings: &mut Closings) {
    let Scales {
        question,
        standing,
        parties,
        ground,
        ..
    } = *scales;
    if !question.agent.second_factor {
        let needed = asked - CellSet::every_section_up_to(HIGHEST_WITHOUT_SECOND_FACTOR);
        closings.close(RefusalReason::SecondFactorRequired, By::Absence, needed);
    }
    let entitled = entitled_cells(question, &parties.requester);
    closings.close(
        RefusalReason::OrganisationNotEntitled,
        By::Absence,
        asked - entitled,
    );

    closings.close(
        RefusalReason::LegalGroundMissing,
        By::Absence,
        asked - ground.spoken,
    );
    for row in &ground.rows {
        let reason = match question.usage {
            _ if !row.read => RefusalReason::LegalGroundMissing,
            RecordUse::Import if !row.import => RefusalReason::UseNotAllowed,
            RecordUse::Import | RecordUse::Display => continue,
        };
        closings.close(reason, By::Row(row.name.clone()), asked & row.cells);
    }

    for objection in standing.standing_objections() {
        let by = By::Objection {
            issuer: objection.issuer.clone(),
            id: objection.id,
        };
        closings.close(
            RefusalReason::Objection,
            by,
            asked & objected(scales, objection),
        );
    }
    let hidden = asked.only_if(standing.local.protected);
    closings.close(RefusalReason::ProtectedMembership, By::Organisation, hidden);
    for denial in &standing.local.denials {
        closings.close(
            RefusalReason::LocalRule,
            By::Organisation,
            asked & denial.cells(parties.requester.node, question.purpose),
        );
    }
}

fn objected(scales: &Scales<'_>, objection: &TakenObjection) -> CellSet {
    let named = match &objection.scope {
        ObjectionScope::All => CellSet::ALL,
        ObjectionScope::Purposes(purposes) => {
            CellSet::ALL.only_if(purposes.contains(&scales.question.purpose))
        }
        ObjectionScope::Sections(sections) => sections
            .iter()
            .map(|section| CellSet::section(*section))
            .collect(),
        ObjectionScope::Requester(node) => {
            CellSet::ALL.only_if(node == scales.parties.requester.node)
        }
    };
    match objection.officer {
        OfficerAnswer::Pending | OfficerAnswer::Upheld => named,
        OfficerAnswer::Overruled => named & scales.ground.open_to_objection,
    }
}
