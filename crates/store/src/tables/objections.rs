//! Objections of persons that bind this node, and what lifts them.
//!
//! `objections`: person ∥ issuer ∥ jti.

use passerelle_domain::claim::ObjectionScope;
use passerelle_domain::{
    LinkId, Malformed, NodeId, PersonId, Purpose, Section, Timestamp, TokenId,
};
use passerelle_proto::storage::v1 as rows;
use rows::objection_scope::Scope;

use super::column::{at, field, maybe_at, maybe_bytes, maybe_millis, optional, state, word};
use super::key::{Key, KeyParts};
use super::spec::{Found, Spec};
use super::{Read, TableError, Write};

/// An objection, or the lifting of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptObjection {
    /// The node that took it.
    pub issuer: NodeId,
    /// Unique for its issuer.
    pub id: TokenId,
    /// What it closes, or what was closed by the one it lifts.
    pub scope: ObjectionScope,
    /// The objection of the same issuer that it lifts.
    pub lifts: Option<TokenId>,
    /// The link that it came over; `None` if it was taken here.
    pub via: Option<LinkId>,
    /// When it was taken, or adopted.
    pub taken_at: Timestamp,
    /// When the person lifted it; `None` while it stands.
    pub lifted_at: Option<Timestamp>,
    /// What this node's privacy officer answered.
    pub officer: OfficerAnswer,
}

state! {
    /// What a privacy officer answers to an objection where the text excludes the right to object.
    OfficerAnswer {
        /// Nothing yet.
        Pending,
        /// It closes what it names.
        Upheld,
        /// It closes only what is open to objection anyway.
        Overruled,
    }
}

/// Every objection of a person, lifted ones and those that lift them included.
pub fn of_person(read: &impl Read, person: &PersonId) -> Result<Vec<KeptObjection>, TableError> {
    OBJECTIONS
        .all(read, person.as_bytes())?
        .into_iter()
        .map(kept)
        .collect()
}

/// One objection of a person.
pub fn find(
    read: &impl Read,
    person: &PersonId,
    issuer: &NodeId,
    id: &TokenId,
) -> Result<Option<KeptObjection>, TableError> {
    let key = objection_key(person, issuer, id);
    OBJECTIONS.find(read, &key)?.map(kept).transpose()
}

/// Keeps an objection of a person, over what was known of it.
pub fn put(
    tx: &mut impl Write,
    person: &PersonId,
    objection: &KeptObjection,
) -> Result<(), TableError> {
    let row = rows::ObjectionRow {
        scope: Some(scope_row(&objection.scope)),
        lifts: maybe_bytes(objection.lifts.as_ref().map(TokenId::as_bytes)),
        via_link: maybe_bytes(objection.via.as_ref().map(LinkId::as_bytes)),
        taken_at: objection.taken_at.as_millis(),
        lifted_at: maybe_millis(objection.lifted_at),
        officer: objection.officer.to_row(),
    };
    let key = objection_key(person, &objection.issuer, &objection.id);
    OBJECTIONS.put(tx, Some(person), &key, &row)
}

fn kept(found: Found<rows::ObjectionRow>) -> Result<KeptObjection, TableError> {
    let Found { key, row, .. } = found;
    let read = || {
        let mut parts = KeyParts::of(&key);
        parts.id::<16>()?;
        Ok(KeptObjection {
            issuer: parts.node()?,
            id: TokenId::from_bytes(parts.id()?),
            scope: field("scope", scope(row.scope))?,
            lifts: optional("lifts", &row.lifts, TokenId::from_slice)?,
            via: optional("via_link", &row.via_link, LinkId::from_slice)?,
            taken_at: at(row.taken_at),
            lifted_at: maybe_at(row.lifted_at),
            officer: OfficerAnswer::from_row(row.officer)?,
        })
    };
    read().map_err(|what: Malformed| OBJECTIONS.malformed(what))
}

fn scope_row(scope: &ObjectionScope) -> rows::ObjectionScope {
    let scope = match scope {
        ObjectionScope::All => Scope::Everything(rows::Mark {}),
        ObjectionScope::Purposes(purposes) => {
            Scope::Purposes(names(purposes.iter().map(|one| one.id())))
        }
        ObjectionScope::Sections(sections) => {
            Scope::Sections(names(sections.iter().map(|one| one.id())))
        }
        ObjectionScope::Requester(node) => Scope::Requester(node.to_string()),
    };
    rows::ObjectionScope { scope: Some(scope) }
}

fn names(ids: impl Iterator<Item = &'static str>) -> rows::Names {
    rows::Names {
        names: ids.map(str::to_owned).collect(),
    }
}

fn scope(row: Option<rows::ObjectionScope>) -> Result<ObjectionScope, Malformed> {
    let scope = row
        .and_then(|row| row.scope)
        .ok_or_else(|| Malformed::new("", "must be set"))?;
    Ok(match scope {
        Scope::Everything(rows::Mark {}) => ObjectionScope::All,
        Scope::Purposes(ids) => {
            let read = |id: &String| word("purposes", Purpose::parse(id));
            ObjectionScope::Purposes(ids.names.iter().map(read).collect::<Result<_, _>>()?)
        }
        Scope::Sections(ids) => {
            let read = |id: &String| word("sections", Section::parse(id));
            ObjectionScope::Sections(ids.names.iter().map(read).collect::<Result<_, _>>()?)
        }
        Scope::Requester(node) => ObjectionScope::Requester(NodeId::new(node)?),
    })
}

fn objection_key(person: &PersonId, issuer: &NodeId, id: &TokenId) -> Key {
    Key::new()
        .id(person.as_bytes())
        .node(issuer)
        .id(id.as_bytes())
}

pub(super) const OBJECTIONS: Spec = Spec::new(12, "objections");
