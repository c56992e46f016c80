use passerelle_domain::vocabulary::GroupMemberRole;
use passerelle_domain::{Caller, CivilDate, Malformed, Pii};
use passerelle_exchange::{
    Assigned, Assignment, AssignmentChange, CaseloadAgent, CaseloadOf, Page, PageSize,
    SetAssignment,
};
use passerelle_proto::agency::v1 as wire;
use passerelle_proto::agency::v1::AssignmentStatus;

use crate::services::fields;

pub(super) fn change(
    message: wire::AssignmentChange,
    caller: &Caller,
) -> Result<AssignmentChange, Malformed> {
    let read = message.assignment.unwrap_or_default();
    let assignment = assignment(&read, caller).map_err(fields::within("assignment"))?;
    Ok(AssignmentChange {
        assignment,
        remove: message.remove,
    })
}

pub(super) fn results(results: &[Assigned]) -> wire::SetCaseloadResponse {
    wire::SetCaseloadResponse {
        results: results.iter().map(result).collect(),
    }
}

pub(super) fn list(
    message: &wire::ListCaseloadRequest,
    caller: &Caller,
) -> Result<(CaseloadOf, Option<CivilDate>, PageSize), Malformed> {
    let of = match (&message.agent, message.person_id.is_empty()) {
        (None, false) => CaseloadOf::Person(fields::person(&message.person_id)?),
        (Some(of), true) => CaseloadOf::Agent(agent(of, caller).map_err(fields::within("agent"))?),
        _ => return Err(Malformed::new("person_id", "a person, or an agent")),
    };
    let on = fields::if_set(&message.on_date, |day| date("on_date", day))?;
    Ok((of, on, PageSize::from_wire(message.page_size)?))
}

pub(super) fn page(page: Page<SetAssignment>) -> wire::ListCaseloadResponse {
    wire::ListCaseloadResponse {
        assignments: page.items.into_iter().map(set).collect(),
        next_page_token: page.next.unwrap_or_default(),
    }
}

fn assignment(message: &wire::Assignment, caller: &Caller) -> Result<Assignment, Malformed> {
    let named = message.agent.clone().unwrap_or_default();
    Ok(Assignment {
        person: fields::person(&message.person_id)?,
        agent: agent(&named, caller).map_err(fields::within("agent"))?,
        role: fields::word(
            "role",
            &message.role,
            GroupMemberRole::parse,
            "a role of the list group_member_role",
        )?,
        from: date("from_date", &message.from_date)?,
        until: fields::if_set(&message.until_date, |day| date("until_date", day))?,
    })
}

fn agent(message: &wire::CaseloadAgent, caller: &Caller) -> Result<CaseloadAgent, Malformed> {
    let siret = fields::if_set(&message.siret, |siret| {
        siret.parse().map_err(fields::within("siret"))
    })?;
    Ok(CaseloadAgent {
        subject: Pii::new(message.sub.clone()),
        siret: siret.unwrap_or(caller.siret),
    })
}

fn date(field: &str, text: &str) -> Result<CivilDate, Malformed> {
    text.parse().map_err(fields::within(field))
}

fn result(assigned: &Assigned) -> wire::AssignmentResult {
    let status = match assigned {
        Assigned::Created => AssignmentStatus::Created,
        Assigned::Updated => AssignmentStatus::Updated,
        Assigned::Unchanged => AssignmentStatus::Unchanged,
        Assigned::Removed => AssignmentStatus::Removed,
        Assigned::Refused(_) => AssignmentStatus::Refused,
    };
    let (field, rule) = match assigned {
        Assigned::Refused(malformed) => (malformed.field(), malformed.rule()),
        _ => ("", ""),
    };
    wire::AssignmentResult {
        status: status.into(),
        field: field.to_owned(),
        rule: rule.to_owned(),
    }
}

fn set(set: SetAssignment) -> wire::SetAssignment {
    let Assignment {
        person,
        agent,
        role,
        from,
        until,
    } = set.assignment;
    wire::SetAssignment {
        assignment: Some(wire::Assignment {
            person_id: person.to_string(),
            agent: Some(wire::CaseloadAgent {
                sub: agent.subject.into_exposed(),
                siret: agent.siret.to_string(),
            }),
            role: role.id().to_owned(),
            from_date: from.to_string(),
            until_date: until.map_or_else(String::new, |day| day.to_string()),
        }),
        set_at: set.set_at.to_string(),
    }
}
