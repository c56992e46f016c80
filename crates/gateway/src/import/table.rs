//! The rows of a CSV or XLSX file.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Cursor, Read};
use std::panic;
use std::path::Path;

use calamine::{Cell, Data, DataType, Range, Reader, Xlsx};
use zip::ZipArchive;

use super::decoded::decoded;

/// A file of rows under one row of names.
#[derive(Clone)]
pub struct Table {
    /// The names of the columns, without blanks around them.
    pub columns: Vec<String>,
    /// What is under them.
    pub rows: Vec<TableRow>,
}

/// One row.
#[derive(Clone)]
pub struct TableRow {
    /// Where it begins in the file, from 1.
    pub line: u64,
    /// Its cells, those that say nothing too.
    pub cells: Vec<String>,
}

/// Why a file is no table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It is longer than what is read.
    #[error("longer than {MOST_BYTES} bytes, a workbook when it is unpacked; cut it into several")]
    TooLong,
    /// It has more cells than what is read.
    #[error("more than {MOST_CELLS} cells, those that say nothing too; cut it into several")]
    TooManyCells,
    /// It has no row of names.
    #[error("no row of column names")]
    Empty,
    /// Two columns have one name.
    #[error("columns {0} and {1} have one name")]
    SameName(usize, usize),
    /// It is no CSV.
    #[error("line {line}: no CSV")]
    Csv {
        /// Where.
        line: u64,
    },
    /// It is no workbook.
    #[error("no workbook that can be read: {0}")]
    Workbook(String),
    /// There is no such sheet.
    #[error("no such sheet in the workbook")]
    NoSheet,
}

impl Table {
    /// Reads a file; a workbook is told by its first bytes. `sheet` is a sheet of a workbook, the
    /// first where `None`.
    pub fn read(file: &Path, sheet: Option<&str>) -> Result<Self, TableError> {
        if fs::metadata(file)?.len() > MOST_BYTES {
            return Err(TableError::TooLong);
        }
        Self::parse(&fs::read(file)?, sheet)
    }

    /// The same of its bytes.
    pub fn parse(bytes: &[u8], sheet: Option<&str>) -> Result<Self, TableError> {
        let table = if bytes.starts_with(ZIP) {
            workbook(bytes, sheet)?
        } else {
            csv(&decoded(bytes), MOST_CELLS)?
        };
        let named = table.columns.iter().zip(1..);
        let mut places = BTreeMap::new();
        for (column, place) in named.filter(|(column, _)| !column.is_empty()) {
            if let Some(before) = places.insert(column, place) {
                return Err(TableError::SameName(before, place));
            }
        }
        Ok(table)
    }
}

pub(super) fn csv(text: &str, most: usize) -> Result<Table, TableError> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator(text))
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut table = None;
    let mut cells = 0;
    let mut record = csv::StringRecord::new();
    let mut lines = Lines::of(text);
    while reader.read_record(&mut record).map_err(|error| {
        let line = error.position().map_or(0, csv::Position::line);
        TableError::Csv { line }
    })? {
        cells += record.len();
        if cells > most {
            return Err(TableError::TooManyCells);
        }
        let begins = record.position().map_or(0, csv::Position::byte);
        let line = lines.at(usize::try_from(begins).unwrap_or(usize::MAX));
        let cells = record.iter().map(|cell| cell.trim().to_owned()).collect();
        add(&mut table, line, cells);
    }
    table.ok_or(TableError::Empty)
}

/// Which line a row begins on: where the row before it ended, what ends a line and empty lines are
/// still to come.
struct Lines<'a> {
    bytes: &'a [u8],
    counted: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            counted: 0,
            line: 1,
        }
    }

    /// `begin` only rises.
    fn at(&mut self, begin: usize) -> u64 {
        let bytes = self.bytes;
        let ended = |at: &usize| !matches!(bytes.get(*at), Some(b'\r' | b'\n'));
        let first = (begin..).find(ended).unwrap_or(begin).min(bytes.len());
        let passed = bytes.get(self.counted..first).unwrap_or_default();
        let ends = passed.iter().filter(|byte| **byte == b'\n').count();
        self.line += u64::try_from(ends).unwrap_or_default();
        self.counted = first;
        self.line
    }
}

/// The separator that the first row has most of.
fn separator(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |separator: &u8| first.bytes().filter(|byte| byte == separator).count();
    // Of equals the last: what French programs write.
    [b',', b'\t', b';']
        .into_iter()
        .max_by_key(count)
        .unwrap_or(b';')
}

/// The library (0.38) panics on some broken workbooks, as the property tests found; a file that
/// somebody was sent must not end the program.
fn workbook(bytes: &[u8], sheet: Option<&str>) -> Result<Table, TableError> {
    // What is shared with the closure is only read.
    panic::catch_unwind(|| sheet_of(bytes, sheet))
        .unwrap_or_else(|_| Err(TableError::Workbook("it is broken".to_owned())))
}

fn sheet_of(bytes: &[u8], sheet: Option<&str>) -> Result<Table, TableError> {
    let broken = |error: calamine::XlsxError| TableError::Workbook(error.to_string());
    unpacks_within(bytes, MOST_BYTES)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let names = book.sheet_names();
    let name = match sheet {
        Some(name) => names.into_iter().find(|one| one == name),
        None => names.into_iter().next(),
    };
    let name = name.ok_or(TableError::NoSheet)?;
    let mut reader = book.worksheet_cells_reader(&name).map_err(broken)?;
    let mut cells = Vec::new();
    while let Some(cell) = reader.next_cell().map_err(broken)? {
        let value = Data::from(cell.get_value().clone());
        if !value.is_empty() {
            cells.push(Cell::new(cell.get_position(), value));
        }
    }
    if between(&cells) > MOST_CELLS {
        return Err(TableError::TooManyCells);
    }
    let range = Range::from_sparse(cells);
    let first = range.start().map_or(0, |(row, _)| row);
    let mut table = None;
    for (line, row) in (u64::from(first) + 1..).zip(range.rows()) {
        add(&mut table, line, row.iter().map(shown).collect());
    }
    table.ok_or(TableError::Empty)
}

/// A small archive may unpack to more than any memory holds; what it says of its own length is not
/// asked.
pub(super) fn unpacks_within(bytes: &[u8], most: u64) -> Result<(), TableError> {
    let broken = |error: zip::result::ZipError| TableError::Workbook(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let mut left = most;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(broken)?;
        let long = io::copy(&mut part.take(left.saturating_add(1)), &mut io::sink());
        let long = long.map_err(|error| TableError::Workbook(error.to_string()))?;
        left = left.checked_sub(long).ok_or(TableError::TooLong)?;
    }
    Ok(())
}

/// Cells of the smallest range that has these: two far apart make it as large as a sheet can be.
fn between(cells: &[Cell<Data>]) -> usize {
    let side = |of: fn((u32, u32)) -> u32| {
        let places = || cells.iter().map(|cell| of(cell.get_position()));
        let (least, most) = (places().min(), places().max());
        most.zip(least)
            .map_or(0, |(most, least)| (most - least) as usize + 1)
    };
    side(|(row, _)| row).saturating_mul(side(|(_, column)| column))
}

/// A cell of a workbook as a CSV would have it: days in ISO 8601.
fn shown(cell: &Data) -> String {
    match cell {
        Data::DateTime(day) => {
            let (year, month, day, ..) = day.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        other => other.as_string().unwrap_or_default().trim().to_owned(),
    }
}

/// The first row has the names; rows without any text are passed over. What is under no name stays,
/// for whoever reads the row to refuse it.
fn add(table: &mut Option<Table>, line: u64, mut cells: Vec<String>) {
    if cells.iter().all(String::is_empty) {
        return;
    }
    let Some(table) = table else {
        *table = Some(Table {
            columns: cells,
            rows: Vec::new(),
        });
        return;
    };
    let columns = table.columns.len();
    if cells.iter().skip(columns).all(String::is_empty) {
        cells.truncate(columns);
    }
    table.rows.push(TableRow { line, cells });
}

/// Longest file read: it is held in memory.
const MOST_BYTES: u64 = 256 << 20;
/// Most cells read: each takes memory, also one that says nothing.
const MOST_CELLS: usize = 1 << 24;
/// How an archive begins, which a workbook is.
const ZIP: &[u8] = b"PK\x03\x04";
