//! Names as two organisations can compare them.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The matching form of a name: NFKD, ligatures expanded, marks dropped, upper case; apostrophes,
/// hyphens, dashes and blanks become one space between words; nothing else but letters and digits.
///
/// Total and idempotent. Letters with a stroke (`Đ Ł Ø`), which NFKD leaves whole, lose it: the
/// next office will have typed them without.
pub fn match_form(text: &str) -> String {
    let mut form = String::with_capacity(text.len());
    let mut word_ended = false;
    for c in text.nfkd() {
        if is_blank(c) || is_apostrophe(c) || is_dash(c) {
            word_ended = !form.is_empty();
            continue;
        }
        for letter in upper(c).filter(|letter| letter.is_alphanumeric()) {
            if word_ended {
                form.push(' ');
                word_ended = false;
            }
            form.push(letter);
        }
    }
    form
}

/// The words of [`match_form`].
pub(crate) fn words(form: &str) -> impl Iterator<Item = &str> {
    form.split(' ').filter(|word| !word.is_empty())
}

/// A family name as France Travail's older interfaces want it: ASCII upper case, only `A-Z`, `-`,
/// `'` and blanks, cut at 25 characters; neither trimmed nor collapsed.
pub fn france_travail_form(text: &str) -> String {
    text.nfkd()
        .flat_map(|c| {
            let (kept, letters) = match c {
                c if is_blank(c) => (Some(' '), None),
                c if is_apostrophe(c) => (Some('\''), None),
                c if is_dash(c) => (Some('-'), None),
                c => (None, Some(upper(c))),
            };
            kept.into_iter().chain(
                letters
                    .into_iter()
                    .flatten()
                    .filter(char::is_ascii_uppercase),
            )
        })
        .take(FRANCE_TRAVAIL_LENGTH)
        .collect()
}

const FRANCE_TRAVAIL_LENGTH: usize = 25;

/// The capitals that `c` stands for: none for a mark, two for a ligature.
fn upper(c: char) -> impl Iterator<Item = char> {
    let plain = match c {
        'Œ' | 'œ' => "OE",
        'Æ' | 'æ' => "AE",
        'ẞ' | 'ß' => "SS",
        'Þ' | 'þ' => "TH",
        'Đ' | 'đ' | 'Ð' | 'ð' => "D",
        'Ł' | 'ł' => "L",
        'Ø' | 'ø' => "O",
        'Ħ' | 'ħ' => "H",
        'Ŧ' | 'ŧ' => "T",
        _ => "",
    };
    let other = plain.is_empty().then(|| c.to_uppercase());
    plain
        .chars()
        .chain(other.into_iter().flatten())
        .filter(|c| !is_combining_mark(*c))
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '_'
}

fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '`' | '´' | '\u{2018}'..='\u{201B}' | '\u{2032}' | '\u{02B9}'..='\u{02BF}' | '\u{A78B}' | '\u{A78C}'
    )
}

fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{058A}' | '\u{05BE}' | '\u{2010}'
            ..='\u{2015}' | '\u{2212}' | '\u{2043}' | '\u{30FB}'
    )
}

#[cfg(test)]
mod tests;
