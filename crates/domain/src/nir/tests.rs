use proptest::prelude::*;

use super::*;

#[test]
fn every_vector_is_read_as_it_must() {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../vocabulary/identity_test_vectors.json")).unwrap();
    let vectors = vectors["nir"].as_array().unwrap();
    assert_eq!(vectors.len(), 9);
    for vector in vectors {
        let read = vector["in"].as_str().unwrap().parse::<Nir>();
        assert_eq!(
            read.is_ok(),
            vector["valid"].as_bool().unwrap(),
            "{}",
            vector["why"]
        );
        if let Ok(nir) = read {
            assert_eq!(nir.expose(), vector["canonical13"]);
            assert_eq!(format!("{:02}", nir.key()), vector["key"].as_str().unwrap());
            assert_eq!(
                nir.is_temporary(),
                vector["why"].as_str().unwrap().contains("temporary")
            );
        }
    }
}

#[test]
fn sex_month_and_department_are_checked() {
    for bad in [
        "0850775350055",
        "5850775350055",
        "6850775350055",
        "9850775350055", // first digit
        "1850075350055",
        "1851375350055",
        "1851975350055",
        "1854375350055",
        "1854975350055", // month
        "185072C033987",
        "18507A2033987",
        "1850775A50055", // department and commune
        "",
        "1",
        "185077535005",
        "1850775350055 0",
        "１８５０７７５３５００５５",
    ] {
        assert!(bad.parse::<Nir>().is_err(), "{bad}");
    }
    for good in [
        "1850175350055",
        "1851275350055",
        "1852075350055",
        "1854275350055",
        "1855075350055",
        "1859975350055",
    ] {
        assert!(good.parse::<Nir>().is_ok(), "{good}");
    }
    for temporary in [
        "3850775350055",
        "4850775350055",
        "7850775350055",
        "8850775350055",
    ] {
        assert!(temporary.parse::<Nir>().unwrap().is_temporary());
    }
}

#[test]
fn i10_a_nir_is_never_printed() {
    let nir: Nir = "1850775350055".parse().unwrap();
    assert_eq!(format!("{nir} {nir:?}"), "*** ***");
    let refused = "269054958815781".parse::<Nir>().unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains("26905"));
}

proptest! {
    #[test]
    fn exactly_one_key_fits(number in "[123478][0-9]{2}(0[1-9]|1[0-2])(0[1-9]|2[AB]|[13-9][0-9])[0-9]{6}") {
        let fitting = (0..100).filter(|key| format!("{number}{key:02}").parse::<Nir>().is_ok()).count();
        prop_assert_eq!(fitting, 1);
    }

    #[test]
    fn nothing_makes_the_reader_panic(text in "\\PC{0,80}") {
        let _ = text.parse::<Nir>();
    }
}
