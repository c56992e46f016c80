use std::fmt;

use passerelle_domain::Timestamp;
use passerelle_domain::claim::Freshness;
use passerelle_domain::member::{KeyUsage, Member};
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
            writeln!(
                f,
                "  - {} ({:?}): {}",
                key.kid,
                key.alg,
                OneLine(&key.public_key)
            )?;
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
    let organisation = &member.organisation;
    writeln!(f, "      kind: {}", organisation.kind)?;
    writeln!(f, "      sirens: {}", listed(&organisation.sirens))?;
    writeln!(f, "      sirets: {}", listed(&organisation.sirets))?;
    writeln!(
        f,
        "      territories: {}",
        listed(&organisation.territories)
    )?;
    writeln!(f, "      contact: {}", organisation.contact)?;
    writeln!(f, "      endpoints: {}", member.endpoints.join(", "))?;
    let purposes = member.rights.purposes.iter();
    let purposes = purposes.map(|(purpose, class)| format!("{purpose} up to {class}"));
    writeln!(f, "      purposes: {}", listed(purposes))?;
    writeln!(f, "      evidence: {}", listed(&member.rights.evidence))?;
    writeln!(f, "      nir: {}", member.rights.nir)?;
    writeln!(f, "      sensitive: {}", member.sensitive)?;
    writeln!(
        f,
        "      certificate_pins: {}",
        listed(&member.certificate_pins)
    )?;
    for key in &member.keys {
        let usage = match key.usage {
            KeyUsage::Log => "log",
            KeyUsage::Witness => "witness",
            KeyUsage::Receipt => "receipt",
            KeyUsage::Lookup => "lookup",
        };
        let (kid, alg) = (&key.kid, key.alg);
        writeln!(
            f,
            "      key: {usage} {kid} ({alg:?}): {}",
            OneLine(&key.public_key)
        )?;
    }
    Ok(())
}

/// A public key on one line: of a PEM what is between its ends, a C2SP verifier key as it is.
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.0.lines().filter(|line| !line.starts_with("-----"));
        lines.into_iter().try_for_each(|line| f.write_str(line))
    }
}

fn listed<T: fmt::Display>(all: impl IntoIterator<Item = T>) -> String {
    let all: Vec<_> = all.into_iter().map(|one| one.to_string()).collect();
    all.join(", ")
}
