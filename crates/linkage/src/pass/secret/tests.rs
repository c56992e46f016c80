use proptest::prelude::*;

use super::*;
use crate::chance::Counting;

fn issuer(name: &str) -> NodeId {
    NodeId::new(name).unwrap()
}

fn secret(name: &str) -> PassSecret {
    PassSecret::random(issuer(name), &Counting::from(7))
}

fn same(one: &PassSecret, other: &PassSecret) -> bool {
    one.issuer == other.issuer && one.bits == other.bits
}

#[test]
fn a_pass_survives_its_text() {
    let forty = "a".repeat(40);
    for name in ["abc", "ml-84", "ml-vaucluse", "---", "0z9-a", &forty] {
        let secret = secret(name);
        let text = secret.text().into_exposed();
        assert!(text.starts_with("PSR1-"), "{text}");
        assert!(
            text.chars()
                .all(|c| c == '-' || c.is_ascii_uppercase() || c.is_ascii_digit())
        );
        assert!(same(&PassSecret::parse(&text).unwrap(), &secret), "{name}");
    }
    assert_eq!(
        secret("ml-vaucluse").text().expose().replace('-', "").len(),
        50
    );
    assert_eq!(secret(&forty).text().expose().replace('-', "").len(), 85);
}

#[test]
fn a_pass_can_be_typed_as_people_type() {
    let secret = secret("ml-o1l0-x");
    let text = secret.text().into_exposed();
    let as_typed = [
        text.to_lowercase(),
        text.replace('-', " "),
        text.replace('-', ""),
        text.replace('0', "O"),
        text.replace('0', "o").replace('1', "l"),
        text.replace('1', "I"),
        format!("  {}\n", text.replace('-', " – ")),
    ];
    for typed in as_typed {
        assert!(
            same(&PassSecret::parse(&typed).unwrap(), &secret),
            "{typed}"
        );
    }
}

#[test]
fn the_error_says_which_part_is_wrong() {
    let text = secret("ml-vaucluse").text().into_exposed();
    let refused = |typed: &str| PassSecret::parse(typed).unwrap_err();
    assert_eq!(refused(""), PassTextError::NotAPass);
    assert_eq!(refused("PSR1"), PassTextError::NotAPass);
    assert_eq!(
        refused(&text.replacen('P', "Q", 1)),
        PassTextError::NotAPass
    );
    assert_eq!(
        refused(&text.replacen("PSR1", "PSR2", 1)),
        PassTextError::UnknownVersion(2)
    );
    assert_eq!(refused("PSR1-AB%D"), PassTextError::Character(7));
    assert_eq!(refused("PSR1-ABUD"), PassTextError::Character(7));
    let short = text.len() - 1;
    assert_eq!(
        refused(&text[..short]),
        PassTextError::Length {
            found: 49,
            expected: 50
        }
    );
    assert_eq!(
        refused(&format!("{text}7")),
        PassTextError::Length {
            found: 51,
            expected: 50
        }
    );
    let last = if text.ends_with('7') { "8" } else { "7" };
    assert_eq!(
        refused(&format!("{}{last}", &text[..short])),
        PassTextError::Checksum
    );
    let too_long = PassTextError::Length {
        found: 1_000_000,
        expected: 89,
    };
    assert_eq!(refused(&"P-".repeat(1_000_000)), too_long);
}

#[test]
fn an_issuer_that_is_no_node_is_refused_behind_a_good_checksum() {
    for (name_len, value) in [(0, 0), (2, 0), (41, 0), (63, 0), (5, 37), (5, 63)] {
        let mut writer = Writer::default();
        writer.put(name_len, NAME_BITS);
        for _ in 0..name_len {
            writer.put(value, NAME_BITS);
        }
        for _ in 0..16 {
            writer.put(0, 8);
        }
        let mut values = PREFIX.to_vec();
        values.extend(writer.finish());
        code::seal(&mut values);
        let error = PassSecret::parse(&code::write(&values)).unwrap_err();
        assert!(
            matches!(error, PassTextError::Issuer | PassTextError::Length { .. }),
            "{name_len} {value}"
        );
    }
}

#[test]
fn a_pass_has_one_text_only() {
    // 6 × (1 + 12) + 128 bits leave four that fill the last character.
    let mut values = secret("twelve-chars").values();
    let last = values.len() - code::CHECK_CHARACTERS - 1;
    values.truncate(last + 1);
    values[last] ^= 1;
    code::seal(&mut values);
    assert_eq!(
        PassSecret::parse(&code::write(&values)).unwrap_err(),
        PassTextError::Checksum
    );
}

#[test]
fn any_wrong_character_or_swap_of_neighbours_is_refused() {
    let text = secret("ml-vaucluse").text().into_exposed().replace('-', "");
    let alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    for at in 0..text.len() {
        for wrong in alphabet.chars().filter(|c| !text[at..].starts_with(*c)) {
            let typed = format!("{}{wrong}{}", &text[..at], &text[at + 1..]);
            assert!(PassSecret::parse(&typed).is_err(), "{typed}");
        }
        if at + 1 < text.len() && text.as_bytes()[at] != text.as_bytes()[at + 1] {
            let pair: String = text[at..at + 2].chars().rev().collect();
            let typed = format!("{}{pair}{}", &text[..at], &text[at + 2..]);
            assert!(PassSecret::parse(&typed).is_err(), "{typed}");
        }
    }
}

#[test]
fn the_issuer_knows_a_pass_by_a_hash_of_all_of_it() {
    let one = secret("ml-vaucluse");
    let again = PassSecret::from_wire(issuer("ml-vaucluse"), one.wire_bytes()).unwrap();
    let elsewhere = PassSecret::from_wire(issuer("ml-vauclusf"), one.wire_bytes()).unwrap();
    assert_eq!(one.id(), again.id());
    assert_ne!(one.id(), elsewhere.id());
    assert_ne!(one.id().as_bytes(), one.wire_bytes());
    assert!(PassSecret::from_wire(issuer("abc"), &[0; 15]).is_err());
}

#[test]
fn i10_a_pass_is_not_printed_by_accident() {
    let secret = secret("ml-vaucluse");
    let text = secret.text();
    assert_eq!(
        format!("{secret:?} {text:?} {text}"),
        "PassSecret(***) *** ***"
    );
}

proptest! {
    #[test]
    fn every_pass_survives_its_text(name in "[a-z0-9-]{3,40}", bits: [u8; 16]) {
        let secret = PassSecret::from_wire(issuer(&name), &bits).unwrap();
        prop_assert!(same(&PassSecret::parse(secret.text().expose()).unwrap(), &secret));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>(), tail in "[0-9A-Za-z -]{0,120}") {
        let _ = PassSecret::parse(&text);
        let _ = PassSecret::parse(&format!("PSR1{tail}"));
    }
}
