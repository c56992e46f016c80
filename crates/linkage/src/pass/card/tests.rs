use passerelle_domain::NodeId;

use super::*;
use crate::chance::Counting;

fn texts() -> (PassSecret, [String; 2]) {
    let secret = PassSecret::random(NodeId::new("ml-vaucluse").unwrap(), &Counting::from(9));
    let card = PassCard {
        secret: &secret,
        organisation: "Mission locale du Vaucluse",
        contact: "04 90 00 00 00",
        last_day: "2027-02-22".parse().unwrap(),
    };
    let texts = [CardLanguage::French, CardLanguage::English]
        .map(|language| card.text(language).into_exposed());
    (secret, texts)
}

#[test]
fn the_code_can_be_typed_from_the_card() {
    let (secret, texts) = texts();
    for text in texts {
        let code = text.split("\n\n").nth(1).unwrap();
        assert_eq!(
            PassSecret::parse(code).unwrap().wire_bytes(),
            secret.wire_bytes()
        );
        assert!(code.lines().all(|line| line.len() <= 20), "{code}");
    }
}

#[test]
fn a_card_says_what_it_is_until_when_and_who_ends_it() {
    let (_, [french, english]) = texts();
    assert!(french.starts_with("PASSE DE CONTINUITÉ\nMission locale du Vaucluse\n"));
    assert!(french.contains("22/02/2027") && english.contains("2027-02-22"));
    for text in [&french, &english] {
        assert!(text.contains("Mission locale du Vaucluse, 04 90 00 00 00"));
    }
}

#[test]
fn a_card_has_lines_that_fit() {
    for text in texts().1 {
        for line in text.lines() {
            assert!(line.chars().count() <= 76, "{line}");
        }
    }
}
