use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use passerelle_domain::claim::{NoticeCatalogue, NumericDate, TrustList};
use passerelle_domain::member::{
    KeyAlgorithm, KeyUsage, Member, MemberKey, MemberStatus, Organisation, Rights,
};
use passerelle_domain::vocabulary::{Class, EvidenceKind, OrganisationKind, Purpose, Section};
use passerelle_domain::{FederationId, NodeId, Siret, Timestamp};
use passerelle_policy::{
    Environment, Names, Numbers, ObjectionEffect, Review, Row, Rules, RulesTable,
};
use passerelle_tlog::VerifyingKey;

use crate::ports::{Notices, Trust};

/// One trust list for all nodes.
#[derive(Debug)]
pub struct SharedList(RwLock<Arc<TrustList>>);

impl SharedList {
    /// With this list in force.
    pub fn new(list: TrustList) -> Self {
        Self(RwLock::new(Arc::new(list)))
    }

    /// Changes the list, whose serial rises. The nodes must be told
    /// ([`Federation::amend_list`](super::Federation::amend_list) does both).
    pub fn amend(&self, change: impl FnOnce(&mut TrustList)) {
        let mut list = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = TrustList::clone(&list);
        change(&mut next);
        next.serial += 1;
        *list = Arc::new(next);
    }
}

impl Notices for Arc<NoticeCatalogue> {
    fn catalogue(&self) -> Arc<NoticeCatalogue> {
        Self::clone(self)
    }
}

impl Trust for SharedList {
    fn list(&self) -> Arc<TrustList> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// A member that may ask for everything and keep no NIR.
pub fn member(node: &NodeId, kind: OrganisationKind, log_key: &VerifyingKey) -> Member {
    let between_nodes = Purpose::ALL
        .iter()
        .copied()
        .filter(|purpose| purpose.between_nodes());
    Member {
        node: node.clone(),
        organisation: Organisation {
            name: format!("{} {node}", kind.label_fr()),
            kind,
            sirens: BTreeSet::new(),
            sirets: BTreeSet::from([siret_of(node)]),
            territories: BTreeSet::new(),
            contact: String::new(),
        },
        endpoints: vec![format!("{node}.example:7443")],
        keys: vec![MemberKey {
            usage: KeyUsage::Log,
            kid: "log-1".to_owned(),
            alg: KeyAlgorithm::EdDSA,
            public_key: log_key.to_string(),
        }],
        certificate_pins: Vec::new(),
        rights: Rights {
            purposes: between_nodes.map(|purpose| (purpose, Class::MAX)).collect(),
            evidence: EvidenceKind::ALL.iter().copied().collect(),
            nir: false,
        },
        sensitive: false,
        status: MemberStatus::Active,
    }
}

/// A list of these members, made at `now`.
pub(super) fn list(
    federation: FederationId,
    mut members: Vec<Member>,
    now: Timestamp,
) -> TrustList {
    members.sort_by(|a, b| a.node.cmp(&b.node));
    let day = |days: u64| NumericDate::of(now.plus(Duration::from_secs(days * 24 * 3600)));
    TrustList {
        federation,
        epoch: 1,
        serial: 1,
        previous: None,
        coordinator_keys: Vec::new(),
        issued_at: NumericDate::of(now),
        soft_expiry: day(30),
        hard_expiry: day(90),
        members,
    }
}

/// Rules that allow everything between the kinds of organisation of a list, open to objection, with
/// the evidence that each class calls for by default; in training.
pub fn open_rules(list: &TrustList) -> Rules {
    rules_with(list, ObjectionEffect::Open)
}

/// As [`open_rules`], with what an objection does to every row.
pub fn rules_with(list: &TrustList, objection: ObjectionEffect) -> Rules {
    let any = || Names::One("any".to_owned());
    // Named one by one: a table of all kinds takes longer to compile than most tests to run.
    let kinds: BTreeSet<&str> = list
        .members
        .iter()
        .map(|member| member.organisation.kind.id())
        .collect();
    let kinds = Names::Several(kinds.into_iter().map(str::to_owned).collect());
    let row = |name: &str, section: Names, classes: Vec<u8>| Row {
        name: name.to_owned(),
        holder: kinds.clone(),
        requester: kinds.clone(),
        purpose: any(),
        section,
        class: Numbers::Several(classes),
        read: true,
        import: true,
        objection,
        evidence: None,
        professional_secrecy: false,
        article: "example".to_owned(),
        review: Review::Unverified {},
    };
    let sections = Section::ALL
        .iter()
        .map(|section| section.id().to_owned())
        .collect();
    let table = RulesTable {
        version: 1,
        about: String::new(),
        rows: vec![
            row("classes-1-to-3", any(), vec![1, 2, 3]),
            row("class-4", Names::Several(sections), vec![4]),
        ],
    };
    Rules::compile(&table, Environment::Training).expect("the table above is well-formed")
}

/// The one establishment of a node: a number made from its name.
pub(super) fn siret_of(node: &NodeId) -> Siret {
    let sum = node.as_str().bytes().fold(7_u64, |sum, byte| {
        (sum * 131 + u64::from(byte)) % 100_000_000
    });
    let digits = format!("{sum:08}00001");
    (0..10)
        .find_map(|check| format!("{digits}{check}").parse().ok())
        .expect("one of ten last digits fits (ISO/IEC 7812-1)")
}

/// The names and kinds of [`Federation::new`](super::Federation::new).
pub(super) fn three() -> BTreeMap<&'static str, OrganisationKind> {
    BTreeMap::from([
        ("mission-locale", OrganisationKind::MissionLocale),
        ("departement", OrganisationKind::Department),
        ("association", OrganisationKind::Association),
    ])
}
