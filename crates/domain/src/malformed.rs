//! What a conversion says when it refuses.

use std::fmt;

/// A value from outside that breaks a rule: names the field and the rule, never the value.
///
/// The value may be personal data, so it is not kept: neither `Debug` nor `Display` can show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    field: String,
    rule: &'static str,
}

impl Malformed {
    /// `field` in the words of the message it came in (`receipt.grants[2].sections`), `rule` as a
    /// sentence that says what is accepted.
    pub fn new(field: impl Into<String>, rule: &'static str) -> Self {
        Self {
            field: field.into(),
            rule,
        }
    }

    /// The path of the field, as the sender of the message would write it.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What the field must be.
    pub fn rule(&self) -> &'static str {
        self.rule
    }

    /// The same fault, seen from the message around it: `sections` becomes `grants[2].sections`.
    pub fn within(self, outer: &str) -> Self {
        let field = if self.field.is_empty() {
            outer.to_owned()
        } else if self.field.starts_with('[') {
            format!("{outer}{}", self.field)
        } else {
            format!("{outer}.{}", self.field)
        };
        Self { field, ..self }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A value by itself has no name but where it stands.
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(self.rule)
    }
}

impl std::error::Error for Malformed {}
