use serde::Deserialize;

/// What the node says about itself, on standard error; never personal data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Telemetry {
    /// The form of a line.
    pub format: Format,
    /// From which level on.
    pub level: Level,
}

/// The form of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON object a line, for machines.
    #[default]
    Json,
    /// For people.
    Human,
}

/// From which level on a line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Faults alone.
    Error,
    /// And what an operator should look at.
    Warn,
    /// And one line a call.
    #[default]
    Info,
    /// And what helps a developer.
    Debug,
}
