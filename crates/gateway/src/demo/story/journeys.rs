use passerelle_domain::CivilDate;
use passerelle_proto::agency::v1::{
    Assignment, AssignmentChange, AssignmentResult, AssignmentStatus, CaseloadAgent,
    RegisterPersonRequest, SetCaseloadRequest, UpsertRecordsRequest, UpsertResult, UpsertStatus,
};

use super::{Cast, Desk, must};
use crate::demo::agency::Agency;
use crate::demo::error::DemoError;
use crate::demo::federation::{Federation, Site};
use crate::demo::journeys::{self, FIRST_NAME, Journey};
use crate::demo::narrator::{Narrator, fill};

/// In the caseload: who leads what is done with her.
pub(super) const REFERENT: &str = "referent";
/// The class of what is about health.
const HEALTH: u32 = 4;

/// Every organisation enters what it knows, in its own node.
pub(super) async fn load(
    federation: &Federation,
    tell: &mut Narrator<'_>,
) -> Result<Cast, DemoError> {
    let texts = tell.texts;
    let now = federation.world.clock.now();
    tell.step(texts.journeys_step)?;
    tell.say(&fill(texts.journeys_story, &[&FIRST_NAME]))?;
    let cast = Cast {
        mission_locale: desk(
            federation,
            &federation.mission_locale,
            tell,
            journeys::at_mission_locale(now),
        )
        .await?,
        departement: desk(
            federation,
            &federation.departement,
            tell,
            journeys::at_departement(now),
        )
        .await?,
        association: desk(
            federation,
            &federation.association,
            tell,
            journeys::at_association(now),
        )
        .await?,
    };
    for other in journeys::others_at_mission_locale(now) {
        enter(&cast.mission_locale.agency, other, tell).await?;
    }
    for other in journeys::others_at_departement(now) {
        enter(&cast.departement.agency, other, tell).await?;
    }
    assign(federation, &cast.departement, tell).await?;
    Ok(cast)
}

/// The caseworker of the département is her lead adviser from today on.
async fn assign(
    federation: &Federation,
    desk: &Desk,
    tell: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    let (name, login) = federation.departement.organisation.caseworker;
    let assignment = Assignment {
        person_id: desk.person.clone(),
        agent: Some(CaseloadAgent {
            sub: login.to_owned(),
            ..CaseloadAgent::default()
        }),
        role: REFERENT.to_owned(),
        from_date: CivilDate::of(federation.world.clock.now()).to_string(),
        ..Assignment::default()
    };
    let change = AssignmentChange {
        assignment: Some(assignment),
        remove: false,
    };
    let request = SetCaseloadRequest {
        changes: vec![change],
    };
    let set = desk.agency.set_caseload(request).await?.results;
    let created = |one: &AssignmentResult| one.status() == AssignmentStatus::Created;
    must(set.iter().all(created), tell.texts.journeys_not_assigned)?;
    tell.holds(&fill(tell.texts.journeys_assigned, &[&name]))?;
    Ok(())
}

/// Opens the desk of an organisation and enters what it knows of the young woman.
async fn desk(
    federation: &Federation,
    site: &Site,
    tell: &mut Narrator<'_>,
    journey: Journey,
) -> Result<Desk, DemoError> {
    let agency = Agency::caseworker(site, &federation.world).await?;
    let notes = journey.records.iter().filter_map(|one| one.record.as_ref());
    let notes = notes.filter(|one| !one.note.is_empty()).count();
    let (person, kept) = enter(&agency, journey, tell).await?;
    let health = kept.iter().filter(|one| one.sensitivity == HEALTH).count();
    let name = site.organisation.name;
    let text = if health > 0 {
        fill(
            tell.texts.journeys_kept_health,
            &[&name, &kept.len(), &health, &notes],
        )
    } else {
        fill(tell.texts.journeys_kept, &[&name, &kept.len()])
    };
    tell.holds(&text)?;
    Ok(Desk { agency, person })
}

/// Registers a person and enters their journey; gives the node's id for them and what was kept.
async fn enter(
    agency: &Agency,
    journey: Journey,
    tell: &Narrator<'_>,
) -> Result<(String, Vec<UpsertResult>), DemoError> {
    let request = RegisterPersonRequest {
        hidden: None,
        reference: journey.reference.to_owned(),
        identity: Some(journey.identity),
    };
    let person_id = agency.register_person(request).await?.person_id;
    let request = UpsertRecordsRequest {
        person_id: person_id.clone(),
        records: journey.records,
    };
    let results = agency.upsert_records(request).await?.results;
    for result in &results {
        let texts = tell.texts;
        let refused = fill(texts.journeys_refused, &[&result.field, &result.rule]);
        must(result.status() == UpsertStatus::Created, &refused)?;
    }
    Ok((person_id, results))
}
