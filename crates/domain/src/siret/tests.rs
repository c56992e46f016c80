use super::*;

#[test]
fn an_establishment_has_14_digits_and_a_check_digit() {
    for good in ["73282932000074", "13000548100010", "40483304800022"] {
        assert_eq!(good.parse::<Siret>().unwrap().to_string(), good);
    }
    for bad in [
        "",
        "7328293200007",
        "732829320000744",
        "73282932000075",
        "7328293200007a",
        "732 829 320 00074",
        "00000000000000",
    ] {
        assert!(bad.parse::<Siret>().is_err(), "{bad}");
    }
}

#[test]
fn an_establishment_of_la_poste_has_a_sum_that_is_a_multiple_of_5() {
    // The head office follows Luhn; a post office need not.
    assert!("35600000000048".parse::<Siret>().is_ok());
    assert!("35600000049837".parse::<Siret>().is_ok());
    assert!("35600000049838".parse::<Siret>().is_err());
    // The exception is for La Poste alone.
    assert!("73282932000076".parse::<Siret>().is_err());
}

#[test]
fn an_organisation_is_the_front_of_its_establishments() {
    let siret: Siret = "73282932000074".parse().unwrap();
    assert_eq!(siret.siren(), "732829320".parse().unwrap());
    assert!("732829321".parse::<Siren>().is_err());
    assert!("000000000".parse::<Siren>().is_err());
}

#[test]
fn json_is_the_text_and_is_checked() {
    let siret: Siret = "73282932000074".parse().unwrap();
    assert_eq!(serde_json::to_string(&siret).unwrap(), "\"73282932000074\"");
    assert_eq!(
        serde_json::from_str::<Siret>("\"73282932000074\"").unwrap(),
        siret
    );
    assert!(serde_json::from_str::<Siret>("\"73282932000075\"").is_err());
}
