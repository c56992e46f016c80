use passerelle_domain::{Digest, LinkId};
use passerelle_proto::agency::v1::{
    AgreementDirection, AgreementGrant, AgreementOutcome, AgreementPartner, FetchSummaryRequest,
    FetchSummaryResponse, GetJourneyRequest, GetJourneyResponse, GrantEffect, GrantSection,
    Identity, IssuePassRequest, IssuePassResponse, JourneySource, RecordAgreementRequest,
    RecordUpsert, RedeemPassRequest, RedeemPassResponse, RegisterPersonRequest, SectionScope,
    ShownNotice, UpsertRecordsRequest, UpsertResult, WithdrawAgreementRequest, WithdrawalOutcome,
};
use passerelle_store::tables::links;
use tonic::{Response, Status};

use crate::agency::exchange_id;
use crate::federation::NOTICE;
use crate::{Agency, Federation};

/// Amina Belkacem, born on 24 November 2000.
pub struct Amina;

impl Amina {
    /// Who she is.
    pub fn identity() -> Identity {
        Identity {
            birth_name: "Belkacem".to_owned(),
            first_names: "Amina Leïla".to_owned(),
            birth_date: "2000-11-24".to_owned(),
            ..Identity::default()
        }
    }
}

/// One person, known at a holder and at an asker.
#[derive(Clone)]
pub struct Linked {
    /// The holder's node.
    pub holder_node: &'static str,
    /// A caseworker there.
    pub holder: Agency,
    /// The asker's node.
    pub asker_node: &'static str,
    /// A caseworker of the asker.
    pub asker: Agency,
    /// The person at the holder.
    pub here: String,
    /// The person at the asker.
    pub there: String,
}

/// What an agreement opens.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Sections, each up to a class.
    pub sections: Vec<(&'static str, u32)>,
    /// The ground.
    pub basis: &'static str,
    /// How it is known that it was the person.
    pub evidence: &'static str,
}

impl Opening {
    /// Steps and what the person wants, up to class 2, on a public task.
    pub fn usual() -> Self {
        Self {
            sections: vec![("steps", 2), ("project", 2)],
            basis: "public_task",
            evidence: "attested",
        }
    }
}

impl Linked {
    /// Registers Amina at both and makes the link with a pass whose ceiling is 2.
    pub async fn by_pass(
        federation: &Federation,
        holder: &'static str,
        asker: &'static str,
    ) -> Self {
        let known = Self::known(federation, holder, asker).await;
        let pass = known.issue_pass().await;
        Agency::told(known.redeem(&pass)).await;
        known
    }

    /// Registers Amina at both, without a link.
    pub async fn known(federation: &Federation, holder: &'static str, asker: &'static str) -> Self {
        let at_holder = Agency::caseworker(federation, holder).await;
        let at_asker = Agency::caseworker(federation, asker).await;
        Self {
            here: register(&at_holder, "dossier-1", Amina::identity()).await,
            there: register(&at_asker, "dossier-1", Amina::identity()).await,
            holder_node: holder,
            asker_node: asker,
            holder: at_holder,
            asker: at_asker,
        }
    }

    /// A pass for the person, from the holder.
    pub async fn issue_pass(&self) -> IssuePassResponse {
        let request = self.holder.request(IssuePassRequest {
            person_id: self.here.clone(),
            ..IssuePassRequest::default()
        });
        Agency::told(self.holder.passes().issue_pass(request)).await
    }

    /// Shows the pass to the asker.
    pub async fn redeem(
        &self,
        pass: &IssuePassResponse,
    ) -> Result<Response<RedeemPassResponse>, Status> {
        self.redeem_as(exchange_id(), pass, &pass.pin).await
    }

    /// As [`Linked::redeem`], under that exchange id and with that PIN.
    pub async fn redeem_as(
        &self,
        exchange_id: String,
        pass: &IssuePassResponse,
        pin: &str,
    ) -> Result<Response<RedeemPassResponse>, Status> {
        let request = self.asker.request(RedeemPassRequest {
            person_id: self.there.clone(),
            exchange_id,
            pass_text: pass.pass_text.clone(),
            pin: pin.to_owned(),
            ..RedeemPassRequest::default()
        });
        self.asker.passes().redeem_pass(request).await
    }

    /// Records that the person was informed, at the asker: it may read what the holder holds.
    pub async fn agree(&self, opening: &Opening) -> AgreementOutcome {
        self.agree_as("agreement-1", opening).await
    }

    /// As [`Linked::agree`], under that request id.
    pub async fn agree_as(&self, request_id: &str, opening: &Opening) -> AgreementOutcome {
        let request = self.asker.request(self.agreement(request_id, opening));
        let mut agreements = self.asker.agreements();
        let recorded = Agency::told(agreements.record_agreement(request)).await;
        let outcomes = recorded.outcomes;
        outcomes
            .into_iter()
            .next()
            .expect("one partner, one outcome")
    }

    /// The request that [`Linked::agree_as`] sends.
    pub fn agreement(&self, request_id: &str, opening: &Opening) -> RecordAgreementRequest {
        let section = |(section, class): &(&str, u32)| GrantSection {
            section: (*section).to_owned(),
            sensitivity: *class,
        };
        RecordAgreementRequest {
            person_id: self.there.clone(),
            request_id: request_id.to_owned(),
            partners: vec![AgreementPartner {
                node: self.holder_node.to_owned(),
                direction: AgreementDirection::PartnerToOwn.into(),
            }],
            basis: opening.basis.to_owned(),
            given_by: "person".to_owned(),
            notice: Some(ShownNotice {
                notice_id: "spie-information".to_owned(),
                lang: "fr".to_owned(),
                sha256: Digest::of(NOTICE).to_string(),
            }),
            evidence: opening.evidence.to_owned(),
            grants: vec![AgreementGrant {
                effect: GrantEffect::Permit.into(),
                actions: vec!["read".to_owned()],
                sections: opening.sections.iter().map(section).collect(),
                purposes: vec!["pathway_follow_up".to_owned()],
                until: String::new(),
            }],
            ..RecordAgreementRequest::default()
        }
    }

    /// Withdraws an agreement, at the asker.
    pub async fn withdraw(&self, chain: &str) -> WithdrawalOutcome {
        let request = self.asker.request(WithdrawAgreementRequest {
            person_id: self.there.clone(),
            chains: vec![chain.to_owned()],
        });
        let mut agreements = self.asker.agreements();
        let withdrawn = Agency::told(agreements.withdraw_agreement(request)).await;
        let outcomes = withdrawn.outcomes;
        outcomes.into_iter().next().expect("one chain, one outcome")
    }

    /// Keeps records at the holder.
    pub async fn keep(&self, records: Vec<RecordUpsert>) -> Vec<UpsertResult> {
        upsert(&self.holder, &self.here, records).await
    }

    /// The question for these sections, up to class 2, to be shown.
    pub fn question(&self, sections: &[&str]) -> FetchSummaryRequest {
        let scope = |section: &&str| SectionScope {
            section: (*section).to_owned(),
            sensitivity: 2,
        };
        FetchSummaryRequest {
            person_id: self.there.clone(),
            holder: self.holder_node.to_owned(),
            exchange_id: exchange_id(),
            purpose: "pathway_follow_up".to_owned(),
            sections: sections.iter().map(scope).collect(),
            usage: "display".to_owned(),
        }
    }

    /// Asks the holder.
    pub async fn fetch(
        &self,
        question: &FetchSummaryRequest,
    ) -> Result<Response<FetchSummaryResponse>, Status> {
        let request = self.asker.request(question.clone());
        self.asker.journeys().fetch_summary(request).await
    }

    /// The id of the link, which only the two nodes know.
    pub fn link(&self, federation: &Federation) -> LinkId {
        let links = self.links(federation);
        *links.first().expect("a link")
    }

    /// All links of the two about the person.
    pub fn links(&self, federation: &Federation) -> Vec<LinkId> {
        let person = self.here.parse().expect("a person's id");
        let store = federation.site(self.holder_node).passerelle.store();
        let links = store.read(|view| links::of_person(view, &person));
        let links = links.expect("a store that reads").expect("rows that open");
        let with_asker = |link: &links::Link| link.peer.as_str() == self.asker_node;
        let links = links.into_iter().filter(with_asker);
        links.map(|link| link.id).collect()
    }

    /// What the asker knows of the holder's journey.
    pub async fn source(&self) -> JourneySource {
        let journey = journey(&self.asker, &self.there).await;
        let mut sources = journey.sources.into_iter();
        sources
            .find(|source| source.node == self.holder_node)
            .expect("a linked source is shown")
    }
}

/// Registers a person.
pub async fn register(agency: &Agency, reference: &str, identity: Identity) -> String {
    let request = agency.request(RegisterPersonRequest {
        hidden: None,
        reference: reference.to_owned(),
        identity: Some(identity),
    });
    Agency::told(agency.persons().register_person(request))
        .await
        .person_id
}

async fn upsert(agency: &Agency, person: &str, records: Vec<RecordUpsert>) -> Vec<UpsertResult> {
    let request = agency.request(UpsertRecordsRequest {
        person_id: person.to_owned(),
        records,
    });
    Agency::told(agency.records().upsert_records(request))
        .await
        .results
}

async fn journey(agency: &Agency, person: &str) -> GetJourneyResponse {
    let request = agency.request(GetJourneyRequest {
        person_id: person.to_owned(),
        page_size: 256,
        ..GetJourneyRequest::default()
    });
    Agency::told(agency.journeys().get_journey(request)).await
}
