use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use passerelle_domain::claim::{
    Effect, Evidence, Grant, Notice, NoticeCatalogue, NoticeText, NumericDate, Receipt,
    WithdrawalMeans,
};
use passerelle_domain::vocabulary::{
    AgentRole, Class, EvidenceKind, GivenBy, GrantAction, LawfulBasis, Purpose, Section,
    SessionAssurance,
};
use passerelle_domain::{
    AgentRef, Caller, ChainId, Digest, LinkId, PersonId, Pii, SessionId, TokenId,
};
use passerelle_linkage::traits::TraitsForm;
use passerelle_store::tables::links::{Link, LinkState};
use passerelle_store::tables::persons::{self, Person};
use passerelle_store::tables::receipts::KeptReceipt;
use passerelle_store::tables::{links, receipts};

use super::Federation;
use super::federation::federation_id;
use super::members::siret_of;
use super::network::name;
use super::tokens::{Statements, verified};
use crate::{ExchangeError, RegisterPerson};

/// Awa Diallo, born on 12 April 2000.
pub fn awa() -> TraitsForm {
    traits("Diallo", "Awa", "2000-04-12")
}

/// Amina Belkacem, born on 3 May 1999.
pub fn amina() -> TraitsForm {
    traits("Belkacem", "Amina Leïla", "1999-05-03")
}

/// The three traits that every person has.
pub fn traits(birth_name: &str, first_names: &str, birth_date: &str) -> TraitsForm {
    TraitsForm {
        birth_name: birth_name.to_owned(),
        first_names: first_names.to_owned(),
        birth_date: birth_date.to_owned(),
        ..TraitsForm::default()
    }
}

/// The text that persons of a federation are shown.
pub fn notice() -> Notice {
    let catalogue = catalogue();
    let shown = catalogue.texts.iter().find(|text| text.id == "notice");
    shown.expect("a text of that name").notice()
}

/// The catalogue of every node: `notice` in French and in easy French, and `before`, which is not
/// shown any more.
pub fn catalogue() -> NoticeCatalogue {
    let text = |id: &str, lang: &str, until: Option<&str>| {
        let text = format!("Voici ce qui sera partagé, et pourquoi ({id}, {lang}).");
        NoticeText {
            id: id.to_owned(),
            lang: lang.to_owned(),
            title: "Ce qui sera partagé".to_owned(),
            sha256: Digest::of(text.as_bytes()),
            from: "2000-01-01".parse().expect("a day"),
            until: until.map(|until| until.parse().expect("a day")),
            text,
        }
    };
    NoticeCatalogue {
        federation: federation_id(),
        issued_at: NumericDate::from_secs(0),
        texts: vec![
            text("before", "fr", Some("2001-01-01")),
            text("notice", "fr", None),
            text("notice", "fr-x-falc", None),
        ],
    }
}

impl Federation {
    /// A caseworker of a node's organisation, with a second factor. The session is not in the
    /// node's tables: use cases take the caller as the gateway would have made it.
    pub fn caseworker(&self, node: &str) -> Caller {
        self.caller(node, AgentRole::Caseworker, true)
    }

    /// An agent of a node's organisation: one for each role.
    pub fn caller(&self, node: &str, role: AgentRole, second_factor: bool) -> Caller {
        Caller {
            session: SessionId::from_bytes([role as u8; 16]),
            system: SYSTEM.to_owned(),
            subject: Pii::new(format!("{role}@{node}")),
            reference: AgentRef::new(format!("{role}-of-{node}")).expect("letters and hyphens"),
            siret: siret_of(&name(node)),
            role,
            assurance: SessionAssurance::Asserted,
            second_factor,
        }
    }

    /// Registers a person at a node.
    pub async fn register(&self, node: &str, reference: &str, identity: TraitsForm) -> PersonId {
        let person = RegisterPerson {
            hidden: None,
            reference: Pii::new(reference.to_owned()),
            identity,
        };
        let registered = self
            .node(node)
            .register_person(&self.caseworker(node), person)
            .await;
        registered.expect("a person who can be registered").person
    }

    /// Hides from everyone that a person is known at a node.
    pub async fn protect(&self, node: &str, person: PersonId) {
        let protect = move |tx: &mut passerelle_store::Tx<'_>| {
            let found = persons::find(tx, &person)?.ok_or(ExchangeError::PersonNotFound)?;
            let hidden = Person {
                protected: true,
                ..found
            };
            let keys: [&[u8]; 0] = [];
            Ok::<_, ExchangeError>(persons::put(tx, &hidden, &keys)?)
        };
        self.node(node)
            .store()
            .transact("protect", protect)
            .await
            .expect("a person, and a store that takes it");
    }

    /// Makes a link straight in the tables of both nodes, as if the person had carried a pass with
    /// that ceiling from the first to the second.
    pub async fn link(
        &self,
        issuer: (&str, PersonId),
        redeemer: (&str, PersonId),
        ceiling: Class,
    ) -> LinkId {
        let link = LinkId::random(self.chance());
        self.link_as(link, issuer, redeemer, ceiling).await;
        link
    }

    /// The same with a link of that id.
    pub async fn link_as(
        &self,
        link: LinkId,
        issuer: (&str, PersonId),
        redeemer: (&str, PersonId),
        ceiling: Class,
    ) {
        for (own, other, own_redemption) in [(issuer, redeemer, true), (redeemer, issuer, false)] {
            let row = Link {
                own_redemption,
                ..self.live_link(link, own.1, other.0, ceiling)
            };
            self.put_link(own.0, row).await;
        }
    }

    /// Makes a link straight in the tables of one node alone.
    pub async fn link_at(
        &self,
        node: &str,
        person: PersonId,
        link: LinkId,
        peer: &str,
        ceiling: Class,
    ) {
        let row = self.live_link(link, person, peer, ceiling);
        self.put_link(node, row).await;
    }

    /// Changes where a link stands, straight in the tables of one node.
    pub async fn set_link(&self, node: &str, link: LinkId, state: LinkState) {
        let found = self.node(node).read(|view| Ok(links::find(view, &link)?));
        let found = found.expect("a store that is read").expect("a link");
        self.put_link(node, Link { state, ..found }).await;
    }

    fn live_link(&self, id: LinkId, person: PersonId, peer: &str, ceiling: Class) -> Link {
        Link {
            id,
            person,
            peer: name(peer),
            born_from: None,
            own_redemption: false,
            ceiling: Some(ceiling),
            state: LinkState::Live,
            since: self.now(),
            made_at: self.now(),
            end: None,
        }
    }

    async fn put_link(&self, node: &str, row: Link) {
        let put =
            move |tx: &mut passerelle_store::Tx<'_>| Ok::<_, ExchangeError>(links::put(tx, &row)?);
        self.node(node)
            .store()
            .transact("link", put)
            .await
            .expect("a store that takes it");
    }

    /// A receipt that opens all sections up to class 4, for all purposes, to read and to import, on
    /// a public task and with a signed paper taken under a second factor. Change it, then
    /// [`Federation::keep`] it.
    pub fn receipt(&self, issuer: &str, link: LinkId, holder: &str, requester: &str) -> Receipt {
        let audience = if issuer == holder { requester } else { holder };
        Receipt {
            issuer: name(issuer),
            audience: name(audience),
            link,
            id: TokenId::random(self.chance()),
            issued_at: NumericDate::of(self.now()),
            not_before: NumericDate::of(self.now()),
            expires_at: NumericDate::of(self.now().plus(YEAR)),
            holder: name(holder),
            chain: ChainId::random(self.chance()),
            version: 1,
            basis: LawfulBasis::PublicTask,
            given_by: GivenBy::Person,
            notice: notice(),
            evidence: Evidence {
                kind: EvidenceKind::SignedPaper,
                agent_mfa: true,
            },
            grants: vec![Grant {
                effect: Effect::Permit,
                actions: BTreeSet::from([GrantAction::Read, GrantAction::Import]),
                sections: Section::ALL
                    .iter()
                    .map(|section| (*section, Class::MAX))
                    .collect::<BTreeMap<_, _>>(),
                purposes: Purpose::ALL
                    .iter()
                    .copied()
                    .filter(|purpose| purpose.between_nodes())
                    .collect(),
                until: None,
            }],
            withdrawal: WithdrawalMeans("à l'accueil".to_owned()),
        }
    }

    /// Puts a receipt straight in the tables of both nodes.
    pub async fn keep(&self, receipt: &Receipt) {
        for node in [&receipt.issuer, &receipt.audience] {
            self.keep_at(node.as_str(), receipt).await;
        }
    }

    /// Puts a receipt straight in the tables of one node.
    pub async fn keep_at(&self, node: &str, receipt: &Receipt) {
        let jwt = Statements::signed(receipt.issuer.as_str(), receipt);
        let issued_here = name(node) == receipt.issuer;
        let kept = KeptReceipt::new(verified(receipt.clone()), jwt, issued_here, self.now());
        let put = move |tx: &mut passerelle_store::Tx<'_>| {
            let link = links::find(tx, &kept.receipt.link)?.ok_or(ExchangeError::NoLink)?;
            Ok::<_, ExchangeError>(receipts::put(tx, &link.person, &kept)?)
        };
        self.node(node)
            .store()
            .transact("keep", put)
            .await
            .expect("a link, and a store that takes it");
    }
}

/// The agency system of every caller.
const SYSTEM: &str = "logiciel-metier";

const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
