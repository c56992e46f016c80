use std::fmt;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};

/// The fields that are written. None of them ever holds what a person, an agent or an agency system
/// entered; a name that could is not to be added.
pub const ALLOWED: &[&str] = &[
    "act_by",
    "address",
    "attempts",
    "batch",
    "bytes",
    "certificate",
    "check",
    "code",
    "count",
    "created",
    "duration_ms",
    "endpoint",
    "entries",
    "environment",
    "epoch",
    "error",
    "fault",
    "federation",
    "file",
    "finding",
    "from_batch",
    "incident",
    "index",
    "kind",
    "line",
    "listener",
    "location",
    "log_size",
    "method",
    "newest",
    "node",
    "number",
    "origin",
    "outcome",
    "party",
    "path",
    "peer",
    "reason",
    "refusal",
    "replayed_batches",
    "retry_ms",
    "rule",
    "serial",
    "service",
    "signal",
    "since",
    "size",
    "state",
    "system",
    "table",
    "thread",
    "until",
    "version",
    "wall",
    "what",
];

/// The fields of a span or an event, those that may be written with their values.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(pub(super) Map<String, Value>);

impl Fields {
    fn keep(&mut self, field: &Field, value: impl Into<Value>) {
        let name = field.name();
        let value = if name == MESSAGE || ALLOWED.contains(&name) {
            value.into()
        } else {
            "***".into()
        };
        self.0.insert(name.to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.keep(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.keep(field, value);
    }
}

pub(super) const MESSAGE: &str = "message";
