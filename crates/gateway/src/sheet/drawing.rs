//! The journey in time: one lane a section, a bar for what lasts and a dot for what happened once.

mod axis;

use maud::{Markup, html};
use passerelle_domain::record::Period;
use passerelle_domain::{CivilDate, PartialDate, RecordBody, Section, SharedRecord};

use super::Sheet;
use super::texts::Texts;
use crate::shown::{Language, said, when};
use axis::Axis;

/// Draws the sheet's events in at most `room` rows, the newest first; lengths are millimetres.
pub(super) fn drawing(sheet: &Sheet, language: Language, room: usize) -> Markup {
    let texts = Texts::of(language);
    let today = CivilDate::of(sheet.at);
    let events = sheet.events();
    let spans: Vec<_> = events
        .iter()
        .map(|(_, record)| Span::of(record, today))
        .collect();
    let days = spans.iter().flat_map(|span| [span.from, span.to]);
    let axis = Axis::over(days, sheet.at);
    let mut lanes: Vec<Lane> = Vec::new();
    for ((source, record), span) in events.iter().zip(&spans) {
        let section = record.section();
        let place = lanes.iter().position(|lane| lane.section == section);
        let place = place.unwrap_or_else(|| {
            lanes.push(Lane {
                section,
                rows: Vec::new(),
            });
            lanes.len() - 1
        });
        let mark = Mark::new(*source, span, &axis, &said(record, language));
        if let Some(lane) = lanes.get_mut(place) {
            lane.put(mark);
        }
    }
    while lanes.iter().map(|lane| lane.rows.len()).sum::<usize>() > room {
        // The oldest of the lane that has most of them.
        let fullest = lanes.iter_mut().max_by_key(|lane| lane.rows.len());
        match fullest.map(|lane| &mut lane.rows) {
            Some(rows) if rows.len() > 1 => rows.pop(),
            _ => break,
        };
    }
    lanes.sort_by_key(|lane| lane.section);
    let rows: usize = lanes.iter().map(|lane| lane.rows.len()).sum();
    let height = HEAD + rows as f64 * ROW + lanes.len() as f64 * BETWEEN;
    let mut top = HEAD;
    let placed: Vec<_> = lanes
        .iter()
        .map(|lane| {
            let at = top;
            top += lane.rows.len() as f64 * ROW + BETWEEN;
            (at, lane)
        })
        .collect();
    html! {
        svg.time xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (axis::RIGHT) " " (mm(height)) }
            role="img" aria-label=(texts.timeline) {
            @for (x, label) in axis.ticks() {
                line.tick x1=(mm(x)) y1="3" x2=(mm(x)) y2=(mm(height)) {}
                text.axis x=(mm(x + 0.6)) y="2.6" { (label) }
            }
            @let now = axis.x(today);
            line.today x1=(mm(now)) y1="3" x2=(mm(now)) y2=(mm(height)) {}
            text.axis.now x=(mm(now - 0.6)) y="5.6" text-anchor="end" { (texts.today) }
            @for (at, lane) in &placed {
                line.lane x1="0" y1=(mm(*at)) x2=(axis::RIGHT) y2=(mm(*at)) {}
                text.section x="0" y=(mm(at + 3.4)) { (shortened(language.label(lane.section), NAME)) }
                @for (row, marks) in lane.rows.iter().enumerate() {
                    @for mark in marks { (mark.drawn(at + 0.6 + row as f64 * ROW)) }
                }
            }
        }
    }
}

/// From when until when, as far as it is known.
struct Span {
    from: CivilDate,
    to: CivilDate,
    /// Whether it may well go on: no end is known.
    onward: bool,
}

impl Span {
    fn of(record: &SharedRecord, today: CivilDate) -> Self {
        let observed = when(record);
        let (period, lasts) = match record.body() {
            RecordBody::Status(one) => (one.period, true),
            RecordBody::ContactCard(one) => (one.period, true),
            RecordBody::Contract(one) => (one.period, true),
            RecordBody::Employment(one) => (one.period, true),
            RecordBody::Objective(one) => (one.period, false),
            RecordBody::Step(one) => (one.period, false),
            _ => (Period::default(), false),
        };
        let from = period.starts_on().unwrap_or(observed).earliest();
        let known = period.ends_on().map_or(observed, |end| end);
        let to = PartialDate::latest(known).max(from);
        // A date such as `2024` spans a year, and is no event of a year.
        let is_point = period == Period::default();
        Self {
            from,
            to: if is_point { from } else { to },
            onward: lasts && period.ends_on().is_none() && from <= today,
        }
    }
}

struct Lane {
    section: Section,
    rows: Vec<Vec<Mark>>,
}

impl Lane {
    /// Puts a mark in the first row that has room for it. What no row has room for is on the list
    /// below the drawing alone.
    fn put(&mut self, mark: Mark) {
        let has_room = |row: &&mut Vec<Mark>| row.iter().all(|one| !one.touches(&mark));
        if let Some(row) = self.rows.iter_mut().find(has_room) {
            row.push(mark);
        } else if self.rows.len() < MOST_ROWS {
            self.rows.push(vec![mark]);
        }
    }
}

struct Mark {
    source: usize,
    from: f64,
    to: f64,
    /// Where the dashed line ends that says that no end is known.
    onward: Option<f64>,
    label: String,
    /// Whether the label begins at the mark; else it ends there.
    after: bool,
}

impl Mark {
    fn new(source: usize, span: &Span, axis: &Axis, label: &str) -> Self {
        let (from, to) = (axis.x(span.from), axis.x(span.to));
        let label = shortened(label, LABEL);
        Self {
            source,
            from,
            to,
            onward: span
                .onward
                .then(|| axis.today())
                .filter(|today| *today > to),
            after: from + ASIDE + width(&label) <= axis::RIGHT,
            label,
        }
    }

    fn is_dot(&self) -> bool {
        self.to - self.from < 1.0
    }

    fn touches(&self, other: &Self) -> bool {
        let (a, b) = (self.extent(), other.extent());
        a.0 < b.1 + ASIDE && b.0 < a.1 + ASIDE
    }

    fn extent(&self) -> (f64, f64) {
        let end = self.onward.unwrap_or(self.to);
        if self.after {
            (self.from, end.max(self.label_end()))
        } else {
            (self.from - ASIDE - width(&self.label), end)
        }
    }

    fn label_end(&self) -> f64 {
        self.from + ASIDE + width(&self.label)
    }

    fn drawn(&self, top: f64) -> Markup {
        let middle = top + 1.7;
        let class = format!("s{}", self.source % COLOURS);
        let (x, anchor) = match (self.after, self.is_dot()) {
            (true, true) => (self.from + ASIDE, "start"),
            (true, false) => (self.from + 0.8, "start"),
            (false, _) => (self.from - ASIDE, "end"),
        };
        // Not through the label.
        let dashed = if self.after {
            self.to.max(self.label_end())
        } else {
            self.to
        };
        html! {
            @if let Some(end) = self.onward.filter(|end| *end > dashed) {
                line.onward x1=(mm(dashed)) y1=(mm(middle)) x2=(mm(end)) y2=(mm(middle)) {}
            }
            @if self.is_dot() {
                circle class=(class) cx=(mm(self.from)) cy=(mm(middle)) r="1.1" {}
            } @else {
                rect class=(class) x=(mm(self.from)) y=(mm(top)) width=(mm(self.to - self.from))
                    height="3.4" rx="0.6" {}
            }
            text.mark x=(mm(x)) y=(mm(top + 2.5)) text-anchor=(anchor) {
                (self.label) tspan dx="0.6" { (self.source + 1) }
            }
        }
    }
}

/// As long as there is room for.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// How wide a label is at most, with the number of its source behind it.
fn width(label: &str) -> f64 {
    label.chars().count() as f64 * 1.2 + 2.5
}

fn mm(length: f64) -> String {
    format!("{length:.1}")
}

/// Above the lanes.
const HEAD: f64 = 7.0;
/// Height of a row.
const ROW: f64 = 4.2;
/// Between a mark and a label beside it.
const ASIDE: f64 = 1.8;
/// Between two lanes.
const BETWEEN: f64 = 1.0;
/// Rows of one lane.
const MOST_ROWS: usize = 4;
/// Characters of a label, and of the name of a section.
const LABEL: usize = 40;
const NAME: usize = 26;
/// Colours in the style of the page; the number behind a label tells sources apart without them.
pub(super) const COLOURS: usize = 5;
