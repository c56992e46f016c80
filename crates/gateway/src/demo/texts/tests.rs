use super::{EN, FR};
use crate::shown::Language;

#[test]
fn both_languages_tell_the_same_values() {
    let holes = |text: &str| text.matches("{}").count();
    for ((name, en), (_, fr)) in EN.all().into_iter().zip(FR.all()) {
        assert!(!en.is_empty() && !fr.is_empty(), "{name}");
        assert_eq!(holes(en), holes(fr), "{name}");
    }
}

#[test]
fn french_is_set_as_french_is() {
    for (name, text) in FR.all() {
        assert!(!text.contains('\''), "{name}: an apostrophe is ’");
        assert!(!text.contains(['“', '”', '"']), "{name}: quotes are « »");
        let set = Language::French.typeset(text);
        let mut before = ' ';
        for c in set.chars() {
            match c {
                ':' | '»' => assert_eq!(before, '\u{a0}', "{name}: {text}"),
                ';' | '!' | '?' => assert_eq!(before, '\u{202f}', "{name}: {text}"),
                _ => {}
            }
            if before == '«' {
                assert_eq!(c, '\u{a0}', "{name}: {text}");
            }
            before = c;
        }
    }
}
