mod mission_locale;

use passerelle_proto::agency::v1::Identity;
use passerelle_proto::journey::v1::record::Body;
use passerelle_proto::journey::v1::{
    ActionStatus, AppointmentStatus, GroupMemberRole, Orientation, OrientationDecision,
};

use super::bodies::{appointment, code, contact_card, project, since, status, step};
use super::days::Days;
use super::{Entered, Journey, entered, upserts};
use crate::demo::organisations::DEPARTEMENT;

/// What she is called in the story.
pub(in crate::demo) const FIRST_NAME: &str = "Inès";
/// Her file, in each organisation.
pub(in crate::demo) const REFERENCE: &str = "dossier-0001";

/// How long ago she turned 26.
const BIRTHDAY: u64 = 9;

pub(super) fn at_mission_locale(days: Days) -> Journey {
    journey(days, mission_locale::records(days))
}

pub(super) fn at_departement(days: Days) -> Journey {
    let referent = DEPARTEMENT.professional("Référent de parcours");
    let orientation = Orientation {
        pathway: code("socio_professional"),
        modality: code("reinforced"),
        organisation: Some(DEPARTEMENT.named()),
        referent: Some(referent.clone()),
        decision: OrientationDecision::Accepted.into(),
        decided_on: days.ago(5),
        ..Orientation::default()
    };
    let card = contact_card(
        DEPARTEMENT.named(),
        referent,
        GroupMemberRole::Referent,
        since(days.ago(5)),
    );
    let first = appointment(
        "first_support",
        AppointmentStatus::Attended,
        days.instant_ago(0),
        DEPARTEMENT.named(),
    );
    let right = status("rsa_right", "open_payable", since(days.ago(BIRTHDAY)));
    let records = vec![
        entered(days.ago(BIRTHDAY), right),
        entered(days.ago(5), Body::Orientation(orientation)),
        entered(days.ago(5), card),
        entered(days.ago(0), first).noted("Arrivée en avance, très déterminée."),
    ];
    journey(days, records)
}

pub(super) fn at_association(days: Days) -> Journey {
    let workshop = step(
        "digital",
        "digital_workshops",
        ActionStatus::InProgress,
        since(days.ago(30)),
    );
    let wants = project("Être à l’aise avec un ordinateur", &[], days.ago(33));
    let records = vec![
        entered(days.ago(33), wants),
        entered(days.ago(30), Body::Step(workshop)),
    ];
    journey(days, records)
}

fn journey(days: Days, records: Vec<Entered>) -> Journey {
    Journey {
        reference: REFERENCE,
        identity: Identity {
            birth_name: "Exemple".to_owned(),
            first_names: format!("{FIRST_NAME} Lina"),
            birth_date: days.born(BIRTHDAY, 26),
            sex: "female".to_owned(),
            ..Identity::default()
        },
        records: upserts(records),
    }
}
