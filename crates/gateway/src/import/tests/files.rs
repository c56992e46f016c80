use proptest::prelude::*;

use super::*;
use crate::import::TableError;
use crate::import::table::{csv, unpacks_within};

fn table(bytes: &[u8]) -> Table {
    Table::parse(bytes, None).unwrap()
}

fn cells(table: &Table) -> Vec<Vec<&str>> {
    let rows = table.rows.iter();
    rows.map(|row| row.cells.iter().map(String::as_str).collect())
        .collect()
}

#[test]
fn the_separator_is_the_one_of_the_first_row() {
    for text in ["a;b,c\n1;2\n", "a\tb,c\n1\t2\n", "a,\"b,c\"\n1,2\n"] {
        let table = table(text.as_bytes());
        assert_eq!(table.columns, ["a", "b,c"], "{text}");
        assert_eq!(cells(&table), [["1", "2"]], "{text}");
    }
}

#[test]
fn a_text_is_read_in_the_encoding_it_was_written_in() {
    let plain = "Prénom;Œuvre\nZoé;1 €\n";
    let (windows, ..) = encoding_rs::WINDOWS_1252.encode(plain);
    let utf_16: Vec<u8> = std::iter::once(0xFEFF)
        .chain(plain.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let marked = format!("\u{FEFF}{plain}");
    for bytes in [plain.as_bytes(), marked.as_bytes(), &windows, &utf_16] {
        let table = table(bytes);
        assert_eq!(table.columns, ["Prénom", "Œuvre"]);
        assert_eq!(cells(&table), [["Zoé", "1 €"]]);
    }
}

#[test]
fn a_row_is_named_by_the_line_where_it_begins() {
    let table = table(b"a;b\r\n1;\"two\nlines\"\r\n\r\n;\r\n2;\"a \"\"word\"\"\"\r\n");
    assert_eq!(cells(&table), [["1", "two\nlines"], ["2", "a \"word\""]]);
    let lines: Vec<_> = table.rows.iter().map(|row| row.line).collect();
    assert_eq!(lines, [2, 6]);
}

#[test]
fn what_is_no_table_is_said_by_its_line() {
    let refused = |text: &str| Table::parse(text.as_bytes(), None).err().unwrap();
    assert!(matches!(refused(""), TableError::Empty));
    assert!(matches!(refused("a;a\n"), TableError::SameName(1, 2)));
    let book = Table::parse(b"PK\x03\x04 no workbook", None);
    assert!(matches!(book, Err(TableError::Workbook(_))));
}

#[test]
fn a_row_with_a_cell_too_many_or_lost_is_refused_and_no_other() {
    let file = "id;nom;prenom;naissance;rsa;logement\n\
                1;Esquisse;Léa;1999;;O\n\
                2;Esquisse;Noé;1999;;O;more\n\
                3;Esquisse;1999;;O\n\
                4;Esquisse;Zoé;1999;\n\
                5;Esquisse;Ana;1999;;;;\n";
    let rows = read(&mapping(mapped::SMALL), &table(file.as_bytes()));
    let taken: Vec<_> = rows.iter().map(Result::is_ok).collect();
    assert_eq!(taken, [true, false, false, true, true]);
}

/// What spreadsheets write that once had more columns.
#[test]
fn columns_without_a_name_keep_no_row_out() {
    let file = "id;nom;prenom;naissance;rsa;logement;;;\n\
                1;Esquisse;Léa;1999;;O;;;\n\
                2;Esquisse;Noé;1999;;O\n\
                3;Esquisse;Zoé;1999;;;\n";
    let rows = read(&mapping(mapped::SMALL), &table(file.as_bytes()));
    let taken: Vec<_> = rows.iter().map(Result::is_ok).collect();
    assert_eq!(taken, [true, false, true]);
}

#[test]
fn a_workbook_is_read_with_its_days() {
    let bytes = include_bytes!("suivi.xlsx");
    let table = Table::parse(bytes, Some("Suivi")).unwrap();
    assert_eq!(table.columns[0], "Antenne");
    let first = &table.rows[0];
    // The sheet begins at its third row.
    assert_eq!(first.line, 4);
    assert_eq!(first.cells[1], "12");
    assert_eq!(first.cells[5], "1999-05-04");
    let none = Table::parse(bytes, Some("Autre"));
    assert!(matches!(none, Err(TableError::NoSheet)));
}

#[test]
fn the_mapping_of_a_workbook_reads_it() {
    let sample = mapping(include_str!("../../../../../deploy/import/workbook.yaml"));
    let table = Table::parse(include_bytes!("suivi.xlsx"), sample.sheet()).unwrap();
    let rows: Vec<_> = read(&sample, &table)
        .into_iter()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(rows[0].reference, "Nord-12");
    assert_eq!(rows[0].records[0].version, 3);
    let Some(Body::ContactCard(card)) = record(&rows[0], "contact") else {
        panic!("no card")
    };
    assert_eq!(card.professional.unwrap().phone, "0199003001");
    // Nothing was said: nothing is known.
    assert_eq!(rows[1].reference, "Sud-12");
    assert!(rows[1].records.is_empty());
}

/// A workbook of one sheet with these cells.
fn book(cells: &str) -> Vec<u8> {
    use std::io::Write;
    let sheet = format!("<worksheet><sheetData>{cells}</sheetData></worksheet>");
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, part) in [
        (
            "_rels/.rels",
            "<Relationships><Relationship Id=\"r0\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
        ),
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name=\"S\" r:id=\"r1\"/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
        ),
        ("xl/worksheets/sheet1.xml", &sheet),
    ] {
        archive
            .start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(part.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn two_cells_far_apart_take_no_memory_for_what_is_between() {
    let far = |last: &str| {
        let cells =
            format!("<row><c r=\"A1\"><v>1</v></c></row><row><c r=\"{last}\"><v>2</v></c></row>");
        Table::parse(&book(&cells), None).map(|table| table.rows.len())
    };
    let near = far("C3");
    assert!(matches!(near, Ok(1)), "{near:?}");
    let far = far("XFD1048576");
    assert!(matches!(far, Err(TableError::TooManyCells)), "{far:?}");
}

#[test]
fn an_archive_that_unpacks_to_more_than_is_read_is_refused() {
    let bomb = book(&" ".repeat(1 << 20));
    assert!(bomb.len() < 1 << 14);
    assert!(matches!(unpacks_within(&bomb, 1 << 21), Ok(())));
    let refused = unpacks_within(&bomb, 1 << 20).unwrap_err();
    assert!(matches!(refused, TableError::TooLong), "{refused}");
}

#[test]
fn a_file_of_more_cells_than_are_read_is_refused() {
    let file = "a;b;c\n;;\n1;2;3\n";
    assert!(matches!(csv(file, 9), Ok(table) if table.rows.len() == 1));
    let refused = csv(file, 8).err().unwrap();
    assert!(matches!(refused, TableError::TooManyCells), "{refused}");
    // Nor do many names take longer than their number.
    let names: Vec<_> = (0..20_000).map(|name| name.to_string()).collect();
    assert_eq!(table(names.join(";").as_bytes()).columns.len(), 20_000);
}

proptest! {
    #[test]
    fn no_bytes_stop_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _table = Table::parse(&bytes, None);
        let archive = [b"PK\x03\x04".as_slice(), &bytes].concat();
        let _table = Table::parse(&archive, None);
    }

    #[test]
    fn no_byte_of_a_workbook_stops_the_reader(at in 0_usize..2_000, byte: u8) {
        let mut bytes = include_bytes!("suivi.xlsx").to_vec();
        let at = at % bytes.len();
        bytes[at] = byte;
        let _table = Table::parse(&bytes, None);
    }

    #[test]
    fn no_text_stops_a_row(cells in proptest::collection::vec(".{0,12}", 13)) {
        let sample = mapping(include_str!("../../../../../deploy/import/workbook.yaml"));
        let mut table = Table::parse(include_bytes!("suivi.xlsx"), sample.sheet()).unwrap();
        table.rows[0].cells = cells;
        let _rows = read(&sample, &table);
    }
}
