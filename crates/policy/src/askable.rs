//! What one member may ask another for at all, before any person is thought of.

use std::collections::{BTreeMap, BTreeSet};

use passerelle_domain::vocabulary::{Class, Purpose, Section};

use crate::cells::CellSet;
use crate::entitlement::Parties;
use crate::rules::Rules;
use crate::standing::LocalDenial;

/// What may be asked for one purpose in one section; each time a person's receipts still decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Askable {
    /// Why.
    pub purpose: Purpose,
    /// What.
    pub section: Section,
    /// Classes that may be shown to the agent who asks; at least one.
    pub read: BTreeSet<Class>,
    /// Those among them that the asker's agency system may keep.
    pub import: BTreeSet<Class>,
}

/// What the requester's rights, the rules and the holder's own denials let the requester ask the
/// holder for. Nothing of it depends on a person or on an agent; a member that is suspended asks and
/// answers nothing, which the caller knows.
pub fn askable(parties: &Parties<'_>, rules: &Rules, denials: &[LocalDenial]) -> Vec<Askable> {
    let (holder, requester) = (&parties.holder, &parties.requester);
    let mut all = Vec::new();
    for (purpose, highest) in &requester.rights.purposes {
        let Some(ground) = rules.ground(holder.kind, requester.kind, *purpose) else {
            continue;
        };
        let denied: CellSet = denials
            .iter()
            .map(|denial| denial.cells(requester.node, *purpose))
            .collect();
        let within = CellSet::every_section_up_to(*highest) - denied;
        let rows = |import: bool| -> CellSet {
            let rows = ground.rows.iter();
            let open = rows.filter(|row| row.read && (row.import || !import));
            open.map(|row| row.cells & within).collect()
        };
        let import = by_section(rows(true));
        for (section, read) in by_section(rows(false)) {
            all.push(Askable {
                purpose: *purpose,
                section,
                read,
                import: import.get(&section).cloned().unwrap_or_default(),
            });
        }
    }
    all
}

fn by_section(cells: CellSet) -> BTreeMap<Section, BTreeSet<Class>> {
    let mut sections: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (section, class) in cells.iter() {
        sections.entry(section).or_default().insert(class);
    }
    sections
}

#[cfg(test)]
mod tests;
