//! The baseline: what v1 has promised, as protocol files without comments.
//!
//! Text, so that two changes merge as those of `proto/` do and a review sees what is promised; without
//! comments, so that only what a generator sees can change it.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where it is committed.
pub fn folder() -> PathBuf {
    crate::root().join("tests/contract/baseline")
}

/// The baseline that the protocol as it is now would have.
pub fn of_the_protocol() -> BTreeMap<String, String> {
    let files = crate::files(&crate::protocol(), "proto");
    let stripped = |(name, text): (String, String)| (name, without_comments(&text));
    files.into_iter().map(stripped).collect()
}

/// The text without comments, which stand on lines of their own, and without the blank lines beside them.
fn without_comments(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let blank = line.is_empty();
        if line.trim_start().starts_with("//") || blank && (out.is_empty() || out.ends_with("\n\n"))
        {
            continue;
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}
