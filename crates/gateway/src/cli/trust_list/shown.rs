use std::fmt;

use passerelle_domain::Timestamp;
use passerelle_domain::claim::Freshness;
use passerelle_domain::member::Member;
use passerelle_transport::trust_list::AcceptedList;

/// A checked list, for people.
pub(super) struct Shown<'a> {
    pub(super) list: &'a AcceptedList,
    pub(super) now: Timestamp,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = self.list.list();
        let (epoch, serial) = list.number();
        let state = match list.freshness(self.now) {
            Freshness::Fresh => "in date",
            Freshness::Stale => "past its soft expiry: ask for a new one",
            Freshness::Expired => "past its hard expiry: nothing is disclosed under it",
        };
        writeln!(f, "federation: {}", list.federation)?;
        writeln!(f, "number: {epoch}.{serial}")?;
        writeln!(f, "sha256: {}", self.list.sha256())?;
        writeln!(f, "issued: {}", list.issued_at.at())?;
        writeln!(f, "soft_expiry: {}", list.soft_expiry.at())?;
        writeln!(f, "hard_expiry: {}", list.hard_expiry.at())?;
        writeln!(f, "state: {state}")?;
        writeln!(f, "coordinator_keys:")?;
        for key in &list.coordinator_keys {
            writeln!(f, "  - {} ({:?})", key.kid, key.alg)?;
        }
        writeln!(f, "members:")?;
        list.members
            .iter()
            .try_for_each(|member| write_member(f, member))
    }
}

fn write_member(f: &mut fmt::Formatter<'_>, member: &Member) -> fmt::Result {
    let status = if member.is_live() {
        "active"
    } else {
        "suspended"
    };
    writeln!(
        f,
        "  - {}: {}, {status}",
        member.node, member.organisation.name
    )?;
    writeln!(f, "      kind: {}", member.organisation.kind)?;
    writeln!(f, "      endpoints: {}", member.endpoints.join(", "))?;
    let purposes: Vec<_> = member
        .rights
        .purposes
        .iter()
        .map(|(purpose, class)| format!("{purpose} up to {class}"))
        .collect();
    writeln!(f, "      purposes: {}", purposes.join(", "))?;
    for key in &member.keys {
        writeln!(f, "      key: {:?} {} ({:?})", key.usage, key.kid, key.alg)?;
    }
    Ok(())
}
