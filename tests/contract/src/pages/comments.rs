//! Comments of the protocol, as Markdown.

use std::collections::HashMap;

use prost_types::FileDescriptorProto;

/// The comments of one file, by the path of what they stand before.
pub(super) struct Comments<'a>(HashMap<&'a [i32], &'a str>);

impl<'a> Comments<'a> {
    pub(super) fn of(file: &'a FileDescriptorProto) -> Self {
        let locations = file.source_code_info.iter().flat_map(|info| &info.location);
        let commented = locations.filter(|location| location.leading_comments.is_some());
        Self(
            commented
                .map(|location| (location.path.as_slice(), location.leading_comments()))
                .collect(),
        )
    }

    /// What opens the file: it stands before `syntax`.
    pub(super) fn of_file(&self) -> String {
        self.at(&[12])
    }

    /// Without the space that follows each `//`.
    pub(super) fn at(&self, path: &[i32]) -> String {
        let text = self.0.get(path).copied().unwrap_or_default();
        let lines = text
            .lines()
            .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end());
        lines.collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }
}

/// A comment as it stands on a page, each line behind `indent`. Lines that are set in are shown as they
/// are: they are tables of claims or fields.
pub(super) fn prose(comment: &str, indent: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut fenced = false;
    for line in comment.lines() {
        let set_in = line.starts_with("  ");
        if set_in && !fenced {
            lines.push("```text".to_owned());
        } else if fenced && !set_in {
            lines.push("```".to_owned());
        }
        fenced = set_in;
        lines.push(if fenced {
            line.to_owned()
        } else {
            escaped(line)
        });
    }
    if fenced {
        lines.push("```".to_owned());
    }
    let set_in = |line: String| {
        if line.is_empty() {
            line
        } else {
            format!("{indent}{line}")
        }
    };
    lines.into_iter().map(|line| set_in(line) + "\n").collect()
}

/// What the index says of a call.
pub(super) fn first_sentence(comment: &str) -> String {
    let paragraph = comment
        .split("\n\n")
        .next()
        .unwrap_or_default()
        .replace('\n', " ");
    let end = paragraph.find(". ").map_or(paragraph.len(), |at| at + 1);
    escaped(&paragraph[..end])
}

/// `<` opens a tag in Markdown, but not in code.
fn escaped(line: &str) -> String {
    let part = |(i, part): (usize, &str)| match i % 2 {
        0 => part.replace('<', "\\<"),
        _ => part.to_owned(),
    };
    line.split('`')
        .enumerate()
        .map(part)
        .collect::<Vec<_>>()
        .join("`")
}
