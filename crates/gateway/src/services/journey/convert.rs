use std::collections::BTreeSet;

use passerelle_domain::{Contradiction, Malformed, RecordId, Side};
use passerelle_exchange::{
    AskedSection, Contact, FetchSummaries, FetchSummary, Fetched, HolderOutcome, JourneyPage,
    MergedJourney, RecordMark, SourcePart,
};
use passerelle_proto::agency::v1 as wire;
use passerelle_proto::agency::v1::holder_outcome::Outcome;
use passerelle_proto::journey::v1::Summary;
use passerelle_store::tables::source_states::SourceState;

use crate::errors::CallError;
use crate::services::fields;

pub(super) fn fetch(message: &wire::FetchSummaryRequest) -> Result<FetchSummary, Malformed> {
    Ok(FetchSummary {
        person: fields::person(&message.person_id)?,
        holder: fields::node("holder", &message.holder)?,
        exchange: fields::exchange(&message.exchange_id)?,
        purpose: fields::purpose(&message.purpose)?,
        sections: fields::sections(&message.sections)?,
        usage: fields::usage(&message.usage)?,
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

pub(super) fn fetch_several(
    message: &wire::FetchSummariesRequest,
) -> Result<FetchSummaries, Malformed> {
    let mut holders = BTreeSet::new();
    for (i, holder) in message.holders.iter().enumerate() {
        let field = format!("holders[{i}]");
        if !holders.insert(fields::node(&field, holder)?) {
            return Err(Malformed::new(&field, "each organisation once"));
        }
    }
    Ok(FetchSummaries {
        person: fields::person(&message.person_id)?,
        holders,
        exchange: fields::exchange(&message.exchange_id)?,
        purpose: fields::purpose(&message.purpose)?,
        sections: fields::sections(&message.sections)?,
        usage: fields::usage(&message.usage)?,
    })
}

pub(super) fn outcome(whom: Option<Contact>, one: HolderOutcome) -> wire::HolderOutcome {
    let organisation = whom.as_ref().map(|whom| whom.organisation.clone());
    wire::HolderOutcome {
        organisation: organisation.unwrap_or_else(|| one.holder.to_string()),
        node: one.holder.to_string(),
        exchange_id: one.exchange.to_string(),
        outcome: Some(match one.outcome {
            Ok(fetched) => Outcome::Answered(answered(fetched)),
            Err(error) => Outcome::Refused(refusal(&match whom {
                Some(whom) => CallError::AboutPeer { error, whom },
                None => error.into(),
            })),
        }),
    }
}

fn answered(fetched: Fetched) -> wire::HolderAnswer {
    let nothing_to_share = fetched.summary.is_none();
    let summary = fetched.summary.unwrap_or_default();
    wire::HolderAnswer {
        records: u32::try_from(summary.records.len()).unwrap_or(u32::MAX),
        not_opened: summary.not_opened,
        nothing_to_share,
        log_index: fetched.log_index,
        received_at: fetched.received_at.to_string(),
    }
}

fn refusal(error: &CallError) -> wire::FetchRefusal {
    let said = error.said();
    let seconds = said.retry_after.map_or(0, |delay| delay.as_secs().max(1));
    wire::FetchRefusal {
        reason: said.reason.into(),
        metadata: said.metadata.into_iter().collect(),
        text_fr: said.text_fr.to_owned(),
        retry_after_seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
    }
}

pub(super) fn page(page: JourneyPage<'_>) -> wire::GetJourneyResponse {
    wire::GetJourneyResponse {
        own_records: page.own_records.into_iter().map(Into::into).collect(),
        own_marks: page.own_marks.into_iter().map(mark).collect(),
        sources: page.sources.iter().map(source).collect(),
        next_page_token: page.next.unwrap_or_default(),
        contradictions: Vec::new(),
    }
}

pub(super) fn contradictions(
    journey: &MergedJourney,
    found: &[Contradiction],
) -> Vec<wire::Contradiction> {
    let node = |place: usize| {
        // The organisation itself has the first place.
        let source = place.checked_sub(1).and_then(|i| journey.sources.get(i));
        source.map(|source| source.node.to_string())
    };
    let side = |side: &Side| wire::ContradictionSide {
        node: node(side.source).unwrap_or_default(),
        record_id: side.record.to_string(),
        says: side.says.id.to_owned(),
        says_fr: side.says.label_fr.to_owned(),
        observed_at: side.observed_at.to_string(),
    };
    let one = |one: &Contradiction| wire::Contradiction {
        section: one.matter.section().id().to_owned(),
        matter: one.matter.id().to_owned(),
        label_fr: one.matter.label_fr().to_owned(),
        sides: one.sides.iter().map(side).collect(),
    };
    found.iter().map(one).collect()
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
