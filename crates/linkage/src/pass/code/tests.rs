use super::*;

/// The longest there is, and one of usual length.
fn sealed_codes() -> Vec<Vec<u8>> {
    [83, 40]
        .into_iter()
        .map(|len| {
            let mut values: Vec<u8> = (0..len)
                .map(|i: u32| (i * 7 + i * i % 11) as u8 % 32)
                .collect();
            seal(&mut values);
            values
        })
        .collect()
}

#[test]
fn what_is_sealed_is_found_whole() {
    for code in sealed_codes() {
        assert!(code.len() <= MAX_CHARACTERS && is_sealed(&code));
        assert_eq!(read(&write(&code)).unwrap(), code);
    }
}

#[test]
fn every_single_wrong_character_is_found() {
    for code in sealed_codes() {
        for at in 0..code.len() {
            for wrong in (0..32).filter(|wrong| *wrong != code[at]) {
                let mut typed = code.clone();
                typed[at] = wrong;
                assert!(!is_sealed(&typed), "{at} {wrong}");
            }
        }
    }
}

#[test]
fn every_swap_of_two_characters_is_found() {
    for code in sealed_codes() {
        for one in 0..code.len() {
            for other in (one + 1..code.len()).filter(|other| code[one] != code[*other]) {
                let mut typed = code.clone();
                typed.swap(one, other);
                assert!(!is_sealed(&typed), "{one} {other}");
            }
        }
    }
}

#[test]
fn a_character_lost_or_doubled_is_found() {
    for code in sealed_codes() {
        for at in 0..code.len() {
            let mut lost = code.clone();
            lost.remove(at);
            assert!(!is_sealed(&lost), "{at}");
            let mut doubled = code.clone();
            doubled.insert(at, code[at]);
            assert!(!is_sealed(&doubled), "{at}");
        }
    }
}

#[test]
fn the_check_characters_are_those_of_bip_350() {
    // BIP-350, test vector `A1LQFN3A`: the empty text under the prefix `a`, in its own alphabet.
    let bech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let values = "lqfn3a".chars().map(|c| bech32.find(c).unwrap() as u8);
    let expanded = [b'a' >> 5, 0, b'a' & 31].into_iter().chain(values);
    assert!(is_sealed(&expanded.collect::<Vec<_>>()));
}
