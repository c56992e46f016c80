//! A record of every kind, with a text of its own in every field that holds one.

use passerelle_federation_tests::step;
use passerelle_proto::agency::v1::RecordUpsert;
use passerelle_proto::journey::v1::record::Body;
use passerelle_proto::journey::v1::{
    ActionStatus, Appointment, AppointmentStatus, ChosenBy, Code, ContactCard, Contract,
    ContractStatus, Diagnosis, Employment, ExitStatus, GroupMemberRole, Identity, IdentityStatus,
    JointInterview, Objective, ObjectiveState, Occupation, Organisation, OrganisationKind,
    Orientation, OrientationDecision, Professional, Project, Specialist, Status, Step, SupportExit,
};
use passerelle_proto::prost_types::Timestamp;

use super::{BIRTH_NAME, FIRST_NAMES, LABEL, MESSAGE, NOTE, RECORD_REFERENCE, USAGE_NAME, WANTS};

const COLLEAGUE: &str = "Radegonde Tournebroche";
const JOB: &str = "Gardienne des clés du canal";
const PHONE: &str = "03 99 99 12 34 56";
const EMAIL: &str = "radegonde@tournebroche.example";
const ORGANISATION: &str = "Ressourcerie du Vieux-Moulin";
const REFERENT: &str = "Théodebert Passelande";
const REFERENT_EMAIL: &str = "theodebert@passelande.example";
const SOURCE_REFERENCE: &str = "classeur-gris.etagere-douze/7";
const TARGET: &str = "Accordeuse de carillons itinérante";
const OCCUPATION: &str = "Peintre de girouettes anciennes";
const EMPLOYER: &str = "Girouettes Réunies du Plateau";
const NEXT: &str = "Maison des Transitions de Bitche";
const PLACE: &str = "Permanence du Pont-aux-Ânes";
const SOCIAL: &str = "Euphrosyne Langevin-Delmotte";
const PROFESSIONAL: &str = "Barnabé Quincaillon-Rochet";
const OBJECTIVE: &str = "Apprivoiser enfin le bus de nuit";

/// What is in them and nowhere else.
pub(super) const SECRETS: [&str; 16] = [
    COLLEAGUE,
    JOB,
    PHONE,
    EMAIL,
    ORGANISATION,
    REFERENT,
    REFERENT_EMAIL,
    SOURCE_REFERENCE,
    TARGET,
    OCCUPATION,
    EMPLOYER,
    NEXT,
    PLACE,
    SOCIAL,
    PROFESSIONAL,
    OBJECTIVE,
];

/// Every section.
pub(super) const SECTIONS: [&str; 12] = [
    "contact_card",
    "identity",
    "status",
    "project",
    "orientation",
    "diagnosis",
    "objectives",
    "steps",
    "appointments",
    "contracts",
    "employment",
    "exit",
];

/// One record of each kind.
pub(super) fn records() -> Vec<RecordUpsert> {
    let of = |reference: &str, body| {
        let mut upsert = step(reference, "replaced below");
        let record = upsert.record.as_mut().unwrap().record.as_mut().unwrap();
        record.body = Some(body);
        let source = record.source.as_mut().unwrap();
        SOURCE_REFERENCE.clone_into(&mut source.reference);
        upsert
    };
    let mut step = of(RECORD_REFERENCE, a_step());
    let own = step.record.as_mut().unwrap();
    NOTE.clone_into(&mut own.note);
    MESSAGE.clone_into(&mut own.record.as_mut().unwrap().message_to_partner);
    vec![
        step,
        of("project-1", project()),
        of("contact-1", contact_card()),
        of("identity-1", identity()),
        of("status-1", status()),
        of("orientation-1", orientation()),
        of("diagnosis-1", diagnosis()),
        of("objective-1", objective()),
        of("appointment-1", appointment()),
        of("contract-1", contract()),
        of("employment-1", employment()),
        of("exit-1", exit()),
    ]
}

fn a_step() -> Body {
    Body::Step(Step {
        kind: Some(code("job_search")),
        label: LABEL.to_owned(),
        status: ActionStatus::Done.into(),
        organisation: Some(organisation(PLACE)),
        ..Step::default()
    })
}

fn project() -> Body {
    Body::Project(Project {
        wants: WANTS.to_owned(),
        targets: vec![occupation(TARGET)],
        chosen_by: ChosenBy::Person.into(),
        ..Project::default()
    })
}

fn contact_card() -> Body {
    Body::ContactCard(ContactCard {
        organisation: Some(organisation(ORGANISATION)),
        professional: Some(Professional {
            name: COLLEAGUE.to_owned(),
            job_title: JOB.to_owned(),
            phone: PHONE.to_owned(),
            email: EMAIL.to_owned(),
        }),
        member_role: GroupMemberRole::Referent.into(),
        ..ContactCard::default()
    })
}

fn identity() -> Body {
    Body::Identity(Identity {
        birth_name: BIRTH_NAME.to_owned(),
        first_names: vec![FIRST_NAMES.to_owned()],
        usage_name: USAGE_NAME.to_owned(),
        birth_date: "2000-11-24".to_owned(),
        identity_status: IdentityStatus::Provisional.into(),
        ..Identity::default()
    })
}

fn status() -> Body {
    Body::Status(Status {
        kind: Some(code("rsa_right")),
        state: Some(code("open_payable")),
        starts_on: "2026-10-01".to_owned(),
        ..Status::default()
    })
}

fn orientation() -> Body {
    Body::Orientation(Orientation {
        pathway: Some(code("professional")),
        modality: Some(code("follow_up")),
        origin: Some(code("voluntary")),
        organisation: Some(organisation(ORGANISATION)),
        referent: Some(Professional {
            name: REFERENT.to_owned(),
            email: REFERENT_EMAIL.to_owned(),
            ..Professional::default()
        }),
        decision: OrientationDecision::Accepted.into(),
        decided_on: "2026-10-02".to_owned(),
        ..Orientation::default()
    })
}

fn diagnosis() -> Body {
    let specialist = |name: &str| Specialist {
        name: name.to_owned(),
        organisation: Some(organisation(ORGANISATION)),
    };
    Body::Diagnosis(Diagnosis {
        explored: "spie_vocabulary".to_owned(),
        explored_version: "1".to_owned(),
        joint_interview: Some(JointInterview {
            social: Some(specialist(SOCIAL)),
            professional: Some(specialist(PROFESSIONAL)),
            countersignature: None,
        }),
        ..Diagnosis::default()
    })
}

fn objective() -> Body {
    Body::Objective(Objective {
        theme: passerelle_proto::journey::v1::DiagnosisTheme::Mobility.into(),
        label: OBJECTIVE.to_owned(),
        state: ObjectiveState::InProgress.into(),
        ..Objective::default()
    })
}

fn appointment() -> Body {
    Body::Appointment(Appointment {
        kind: Some(code("support")),
        status: AppointmentStatus::Planned.into(),
        starts_at: Some(Timestamp {
            seconds: 1_800_000_000,
            nanos: 0,
        }),
        organisation: Some(organisation(PLACE)),
        ..Appointment::default()
    })
}

fn contract() -> Body {
    Body::Contract(Contract {
        kind: Some(code("cej")),
        status: ContractStatus::Signed.into(),
        starts_on: "2026-10-01".to_owned(),
        ..Contract::default()
    })
}

fn employment() -> Body {
    Body::Employment(Employment {
        contract: Some(code("CDD")),
        occupation: Some(occupation(OCCUPATION)),
        employer: Some(organisation(EMPLOYER)),
        starts_on: "2026-10-03".to_owned(),
        ..Employment::default()
    })
}

fn exit() -> Body {
    Body::SupportExit(SupportExit {
        status: ExitStatus::Reoriented.into(),
        reason: Some(code("short_job")),
        ended_on: "2026-10-04".to_owned(),
        next_organisation: Some(organisation(NEXT)),
    })
}

fn organisation(name: &str) -> Organisation {
    Organisation {
        siret: "73282932000074".to_owned(),
        name: name.to_owned(),
        kind: OrganisationKind::Association.into(),
    }
}

fn occupation(label: &str) -> Occupation {
    Occupation {
        rome_code: "K1207".to_owned(),
        label_fr: label.to_owned(),
    }
}

fn code(code: &str) -> Code {
    Code {
        code: code.to_owned(),
        ..Code::default()
    }
}
