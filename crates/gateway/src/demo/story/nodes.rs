use crate::demo::error::DemoError;
use crate::demo::federation::Federation;
use crate::demo::narrator::{Narrator, fill};

/// Who takes part.
pub(super) fn introduce(federation: &Federation, tell: &mut Narrator<'_>) -> Result<(), DemoError> {
    let texts = tell.texts;
    tell.title(texts.title)?;
    tell.say(texts.fictitious)?;
    tell.say(&fill(texts.folder, &[&federation.folder.display()]))?;
    tell.step(texts.nodes_step)?;
    for site in federation.sites() {
        let organisation = site.organisation;
        let columns = [(organisation.name, 33), (organisation.node, 14)];
        tell.row(&columns, &site.agency_address())?;
    }
    tell.holds(texts.nodes_hold)?;
    Ok(())
}
