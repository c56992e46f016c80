use passerelle_domain::{Purpose, SharedRecord};
use passerelle_proto::agency::v1::{
    Change, ChangeKind, FetchSummaryRequest, FetchSummaryResponse, GetJourneyRequest,
    GetJourneyResponse, JourneySource, ListChangesRequest, PreviewSummaryRequest, SourceState,
};
use passerelle_proto::audit::v1::GetExchangeRequest;
use passerelle_proto::journey::v1::{Cell, Record, Summary};
use prost::Message;

use super::audited::{agree, logged};
use super::journeys::REFERENT;
use super::question::{OF_DEPARTEMENT, question};
use super::{Cast, must};
use crate::demo::agency::Agency;
use crate::demo::error::DemoError;
use crate::demo::federation::Federation;
use crate::demo::journeys;
use crate::demo::narrator::{Narrator, fill};
use crate::demo::shown;

/// What is asked and was not opened: her statuses above living conditions, and her steps.
const NOT_OPENED: [(&str, u32); 3] = [("status", 3), ("status", 4), ("steps", 3)];

/// The département asks; overview, timeline, and what was not opened.
pub(super) async fn fetch(
    federation: &Federation,
    cast: &Cast,
    tell: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    let texts = tell.texts;
    tell.step(texts.summary_step)?;
    let desk = &cast.departement;
    let question = question(federation, desk, &OF_DEPARTEMENT);
    let foreseen = foreseen(federation, cast, &question).await?;
    tell.holds(&fill(texts.summary_foreseen, &[&foreseen.records.len()]))?;
    let exchange = question.exchange_id.clone();
    let answer = desk.agency.fetch_summary(question).await?;
    let summary = answer.summary.as_ref().filter(|_| !answer.nothing_to_share);
    let summary = summary.ok_or_else(|| DemoError::Step(texts.summary_missing.to_owned()))?;

    must(
        foreseen.records == summary.records,
        texts.summary_unforeseen,
    )?;
    let overview = summary.overview.clone().unwrap_or_default();
    must(!overview.stands.is_empty(), texts.summary_no_overview)?;
    tell.say(texts.summary_overview)?;
    shown::overview(&overview, tell)?;

    tell.gap()?;
    tell.say(texts.summary_timeline)?;
    let request = GetJourneyRequest {
        person_id: desk.person.clone(),
        page_size: 256,
        ..GetJourneyRequest::default()
    };
    let journey = desk.agency.get_journey(request).await?;
    let held = from_mission_locale(&journey, federation).filter(|source| {
        source.state() == SourceState::Received && source.summary.as_ref() == Some(summary)
    });
    must(held.is_some(), texts.summary_not_merged)?;
    shown::timeline(&records(&journey)?, tell)?;

    tell.gap()?;
    tell.say(texts.summary_not_opened)?;
    must(
        is_what_was_closed(&summary.not_opened),
        texts.summary_too_open,
    )?;
    shown::not_opened(&summary.not_opened, tell)?;

    tell.gap()?;
    must(
        keeps_to_itself(&answer, summary, federation),
        texts.summary_leaks,
    )?;
    tell.holds(&fill(texts.summary_holds, &[&summary.records.len()]))?;
    in_both_logs(federation, &exchange, answer.log_index, tell).await?;
    accounted_for(federation, answer.log_index, tell).await?;
    told_there(cast, &exchange, summary.records.len(), tell).await
}

/// What an agent of the mission locale sees beforehand of what would leave.
async fn foreseen(
    federation: &Federation,
    cast: &Cast,
    question: &FetchSummaryRequest,
) -> Result<Summary, DemoError> {
    let desk = &cast.mission_locale;
    let request = PreviewSummaryRequest {
        person_id: desk.person.clone(),
        requester: federation.departement.node().to_string(),
        purpose: question.purpose.clone(),
        sections: question.sections.clone(),
        usage: question.usage.clone(),
        ..PreviewSummaryRequest::default()
    };
    let preview = desk.agency.preview_summary(request).await?;
    Ok(preview.summary.unwrap_or_default())
}

/// The mission locale logged what it gave before it gave it, the département what it received.
async fn in_both_logs(
    federation: &Federation,
    exchange: &str,
    log_index: u64,
    tell: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    let texts = tell.texts;
    let gave = logged(
        federation,
        &federation.mission_locale,
        "disclosed",
        exchange,
    )
    .await?;
    let took = logged(federation, &federation.departement, "received", exchange).await?;
    match gave.zip(took) {
        Some((gave, took)) if agree(&gave.entry, &took.entry) && took.index == log_index => {
            tell.holds(&fill(texts.summary_logged, &[&gave.index, &took.index]))?;
            Ok(())
        }
        _ => must(false, texts.logs_differ),
    }
}

/// The privacy officer of the département sees who asked, and that she is in their caseload.
async fn accounted_for(
    federation: &Federation,
    log_index: u64,
    tell: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    let officer = Agency::officer(&federation.departement, &federation.world).await?;
    let seen = officer
        .get_exchange(GetExchangeRequest { log_index })
        .await?;
    let agent = seen.sealed_part.unwrap_or_default().agent;
    let (_, login) = federation.departement.organisation.caseworker;
    let leads = seen.caseload.iter().any(|then| then.role == REFERENT);
    must(agent == login && leads, tell.texts.summary_unaccounted)?;
    tell.holds(&fill(tell.texts.summary_accounted, &[&agent]))?;
    Ok(())
}

/// The agency system of the mission locale hears who received how much of hers, and what for.
async fn told_there(
    cast: &Cast,
    exchange: &str,
    records: usize,
    tell: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    let texts = tell.texts;
    let told = changes(&cast.mission_locale.agency).await?;
    let mut told = told.into_iter();
    let received = told.find(|change| {
        change.kind() == ChangeKind::ReceivedBy
            && change.subject == exchange
            && change.records == records as u64
    });
    let received = received.ok_or_else(|| DemoError::Step(texts.summary_untold.to_owned()))?;
    let purpose = Purpose::parse(&received.purpose);
    let purpose = purpose.map_or(received.purpose.as_str(), |one| tell.language.label(one));
    tell.holds(&fill(
        texts.summary_told,
        &[&received.organisation, &records, &purpose],
    ))?;
    Ok(())
}

/// All that an agency system has heard of.
async fn changes(agency: &Agency) -> Result<Vec<Change>, DemoError> {
    let mut heard = Vec::new();
    let mut cursor = String::new();
    loop {
        let request = ListChangesRequest {
            cursor,
            limit: 256,
            ..ListChangesRequest::default()
        };
        let page = agency.list_changes(request).await?;
        heard.extend(page.changes);
        if !page.more {
            return Ok(heard);
        }
        cursor = page.cursor;
    }
}

/// What is held of the mission locale, or why nothing is.
pub(super) fn from_mission_locale<'a>(
    journey: &'a GetJourneyResponse,
    federation: &Federation,
) -> Option<&'a JourneySource> {
    let holder = federation.mission_locale.node().as_str();
    journey.sources.iter().find(|source| source.node == holder)
}

/// The records of every source.
fn records(journey: &GetJourneyResponse) -> Result<Vec<SharedRecord>, DemoError> {
    let own = journey.own_records.iter().map(|own| own.record.as_ref());
    let summaries = journey
        .sources
        .iter()
        .filter_map(|source| source.summary.as_ref());
    let shared = summaries.flat_map(|summary| &summary.records);
    let all = own
        .chain(shared.map(|shared| shared.record.as_ref()))
        .flatten();
    let read = |record: &Record| Ok(SharedRecord::try_from(record)?);
    all.map(read).collect()
}

fn is_what_was_closed(cells: &[Cell]) -> bool {
    let mut cells: Vec<_> = cells
        .iter()
        .map(|cell| (cell.section.as_str(), cell.sensitivity))
        .collect();
    cells.sort_unstable();
    cells == NOT_OPENED
}

/// Whether neither a note nor a record of what was not opened is in the answer.
fn keeps_to_itself(
    answer: &FetchSummaryResponse,
    summary: &Summary,
    federation: &Federation,
) -> bool {
    let bytes = answer.encode_to_vec();
    let journey = journeys::at_mission_locale(federation.world.clock.now());
    let kept = journey.records.iter().filter_map(|one| one.record.as_ref());
    let mut notes = kept
        .map(|own| own.note.as_bytes())
        .filter(|note| !note.is_empty());
    let shown = summary
        .records
        .iter()
        .filter_map(|shown| shown.record.as_ref());
    let too_much = |record: &Record| {
        SharedRecord::try_from(record).is_ok_and(|record| {
            let place = (record.section().id(), u32::from(record.class().as_u8()));
            NOT_OPENED.contains(&place)
        })
    };
    !notes.any(|note| bytes.windows(note.len()).any(|window| window == note))
        && !shown.into_iter().any(too_much)
}
