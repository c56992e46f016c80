use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, Encoding, HEXLOWER};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Texts that must not be found anywhere, in every form in which they could be written.
pub struct Canaries {
    needles: Vec<Needle>,
    /// Whether a needle begins with these two bytes.
    begins: Vec<bool>,
}

/// One form of one text.
struct Needle {
    text: String,
    form: &'static str,
    bytes: Vec<u8>,
    /// Looked for in what was folded to lower case.
    caseless: bool,
}

/// Where one was found.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// The text.
    pub text: String,
    /// How it was written.
    pub form: &'static str,
    /// Where.
    pub place: String,
}

impl Canaries {
    /// These texts, each of 12 bytes or more: what is shorter is found by chance.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let needles: Vec<Needle> = texts.into_iter().flat_map(forms).collect();
        let mut begins = vec![false; 1 << 16];
        for needle in &needles {
            begins[head(&needle.bytes)] = true;
        }
        Self { needles, begins }
    }

    /// Those that `bytes` hold.
    pub fn in_bytes(&self, place: &str, bytes: &[u8]) -> Vec<Found> {
        let lower = bytes.to_ascii_lowercase();
        let mut found = self.search(place, bytes, false);
        found.extend(self.search(place, &lower, true));
        found
    }

    fn search(&self, place: &str, hay: &[u8], caseless: bool) -> Vec<Found> {
        let mut found = Vec::new();
        for at in 0..hay.len().saturating_sub(1) {
            // Most of a wal is zeros.
            if hay[at] == 0 || !self.begins[head(&hay[at..])] {
                continue;
            }
            let here = |needle: &&Needle| {
                needle.caseless == caseless && hay[at..].starts_with(&needle.bytes)
            };
            found.extend(self.needles.iter().filter(here).map(|needle| Found {
                text: needle.text.clone(),
                form: needle.form,
                place: place.to_owned(),
            }));
        }
        found
    }

    /// Those in the names and the bytes of all files below a folder.
    pub fn in_folder(&self, folder: &Path) -> Vec<Found> {
        let mut found = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("a folder that can be read") {
                let path: PathBuf = entry.expect("an entry").path();
                let name = path.display().to_string();
                found.extend(self.in_bytes("a file name", name.as_bytes()));
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(bytes) = fs::read(&path) {
                    found.extend(self.in_bytes(&name, &bytes));
                }
            }
        }
        found
    }
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} as {} in {}", self.text, self.form, self.place)
    }
}

fn forms(text: &str) -> Vec<Needle> {
    let bytes = text.as_bytes();
    assert!(bytes.len() >= 12, "{text} is found by chance");
    let needle = |caseless, form, bytes: Vec<u8>| Needle {
        text: text.to_owned(),
        form,
        bytes,
        caseless,
    };
    // What is searched is folded in ASCII alone, so a capital with an accent stays one.
    let folded = |text: String| text.to_ascii_lowercase().into_bytes();
    let mut forms = vec![
        needle(false, "raw", bytes.to_vec()),
        needle(true, "lower case", folded(text.to_lowercase())),
        needle(true, "upper case", folded(text.to_uppercase())),
        needle(true, "unaccented", folded(unaccented(text))),
        needle(true, "hex", HEXLOWER.encode(bytes).into_bytes()),
        needle(true, "percent", folded(percent(bytes))),
    ];
    for skipped in 0..3 {
        let (base64, url) = (&BASE64_NOPAD, &BASE64URL_NOPAD);
        forms.push(needle(false, "base64", aligned(bytes, skipped, base64)));
        forms.push(needle(false, "base64url", aligned(bytes, skipped, url)));
    }
    forms
}

/// What is the same in base64 wherever the text begins: the characters that depend on nothing
/// before or after it.
fn aligned(bytes: &[u8], skipped: usize, base64: &Encoding) -> Vec<u8> {
    let whole = bytes.len() - skipped - (bytes.len() - skipped) % 3;
    base64.encode(&bytes[skipped..skipped + whole]).into_bytes()
}

fn unaccented(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).collect()
}

/// RFC 3986 §2.1, all but unreserved characters.
fn percent(bytes: &[u8]) -> String {
    let written = |byte: &u8| match byte {
        b if b.is_ascii_alphanumeric() || b"-._~".contains(b) => char::from(*b).to_string(),
        b => format!("%{b:02x}"),
    };
    bytes.iter().map(written).collect()
}

fn head(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

#[cfg(test)]
mod tests;
