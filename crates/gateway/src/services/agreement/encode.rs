use passerelle_domain::claim::{Effect, Grant, ObjectionScope};
use passerelle_domain::{NodeId, Timestamp};
use passerelle_exchange::{
    AgreementCopy, AgreementFile, AgreementOutcome, Agreements, Delivery, Direction, ObjectionFile,
    RecordedObjection, WithdrawalOutcome,
};
use passerelle_proto::agency::v1 as wire;
use passerelle_proto::agency::v1::objection_file::Scope;
use passerelle_proto::agency::v1::{AgreementDirection, GrantEffect};
use passerelle_store::tables::deliveries::DeliveryState;
use passerelle_store::tables::objections::OfficerAnswer;

use crate::paper;

pub(super) fn recorded(outcomes: Vec<AgreementOutcome>) -> wire::RecordAgreementResponse {
    let outcome = |outcome: AgreementOutcome| wire::AgreementOutcome {
        node: outcome.node.to_string(),
        chain: outcome.chain.to_string(),
        version: outcome.version,
        expires_at: outcome.expires_at.to_string(),
        delivery: Some(delivery(outcome.delivery)),
    };
    wire::RecordAgreementResponse {
        outcomes: outcomes.into_iter().map(outcome).collect(),
    }
}

pub(super) fn copy(copy: &AgreementCopy, officer: &str) -> wire::GetAgreementCopyResponse {
    wire::GetAgreementCopyResponse {
        html: paper::copy(copy, officer),
        reference: paper::reference(copy),
    }
}

pub(super) fn withdrawn(outcomes: Vec<WithdrawalOutcome>) -> wire::WithdrawAgreementResponse {
    let outcome = |outcome: WithdrawalOutcome| wire::WithdrawalOutcome {
        chain: outcome.chain.to_string(),
        node: outcome.node.to_string(),
        withdrawn_at: outcome.withdrawn_at.to_string(),
        delivery: Some(delivery(outcome.delivery)),
    };
    wire::WithdrawAgreementResponse {
        outcomes: outcomes.into_iter().map(outcome).collect(),
    }
}

pub(super) fn objected(recorded: RecordedObjection) -> wire::RecordObjectionResponse {
    wire::RecordObjectionResponse {
        objection_id: recorded.id.to_string(),
        deliveries: deliveries(recorded.deliveries),
    }
}

pub(super) fn listed(agreements: Agreements) -> wire::ListAgreementsResponse {
    wire::ListAgreementsResponse {
        agreements: agreements.agreements.iter().map(agreement).collect(),
        objections: agreements.objections.into_iter().map(objection).collect(),
    }
}

fn agreement(file: &AgreementFile) -> wire::AgreementFile {
    wire::AgreementFile {
        node: file.node.to_string(),
        direction: direction(file.direction).into(),
        chain: file.chain.to_string(),
        version: file.version,
        basis: file.basis.id().to_owned(),
        grants: file.grants.iter().map(grant).collect(),
        not_before: file.not_before.to_string(),
        expires_at: file.expires_at.to_string(),
        withdrawn_at: if_any(file.withdrawn_at),
        issued_here: file.issued_here,
        delivery: Some(delivery(file.delivery.clone())),
    }
}

fn objection(file: ObjectionFile) -> wire::ObjectionFile {
    wire::ObjectionFile {
        objection_id: file.id.to_string(),
        scope: Some(scope(&file.scope)),
        since: file.since.to_string(),
        lifted_at: if_any(file.lifted_at),
        deliveries: deliveries(file.deliveries),
        node: file.issuer.to_string(),
        officer: officer(file.officer).into(),
    }
}

fn officer(answer: OfficerAnswer) -> wire::OfficerAnswer {
    match answer {
        OfficerAnswer::Pending => wire::OfficerAnswer::Pending,
        OfficerAnswer::Upheld => wire::OfficerAnswer::Upheld,
        OfficerAnswer::Overruled => wire::OfficerAnswer::Overruled,
    }
}

fn grant(grant: &Grant) -> wire::AgreementGrant {
    let effect = match grant.effect {
        Effect::Permit => GrantEffect::Permit,
        Effect::Deny => GrantEffect::Deny,
    };
    let sections = grant.sections.iter();
    wire::AgreementGrant {
        effect: effect.into(),
        actions: words(&grant.actions, |action| action.id()),
        sections: sections
            .map(|(section, class)| wire::GrantSection {
                section: section.id().to_owned(),
                sensitivity: u32::from(class.as_u8()),
            })
            .collect(),
        purposes: words(&grant.purposes, |purpose| purpose.id()),
        until: if_any(grant.until.map(|until| until.at())),
    }
}

fn direction(direction: Direction) -> AgreementDirection {
    match direction {
        Direction::PartnerToOwn => AgreementDirection::PartnerToOwn,
        Direction::OwnToPartner => AgreementDirection::OwnToPartner,
    }
}

/// As it was said when it was recorded.
fn scope(scope: &ObjectionScope) -> Scope {
    let items = |items| wire::ObjectedItems { items };
    match scope {
        ObjectionScope::All => Scope::Everything(true),
        ObjectionScope::Purposes(purposes) => {
            Scope::Purposes(items(words(purposes, |one| one.id())))
        }
        ObjectionScope::Sections(sections) => {
            Scope::Sections(items(words(sections, |one| one.id())))
        }
        ObjectionScope::Requester(node) => Scope::Requester(node.to_string()),
    }
}

fn deliveries(all: Vec<(NodeId, Delivery)>) -> Vec<wire::PartnerDelivery> {
    let one = |(node, told): (NodeId, Delivery)| wire::PartnerDelivery {
        node: node.to_string(),
        delivery: Some(delivery(told)),
    };
    all.into_iter().map(one).collect()
}

pub(in crate::services) fn delivery(delivery: Delivery) -> wire::Delivery {
    let state = match delivery.state {
        DeliveryState::Delivered => wire::DeliveryState::Delivered,
        DeliveryState::Queued => wire::DeliveryState::Queued,
        DeliveryState::Refused => wire::DeliveryState::Refused,
    };
    wire::Delivery {
        state: state.into(),
        since: delivery.since.to_string(),
        problem: delivery.problem,
    }
}

fn words<'a, T: 'a>(
    all: impl IntoIterator<Item = &'a T>,
    id: impl Fn(&T) -> &'static str,
) -> Vec<String> {
    all.into_iter().map(|one| id(one).to_owned()).collect()
}

fn if_any(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
