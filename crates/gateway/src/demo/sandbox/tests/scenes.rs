use std::fs;
use std::time::Duration;

use passerelle_proto::agency::v1::{
    ListAgreementsRequest, ListLinksRequest, ReportWrongLinkRequest, SourceState,
    WithdrawAgreementRequest,
};
use passerelle_proto::journey::v1::record::Body;

use super::SLOW;
use super::calls::EVERYDAY;
use crate::demo::agency::Agency;
use crate::demo::sandbox::Running;
use crate::demo::sandbox::persons::Scene;
use crate::demo::sandbox::prepared::{Prepared, wrong};
use crate::throwaway::notices::INFORMATION;

/// The agency system at work on one person.
pub(super) struct Desk<'a> {
    pub(super) running: &'a Running,
    pub(super) agency: &'a Agency,
    pub(super) person: &'a Prepared,
}

impl Desk<'_> {
    /// Whether playing it keeps others from what they ask of the partner.
    pub(super) fn hurts(&self) -> bool {
        let scene = self.person.person.scene;
        matches!(scene, Scene::Unreachable | Scene::Slow | Scene::TooSlow)
    }

    pub(super) async fn play(&self) {
        match self.person.person.scene {
            Scene::Full => self.full().await,
            Scene::Partial => self.partial().await,
            Scene::Nothing => self.nothing().await,
            Scene::NoLink => {
                let refused = self.fetch(&self.question(EVERYDAY)).await.unwrap_err();
                assert_eq!(refused.reason, "NO_LINK");
            }
            Scene::NoReceipt => {
                self.linked().await;
                let refused = self.fetch(&self.question(EVERYDAY)).await.unwrap_err();
                assert_eq!(refused.paper(), Some("no_receipt"));
            }
            Scene::Expired => self.expired().await,
            Scene::Withdrawn => self.withdrawn().await,
            Scene::WithdrawnThere => self.withdrawn_there().await,
            Scene::Unreachable => self.unreachable().await,
            Scene::Slow => self.slow().await,
            Scene::TooSlow => self.too_slow().await,
            Scene::WrongPin => {
                let pin = wrong(&self.pass().issued.pin);
                let refused = self.redeem(self.pass(), &pin).await.unwrap_err();
                assert_eq!(refused.reason, "PASS_REFUSED");
                self.linked().await;
            }
            Scene::Locked => {
                let pin = &self.pass().issued.pin;
                let refused = self.redeem(self.pass(), pin).await.unwrap_err();
                assert_eq!(refused.reason, "PASS_REFUSED");
            }
            Scene::SecondFactor => self.second_factor().await,
            Scene::Sources => self.sources().await,
            Scene::NewCode => self.new_code().await,
            Scene::WrongLink => self.wrong_link().await,
        }
    }

    async fn full(&self) {
        self.informed().await;
        let summary = self.fetch(&self.question(EVERYDAY)).await.unwrap().summary;
        let summary = summary.unwrap();
        assert_eq!(summary.records.len(), 2);
        assert!(summary.not_opened.is_empty(), "{:?}", summary.not_opened);
    }

    async fn partial(&self) {
        self.informed().await;
        let question = self.question(&[("project", 2), ("steps", 2), ("status", 4)]);
        let summary = self.fetch(&question).await.unwrap().summary.unwrap();
        assert_eq!(summary.records.len(), 2);
        assert!(!summary.not_opened.is_empty());
        assert!(
            summary
                .not_opened
                .iter()
                .all(|cell| cell.section == "status")
        );
    }

    async fn nothing(&self) {
        self.informed().await;
        let answer = self.fetch(&self.question(EVERYDAY)).await.unwrap();
        assert!(answer.nothing_to_share && answer.summary.is_none());
    }

    async fn expired(&self) {
        self.linked().await;
        let clock = &self.running.federation.world.clock;
        let agreement = self.agreement("public_task", INFORMATION, "pass", EVERYDAY);
        let mut agreement = agreement.await;
        // Late enough for the partner to have it before.
        let lasts = Duration::from_secs(3);
        agreement.expires_at = clock.now().plus(lasts).to_string();
        self.recorded(agreement).await;
        tokio::time::sleep(lasts).await;
        let patience = clock.now().plus(Duration::from_secs(10));
        let refused = loop {
            match self.fetch(&self.question(EVERYDAY)).await {
                Err(refused) if refused.reason != "QUOTA_EXCEEDED" => break refused,
                _ => assert!(clock.now() < patience, "no end"),
            }
        };
        assert_eq!(refused.paper(), Some("receipt_expired"), "{refused}");
    }

    async fn withdrawn(&self) {
        let chain = self.informed().await;
        self.fetch(&self.question(EVERYDAY)).await.unwrap();
        let request = WithdrawAgreementRequest {
            person_id: self.person.person_id.clone(),
            chains: vec![chain],
        };
        self.agency.withdraw_agreement(request).await.unwrap();
        let refused = self.fetch(&self.question(EVERYDAY)).await.unwrap_err();
        assert_eq!(refused.paper(), Some("receipt_withdrawn"));
        self.purged().await;
    }

    async fn withdrawn_there(&self) {
        let chain = self.informed().await;
        self.fetch(&self.question(EVERYDAY)).await.unwrap();
        let file = self.running.partner.withdraws_file();
        fs::write(&file, "").unwrap();
        while file.exists() {
            tokio::task::yield_now().await;
        }
        self.purged().await;
        let request = ListAgreementsRequest {
            person_id: self.person.person_id.clone(),
        };
        let agreements = self.agency.list_agreements(request).await.unwrap();
        let agreements = agreements.agreements.iter();
        let mut withdrawn = agreements.filter(|file| !file.withdrawn_at.is_empty());
        assert_eq!(withdrawn.next().unwrap().chain, chain);
        let answer = self.fetch(&self.question(EVERYDAY)).await.unwrap();
        assert!(answer.nothing_to_share);
    }

    async fn purged(&self) {
        let journey = self.journey().await;
        let mut sources = journey.sources.iter();
        assert!(sources.any(|source| source.state() == SourceState::Purged));
    }

    async fn unreachable(&self) {
        self.informed().await;
        let file = self.running.switch.unreachable_file();
        let question = self.question(EVERYDAY);
        fs::write(&file, "").unwrap();
        let refused = self.fetch(&question).await.unwrap_err();
        fs::remove_file(&file).unwrap();
        assert_eq!(refused.reason, "PEER_UNREACHABLE", "{refused}");
        assert!(refused.metadata.contains_key("since"));
        let answer = self.fetch(&question).await.unwrap();
        assert_eq!(answer.summary.unwrap().records.len(), 2);
    }

    async fn slow(&self) {
        self.informed().await;
        let file = self.running.switch.slow_file();
        fs::write(&file, "").unwrap();
        let clock = &self.running.federation.world.clock;
        let soonest = clock.now().plus(SLOW);
        let answer = self.fetch(&self.question(EVERYDAY)).await.unwrap();
        fs::remove_file(&file).unwrap();
        assert!(clock.now() >= soonest);
        assert_eq!(answer.summary.unwrap().records.len(), 2);
    }

    async fn too_slow(&self) {
        self.informed().await;
        let file = self.running.switch.slow_file();
        let question = self.question(EVERYDAY);
        fs::write(&file, "").unwrap();
        let gave_up = tokio::time::timeout(SLOW / 3, self.fetch(&question)).await;
        fs::remove_file(&file).unwrap();
        assert!(gave_up.is_err());
        let answer = self.fetch(&question).await.unwrap();
        assert_eq!(answer.summary.unwrap().records.len(), 2);
    }

    async fn second_factor(&self) {
        let sections = &[("status", 4)];
        self.consented(sections).await;
        let world = &self.running.federation.world;
        let site = &self.running.federation.departement;
        let agency = Agency::caseworker_by(site, world, &["pwd"]).await.unwrap();
        let refused = agency.fetch_summary(self.question(sections)).await;
        assert_eq!(refused.unwrap_err().reason, "SECOND_FACTOR_REQUIRED");
        let answer = self.fetch(&self.question(sections)).await.unwrap();
        assert_eq!(answer.summary.unwrap().records.len(), 1);
    }

    async fn sources(&self) {
        let sections = &[("employment", 2)];
        for pass in &self.person.passes {
            self.redeem(pass, &pass.issued.pin).await.unwrap();
            let agreement = self.agreement("public_task", INFORMATION, "pass", sections);
            let mut agreement = agreement.await;
            agreement.request_id.push_str(pass.node);
            agreement.partners[0].node = pass.node.to_owned();
            self.recorded(agreement).await;
        }
        let asked = self.fetch_all(sections).await.outcomes;
        assert_eq!(asked.len(), self.person.passes.len());
        let journey = self.journey().await;
        let summaries = journey
            .sources
            .iter()
            .filter_map(|one| one.summary.as_ref());
        let records = summaries.flat_map(|summary| &summary.records);
        let mut ended: Vec<_> = records
            .filter_map(|shared| match &shared.record.as_ref()?.body {
                Some(Body::Employment(work)) => Some(!work.ends_on.is_empty()),
                _ => None,
            })
            .collect();
        ended.sort_unstable();
        assert_eq!(ended, [false, true]);
    }

    async fn new_code(&self) {
        let sections = &[("steps", 4)];
        self.consented(sections).await;
        let answer = self.fetch(&self.question(sections)).await.unwrap();
        let summary = answer.summary.unwrap();
        let record = summary.records[0].record.as_ref().unwrap();
        let Some(Body::Step(step)) = &record.body else {
            panic!("{record:?}");
        };
        let action = step.action.as_ref().unwrap();
        assert_eq!(action.code, "virtual_visit");
        assert!(!action.label_fr.is_empty());
    }

    async fn wrong_link(&self) {
        self.informed().await;
        self.fetch(&self.question(EVERYDAY)).await.unwrap();
        let request = ListLinksRequest {
            person_id: self.person.person_id.clone(),
            ..ListLinksRequest::default()
        };
        let links = self.agency.list_links(request).await.unwrap().links;
        let request = ReportWrongLinkRequest {
            person_id: self.person.person_id.clone(),
            link_id: links[0].link_id.clone(),
        };
        self.agency.report_wrong_link(request).await.unwrap();
        let refused = self.fetch(&self.question(EVERYDAY)).await.unwrap_err();
        assert_eq!(refused.paper(), Some("wrong_link_reported"), "{refused}");
        let journey = self.journey().await;
        assert!(
            journey
                .sources
                .iter()
                .all(|source| source.summary.is_none())
        );
    }
}
