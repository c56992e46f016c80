use std::collections::BTreeSet;

use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{Malformed, Pii};
use passerelle_exchange::{
    ExchangeFile, ExchangeFilter, IncidentFile, LatestCheckpoint, LoggedExchange, Page, PageSize,
    SetAssignment, ShownByPeer, Verification,
};
use passerelle_proto::audit::v1 as wire;
use passerelle_store::OpenedPart;
use passerelle_store::tables::deliveries::DeliveryState;

use crate::services::fields;

pub(super) fn filter(
    message: &wire::ListExchangesRequest,
) -> Result<(ExchangeFilter, PageSize), Malformed> {
    let kind =
        |kind: &String| fields::word("", kind, EntryKind::parse, "a kind of the list entry_kind");
    let kinds = fields::each("kinds", &message.kinds, kind)?;
    let filter = ExchangeFilter {
        person: fields::if_set(&message.person_id, fields::person)?,
        peer: fields::if_set(&message.peer, |peer| fields::node("peer", peer))?,
        kinds: kinds.into_iter().collect::<BTreeSet<_>>(),
        from: fields::if_set(&message.from_time, |at| fields::instant("from_time", at))?,
        to: fields::if_set(&message.to_time, |at| fields::instant("to_time", at))?,
    };
    Ok((filter, PageSize::from_wire(message.page_size)?))
}

pub(super) fn page(page: Page<LoggedExchange>) -> wire::ListExchangesResponse {
    wire::ListExchangesResponse {
        exchanges: page.items.into_iter().map(exchange).collect(),
        next_page_token: page.next.unwrap_or_default(),
    }
}

pub(super) fn file(file: ExchangeFile) -> wire::GetExchangeResponse {
    let (peer_entry_json, peer_proof) = match file.peer {
        Some(ShownByPeer { entry, proof }) => (entry, proof),
        None => Default::default(),
    };
    wire::GetExchangeResponse {
        exchange: Some(exchange(file.exchange)),
        proof: file.proof,
        sealed_part: file.sealed.map(sealed_part),
        peer_entry_json,
        peer_proof,
        caseload: file.caseload.iter().map(caseload_then).collect(),
    }
}

pub(super) fn incidents(page: Page<IncidentFile>) -> wire::ListIncidentsResponse {
    wire::ListIncidentsResponse {
        incidents: page.items.into_iter().map(incident).collect(),
        next_page_token: page.next.unwrap_or_default(),
    }
}

fn incident(file: IncidentFile) -> wire::Incident {
    let confirmed = file.delivery.state == DeliveryState::Delivered;
    wire::Incident {
        kind: wire::IncidentKind::WrongLink.into(),
        log_index: file.log_index,
        at: file.at.to_string(),
        person_id: file.person.to_string(),
        node: file.node.to_string(),
        organisation: file.organisation,
        link_id: file.link.to_string(),
        reported_here: file.reported_here,
        confirmed_at: if confirmed {
            file.delivery.since.to_string()
        } else {
            String::new()
        },
        problem: file.delivery.problem,
    }
}

fn caseload_then(set: &SetAssignment) -> wire::CaseloadThen {
    let assignment = &set.assignment;
    wire::CaseloadThen {
        role: assignment.role.id().to_owned(),
        from_date: assignment.from.to_string(),
        until_date: assignment
            .until
            .map_or_else(String::new, |day| day.to_string()),
        set_at: set.set_at.to_string(),
    }
}

pub(super) fn verified(verification: Verification) -> wire::VerifyLogResponse {
    wire::VerifyLogResponse {
        whole: verification.finding.is_none(),
        entries: verification.entries,
        checkpoint: verification.checkpoint,
        finding: verification.finding.unwrap_or_default(),
    }
}

pub(super) fn checkpoint(latest: LatestCheckpoint) -> wire::GetLatestCheckpointResponse {
    wire::GetLatestCheckpointResponse {
        checkpoint: latest.checkpoint,
        verifier_key: latest.verifier_key,
    }
}

fn exchange(logged: LoggedExchange) -> wire::ExchangeEntry {
    wire::ExchangeEntry {
        log_index: logged.index,
        entry_json: logged.entry,
    }
}

/// An own agent by the name that the agency system has for them, another's by the opaque one.
fn sealed_part(part: OpenedPart) -> wire::SealedPart {
    let agent = part.fields.agent.map(|agent| {
        let opaque = agent.reference.to_string();
        agent.subject.map_or(opaque, Pii::into_exposed)
    });
    wire::SealedPart {
        person_id: part.person.map(|id| id.to_string()).unwrap_or_default(),
        agent: agent.unwrap_or_default(),
        reason: part.fields.reason,
    }
}
