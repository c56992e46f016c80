//! A merged journey page by page: no answer outgrows what a gRPC client accepts.

use std::cmp::Reverse;
use std::str::FromStr;

use passerelle_domain::{CivilDate, Malformed, NodeId, Record, RecordId, SummaryRecord};
use passerelle_proto::journey::v1 as proto;
use prost::Message;

use super::{JourneySource, MergedJourney};
use crate::RecordMark;
use crate::paging::{PageSize, page_token};

/// A page of a journey: first every source with its overview, then own records, then what the
/// sources shared.
#[derive(Debug)]
pub struct JourneyPage<'a> {
    /// Records of the organisation's own.
    pub own_records: Vec<&'a Record>,
    /// Those of them that a person contests, or whose use is restricted.
    pub own_marks: Vec<(RecordId, RecordMark)>,
    /// Sources that begin on this page, or have records on it.
    pub sources: Vec<SourcePart<'a>>,
    /// What asks for the next page; `None` at the end.
    pub next: Option<String>,
}

/// What of one source is on a page.
#[derive(Debug)]
pub struct SourcePart<'a> {
    /// The source.
    pub source: &'a JourneySource,
    /// Whether it begins here: its overview, and what it did not open, are of this page.
    pub begins: bool,
    /// Its records on this page.
    pub records: Vec<&'a SummaryRecord>,
}

impl MergedJourney {
    /// The page after the one that gave `token`: at most `size` records, and at most `bytes` when
    /// encoded, but always something.
    ///
    /// A journey that changes between two pages may show a record twice; none that stays as it was
    /// is left out.
    pub fn page(
        &self,
        size: PageSize,
        bytes: usize,
        token: &str,
    ) -> Result<JourneyPage<'_>, Malformed> {
        let mut page = JourneyPage {
            own_records: Vec::new(),
            own_marks: Vec::new(),
            sources: Vec::new(),
            next: None,
        };
        let (mut records, mut used, mut last) = (0, 0, None);
        for item in self.after(page_token(token)?) {
            let weight = item.weight() + page.frame(item) + self.marked(item);
            let counts = usize::from(!matches!(item, Item::Source(_)));
            if let Some(last) = last
                && (records + counts > size.get() || used + weight > bytes)
            {
                page.next = Some(Item::token(last));
                break;
            }
            records += counts;
            used += weight;
            last = Some(item);
            page.push(item);
        }
        let marks = page.own_records.iter().filter_map(|record| {
            let mark = self.own_marks.get(&record.id())?;
            Some((record.id(), *mark))
        });
        page.own_marks = marks.collect();
        Ok(page)
    }

    /// What the mark of a record costs, where it has one.
    fn marked(&self, item: Item<'_>) -> usize {
        match item {
            Item::Own(record) if self.own_marks.contains_key(&record.id()) => MARKED,
            _ => 0,
        }
    }

    fn items(&self) -> impl Iterator<Item = Item<'_>> {
        let copies = self.sources.iter().flat_map(|source| {
            let records = source.summary.iter().flat_map(|summary| &summary.records);
            records.map(move |record| Item::Copy(source, record))
        });
        let sources = self.sources.iter().map(Item::Source);
        sources
            .chain(self.own_records.iter().map(Item::Own))
            .chain(copies)
    }

    fn after(&self, place: Option<Place>) -> impl Iterator<Item = Item<'_>> {
        // A copy that was replaced meanwhile is shown from its first record again.
        let place = place.map(|place| match place {
            Place::Copy(node, Some(id)) if !self.holds(&node, id) => Place::Copy(node, None),
            place => place,
        });
        let mut found = false;
        self.items().filter(move |item| match &place {
            None => true,
            Some(place) => {
                let passed = found || item.is_past(place);
                found |= item.ends(place);
                passed
            }
        })
    }

    fn holds(&self, node: &NodeId, id: RecordId) -> bool {
        self.items().any(|item| {
            matches!(item, Item::Copy(source, one) if source.node == *node && one.record.id() == id)
        })
    }
}

impl<'a> JourneyPage<'a> {
    fn push(&mut self, item: Item<'a>) {
        match item {
            Item::Source(source) => self.part(source).begins = true,
            Item::Own(record) => self.own_records.push(record),
            Item::Copy(source, record) => self.part(source).records.push(record),
        }
    }

    fn part(&mut self, source: &'a JourneySource) -> &mut SourcePart<'a> {
        let at = self
            .sources
            .iter()
            .position(|p| p.source.node == source.node);
        let at = at.unwrap_or_else(|| {
            self.sources.push(SourcePart {
                source,
                begins: false,
                records: Vec::new(),
            });
            self.sources.len() - 1
        });
        &mut self.sources[at]
    }

    /// What an item costs beside itself: a source is named on each page where it stands.
    fn frame(&self, item: Item<'_>) -> usize {
        let named = |source: &JourneySource| {
            let known = self.sources.iter().any(|p| p.source.node == source.node);
            if known {
                0
            } else {
                NAMED + source.organisation.len() + ASKED * source.asked.len()
            }
        };
        match item {
            Item::Source(source) | Item::Copy(source, _) => FRAME + named(source),
            Item::Own(_) => FRAME,
        }
    }
}

#[derive(Clone, Copy)]
enum Item<'a> {
    Source(&'a JourneySource),
    Own(&'a Record),
    Copy(&'a JourneySource, &'a SummaryRecord),
}

impl Item<'_> {
    /// Its bytes when encoded.
    fn weight(self) -> usize {
        match self {
            Item::Source(source) => source.summary.as_ref().map_or(0, |summary| {
                let cells = summary.not_opened.iter();
                let cells = cells.map(|cell| proto::Cell::from(cell).encoded_len() + FRAME);
                proto::Overview::from(&summary.overview).encoded_len() + cells.sum::<usize>()
            }),
            Item::Own(record) => proto::OwnRecord::from(record).encoded_len(),
            Item::Copy(_, one) => proto::SummaryRecord::from(one).encoded_len(),
        }
    }

    fn is_past(self, place: &Place) -> bool {
        match (self, place) {
            (Item::Source(source), Place::Source(node)) => source.node > *node,
            (Item::Own(record), Place::Own(on, id)) => key(record) > (Reverse(*on), *id),
            (Item::Copy(source, _), Place::Copy(node, None)) => source.node >= *node,
            (Item::Copy(source, _), Place::Copy(node, Some(_))) => source.node > *node,
            (Item::Own(_) | Item::Copy(..), Place::Source(_)) => true,
            (Item::Copy(..), Place::Own(..)) => true,
            (Item::Source(_), _) | (Item::Own(_), Place::Copy(..)) => false,
        }
    }

    /// Whether the page before ended with it.
    fn ends(self, place: &Place) -> bool {
        matches!((self, place), (Item::Copy(source, one), Place::Copy(node, Some(id)))
            if source.node == *node && one.record.id() == *id)
    }

    fn token(self) -> String {
        match self {
            Item::Source(source) => format!("s.{}", source.node),
            Item::Own(record) => {
                let (Reverse(on), id) = key(record);
                format!("o.{on}.{id}")
            }
            Item::Copy(source, one) => format!("c.{}.{}", source.node, one.record.id()),
        }
    }
}

/// How own records stand: those observed last first.
pub(super) fn key(record: &Record) -> (Reverse<CivilDate>, RecordId) {
    (
        Reverse(record.shareable().observed_at().latest()),
        record.id(),
    )
}

/// Where the page before ended.
enum Place {
    Source(NodeId),
    Own(CivilDate, RecordId),
    /// With this record; before the first of the source where there is none.
    Copy(NodeId, Option<RecordId>),
}

impl FromStr for Place {
    type Err = Malformed;

    fn from_str(token: &str) -> Result<Self, Malformed> {
        let parts: Vec<_> = token.split('.').collect();
        match parts[..] {
            ["s", node] => Ok(Self::Source(node.parse()?)),
            ["o", on, id] => Ok(Self::Own(on.parse()?, id.parse()?)),
            ["c", node, id] => Ok(Self::Copy(node.parse()?, Some(id.parse()?))),
            _ => Err(Malformed::new("", "a place in a journey")),
        }
    }
}

/// Tag and length of a message in its field.
const FRAME: usize = 8;
/// Node, state and instant of a source, and the frames around them.
const NAMED: usize = 128;
/// The same of a section that was asked: its id, a class, an instant.
const ASKED: usize = 72;
/// A record's id, two instants and the frames around them.
const MARKED: usize = 96;

#[cfg(test)]
mod tests;
