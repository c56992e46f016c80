use super::*;

#[test]
fn a_cell_is_written_as_section_class_and_action() {
    let cell = Cell {
        section: Section::Diagnosis,
        class: Class::LivingConditions,
        action: GrantAction::Read,
    };
    assert_eq!(cell.to_string(), "diagnosis/2/read");
    assert_eq!(Cell::try_from(&proto::Cell::from(&cell)).unwrap(), cell);
}

#[test]
fn an_unknown_section_class_or_action_is_refused_by_name() {
    let good = proto::Cell {
        section: "steps".to_owned(),
        sensitivity: 1,
        action: "import".to_owned(),
    };
    assert!(Cell::try_from(&good).is_ok());
    let refused = |cell: proto::Cell| Cell::try_from(&cell).unwrap_err().field().to_owned();
    assert_eq!(
        refused(proto::Cell {
            section: "step".to_owned(),
            ..good.clone()
        }),
        "section"
    );
    assert_eq!(
        refused(proto::Cell {
            sensitivity: 0,
            ..good.clone()
        }),
        "sensitivity"
    );
    assert_eq!(
        refused(proto::Cell {
            sensitivity: 257,
            ..good.clone()
        }),
        "sensitivity"
    );
    assert_eq!(
        refused(proto::Cell {
            action: String::new(),
            ..good
        }),
        "action"
    );
}
