//! Finds in a text what would tell or reach the person in spite of every permit.

use crate::Nir;

/// What was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Trace {
    /// 15 characters that are a NIR with its key, separated or not.
    Nir,
    /// A French phone number, separated or not.
    Phone,
    /// An e-mail address.
    Email,
}

/// The first of them that `text` holds.
pub(crate) fn find(text: &str) -> Option<Trace> {
    if !may_hold(text) {
        return None;
    }
    let chars: Vec<char> = text
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(plain)
        .collect();
    let starts =
        || (0..chars.len()).map(|at| (at.checked_sub(1).map(|before| chars[before]), &chars[at..]));
    if starts().any(|(_, rest)| starts_with_nir(rest)) {
        Some(Trace::Nir)
    } else if starts().any(|(before, rest)| starts_with_phone(before, rest)) {
        Some(Trace::Phone)
    } else if (0..chars.len()).any(|at| chars[at] == '@' && is_email(&chars, at)) {
        Some(Trace::Email)
    } else {
        None
    }
}

/// Whether there is an at sign, or as many digits as the shortest number that is looked for: most
/// texts have neither, and are read with every record.
fn may_hold(text: &str) -> bool {
    let mut digits = 0;
    text.chars().map(plain).any(|c| {
        digits += usize::from(c.is_ascii_digit());
        c == '@' || digits >= FEWEST_DIGITS
    })
}

fn starts_with_nir(rest: &[char]) -> bool {
    let Some((compact, _)) = significant(rest, 15, |at, c| {
        c.is_ascii_digit() || (at == 6 && matches!(c, 'A' | 'B'))
    }) else {
        return false;
    };
    let compact: Option<Vec<u8>> = compact.into_iter().map(|c| u8::try_from(c).ok()).collect();
    compact.is_some_and(|compact| Nir::from_compact(&compact).is_some())
}

/// `0` and nine digits, or the nine behind `+33` or `0033`. What stands in a longer number does not
/// count: a SIRET may hold ten digits that look like a phone number.
fn starts_with_phone(before: Option<char>, rest: &[char]) -> bool {
    if before.is_some_and(|c| c.is_ascii_digit()) {
        return false;
    }
    let prefixes: [&[char]; 3] = [&['+', '3', '3'], &['0', '0', '3', '3'], &['0']];
    prefixes.into_iter().any(|prefix| {
        let Some((_, used)) = significant(rest, prefix.len(), |at, c| c == prefix[at]) else {
            return false;
        };
        let mut national = &rest[used..];
        let international = prefix.len() > 1;
        if international {
            // "+33 (0)6 …": the zero may be written all the same.
            while let [' ' | '(' | ')' | '.' | '-' | '0', tail @ ..] = national {
                national = tail;
            }
        }
        let number = significant(national, 9, |at, c| {
            c.is_ascii_digit() && (at > 0 || c != '0')
        });
        number.is_some_and(|(_, used)| !national.get(used).is_some_and(char::is_ascii_digit))
    })
}

fn is_email(chars: &[char], at: usize) -> bool {
    let local = chars[..at].iter().rev().find(|c| **c != ' ');
    let domain: Vec<char> = chars[at + 1..]
        .iter()
        .copied()
        .skip_while(|c| *c == ' ')
        .take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '.'))
        .collect();
    let dotted = domain
        .windows(3)
        .any(|w| w[1] == '.' && w[0].is_alphanumeric() && w[2].is_alphanumeric());
    dotted && local.is_some_and(|c| c.is_alphanumeric() || "._%+-!#$&'*/=?^`{|}~\"".contains(*c))
}

/// The first `count` characters that `fits` takes by their place, upper case, with at most three
/// separators before each; and how many characters that took.
fn significant(
    rest: &[char],
    count: usize,
    fits: impl Fn(usize, char) -> bool,
) -> Option<(Vec<char>, usize)> {
    let mut found = Vec::with_capacity(count);
    let mut separators = 0;
    for (used, c) in rest.iter().enumerate() {
        let upper = c.to_ascii_uppercase();
        if fits(found.len(), upper) {
            found.push(upper);
            separators = 0;
            if found.len() == count {
                return Some((found, used + 1));
            }
        } else if is_separator(*c) && separators < 3 {
            separators += 1;
        } else {
            return None;
        }
    }
    None
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '.' | '-' | '/' | '_' | '\'' | '‐' | '‑' | '–' | '·')
}

/// Full-width forms are read as the characters that they look like.
fn plain(c: char) -> char {
    let code = u32::from(c);
    let narrow = (0xff01..=0xff5e)
        .contains(&code)
        .then(|| char::from_u32(code - 0xfee0))
        .flatten();
    match narrow {
        Some(narrow) => narrow,
        None if c.is_whitespace() && c != '\n' => ' ',
        None => c,
    }
}

/// Characters without width, which would hide a number from a search and not from a reader.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// A phone number of the country; a NIR has 13 and more.
const FEWEST_DIGITS: usize = 10;
