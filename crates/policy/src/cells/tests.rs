use super::*;

#[test]
fn every_cell_has_a_bit_of_its_own() {
    let mut seen = CellSet::EMPTY;
    for section in Section::ALL {
        for class in Class::ALL {
            let one = CellSet::one(*section, *class);
            assert!((seen & one).is_empty());
            assert_eq!(one.iter().collect::<Vec<_>>(), [(*section, *class)]);
            seen |= one;
        }
    }
    assert_eq!(seen, CellSet::ALL);
    assert_eq!(!seen, CellSet::EMPTY);
}

#[test]
fn ranges_of_classes_hold_both_their_ends() {
    for section in Section::ALL {
        for bound in Class::ALL {
            for class in Class::ALL {
                assert_eq!(
                    CellSet::up_to(*section, *bound).contains(*section, *class),
                    class <= bound
                );
                assert_eq!(
                    CellSet::from(*section, *bound).contains(*section, *class),
                    class >= bound
                );
                assert_eq!(
                    CellSet::every_section_up_to(*bound).contains(*section, *class),
                    class <= bound
                );
            }
            let elsewhere = !CellSet::section(*section);
            assert!((CellSet::from(*section, *bound) & elsewhere).is_empty());
            assert!((CellSet::up_to(*section, *bound) & elsewhere).is_empty());
        }
    }
}
