//! What closes whatever the receipts say.

use passerelle_domain::NodeId;
use passerelle_domain::claim::ObjectionScope;
use passerelle_domain::vocabulary::{Class, RecordUse, RefusalReason};

use super::closings::Closings;
use super::papers::Scales;
use crate::cells::CellSet;
use crate::entitlement::entitled_cells;
use crate::standing::{LocalDenial, OfficerAnswer, TakenObjection};

/// From this class on, an agent is believed only with a second factor.
const SECOND_FACTOR_FROM: Class = Class::Social;

pub(super) fn close(scales: &Scales<'_>, asked: CellSet, closings: &mut Closings) {
    let Scales {
        question,
        standing,
        parties,
        ground,
        ..
    } = *scales;
    if !question.agent.second_factor {
        let with_one = question
            .sections
            .keys()
            .map(|section| CellSet::from(*section, SECOND_FACTOR_FROM))
            .collect();
        closings.close(RefusalReason::SecondFactorRequired, asked & with_one);
    }
    closings.close(
        RefusalReason::OrganisationNotEntitled,
        asked - entitled_cells(question, &parties.requester),
    );

    closings.close(RefusalReason::LegalGroundMissing, asked - ground.read);
    if question.usage == RecordUse::Import {
        closings.close(
            RefusalReason::UseNotAllowed,
            asked & (ground.read - ground.import),
        );
    }

    for objection in standing.standing_objections() {
        closings.close(
            RefusalReason::Objection,
            asked & objected(scales, objection),
        );
    }
    closings.close(
        RefusalReason::ProtectedMembership,
        asked.only_if(standing.local.protected),
    );
    for denial in &standing.local.denials {
        closings.close(
            RefusalReason::LocalRule,
            asked & denied_here(scales, denial),
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

fn denied_here(scales: &Scales<'_>, denial: &LocalDenial) -> CellSet {
    let requester = |node: &NodeId| node == scales.parties.requester.node;
    let matches = denial.requester.as_ref().is_none_or(requester)
        && denial
            .purpose
            .is_none_or(|purpose| purpose == scales.question.purpose);
    denial
        .section
        .map_or(CellSet::ALL, CellSet::section)
        .only_if(matches)
}
