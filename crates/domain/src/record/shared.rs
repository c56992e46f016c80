//! The part of a record that may be shown to another organisation.

mod pointer;

use passerelle_proto::journey::v1 as proto;

use super::{Author, RecordBody, Source, redacted};
use crate::{Class, Malformed, MessageToPartner, PartialDate, RecordId, Section, Timestamp, wire};

/// What a record is put together from.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordParts {
    /// Chosen by the node that holds the record, kept across versions.
    pub id: RecordId,
    /// Rises with each change; at least 1.
    pub version: u64,
    /// What it says.
    pub body: RecordBody,
    /// Who wrote it.
    pub author: Author,
    /// When it was so, as far as it is known.
    pub observed_at: PartialDate,
    /// When the holder's node took it.
    pub recorded_at: Timestamp,
    /// Where it comes from.
    pub source: Source,
    /// What its author set to raise the sensitivity.
    pub author_sensitivity: Option<Class>,
    /// Written to be read by partners.
    pub message: Option<MessageToPartner>,
}

/// A record without its note: all that can be encoded for another organisation.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedRecord {
    parts: RecordParts,
    class: Class,
}

redacted!(RecordParts, SharedRecord);

impl SharedRecord {
    /// Puts a record together and computes its class; the error names the field as the message
    /// would.
    pub fn new(parts: RecordParts) -> Result<Self, Malformed> {
        if parts.version == 0 {
            return Err(Malformed::new("version", "at least 1"));
        }
        check_confirmations(&parts)?;
        let class = class_of(&parts);
        Ok(Self { parts, class })
    }

    /// Its id.
    pub const fn id(&self) -> RecordId {
        self.parts.id
    }

    /// Its version, at least 1.
    pub const fn version(&self) -> u64 {
        self.parts.version
    }

    /// What it says.
    pub const fn body(&self) -> &RecordBody {
        &self.parts.body
    }

    /// Who wrote it.
    pub const fn author(&self) -> &Author {
        &self.parts.author
    }

    /// When it was so, as far as it is known.
    pub const fn observed_at(&self) -> PartialDate {
        self.parts.observed_at
    }

    /// When the holder's node took it.
    pub const fn recorded_at(&self) -> Timestamp {
        self.parts.recorded_at
    }

    /// Where it comes from.
    pub const fn source(&self) -> &Source {
        &self.parts.source
    }

    /// What its author set to raise the sensitivity.
    pub const fn author_sensitivity(&self) -> Option<Class> {
        self.parts.author_sensitivity
    }

    /// What was written to be read by partners.
    pub const fn message(&self) -> Option<&MessageToPartner> {
        self.parts.message.as_ref()
    }

    /// The section that it belongs to.
    pub const fn section(&self) -> Section {
        self.parts.body.section()
    }

    /// How sensitive it is: the highest of its section's floor, its theme, every code it carries,
    /// its author's kind, and what its author set. As received, never below what the holder said.
    pub const fn class(&self) -> Class {
        self.class
    }

    /// The same record, counted `class` at least.
    pub(crate) fn raised(self, class: Class) -> Self {
        Self {
            class: self.class.max(class),
            ..self
        }
    }
}

fn class_of(parts: &RecordParts) -> Class {
    // Text that came in by an import was not written to be shown.
    let of_text = (parts.message.is_some() && parts.source.imported()).then_some(Class::Social);
    let own = [
        parts.body.section().sensitivity(),
        parts.body.sensitivity(),
        parts.author.kind.sensitivity(),
    ];
    Class::highest(
        own.into_iter()
            .chain(parts.author_sensitivity)
            .chain(of_text),
    )
}

/// Whoever wrote a diagnosis does not confirm it.
fn check_confirmations(parts: &RecordParts) -> Result<(), Malformed> {
    let RecordBody::Diagnosis(diagnosis) = &parts.body else {
        return Ok(());
    };
    let by_author = |organisation: &super::Organisation| organisation.siret == parts.author.siret;
    match diagnosis
        .confirmations()
        .find(|(_, confirmation)| by_author(&confirmation.organisation))
    {
        None => Ok(()),
        Some((path, _)) => {
            let path = format!("{}.{path}.organisation.siret", parts.body.field());
            Err(Malformed::new(path, "not the author of the record"))
        }
    }
}

impl TryFrom<&proto::Record> for RecordParts {
    type Error = Malformed;

    fn try_from(from: &proto::Record) -> Result<Self, Malformed> {
        let body = from
            .body
            .as_ref()
            .ok_or_else(|| Malformed::new("body", "one of its kinds"))?;
        Ok(Self {
            id: RecordId::from_slice(&from.record_id).map_err(|e| e.within("record_id"))?,
            version: from.version,
            body: body.try_into()?,
            author: wire::message(from.author.as_ref(), "author")?,
            observed_at: wire::text(&from.observed_at, "observed_at", str::parse)?,
            recorded_at: wire::instant(from.recorded_at.as_ref(), "recorded_at")?,
            source: wire::message(from.source.as_ref(), "source")?,
            author_sensitivity: optional_class(from.author_sensitivity, "author_sensitivity")?,
            message: wire::optional_text(&from.message_to_partner, "message_to_partner", |text| {
                MessageToPartner::new(text)
            })?,
        })
    }
}

impl TryFrom<&proto::Record> for SharedRecord {
    type Error = Malformed;

    fn try_from(from: &proto::Record) -> Result<Self, Malformed> {
        let stated = optional_class(from.sensitivity, "sensitivity")?;
        let record = Self::new(from.try_into()?)?;
        // A holder may know more than the record says, and only ever raises.
        Ok(match stated {
            Some(class) => record.raised(class),
            None => record,
        })
    }
}

impl From<&SharedRecord> for proto::Record {
    fn from(record: &SharedRecord) -> Self {
        let parts = &record.parts;
        Self {
            record_id: wire::written_id(Some(parts.id)),
            version: parts.version,
            author: Some((&parts.author).into()),
            observed_at: parts.observed_at.to_string(),
            recorded_at: Some(wire::timestamp(parts.recorded_at)),
            source: Some((&parts.source).into()),
            author_sensitivity: parts
                .author_sensitivity
                .map(|class| class.as_u8().into())
                .unwrap_or_default(),
            sensitivity: record.class.as_u8().into(),
            message_to_partner: parts
                .message
                .as_ref()
                .map(|text| text.as_str().to_owned())
                .unwrap_or_default(),
            body: Some((&parts.body).into()),
        }
    }
}

fn optional_class(number: u32, field: &str) -> Result<Option<Class>, Malformed> {
    match number {
        0 => Ok(None),
        number => Class::from_wire(number)
            .map(Some)
            .map_err(|e| e.within(field)),
    }
}
