//! The three organisations of the story. They are not there: SIREN 999…, `example.fr`, numbers that
//! are kept for fiction (ARCEP: 01 99 00 …).

use std::collections::BTreeSet;

use passerelle_domain::member::{Organisation as Listed, Rights};
use passerelle_domain::vocabulary::{Class, OrganisationKind, Purpose};
use passerelle_domain::{Malformed, Siret};
use passerelle_proto::journey::v1::{
    Organisation as Named, OrganisationKind as Kind, Professional,
};
use passerelle_transport::throwaway::Plan;

/// An organisation, its node and the one of its caseworkers who is in the story.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Organisation {
    /// The name of its node.
    pub(super) node: &'static str,
    /// Its name.
    pub(super) name: &'static str,
    /// The same, as short as a column.
    pub(super) short: &'static str,
    /// Its establishment.
    pub(super) siret: &'static str,
    /// What it is.
    pub(super) kind: OrganisationKind,
    /// Whom an agent may ring.
    pub(super) phone: &'static str,
    /// The caseworker: name, and as the agency system knows them.
    pub(super) caseworker: (&'static str, &'static str),
    /// Purposes that it may ask for, each up to a class.
    purposes: &'static [(Purpose, Class)],
}

/// Accompanies young people until they are 26.
pub(super) const MISSION_LOCALE: Organisation = Organisation {
    node: "mission-locale",
    name: "Mission locale du Valfictif",
    short: "Mission locale",
    siret: "99900000300015",
    kind: OrganisationKind::MissionLocale,
    phone: "01 99 00 10 01",
    caseworker: ("Claire Esquisse", "claire.esquisse"),
    purposes: NETWORK,
};

/// Accompanies people who receive RSA.
pub(super) const DEPARTEMENT: Organisation = Organisation {
    node: "departement",
    name: "Département du Valfictif",
    short: "Département",
    siret: "99900100100018",
    kind: OrganisationKind::Department,
    phone: "01 99 00 20 01",
    caseworker: ("Thomas Maquette", "thomas.maquette"),
    purposes: NETWORK,
};

/// Lends a hand in the neighbourhood.
pub(super) const ASSOCIATION: Organisation = Organisation {
    node: "association",
    name: "Association Entraide du Valfictif",
    short: "Association",
    siret: "99900200900010",
    kind: OrganisationKind::Association,
    phone: "01 99 00 30 01",
    caseworker: ("Nadia Canevas", "nadia.canevas"),
    purposes: &[
        (Purpose::PathwayFollowUp, Class::Professional),
        (Purpose::SupportAction, Class::Professional),
    ],
};

/// All three, in the order in which the person meets them.
pub(super) const ALL: [&Organisation; 3] = [&MISSION_LOCALE, &DEPARTEMENT, &ASSOCIATION];

/// The only agency system of each.
pub(super) const SYSTEM: &str = "logiciel-metier";

/// The federation that they form.
pub(super) const FEDERATION: &str = "valfictif.example.fr";

const NETWORK: &[(Purpose, Class)] = &[
    (Purpose::Assessment, Class::Health),
    (Purpose::PathwayFollowUp, Class::Health),
    (Purpose::SupportAction, Class::LivingConditions),
    (Purpose::OnceOnly, Class::LivingConditions),
];

impl Organisation {
    /// Its node, to be made.
    pub(super) fn plan(&self) -> Result<Plan, Malformed> {
        let siret: Siret = self.siret.parse()?;
        Ok(Plan {
            node: self.node.parse()?,
            organisation: Listed {
                name: self.name.to_owned(),
                kind: self.kind,
                sirens: BTreeSet::from([siret.siren()]),
                sirets: BTreeSet::from([siret]),
                territories: BTreeSet::new(),
                contact: self.phone.to_owned(),
            },
            // Known once its port is bound.
            endpoints: vec!["127.0.0.1:1".to_owned()],
            rights: Rights {
                purposes: self.purposes.iter().copied().collect(),
                evidence: BTreeSet::new(),
                nir: false,
            },
            sensitive: false,
            systems: vec![SYSTEM.to_owned()],
        })
    }

    /// As records name it.
    pub(super) fn named(&self) -> Named {
        let kind = match self.kind {
            OrganisationKind::MissionLocale => Kind::MissionLocale,
            OrganisationKind::Department => Kind::Department,
            _ => Kind::Association,
        };
        Named {
            siret: self.siret.to_owned(),
            name: self.name.to_owned(),
            kind: kind.into(),
        }
    }

    /// Its caseworker, as records name them.
    pub(super) fn professional(&self, job_title: &str) -> Professional {
        let (name, login) = self.caseworker;
        Professional {
            name: name.to_owned(),
            job_title: job_title.to_owned(),
            phone: self.phone.to_owned(),
            email: format!("{login}@{}.example.fr", self.node),
        }
    }
}
