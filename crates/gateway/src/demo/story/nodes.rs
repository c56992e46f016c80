use passerelle_proto::agency::v1::GetMemberRequest;

use super::must;
use crate::demo::agency::Agency;
use crate::demo::error::DemoError;
use crate::demo::federation::Federation;
use crate::demo::folder::Folder;
use crate::demo::narrator::{Narrator, fill};

/// What it is about, and where it is.
pub(in crate::demo) fn open(folder: &Folder, tell: &mut Narrator<'_>) -> Result<(), DemoError> {
    let texts = tell.texts;
    tell.title(texts.title)?;
    tell.say(texts.fictitious)?;
    let place = if folder.is_temporary() {
        texts.folder_until_end
    } else {
        texts.folder
    };
    tell.say(&fill(place, &[&folder.path().display()]))?;
    Ok(())
}

/// Who takes part.
pub(super) async fn introduce(
    federation: &Federation,
    tell: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    let texts = tell.texts;
    tell.step(texts.nodes_step)?;
    for site in federation.sites() {
        let organisation = site.organisation;
        let columns = [(organisation.name, 33), (organisation.node, 14)];
        tell.row(&columns, &site.agency_address())?;
    }
    tell.holds(texts.nodes_hold)?;
    directory(federation, tell).await
}

/// What the département finds of the mission locale: whom to ring, and what may be asked.
async fn directory(federation: &Federation, tell: &mut Narrator<'_>) -> Result<(), DemoError> {
    let texts = tell.texts;
    let agency = Agency::caseworker(&federation.departement, &federation.world).await?;
    let node = federation.mission_locale.node().to_string();
    let found = agency.get_member(GetMemberRequest { node }).await?;
    let member = found.member.unwrap_or_default();
    let askable = found.to_ask.iter();
    let sections = askable.filter(|one| one.purpose == "pathway_follow_up");
    let sections = sections.count();
    must(
        member.organisation == federation.mission_locale.organisation.name && sections > 0,
        texts.nodes_not_found,
    )?;
    tell.holds(&fill(
        texts.nodes_directory,
        &[&member.organisation, &member.contact, &sections],
    ))?;
    Ok(())
}
