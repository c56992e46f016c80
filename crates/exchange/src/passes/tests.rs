use passerelle_domain::vocabulary::AgentRole;
use passerelle_linkage::pass::PassStatus;

use super::*;
use crate::testing::{Federation, awa};

const NODE: &str = "mission-locale";

fn issue(person: PersonId) -> IssuePass {
    IssuePass {
        person,
        ceiling: None,
        valid_days: None,
    }
}

fn row(federation: &Federation, pass: PassId) -> PassRow {
    let kept = federation
        .node(NODE)
        .read(|view| Ok(passes::find(view, &pass)?));
    pass_row(&kept.unwrap().unwrap()).unwrap()
}

#[tokio::test]
async fn a_pass_is_issued_with_what_is_printed_and_a_pin() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    let caller = federation.caseworker(NODE);
    let issued = federation
        .node(NODE)
        .issue_pass(&caller, issue(person))
        .await
        .unwrap();

    let read = PassSecret::parse(issued.secret.text().expose()).unwrap();
    assert_eq!(read.issuer().as_str(), NODE);
    assert_eq!(read.id(), issued.id);
    assert_eq!(issued.expires_at, federation.now().plus(DAY * 90));
    assert!(issued.qr_svg().expose().contains("<svg"));
    assert!(issued.qr_png().expose().starts_with(b"\x89PNG"));

    let row = row(&federation, issued.id);
    assert_eq!(
        (row.person(), row.ceiling()),
        (person, Class::LivingConditions)
    );
    assert_eq!(row.status(federation.now()), PassStatus::Usable);
}

#[tokio::test]
async fn what_is_stored_does_not_open_the_pass() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    let caller = federation.caseworker(NODE);
    let issued = federation
        .node(NODE)
        .issue_pass(&caller, issue(person))
        .await
        .unwrap();
    let kept = federation
        .node(NODE)
        .read(|view| Ok(passes::find(view, &issued.id)?));
    let kept = String::from_utf8(kept.unwrap().unwrap().pass.to_vec()).unwrap();
    let text = issued.secret.text();
    assert!(
        !kept.contains(text.expose()) && !kept.contains(issued.pin.reveal()),
        "{kept}"
    );
}

#[tokio::test]
async fn a_pass_is_revoked_once_for_good() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    let caller = federation.caseworker(NODE);
    let node = federation.node(NODE);
    let issued = node.issue_pass(&caller, issue(person)).await.unwrap();

    node.revoke_pass(&caller, issued.id).await.unwrap();
    assert_eq!(
        row(&federation, issued.id).status(federation.now()),
        PassStatus::Revoked
    );
    let syncs = federation.disk(NODE).files.syncs();
    node.revoke_pass(&caller, issued.id).await.unwrap();
    assert_eq!(federation.disk(NODE).files.syncs(), syncs);

    let unknown = node.revoke_pass(&caller, PassId::from_bytes([1; 16])).await;
    assert_eq!(unknown, Err(ExchangeError::not_found("pass_id")));
}

#[tokio::test]
async fn a_ceiling_of_class_3_or_4_needs_a_second_factor() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    let node = federation.node(NODE);
    for (ceiling, second_factor, issued) in [
        (Class::LivingConditions, false, true),
        (Class::Social, false, false),
        (Class::Health, false, false),
        (Class::Health, true, true),
    ] {
        let caller = federation.caller(NODE, AgentRole::Caseworker, second_factor);
        let wanted = IssuePass {
            ceiling: Some(ceiling),
            ..issue(person)
        };
        let result = node.issue_pass(&caller, wanted).await;
        match result {
            Ok(pass) => assert_eq!(
                (issued, row(&federation, pass.id).ceiling()),
                (true, ceiling)
            ),
            Err(error) => assert_eq!(
                (issued, error),
                (false, ExchangeError::SecondFactorRequired)
            ),
        }
    }
}

#[tokio::test]
async fn what_cannot_be_issued_is_refused() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    let node = federation.node(NODE);
    let caller = federation.caseworker(NODE);
    for days in [0, 366] {
        let wanted = IssuePass {
            valid_days: Some(days),
            ..issue(person)
        };
        let refused = node.issue_pass(&caller, wanted).await.unwrap_err();
        assert!(
            matches!(&refused, ExchangeError::Malformed(malformed) if malformed.field() == "valid_days")
        );
    }
    let nobody = node
        .issue_pass(&caller, issue(PersonId::from_bytes([1; 16])))
        .await;
    assert_eq!(nobody.unwrap_err(), ExchangeError::PersonNotFound);
    let officer = federation.caller(NODE, AgentRole::PrivacyOfficer, true);
    let refused = node.issue_pass(&officer, issue(person)).await;
    assert_eq!(refused.unwrap_err(), ExchangeError::RoleNotAllowed);
    let revoked = node
        .revoke_pass(&officer, PassId::from_bytes([1; 16]))
        .await;
    assert_eq!(revoked, Err(ExchangeError::RoleNotAllowed));
}

#[tokio::test]
async fn i10_a_pass_is_not_printed_by_accident() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    let caller = federation.caseworker(NODE);
    let issued = federation
        .node(NODE)
        .issue_pass(&caller, issue(person))
        .await
        .unwrap();
    let printed = format!("{issued:?} {:?} {:?}", issued.qr_svg(), issued.qr_png());
    assert_eq!(printed, "IssuedPass(***) *** ***");
}

#[tokio::test]
async fn the_passes_of_a_person_are_listed_the_newest_first_and_page_by_page() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    let (node, caller) = (federation.node(NODE), federation.caseworker(NODE));
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(node.issue_pass(&caller, issue(person)).await.unwrap().id);
        federation.pass(Duration::from_secs(1));
    }
    node.revoke_pass(&caller, ids[0]).await.unwrap();
    ids.reverse();
    let (mut token, mut seen) = (String::new(), Vec::new());
    loop {
        let size = PageSize::from_wire(1).unwrap();
        let page = node.list_passes(&caller, &person, size, &token).unwrap();
        seen.extend(page.items);
        match page.next {
            Some(next) => token = next,
            None => break,
        }
    }
    assert_eq!(seen.iter().map(|file| file.id).collect::<Vec<_>>(), ids);
    assert_eq!(seen[0].status, PassStatus::Usable);
    assert_eq!((seen[0].redemptions_left, seen[0].attempts_left), (3, 5));
    assert_eq!(seen[2].status, PassStatus::Revoked);

    let stranger = PersonId::from_bytes([9; 16]);
    let none = node.list_passes(&caller, &stranger, PageSize::default(), "");
    assert_eq!(none, Err(ExchangeError::PersonNotFound));
}

#[tokio::test]
async fn a_new_pin_kills_the_one_before_and_no_pin_wakes_a_pass_that_has_ended() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    let (node, caller) = (federation.node(NODE), federation.caseworker(NODE));
    let issued = node.issue_pass(&caller, issue(person)).await.unwrap();
    let before = row(&federation, issued.id);
    let pin = node.replace_pin(&caller, issued.id).await.unwrap();
    let after = row(&federation, issued.id);
    let kept = |row: &PassRow| serde_json::to_value(row).unwrap()["state"]["live"]["pin"].clone();
    let hash = |row: &PassRow| serde_json::from_value::<PinHash>(kept(row)).unwrap();
    assert!(hash(&before).matches(&issued.pin) && hash(&after).matches(&pin));
    assert!(!hash(&after).matches(&issued.pin));

    // Whoever could not issue it gives it no PIN.
    let social = IssuePass {
        ceiling: Some(Class::Social),
        ..issue(person)
    };
    let social = node.issue_pass(&caller, social).await.unwrap();
    let weak = federation.caller(NODE, AgentRole::Caseworker, false);
    let refused = node.replace_pin(&weak, social.id).await.unwrap_err();
    assert_eq!(refused, ExchangeError::SecondFactorRequired);
    assert!(node.replace_pin(&weak, issued.id).await.is_ok());

    let officer = federation.caller(NODE, AgentRole::PrivacyOfficer, true);
    let refused = node.replace_pin(&officer, issued.id).await.unwrap_err();
    assert_eq!(refused, ExchangeError::RoleNotAllowed);
    node.revoke_pass(&caller, issued.id).await.unwrap();
    let ended = node.replace_pin(&caller, issued.id).await.unwrap_err();
    assert!(matches!(ended, ExchangeError::Malformed(_)), "{ended:?}");
    let unknown = node.replace_pin(&caller, PassId::from_bytes([1; 16])).await;
    assert_eq!(unknown.unwrap_err(), ExchangeError::not_found("pass_id"));
}
