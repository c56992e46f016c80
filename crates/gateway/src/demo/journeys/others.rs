use passerelle_proto::agency::v1::Identity;
use passerelle_proto::journey::v1::record::Body;
use passerelle_proto::journey::v1::{
    ActionStatus, AppointmentStatus, ConstraintImpact, DiagnosisTheme, GroupMemberRole,
};

use super::bodies::{
    appointment, constraint, contact_card, contract, diagnosis, need, project, since, status, step,
};
use super::days::Days;
use super::{Entered, Journey, entered, upserts};
use crate::demo::organisations::{DEPARTEMENT, MISSION_LOCALE};

pub(super) fn at_mission_locale(days: Days) -> Vec<Journey> {
    let card = |day| {
        contact_card(
            MISSION_LOCALE.named(),
            MISSION_LOCALE.professional("Conseillère en insertion"),
            GroupMemberRole::Referent,
            since(days.ago(day)),
        )
    };
    let found = diagnosis(
        vec![need(DiagnosisTheme::ChooseJob, "discover_occupation")],
        vec![constraint(DiagnosisTheme::Digital, ConstraintImpact::Low)],
        &[(DiagnosisTheme::Accommodation, "living_with_parents")],
    );
    let survey = step(
        "job_search",
        "occupation_survey",
        ActionStatus::InProgress,
        since(days.ago(15)),
    );
    let wants = project(
        "Réparer des vélos dans un atelier",
        &[("I1607", "Réparation de cycles, motocycles et motoculteurs")],
        days.ago(80),
    );
    vec![
        person(
            "dossier-0002",
            ("Modèle", "Malik", days.born(200, 19)),
            vec![
                entered(days.ago(90), card(90)),
                entered(days.ago(80), wants),
                entered(days.ago(70), found).noted("Parle peu en groupe, beaucoup en tête-à-tête."),
                entered(days.ago(15), Body::Step(survey)),
            ],
        ),
        person(
            "dossier-0003",
            ("Gabarit", "Sacha", days.born(40, 22)),
            vec![
                entered(days.ago(35), card(35)),
                entered(days.ago(30), contract("cej", since(days.ago(30)), 15 * 60)),
                entered(
                    days.ago(3),
                    appointment(
                        "workshop",
                        AppointmentStatus::Planned,
                        days.instant_ahead(4),
                        MISSION_LOCALE.named(),
                    ),
                ),
            ],
        ),
    ]
}

pub(super) fn at_departement(days: Days) -> Vec<Journey> {
    let card = contact_card(
        DEPARTEMENT.named(),
        DEPARTEMENT.professional("Référent de parcours"),
        GroupMemberRole::Referent,
        since(days.ago(300)),
    );
    vec![person(
        "dossier-0002",
        ("Patron", "Odile", days.born(100, 47)),
        vec![
            entered(
                days.ago(310),
                status("rsa_right", "open_payable", since(days.month_ago(310))),
            ),
            entered(days.ago(300), card),
            entered(
                days.ago(290),
                contract("cer", since(days.ago(290)), 15 * 60),
            ),
        ],
    )]
}

fn person(
    reference: &'static str,
    (birth_name, first_name, birth_date): (&str, &str, String),
    records: Vec<Entered>,
) -> Journey {
    Journey {
        reference,
        identity: Identity {
            birth_name: birth_name.to_owned(),
            first_names: first_name.to_owned(),
            birth_date,
            ..Identity::default()
        },
        records: upserts(records),
    }
}
