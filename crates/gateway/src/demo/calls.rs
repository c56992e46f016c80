//! What can be done by hand once the story is told.

use std::path::Path;

use passerelle_domain::CivilDate;
use passerelle_proto::agency::v1::FindPersonsRequest;

use super::agency::Agency;
use super::by_hand::{Persons, client, persons};
use super::error::DemoError;
use super::federation::{Federation, Site};
use super::journeys::REFERENCE;
use super::narrator::{Narrator, fill};
use super::story::ALTERED_LOG;

/// Calls to try while the nodes run, for any shell: what the agency system of the département can
/// do. The services are known by reflection.
pub(super) async fn to_try(
    federation: &Federation,
    tell: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    let texts = tell.texts;
    let site = &federation.departement;
    let agent = Agency::caseworker(site, &federation.world).await?;
    let officer = Agency::officer(site, &federation.world).await?;
    let person = find(&agent).await?;
    let address = site.agency_address();
    let call = |token: &str, message: &str, method: &str| {
        format!(
            "call -H \"authorization: Bearer ${token}\" -d '{message}' \\\n  {address} {method}"
        )
    };

    tell.gap()?;
    tell.title(texts.calls_stay)?;
    tell.gap()?;
    for (what, lines) in [
        (texts.calls_where, certificates(federation, site)),
        (texts.calls_session, format!("TOKEN={}", agent.token())),
        (
            texts.calls_session_of_officer,
            format!("OFFICER={}", officer.token()),
        ),
        (texts.calls_services, format!("call {address} list")),
        (
            texts.calls_person,
            call(
                "TOKEN",
                &format!("{{\"reference\": \"{REFERENCE}\"}}"),
                "passerelle.agency.v1.PersonService/FindPersons",
            ),
        ),
        (
            texts.calls_agreements,
            call(
                "TOKEN",
                &format!("{{\"person_id\": \"{person}\"}}"),
                "passerelle.agency.v1.AgreementService/ListAgreements",
            ),
        ),
        (
            texts.calls_changes,
            call(
                "TOKEN",
                "{\"limit\": 5}",
                "passerelle.agency.v1.ChangeService/ListChanges",
            ),
        ),
        (
            texts.calls_log,
            call(
                "OFFICER",
                &format!("{{\"person_id\": \"{person}\", \"page_size\": 5}}"),
                "passerelle.audit.v1.AuditService/ListExchanges",
            ),
        ),
        (texts.calls_altered, verify(federation)),
        (texts.calls_show, show(federation)),
        (texts.calls_page, page(federation)),
        (texts.calls_import, import(federation)),
    ] {
        tell.verbatim(&format!("# {what}\n{lines}"))?;
    }
    Ok(())
}

/// How to start a node again from the folder that stays.
pub(super) fn start_again(
    federation: &Federation,
    tell: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    let file = federation.departement.config_file(&federation.folder);
    let folder = federation.folder.display();
    tell.say(&fill(tell.texts.end_kept, &[&folder]))?;
    tell.verbatim(&format!("{} serve --config {}", program(), quoted(&file)))?;
    Ok(())
}

/// Her id in the node.
async fn find(agency: &Agency) -> Result<String, DemoError> {
    let request = FindPersonsRequest {
        reference: REFERENCE.to_owned(),
        ..FindPersonsRequest::default()
    };
    let found = agency.find_persons(request).await?.persons;
    let person = found.into_iter().next();
    Ok(person.map(|person| person.person_id).unwrap_or_default())
}

/// Goes to the folder of the organisation, and gives grpcurl what its system holds.
fn certificates(federation: &Federation, site: &Site) -> String {
    let folder = federation.folder.join(site.organisation.node);
    let own = |path: &Path| quoted(path.strip_prefix(&folder).unwrap_or(path));
    format!(
        "cd {}\ncall() {{\n  grpcurl -cacert {} \\\n    -cert {} \\\n    -key {} \"$@\"\n}}",
        quoted(&folder),
        own(&site.system.anchors),
        own(&site.system.certificate),
        own(&site.system.key),
    )
}

/// Checks the log that the story altered.
fn verify(federation: &Federation) -> String {
    format!(
        "{} log verify {} \\\n  --key '{}'",
        program(),
        quoted(&federation.folder.join(ALTERED_LOG)),
        federation.mission_locale.log_key,
    )
}

/// What the département still has of her, in this terminal.
fn show(federation: &Federation) -> String {
    format!(
        "{} show {REFERENCE} \\\n  --client {}",
        program(),
        quoted(&client(&federation.departement, &federation.folder)),
    )
}

/// What the mission locale knows of her, on paper.
fn page(federation: &Federation) -> String {
    format!(
        "{} show {REFERENCE} \\\n  --client {} \\\n  --html {}",
        program(),
        quoted(&client(&federation.mission_locale, &federation.folder)),
        quoted(&federation.folder.join("journey.html")),
    )
}

/// Takes persons over from a file, into the node of the département.
fn import(federation: &Federation) -> String {
    let Persons { file, mapping } = persons(&federation.folder);
    let today = CivilDate::of(federation.world.clock.now());
    format!(
        "{} import {} \\\n  --mapping {} \\\n  --client {} \\\n  --extracted-on {today}",
        program(),
        quoted(&file),
        quoted(&mapping),
        quoted(&client(&federation.departement, &federation.folder)),
    )
}

/// This program, as a shell calls it.
fn program() -> String {
    std::env::current_exe().map_or_else(|_| "passerelle".to_owned(), |path| quoted(&path))
}

/// A path as a word of the shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
