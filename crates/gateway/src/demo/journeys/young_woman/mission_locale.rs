use passerelle_proto::journey::v1::record::Body;
use passerelle_proto::journey::v1::{
    ActionStatus, AppointmentStatus, ConstraintImpact, DiagnosisTheme, Employment, ExitStatus,
    FollowUp, GroupMemberRole, ObjectiveState, Organisation, OrganisationKind, Step, SupportExit,
    SupportOfferState,
};

use super::BIRTHDAY;
use crate::demo::journeys::bodies::{
    appointment, code, constraint, contact_card, contract, diagnosis, need, objective, occupation,
    project, since, status, step,
};
use crate::demo::journeys::days::Days;
use crate::demo::journeys::{Entered, entered};
use crate::demo::organisations::{DEPARTEMENT, MISSION_LOCALE};

/// Three years of support.
pub(super) fn records(days: Days) -> Vec<Entered> {
    let parts = [
        who_and_where(days),
        what_she_wants(days),
        diagnoses(days),
        objectives(days),
        steps(days),
        appointments(days),
        contracts_and_work(days),
    ];
    parts.into_iter().flatten().collect()
}

fn who_and_where(days: Days) -> Vec<Entered> {
    let counsellor = contact_card(
        MISSION_LOCALE.named(),
        MISSION_LOCALE.professional("Conseillère en insertion"),
        GroupMemberRole::FormerReferent,
        since(days.ago(1090)),
    );
    let scheme = (days.ago(400), days.ago(BIRTHDAY));
    vec![
        entered(days.ago(1090), counsellor),
        entered(
            days.ago(1090),
            status("low_qualification", "active", since(days.ago(1090))),
        ),
        entered(
            days.ago(420),
            status(
                "job_seeker_registration",
                "category_1",
                since(days.ago(420)),
            ),
        ),
        entered(days.ago(400), status("youth_scheme_cej", "ended", scheme)),
        entered(
            days.ago(150),
            status("no_stable_housing", "active", since(days.month_ago(150))),
        )
        .noted(
            "Dort chez une amie, puis chez une cousine. Ne veut pas en parler devant sa famille.",
        ),
        entered(
            days.ago(60),
            status("rqth", "requested", since(days.ago(60))),
        )
        .noted("Dossier déposé à sa demande ; attend la réponse avec inquiétude."),
    ]
}

fn what_she_wants(days: Days) -> Vec<Entered> {
    let targets = [
        ("K1303", "Assistance auprès d’enfants"),
        ("K1202", "Éducation de jeunes enfants"),
    ];
    let wants = project(
        "Travailler auprès de jeunes enfants, en crèche",
        &targets,
        days.ago(310),
    );
    vec![entered(days.ago(310), wants).told(
        "Projet confirmé par deux semaines d’immersion en crèche. Entrée en CAP visée à la rentrée.",
    )]
}

fn diagnoses(days: Days) -> Vec<Entered> {
    let usual = diagnosis(
        vec![need(
            DiagnosisTheme::GetTrained,
            "build_training_application",
        )],
        vec![
            constraint(DiagnosisTheme::Mobility, ConstraintImpact::High),
            constraint(DiagnosisTheme::Accommodation, ConstraintImpact::High),
            constraint(DiagnosisTheme::Digital, ConstraintImpact::Low),
        ],
        &[
            (DiagnosisTheme::Accommodation, "hosted_by_third_party"),
            (DiagnosisTheme::Mobility, "driving_lessons_in_progress"),
            (DiagnosisTheme::Mobility, "depends_on_public_transport"),
            (DiagnosisTheme::Digital, "has_smartphone"),
        ],
    );
    let health = diagnosis(
        Vec::new(),
        vec![constraint(DiagnosisTheme::Health, ConstraintImpact::Low)],
        &[(DiagnosisTheme::Health, "health_some_jobs_excluded")],
    );
    vec![
        entered(days.ago(120), usual).noted("Beaucoup de fatigue ces derniers mois. À reprendre."),
        entered(days.ago(90), health).noted(
            "Douleurs au dos depuis l’été. En a parlé d’elle-même, à voir avec son médecin.",
        ),
    ]
}

fn objectives(days: Days) -> Vec<Entered> {
    let budget = objective(
        DiagnosisTheme::Financial,
        "budget_autonomy",
        ObjectiveState::Achieved,
        (days.ago(520), days.ago(300)),
    );
    let licence = objective(
        DiagnosisTheme::Mobility,
        "get_driving_licence",
        ObjectiveState::InProgress,
        since(days.ago(250)),
    );
    let training = objective(
        DiagnosisTheme::GetTrained,
        "build_training_application",
        ObjectiveState::InProgress,
        since(days.ago(200)),
    );
    vec![
        entered(days.ago(300), budget),
        entered(days.ago(250), licence),
        entered(days.ago(200), training),
    ]
}

fn steps(days: Days) -> Vec<Entered> {
    let on = |day| (days.ago(day), days.ago(day));
    let under_way = |day| since(days.ago(day));
    let immersion = Step {
        organisation: Some(Organisation {
            siret: "99910000100018".to_owned(),
            name: "Crèche fictive Les Petits Pas".to_owned(),
            kind: OrganisationKind::Enterprise.into(),
        }),
        ..step(
            "immersion",
            "pmsmp",
            ActionStatus::Done,
            (days.ago(330), days.ago(316)),
        )
    };
    let training = Step {
        label: "Dossier d’entrée en CAP Accompagnant éducatif petite enfance".to_owned(),
        ..step(
            "training",
            "refer_certifying_training",
            ActionStatus::InProgress,
            under_way(45),
        )
    };
    let entered = |day, step| entered(days.ago(day), Body::Step(step));
    vec![
        entered(
            380,
            step("job_search", "cv_workshop", ActionStatus::Done, on(380)),
        ),
        entered(316, immersion).noted("La directrice la reprendrait volontiers en apprentissage."),
        entered(
            240,
            step(
                "mobility",
                "register_driving_lessons",
                ActionStatus::InProgress,
                under_way(240),
            ),
        ),
        entered(
            140,
            step(
                "housing",
                "social_housing_request",
                ActionStatus::InProgress,
                under_way(140),
            ),
        ),
        entered(
            100,
            step(
                "administrative",
                "family_benefit_request",
                ActionStatus::Done,
                on(100),
            ),
        )
        .noted("Conflit avec ses parents au sujet des allocations."),
        entered(45, training),
    ]
}

fn appointments(days: Days) -> Vec<Entered> {
    let attended = |day| {
        appointment(
            "status_review",
            AppointmentStatus::Attended,
            days.instant_ago(day),
            MISSION_LOCALE.named(),
        )
    };
    let meeting = appointment(
        "multi_structure_meeting",
        AppointmentStatus::Planned,
        days.instant_ahead(12),
        DEPARTEMENT.named(),
    );
    vec![
        entered(days.ago(95), attended(95)),
        entered(days.ago(20), attended(20))
            .noted("Redoute de tout devoir raconter à nouveau. Rassurée sur le passage de relais."),
        entered(days.ago(BIRTHDAY), meeting),
    ]
}

fn contracts_and_work(days: Days) -> Vec<Entered> {
    let work = Employment {
        contract: code("CDD"),
        occupation: Some(occupation(("K2204", "Agente d’entretien"))),
        starts_on: days.ago(700),
        ends_on: days.ago(520),
        weekly_minutes: 24 * 60,
        follow_up: Some(FollowUp {
            proposed_on: days.ago(690),
            answer: SupportOfferState::Accepted.into(),
            answered_on: days.ago(688),
        }),
        ..Employment::default()
    };
    let exit = SupportExit {
        status: ExitStatus::Reoriented.into(),
        reason: code("age_limit"),
        ended_on: days.ago(BIRTHDAY),
        next_organisation: Some(DEPARTEMENT.named()),
    };
    let pacea = contract("pacea", (days.ago(1085), days.ago(420)), 0);
    let cej = contract("cej", (days.ago(400), days.ago(BIRTHDAY)), 15 * 60);
    vec![
        entered(days.ago(1085), pacea),
        entered(days.ago(520), Body::Employment(work))
            .noted("Horaires coupés, trajets de deux heures : elle a tenu jusqu’au bout."),
        entered(days.ago(400), cej),
        entered(days.ago(BIRTHDAY), Body::SupportExit(exit)),
    ]
}
