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
pub(super) fn introduce(federation: &Federation, tell: &mut Narrator<'_>) -> Result<(), DemoError> {
    let texts = tell.texts;
    tell.step(texts.nodes_step)?;
    for site in federation.sites() {
        let organisation = site.organisation;
        let columns = [(organisation.name, 33), (organisation.node, 14)];
        tell.row(&columns, &site.agency_address())?;
    }
    tell.holds(texts.nodes_hold)?;
    Ok(())
}
