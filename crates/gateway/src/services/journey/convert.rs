use std::collections::BTreeMap;

use passerelle_domain::{Class, Malformed, Purpose, RecordId, RecordUse, Section};
use passerelle_exchange::{
    AskedSection, FetchSummary, Fetched, JourneyPage, RecordMark, SourcePart,
};
use passerelle_proto::agency::v1 as wire;
use passerelle_proto::journey::v1::Summary;
use passerelle_store::tables::source_states::SourceState;

use crate::services::fields;

pub(super) fn fetch(message: &wire::FetchSummaryRequest) -> Result<FetchSummary, Malformed> {
    Ok(FetchSummary {
        person: fields::person(&message.person_id)?,
        holder: fields::node("holder", &message.holder)?,
        exchange: fields::exchange(&message.exchange_id)?,
        purpose: fields::word(
            "purpose",
            &message.purpose,
            Purpose::parse,
            "a purpose of the vocabulary",
        )?,
        sections: sections(&message.sections)?,
        usage: fields::word(
            "usage",
            &message.usage,
            RecordUse::parse,
            "display or import",
        )?,
    })
}

pub(super) fn fetched(fetched: Fetched) -> wire::FetchSummaryResponse {
    wire::FetchSummaryResponse {
        nothing_to_share: fetched.summary.is_none(),
        summary: fetched.summary,
        log_index: fetched.log_index,
        received_at: fetched.received_at.to_string(),
    }
}

pub(super) fn page(page: JourneyPage<'_>) -> wire::GetJourneyResponse {
    wire::GetJourneyResponse {
        own_records: page.own_records.into_iter().map(Into::into).collect(),
        own_marks: page.own_marks.into_iter().map(mark).collect(),
        sources: page.sources.iter().map(source).collect(),
        next_page_token: page.next.unwrap_or_default(),
    }
}

fn mark((record, mark): (RecordId, RecordMark)) -> wire::RecordMark {
    wire::RecordMark {
        record_id: record.to_string(),
        contested_since: fields::maybe_instant(mark.contested),
        restricted_since: fields::maybe_instant(mark.restricted),
    }
}

fn source(part: &SourcePart<'_>) -> wire::JourneySource {
    let source = part.source;
    let summary = source.summary.as_ref().map(|summary| {
        let records = part.records.iter().copied().map(Into::into).collect();
        if part.begins {
            Summary {
                overview: Some((&summary.overview).into()),
                records,
                not_opened: summary.not_opened.iter().map(Into::into).collect(),
            }
        } else {
            Summary {
                records,
                ..Summary::default()
            }
        }
    });
    wire::JourneySource {
        node: source.node.to_string(),
        organisation: source.organisation.clone(),
        state: state(source.state).into(),
        summary,
        since: source.since.to_string(),
        asked: source.asked.iter().map(asked).collect(),
    }
}

fn asked(asked: &AskedSection) -> wire::AskedSection {
    wire::AskedSection {
        section: asked.section.id().to_owned(),
        sensitivity: asked.highest.as_u8().into(),
        received_at: asked.received_at.to_string(),
    }
}

/// Four different answers, none of which means `no` (I11), and what was destroyed.
fn state(state: SourceState) -> wire::SourceState {
    match state {
        SourceState::Received => wire::SourceState::Received,
        SourceState::NeverAsked => wire::SourceState::NeverAsked,
        SourceState::NothingToShare => wire::SourceState::NothingToShare,
        SourceState::Unreachable => wire::SourceState::Unreachable,
        SourceState::Purged => wire::SourceState::Purged,
    }
}

fn sections(scopes: &[wire::SectionScope]) -> Result<BTreeMap<Section, Class>, Malformed> {
    let mut sections = BTreeMap::new();
    let read = |scope: &wire::SectionScope| {
        let section = fields::section(&scope.section)?;
        let class = fields::class("sensitivity", scope.sensitivity)?;
        if sections.insert(section, class).is_some() {
            return Err(Malformed::new("section", "each section once"));
        }
        Ok(())
    };
    fields::each("sections", scopes, read)?;
    if sections.is_empty() {
        return Err(Malformed::new("sections", "at least one section"));
    }
    Ok(sections)
}
