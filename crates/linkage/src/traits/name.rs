use std::fmt;

use passerelle_domain::Malformed;

use crate::names::match_form;

/// A family name, or first names: 1 to 120 characters as the person writes them, blanks around
/// left out.
///
/// What cannot be a name is refused: no letter in it, a digit or `@` (a number or an address typed
/// into the wrong field would otherwise travel as a name), a control character, a character that
/// turns the direction of writing. `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonName(String);

impl PersonName {
    /// The most characters that a name has.
    pub const MAX_CHARACTERS: usize = 120;

    /// Reads a name; the error names no field.
    pub fn new(text: &str) -> Result<Self, Malformed> {
        let name = text.trim();
        // In bytes first: a character has at most four.
        let fits =
            name.len() <= 4 * Self::MAX_CHARACTERS && name.chars().count() <= Self::MAX_CHARACTERS;
        if fits && name.chars().all(is_written_in_names) && !match_form(name).is_empty() {
            Ok(Self(name.to_owned()))
        } else {
            Err(Malformed::new(
                "",
                "a name: 1 to 120 characters, letters among them, without digits or @",
            ))
        }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which it is compared; never empty.
    pub fn match_form(&self) -> String {
        match_form(&self.0)
    }
}

impl From<PersonName> for String {
    fn from(name: PersonName) -> Self {
        name.0
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

fn is_written_in_names(c: char) -> bool {
    let turns_direction = matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    !(c.is_control() || c.is_numeric() || c == '@' || turns_direction)
}
