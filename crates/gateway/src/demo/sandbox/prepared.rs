use passerelle_domain::ExchangeId;
use passerelle_proto::agency::v1::record_objection_request::Scope;
use passerelle_proto::agency::v1::{
    IssuePassRequest, IssuePassResponse, RecordObjectionRequest, RedeemPassRequest,
    RegisterPersonRequest, UpsertRecordsRequest, UpsertStatus,
};

use tokio::task::JoinSet;

use super::persons::{PERSONS, Person, Scene};
use crate::demo::agency::Agency;
use crate::demo::error::DemoError;
use crate::demo::federation::{Federation, Site};
use crate::demo::journeys::{Known, records};

/// A person as the nodes have them.
pub(super) struct Prepared {
    pub(super) person: &'static Person,
    /// The id in the node to call.
    pub(super) person_id: String,
    pub(super) passes: Vec<Pass>,
}

/// A pass that a partner gave the person.
pub(super) struct Pass {
    /// The partner's node.
    pub(super) node: &'static str,
    pub(super) issued: IssuePassResponse,
}

/// The agency systems of the three organisations, in the session of a caseworker each.
struct Desks<'a> {
    federation: &'a Federation,
    own: Agency,
    mission_locale: Agency,
    association: Agency,
}

/// Enters every person where they are known.
pub(super) async fn prepare(federation: &Federation) -> Result<Vec<Prepared>, DemoError> {
    let open = |site| Agency::caseworker(site, &federation.world);
    let desks = Desks {
        federation,
        own: open(&federation.departement).await?,
        mission_locale: open(&federation.mission_locale).await?,
        association: open(&federation.association).await?,
    };
    let mut prepared = Vec::new();
    for person in &PERSONS {
        prepared.push(Box::pin(desks.prepare(person)).await?);
    }
    Ok(prepared)
}

impl Desks<'_> {
    async fn prepare(&self, person: &'static Person) -> Result<Prepared, DemoError> {
        let mut prepared = Prepared {
            person,
            person_id: register(&self.own, person).await?,
            passes: Vec::new(),
        };
        let partners = [
            (
                &self.mission_locale,
                &self.federation.mission_locale,
                person.at_mission_locale,
            ),
            (
                &self.association,
                &self.federation.association,
                person.at_association,
            ),
        ];
        for (agency, site, known) in partners {
            if known != Known::Nobody {
                let pass = self.enter(agency, site, person, known).await?;
                prepared.passes.push(pass);
            }
        }
        if let (Scene::Locked, Some(pass)) = (person.scene, prepared.passes.first()) {
            self.lock(person, pass).await?;
        }
        Ok(prepared)
    }

    /// Enters what a partner knows, and issues a pass.
    async fn enter(
        &self,
        agency: &Agency,
        site: &Site,
        person: &Person,
        known: Known,
    ) -> Result<Pass, DemoError> {
        let person_id = register(agency, person).await?;
        let request = UpsertRecordsRequest {
            person_id: person_id.clone(),
            records: records(known, self.federation.world.clock.now()),
        };
        for result in agency.upsert_records(request).await?.results {
            if result.status() != UpsertStatus::Created {
                let told = format!("{}: {} {}", person.reference, result.field, result.rule);
                return Err(DemoError::Step(told));
            }
        }
        let request = IssuePassRequest {
            person_id: person_id.clone(),
            ceiling: CEILING,
            ..IssuePassRequest::default()
        };
        let issued = agency.issue_pass(request).await?;
        if person.scene == Scene::Nothing {
            let request = RecordObjectionRequest {
                person_id,
                request_id: "opposition-0001".to_owned(),
                scope: Some(Scope::Everything(true)),
                lifts: String::new(),
            };
            agency.record_objection(request).await?;
        }
        Ok(Pass {
            node: site.organisation.node,
            issued,
        })
    }

    /// Somebody else tries the pass until it is locked.
    async fn lock(&self, person: &Person, pass: &Pass) -> Result<(), DemoError> {
        let world = &self.federation.world;
        let person_id = register(&self.association, person).await?;
        // At once: each is answered on a tick of its own.
        let mut tries = JoinSet::new();
        for _ in 0..MISSES {
            let request = RedeemPassRequest {
                person_id: person_id.clone(),
                exchange_id: ExchangeId::new(world.clock.now(), &*world.rng).to_string(),
                pass_text: pass.issued.pass_text.clone(),
                pin: wrong(&pass.issued.pin),
                ..RedeemPassRequest::default()
            };
            let agency = self.association.clone();
            tries.spawn(async move { agency.redeem_pass(request).await });
        }
        for tried in tries.join_all().await {
            match tried {
                Err(refused) if refused.reason == "PASS_REFUSED" => {}
                Err(refused) => return Err(refused.into()),
                Ok(_) => return Err(DemoError::Step("a wrong PIN was taken".to_owned())),
            }
        }
        Ok(())
    }
}

/// A PIN that is not this one.
pub(super) fn wrong(pin: &str) -> String {
    if pin == "000000" { "000001" } else { "000000" }.to_owned()
}

async fn register(agency: &Agency, person: &Person) -> Result<String, DemoError> {
    let request = RegisterPersonRequest {
        hidden: None,
        reference: person.reference.to_owned(),
        identity: Some(person.identity()),
    };
    Ok(agency.register_person(request).await?.person_id)
}

/// Receipts over a link born from a pass may open everything.
const CEILING: u32 = 4;
/// So many wrong tries lock a pass.
const MISSES: u8 = passerelle_linkage::pass::MAX_MISSES;
