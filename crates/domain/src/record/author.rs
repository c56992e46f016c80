//! Provenance: who wrote a record, and where it comes from.

use passerelle_proto::journey::v1 as proto;

use super::redacted;
use crate::code::{check_code, check_system};
use crate::vocabulary::Open;
use crate::{AgentRole, Malformed, OrganisationKind, Siret, wire};

/// Who wrote a record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Author {
    /// The establishment.
    pub siret: Siret,
    /// Its kind; a kind that is itself sensitive raises the record to 4.
    pub kind: Open<OrganisationKind>,
    /// Role of the professional.
    pub role: Open<AgentRole>,
}

/// Where a record comes from.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    system: String,
    reference: Option<String>,
    imported: bool,
}

redacted!(Author, Source);

impl Source {
    /// `system` is the system that the record was entered in (1 to 32 characters among a-z, 0-9,
    /// `_`, `-` and `.`), `reference` its reference there (1 to 64 characters among letters, digits,
    /// `_`, `-`, `.`, `:` and `/`, no NIR), `imported` whether it came in by an import rather than
    /// from an agent's hands.
    pub fn new(
        system: impl Into<String>,
        reference: Option<String>,
        imported: bool,
    ) -> Result<Self, Malformed> {
        let system = system.into();
        check_system(&system).map_err(|e| e.within("system"))?;
        let reference = reference
            .map(check_code)
            .transpose()
            .map_err(|e| e.within("reference"))?;
        Ok(Self {
            system,
            reference,
            imported,
        })
    }

    /// The system that the record was entered in.
    pub fn system(&self) -> &str {
        &self.system
    }

    /// Its reference there.
    pub fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }

    /// Whether it came in by an import rather than from an agent's hands.
    pub const fn imported(&self) -> bool {
        self.imported
    }
}

impl TryFrom<&proto::Author> for Author {
    type Error = Malformed;

    fn try_from(from: &proto::Author) -> Result<Self, Malformed> {
        Ok(Self {
            siret: wire::text(&from.siret, "siret", str::parse)?,
            kind: wire::open(from.kind, "kind")?,
            role: wire::open(from.agent_role, "agent_role")?,
        })
    }
}

impl From<&Author> for proto::Author {
    fn from(author: &Author) -> Self {
        Self {
            siret: author.siret.to_string(),
            kind: author.kind.number(),
            agent_role: author.role.number(),
        }
    }
}

impl TryFrom<&proto::Source> for Source {
    type Error = Malformed;

    fn try_from(from: &proto::Source) -> Result<Self, Malformed> {
        let reference = Some(&from.reference)
            .filter(|reference| !reference.is_empty())
            .cloned();
        Self::new(&from.system, reference, from.imported)
    }
}

impl From<&Source> for proto::Source {
    fn from(source: &Source) -> Self {
        Self {
            system: source.system.clone(),
            reference: source.reference.clone().unwrap_or_default(),
            imported: source.imported,
        }
    }
}
