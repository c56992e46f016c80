use super::*;
use crate::import::cell;
use crate::import::fields::Kind;

pub(super) const SMALL: &str = "
source_system: tableur
empty: ['NULL']
reference: [id]
identity:
  birth_name: {column: nom}
  first_names: {column: prenom}
  birth_date: {column: naissance}
records:
  - reference: rsa
    section: status
    needs: [state]
    fields:
      kind: {value: rsa_right}
      state: {column: rsa, codes_of: cdb, codes: {non: null}}
  - reference: found
    section: diagnosis
    fields:
      constraint.housing: {column: logement, codes: {O: present}}
";

fn small(row: &str) -> Result<ImportRow, Vec<RefusedCell>> {
    let file = format!("id;nom;prenom;naissance;rsa;logement\n{row}\n");
    let table = Table::parse(file.as_bytes(), None).unwrap();
    read(&mapping(SMALL), &table).remove(0)
}

fn housing(row: &ImportRow) -> i32 {
    let Some(Body::Diagnosis(diagnosis)) = record(row, "found") else {
        panic!("no diagnosis")
    };
    diagnosis.constraints[0].state
}

#[test]
fn i11_a_cell_that_says_nothing_is_not_discussed_and_never_no() {
    use passerelle_proto::journey::v1::ConstraintState;
    for nothing in ["", "NULL"] {
        let row = small(&format!("1;Esquisse;Léa;1999;{nothing};{nothing}")).unwrap();
        assert_eq!(housing(&row), i32::from(ConstraintState::NotDiscussed));
        assert_eq!(record(&row, "rsa"), None);
    }
    let row = small("1;Esquisse;Léa;1999;;O").unwrap();
    assert_eq!(housing(&row), i32::from(ConstraintState::Present));
    // Nor may a mapping make nothing of what a cell says.
    let broken = SMALL.replace("{O: present}", "{O: present, N: null}");
    let refused = parsed(&broken).unwrap_err().to_string();
    assert!(refused.contains("not_discussed"), "{refused}");
}

#[test]
fn codes_are_those_of_the_mapping_then_of_the_vocabulary() {
    let state = |cell: &str| {
        let row = small(&format!("1;Esquisse;Léa;1999;{cell};")).unwrap();
        match record(&row, "rsa") {
            Some(Body::Status(status)) => status.state.map(|code| code.code),
            _ => None,
        }
    };
    let suspended = state("rsa_droit_ouvert_et_suspendu");
    assert_eq!(suspended.as_deref(), Some("open_suspended"));
    assert_eq!(state("closed").as_deref(), Some("closed"));
    assert_eq!(state("non"), None);
}

#[test]
fn i10_every_refused_cell_is_named_by_its_column_and_rule_and_not_by_what_it_says() {
    let cells = small(";Esquisse;;31/13/1999;canari;canari").unwrap_err();
    let columns: Vec<_> = cells.iter().map(|cell| &*cell.column).collect();
    assert_eq!(columns, ["id", "prenom", "naissance", "rsa", "logement"]);
    for cell in cells {
        assert!(!cell.rule.contains("canari") && !cell.rule.is_empty());
    }
}

#[test]
fn a_mapping_is_refused_by_its_line_and_field() {
    for (from, to, field, rule) in [
        (
            "birth_name: {column: nom}",
            "name: {column: nom}",
            "identity.name",
            "birth_name",
        ),
        (
            "section: status",
            "section: identity",
            "records[0].section",
            "contact_card",
        ),
        (
            "needs: [state]",
            "needs: [statte]",
            "records[0].needs",
            "statte",
        ),
        (
            "{value: rsa_right}",
            "{value: rsa}",
            "records[0].fields.kind",
            "vocabulary",
        ),
        (
            "{value: rsa_right}",
            "{value: rsa_right, column: a}",
            "records[0].fields.kind",
            "exactly one",
        ),
        (
            "{O: present}",
            "{O: yes}",
            "records[1].fields.constraint.housing",
            "vocabulary",
        ),
        (
            "reference: [id]",
            "reference: [Numéro CAF]",
            "reference",
            "household",
        ),
        (
            "reference: [id]",
            "reference: []",
            "reference",
            "one column",
        ),
        ("source_system", "source", "source", "no such setting"),
    ] {
        let refused = parsed(&SMALL.replacen(from, to, 1))
            .unwrap_err()
            .to_string();
        assert!(refused.contains(field), "{to}: {refused}");
        assert!(refused.contains(rule), "{to}: {refused}");
    }
}

#[test]
fn a_file_must_have_what_the_mapping_reads() {
    let columns = ["id", "nom", "prenom", "naissance", "rsa"].map(str::to_owned);
    let mapping = mapping(SMALL);
    let day = "2026-11-02".parse().ok();
    let missing = Reading::new(&mapping, &columns, day).err().unwrap();
    assert!(missing.contains("`logement`"), "{missing}");
    let all = [&columns[..], &["logement".to_owned(), "autre".to_owned()]].concat();
    let undated = Reading::new(&mapping, &all, None).err().unwrap();
    assert!(undated.contains("--extracted-on"), "{undated}");
    let reading = Reading::new(&mapping, &all, day).ok().unwrap();
    assert_eq!(reading.unread(), ["autre"]);
}

#[test]
fn cells_are_read_in_the_forms_that_files_have() {
    let read = |kind, text: &str| cell::read(kind, text).ok().map(|value| value.text);
    for (kind, text, meant) in [
        (Kind::Date, "1998-05-25", "1998-05-25"),
        (Kind::Date, "1982-02-01 00:00:00.0", "1982-02-01"),
        (Kind::Date, "2020-01-31T08:30:00Z", "2020-01-31"),
        (Kind::Date, "5/3/1998", "1998-03-05"),
        (Kind::Date, "03/1998", "1998-03"),
        (Kind::Date, "1998", "1998"),
        (Kind::Rome, "N1104", "N1104"),
        (
            Kind::Rome,
            "Pontier élingueur / Pontière élingueuse (N1104)",
            "N1104",
        ),
        (Kind::Phone, "0601234567, 071234567", "0601234567"),
        (Kind::Phone, "071234567 / 06 01 23 45 67", "06 01 23 45 67"),
        (Kind::Phone, "+33 6 01 23 45 67", "+33 6 01 23 45 67"),
        (Kind::Hours, "17,5", "1050"),
        (Kind::Hours, "15 h", "900"),
        // An old number of France Travail is a text like another.
        (Kind::Text, "300000L", "300000L"),
    ] {
        assert_eq!(read(kind, text).as_deref(), Some(meant), "{text}");
    }
    for (kind, text) in [
        (Kind::Date, "31/02/1998"),
        (Kind::Date, "25/05/98"),
        (Kind::Date, "05/98"),
        (Kind::Date, "25 mai 1998"),
        (Kind::Rome, "FAKE"),
        (Kind::Rome, "Code Rome Inconnu ()"),
        (Kind::Phone, "071234567"),
        (Kind::Hours, "70"),
        (Kind::Hours, "NaN"),
        (Kind::Hours, "-1"),
        (Kind::Listed("chosen_by"), "nobody"),
    ] {
        assert_eq!(read(kind, text), None, "{text}");
    }
}
