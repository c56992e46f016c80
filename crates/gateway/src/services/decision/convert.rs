use passerelle_domain::Malformed;
use passerelle_domain::entry::Scope;
use passerelle_domain::vocabulary::{AgentRole, RefusalReason};
use passerelle_exchange::{
    CellVerdict, ClosedBy, ClosingSource, DecidedCell, ExplainDecision, Explained, ExplainedEntry,
    PreviewSummary, Previewed, UsedReceipt,
};
use passerelle_proto::agency::v1 as wire;

use crate::services::fields;

pub(super) fn preview(message: &wire::PreviewSummaryRequest) -> Result<PreviewSummary, Malformed> {
    let role = fields::if_set(&message.agent_role, |text| {
        fields::word(
            "agent_role",
            text,
            AgentRole::parse,
            "a role of the vocabulary",
        )
    })?;
    Ok(PreviewSummary {
        person: fields::person(&message.person_id)?,
        requester: fields::node("requester", &message.requester)?,
        purpose: fields::purpose(&message.purpose)?,
        sections: fields::sections(&message.sections)?,
        usage: fields::usage(&message.usage)?,
        role: role.unwrap_or(AgentRole::Caseworker),
        second_factor: !message.without_second_factor,
    })
}

pub(super) fn previewed(previewed: Previewed) -> wire::PreviewSummaryResponse {
    let told = previewed.told.map(|reason| reason.id().to_owned());
    let restricted = previewed.restricted.iter();
    wire::PreviewSummaryResponse {
        summary: previewed.summary,
        told: told.unwrap_or_default(),
        cells: previewed.cells.into_iter().map(cell).collect(),
        restricted_record_ids: restricted.map(ToString::to_string).collect(),
        decided_at: previewed.decided_at.to_string(),
        log_index: previewed.log_index,
    }
}

pub(super) fn explain(
    message: &wire::ExplainDecisionRequest,
) -> Result<ExplainDecision, Malformed> {
    Ok(ExplainDecision {
        exchange: fields::exchange(&message.exchange_id)?,
        asked_by: fields::if_set(&message.asked_by, |text| fields::node("asked_by", text))?,
    })
}

pub(super) fn explained(explained: Explained) -> wire::ExplainDecisionResponse {
    let person = explained.person.map(|person| person.to_string());
    wire::ExplainDecisionResponse {
        person_id: person.unwrap_or_default(),
        holder: explained.holder.to_string(),
        requester: explained.requester.to_string(),
        purpose: explained.purpose.id().to_owned(),
        usage: explained.usage.id().to_owned(),
        asked: explained.asked.iter().map(scope).collect(),
        entries: explained.entries.iter().map(entry).collect(),
        cells: explained.cells.into_iter().map(cell).collect(),
        decided_at: explained.decided_at.to_string(),
    }
}

fn entry(entry: &ExplainedEntry) -> wire::ExplainedEntry {
    let reason = |reason: Option<RefusalReason>| {
        let id = reason.map(|reason| reason.id().to_owned());
        id.unwrap_or_default()
    };
    wire::ExplainedEntry {
        log_index: entry.leaf,
        kind: entry.kind.id().to_owned(),
        attempt: entry.attempt,
        at: entry.at.to_string(),
        outcome: entry.outcome.id().to_owned(),
        given: entry.given.iter().map(scope).collect(),
        records: entry.records.unwrap_or_default(),
        told: reason(entry.told),
        reason: reason(entry.reason),
        receipts: entry.receipts.iter().map(used).collect(),
    }
}

fn used(used: &UsedReceipt) -> wire::UsedReceipt {
    wire::UsedReceipt {
        issuer: used.issuer.to_string(),
        receipt_id: used.receipt.to_string(),
        chain_id: used.chain.to_string(),
        version: used.version,
        basis: used.basis.id().to_owned(),
    }
}

fn scope(scope: &Scope) -> wire::SectionScope {
    wire::SectionScope {
        section: scope.section.id().to_owned(),
        sensitivity: scope.sensitivity.as_u8().into(),
    }
}

fn cell(cell: DecidedCell) -> wire::DecidedCell {
    let (opened_by, closed_by) = match cell.verdict {
        CellVerdict::Open {
            ground,
            rule,
            until,
        } => {
            let opened = wire::OpenedBy {
                receipt_issuer: ground.issuer.to_string(),
                receipt_id: ground.receipt.to_string(),
                chain_id: ground.chain.to_string(),
                version: ground.version,
                basis: ground.basis.id().to_owned(),
                rule,
                open_until: until.to_string(),
            };
            (Some(opened), Vec::new())
        }
        CellVerdict::Closed(reasons) => (None, reasons.into_iter().map(closed).collect()),
    };
    wire::DecidedCell {
        section: cell.section.id().to_owned(),
        sensitivity: cell.class.as_u8().into(),
        opened_by,
        closed_by,
    }
}

fn closed(by: ClosedBy) -> wire::ClosedBy {
    let (issuer, paper_id) = by.paper.map_or_else(Default::default, |(issuer, id)| {
        (issuer.to_string(), id.to_string())
    });
    wire::ClosedBy {
        reason: by.reason.id().to_owned(),
        reason_fr: by.reason.label_fr().to_owned(),
        source: source(by.source).into(),
        issuer,
        paper_id,
        rule: by.rule.unwrap_or_default(),
    }
}

fn source(source: ClosingSource) -> wire::ClosingSource {
    match source {
        ClosingSource::Absence => wire::ClosingSource::Absence,
        ClosingSource::Receipt => wire::ClosingSource::Receipt,
        ClosingSource::Rule => wire::ClosingSource::Rule,
        ClosingSource::Objection => wire::ClosingSource::Objection,
        ClosingSource::Organisation => wire::ClosingSource::Organisation,
        ClosingSource::Link => wire::ClosingSource::Link,
    }
}
