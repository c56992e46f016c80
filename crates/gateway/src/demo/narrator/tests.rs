use super::{Narrator, fill};
use crate::shown::Language;

fn told(language: Language, colours: bool, tell: impl FnOnce(&mut Narrator<'_>)) -> String {
    let mut out = Vec::new();
    tell(&mut Narrator::new(&mut out, language, colours));
    String::from_utf8(out).unwrap()
}

#[test]
fn no_line_is_longer_than_a_narrow_terminal() {
    let long = "mot ".repeat(120);
    let text = told(Language::French, false, |narrator| {
        narrator.say(&long).unwrap();
        narrator.holds(&long).unwrap();
        narrator.item(&long).unwrap();
    });
    assert!(text.lines().count() > 10);
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn without_colours_there_is_no_escape() {
    let tell = |narrator: &mut Narrator<'_>| {
        narrator.title("title").unwrap();
        narrator.step("step").unwrap();
        narrator.holds("holds").unwrap();
    };
    assert!(!told(Language::English, false, tell).contains('\u{1b}'));
    assert!(told(Language::English, true, tell).contains('\u{1b}'));
}

#[test]
fn french_breaks_no_line_before_a_colon() {
    let text = told(Language::French, false, |narrator| {
        narrator
            .say(&"un mot : « oui » ; non ! ".repeat(20))
            .unwrap();
    });
    for line in text.lines() {
        let line = line.trim_start();
        assert!(!line.starts_with([':', ';', '!', '»']), "{line}");
        assert!(!line.ends_with('«'), "{line}");
    }
}

#[test]
fn values_take_their_places_in_order() {
    assert_eq!(fill("{} of {}", &[&1, &"two"]), "1 of two");
    assert_eq!(fill("none", &[]), "none");
}
