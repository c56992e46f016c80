use passerelle_domain::{AgentRef, Pii, SessionId};

use super::*;

const ACTS: [OwnAct; 9] = [
    OwnAct::ReadJourney,
    OwnAct::WriteJourney,
    OwnAct::FindPerson,
    OwnAct::MeetPerson,
    OwnAct::AskPartner,
    OwnAct::FollowChanges,
    OwnAct::Audit,
    OwnAct::BlockAgents,
    OwnAct::ListBlockedAgents,
];

fn caller(role: AgentRole, assurance: SessionAssurance, second_factor: bool) -> Caller {
    Caller {
        session: SessionId::from_bytes([1; 16]),
        system: "logiciel".into(),
        subject: Pii::new("agent".into()),
        reference: AgentRef::new("a1").unwrap(),
        siret: "99900001100018".parse().unwrap(),
        role,
        assurance,
        second_factor,
    }
}

fn allowed(role: AgentRole, assurance: SessionAssurance) -> Vec<OwnAct> {
    let may = |act: &OwnAct| own_access(&caller(role, assurance, true), *act).is_ok();
    ACTS.into_iter().filter(may).collect()
}

/// The highest class that is reached of each section, 0 for none.
fn reach(role: AgentRole, assurance: SessionAssurance, second_factor: bool) -> Vec<u8> {
    let access = own_access(&caller(role, assurance, second_factor), OwnAct::ReadJourney).unwrap();
    let highest = |section: &Section| {
        let reached = Class::ALL
            .iter()
            .filter(|class| access.reaches(*section, **class));
        reached.map(|class| class.as_u8()).max().unwrap_or_default()
    };
    Section::ALL.iter().map(highest).collect()
}

#[test]
fn each_role_does_what_its_work_calls_for() {
    use OwnAct::{
        AskPartner, Audit, BlockAgents, FindPerson, FollowChanges, ListBlockedAgents, MeetPerson,
        ReadJourney, WriteJourney,
    };
    let oidc = SessionAssurance::Oidc;
    assert_eq!(
        allowed(AgentRole::Caseworker, oidc),
        [
            ReadJourney,
            WriteJourney,
            FindPerson,
            MeetPerson,
            AskPartner,
            FollowChanges
        ]
    );
    assert_eq!(
        allowed(AgentRole::Reception, oidc),
        [
            ReadJourney,
            FindPerson,
            MeetPerson,
            AskPartner,
            FollowChanges
        ]
    );
    assert_eq!(
        allowed(AgentRole::PrivacyOfficer, oidc),
        [
            ReadJourney,
            FindPerson,
            FollowChanges,
            Audit,
            ListBlockedAgents
        ]
    );
    assert_eq!(
        allowed(AgentRole::Operator, oidc),
        [BlockAgents, ListBlockedAgents]
    );
}

#[test]
fn work_without_an_agent_reads_writes_and_follows_and_nothing_else() {
    let system = SessionAssurance::System;
    assert_eq!(
        allowed(AgentRole::Caseworker, system),
        [
            OwnAct::ReadJourney,
            OwnAct::WriteJourney,
            OwnAct::FollowChanges
        ]
    );
    assert_eq!(
        allowed(AgentRole::Operator, system),
        [OwnAct::BlockAgents, OwnAct::ListBlockedAgents]
    );
    let fetch = own_access(
        &caller(AgentRole::Caseworker, system, true),
        OwnAct::AskPartner,
    );
    assert_eq!(fetch.unwrap_err(), NotAllowed::WithoutAgent);
    let audit = own_access(&caller(AgentRole::Caseworker, system, true), OwnAct::Audit);
    assert_eq!(audit.unwrap_err(), NotAllowed::Role);
}

#[test]
fn class_3_and_4_need_a_second_factor_and_class_4_an_agent() {
    let all = |highest: u8| vec![highest; Section::ALL.len()];
    assert_eq!(
        reach(AgentRole::Caseworker, SessionAssurance::Oidc, true),
        all(4)
    );
    assert_eq!(
        reach(AgentRole::Caseworker, SessionAssurance::Asserted, false),
        all(2)
    );
    assert_eq!(
        reach(AgentRole::Caseworker, SessionAssurance::System, true),
        all(3)
    );
    assert_eq!(
        reach(AgentRole::Caseworker, SessionAssurance::System, false),
        all(3)
    );
    assert_eq!(
        reach(AgentRole::PrivacyOfficer, SessionAssurance::Oidc, true),
        all(4)
    );
    assert_eq!(
        reach(AgentRole::PrivacyOfficer, SessionAssurance::Oidc, false),
        all(2)
    );
}

#[test]
fn reception_reaches_identity_and_contact_card_only() {
    let reached = reach(AgentRole::Reception, SessionAssurance::Oidc, false);
    for (section, highest) in Section::ALL.iter().zip(reached) {
        let may = matches!(section, Section::Identity | Section::ContactCard);
        assert_eq!(highest, if may { 2 } else { 0 }, "{section}");
    }
}

#[test]
fn an_officer_who_audits_is_given_no_journey() {
    let caller = caller(AgentRole::PrivacyOfficer, SessionAssurance::Oidc, true);
    let access = own_access(&caller, OwnAct::Audit).unwrap();
    assert_eq!(access.act(), OwnAct::Audit);
    assert!(!access.reaches(Section::ContactCard, Class::Professional));
}
