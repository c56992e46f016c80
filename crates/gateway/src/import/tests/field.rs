//! Files from the field, read where `PASSERELLE_SHARED` says they are.

use std::path::PathBuf;

use passerelle_proto::journey::v1::ConstraintState;

use super::*;

fn fixture(name: &str) -> Option<Table> {
    let Some(shared) = std::env::var_os("PASSERELLE_SHARED") else {
        println!("not run: PASSERELLE_SHARED is not set");
        return None;
    };
    let file = PathBuf::from(shared)
        .join("field/carnet-de-bord")
        .join(name);
    Some(Table::read(&file, None).unwrap())
}

#[test]
fn beneficiaries_of_carnet_de_bord_are_read() {
    let sample = mapping(include_str!(
        "../../../../../deploy/import/carnet-de-bord.yaml"
    ));
    let Some(table) = fixture("fixture_import_beneficiaires.csv") else {
        return;
    };
    let reading = Reading::new(&sample, &table.columns, "2026-11-02".parse().ok());
    assert!(reading.ok().unwrap().unread().is_empty());
    let rows: Vec<_> = read(&sample, &table)
        .into_iter()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(rows.len(), 4);
    let Some(Body::Status(rsa)) = record(&rows[0], "rsa") else {
        panic!("no RSA")
    };
    assert_eq!(rsa.state.unwrap().code, "open_suspended");
    let Some(Body::Project(project)) = record(&rows[0], "project") else {
        panic!("no project")
    };
    assert_eq!(project.targets[0].rome_code, "N1104");
    assert!(record(&rows[0], "ass").is_some());
    assert!(record(&rows[0], "activity-bonus").is_none());
    // Of the last one only the name is known.
    assert!(rows[3].records.is_empty());
}

#[test]
fn i11_the_extract_of_pole_emploi_is_read_and_null_is_not_discussed() {
    let sample = mapping(include_str!(
        "../../../../../deploy/import/spie-france-travail.yaml"
    ));
    let Some(table) = fixture("fixture_extract_spie_pole_emploi.csv") else {
        return;
    };
    let rows: Vec<_> = read(&sample, &table)
        .into_iter()
        .collect::<Result<_, _>>()
        .unwrap();
    for row in &rows {
        let Some(Body::Diagnosis(found)) = record(row, "difficulties") else {
            panic!("no diagnosis")
        };
        let not_discussed = i32::from(ConstraintState::NotDiscussed);
        let states = found.constraints.iter().map(|one| one.state);
        assert!(states.eq(std::iter::repeat_n(not_discussed, 6)));
    }
    let identity = rows[0].identity.as_ref().unwrap();
    assert_eq!(identity.birth_date, "1982-02-01");
    assert_eq!(identity.sex, "female");
    // Its first occupation is none; nothing is known of what she wants.
    assert_eq!(record(&rows[3], "project"), None);
}
