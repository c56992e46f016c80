use super::*;

#[test]
fn an_occupation_is_a_letter_and_four_digits() {
    for good in ["A1101", "K1304", "N4401"] {
        assert_eq!(good.parse::<RomeCode>().unwrap().to_string(), good);
    }
    for bad in [
        "", "K130", "K13045", "O1101", "k1304", "K13O4", "1K304", "é130",
    ] {
        assert!(bad.parse::<RomeCode>().is_err(), "{bad}");
    }
}
