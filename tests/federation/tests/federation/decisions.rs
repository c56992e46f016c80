//! What an agent of the holder sees before, and both sides after, another organisation asks.

use passerelle_federation_tests::*;
use passerelle_proto::agency::v1::{
    ClosingSource, DecidedCell, ExplainDecisionRequest, ExplainDecisionResponse,
    PreviewSummaryRequest, PreviewSummaryResponse,
};
use prost::Message;
use tonic::{Response, Status};

const LABEL: &str = "Atelier de rédaction du CV";

/// What the holder's agent sees of what the asker would be sent.
async fn preview(amina: &Linked) -> Result<Response<PreviewSummaryResponse>, Status> {
    let question = amina.question(&["steps", "project"]);
    let request = PreviewSummaryRequest {
        person_id: amina.here.clone(),
        requester: DEPARTEMENT.to_owned(),
        purpose: question.purpose,
        sections: question.sections,
        usage: question.usage,
        ..PreviewSummaryRequest::default()
    };
    let request = amina.holder.request(request);
    amina.holder.decisions().preview_summary(request).await
}

async fn explain(agent: &Agency, exchange: &str, asked_by: &str) -> ExplainDecisionResponse {
    let request = agent.request(ExplainDecisionRequest {
        exchange_id: exchange.to_owned(),
        asked_by: asked_by.to_owned(),
    });
    Agency::told(agent.decisions().explain_decision(request)).await
}

fn cell<'a>(cells: &'a [DecidedCell], section: &str) -> &'a DecidedCell {
    let found = cells
        .iter()
        .find(|cell| (&*cell.section, cell.sensitivity) == (section, 1));
    found.expect("a cell that was asked")
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_what_an_agent_previews_is_what_the_asker_is_sent_and_both_can_explain_it() {
    let federation = Federation::start().await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    let records = vec![
        step("step-1", LABEL),
        project("project-1", "Devenir animatrice"),
    ];
    amina.keep(records).await;
    let before = Agency::told(preview(&amina)).await;
    assert!(before.summary.is_none());
    assert_eq!(before.told, "no_receipt");
    let closed = &cell(&before.cells, "steps").closed_by;
    assert_eq!(closed[0].source(), ClosingSource::Absence);
    assert_eq!(closed[0].reason_fr, "Pas d’attestation");

    let opening = Opening {
        sections: vec![("steps", 2)],
        ..Opening::usual()
    };
    let agreed = amina.agree(&opening).await;
    let previewed = Agency::told(preview(&amina)).await;
    let question = amina.question(&["steps", "project"]);
    let sent = Agency::told(amina.fetch(&question)).await;
    // Records and what was not opened, byte for byte; the overview says of both when they were made.
    let (mut seen, mut came) = (previewed.summary.unwrap(), sent.summary.unwrap());
    assert_eq!(came.records.len(), 1);
    (seen.overview, came.overview) = (None, None);
    assert_eq!(seen.encode_to_vec(), came.encode_to_vec());

    let log = Entries::of(&federation, MISSION_LOCALE).await;
    assert_eq!(log.of_kind("previewed").len(), 2);
    assert_eq!(log.of_kind("disclosed").len(), 1);

    for (agent, asked_by) in [(&amina.holder, DEPARTEMENT), (&amina.asker, "")] {
        let told = explain(agent, &question.exchange_id, asked_by).await;
        let last = told.entries.last().unwrap();
        assert_eq!((&*last.outcome, last.records), ("partial", 1));
        let opened = cell(&told.cells, "steps").opened_by.as_ref().unwrap();
        assert_eq!(opened.chain_id, agreed.chain);
        let closed = &cell(&told.cells, "project").closed_by;
        assert_eq!(closed[0].reason, "section_out_of_scope");
    }
}
