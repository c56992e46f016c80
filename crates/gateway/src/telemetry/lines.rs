use std::io::Write;

use passerelle_domain::Clock;
use serde_json::{Map, Value};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::fields::{Fields, MESSAGE};
use crate::runtime::SystemClock;

/// Writes one line an event, with the fields of the spans around it.
#[derive(Debug)]
pub struct Lines<W> {
    json: bool,
    level: LevelFilter,
    writer: W,
}

impl<W> Lines<W> {
    /// Lines from `level` on, as JSON objects or for people.
    pub fn new(json: bool, level: LevelFilter, writer: W) -> Self {
        Self {
            json,
            level,
            writer,
        }
    }
}

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        let most = if is_ours(metadata) {
            self.level
        } else {
            self.level.min(LevelFilter::WARN)
        };
        *metadata.level() <= most
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut fields = Fields::default();
        if is_ours(metadata) {
            for span in context
                .event_scope(event)
                .into_iter()
                .flat_map(|scope| scope.from_root())
            {
                if let Some(of_span) = span.extensions().get::<Fields>() {
                    fields.0.extend(of_span.0.clone());
                }
            }
            event.record(&mut fields);
        } else {
            fields.0.extend(place(metadata));
        }
        let line = if self.json {
            json(metadata, fields.0)
        } else {
            human(metadata, fields.0)
        };
        // There is nowhere left to say that standard error is closed.
        let _closed = self
            .writer
            .make_writer_for(metadata)
            .write_all(line.as_bytes());
    }
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("passerelle")
}

/// What is said of an event of another library: where it was said.
fn place(metadata: &Metadata<'_>) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert(MESSAGE.to_owned(), "a library has something to say".into());
    fields.insert("file".to_owned(), metadata.file().into());
    fields.insert("line".to_owned(), metadata.line().into());
    fields
}

fn json(metadata: &Metadata<'_>, fields: Map<String, Value>) -> String {
    let mut line = Map::new();
    line.insert("time".to_owned(), SystemClock.now().to_string().into());
    line.insert("level".to_owned(), metadata.level().as_str().into());
    line.insert("target".to_owned(), metadata.target().into());
    // A field is never called like those above: they are not on the list.
    line.extend(fields);
    format!("{}\n", Value::Object(line))
}

fn human(metadata: &Metadata<'_>, mut fields: Map<String, Value>) -> String {
    let level = match *metadata.level() {
        Level::ERROR => "ERROR",
        Level::WARN => "WARN ",
        Level::INFO => "INFO ",
        Level::DEBUG => "DEBUG",
        Level::TRACE => "TRACE",
    };
    let message = fields.remove(MESSAGE).unwrap_or_default();
    let mut line = format!("{} {level} {}", SystemClock.now(), bare(&message));
    for (name, value) in fields {
        line.push_str(&format!(" {name}={}", bare(&value)));
    }
    // One event, one line, whatever an error's text holds.
    format!("{}\n", line.replace(['\n', '\r'], " "))
}

fn bare(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
