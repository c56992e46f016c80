use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use passerelle_domain::vocabulary::{Class, OrganisationKind, Purpose, Section};
use passerelle_policy::{Environment, ObjectionEffect, Review, Row, Rules, RulesTable};

use super::Failure;
use super::columns::Columns;
use crate::yaml::Document;

#[derive(Debug, Subcommand)]
pub(super) enum Policy {
    /// Check a table of rules and show what it opens between two kinds of organisation.
    ///
    /// Without them it shows the rows. A permission still needs a receipt: the rules say what may be
    /// shared at all, and what no row names is refused.
    Explain(Explain),
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The table of rules, JSON or YAML
    file: PathBuf,
    /// Who holds: an id of the list `organisation_kind`
    #[arg(long, value_name = "KIND", value_parser = kind, requires_all = ["requester", "purpose"])]
    holder: Option<OrganisationKind>,
    /// Who asks: an id of the list `organisation_kind`
    #[arg(long, value_name = "KIND", value_parser = kind, requires = "holder")]
    requester: Option<OrganisationKind>,
    /// For what: an id of the list `purpose`
    #[arg(long, value_name = "PURPOSE", value_parser = purpose, requires = "holder")]
    purpose: Option<Purpose>,
    /// Count only rows that somebody has verified, as a node in production does
    #[arg(long)]
    production: bool,
}

impl Policy {
    pub(super) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let Self::Explain(explain) = self;
        explain.run(out)
    }
}

impl Explain {
    fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let table: RulesTable = Document::read(&self.file)?.parse()?;
        let environment = if self.production {
            Environment::Production
        } else {
            Environment::Training
        };
        let rules = Rules::compile(&table, environment)
            .map_err(|error| Failure::of_file(&self.file, error))?;
        match (self.holder, self.requester, self.purpose) {
            (Some(holder), Some(requester), Some(purpose)) => {
                writeln!(out, "{requester} asks {holder} for {purpose}\n")?;
                between(&rules, holder, requester, purpose, &table, out)
            }
            _ => {
                let counted = rules.rows();
                writeln!(out, "{counted} of {} rows count\n", table.rows.len())?;
                write!(out, "{}", described(&table.rows)).map_err(Failure::from)
            }
        }
    }
}

fn between(
    rules: &Rules,
    holder: OrganisationKind,
    requester: OrganisationKind,
    purpose: Purpose,
    table: &RulesTable,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let speaking = rules.rows_between(holder, requester, purpose);
    if speaking.is_empty() {
        writeln!(out, "no row: refused, whatever the person agrees to")?;
        return Ok(());
    }
    let mut columns = Columns::default();
    let classes = Class::ALL.iter().map(|class| format!("class {class}"));
    columns.row(["section".to_owned()].into_iter().chain(classes));
    for section in Section::ALL {
        let cell = |class: &Class| {
            let row = speaking
                .iter()
                .find(|row| row.cells.contains(&(*section, *class)));
            match row {
                Some(row) if row.import => "read, import",
                Some(row) if row.read => "read",
                _ => "-",
            }
        };
        let cells = Class::ALL.iter().map(cell);
        columns.row([section.id()].into_iter().chain(cells));
    }
    writeln!(out, "{columns}")?;
    let named = |row: &&Row| speaking.iter().any(|one| one.name == row.name);
    let rows: Vec<_> = table.rows.iter().filter(named).cloned().collect();
    write!(out, "{}", described(&rows)).map_err(Failure::from)
}

fn described(rows: &[Row]) -> Columns {
    let mut columns = Columns::default();
    columns.row(["row", "objection", "secrecy", "article", "review"]);
    for row in rows {
        let objection = match row.objection {
            ObjectionEffect::Open => "closes it",
            ObjectionEffect::Closed => "closes it until the officer has answered",
        };
        let secrecy = if row.professional_secrecy {
            "yes"
        } else {
            "no"
        };
        let review = match &row.review {
            Review::Unverified {} => "unverified".to_owned(),
            Review::Verified { by, on, .. } => format!("{by}, {on}"),
        };
        columns.row([&row.name, objection, secrecy, &row.article, &review].map(String::from));
    }
    columns
}

fn kind(id: &str) -> Result<OrganisationKind, String> {
    OrganisationKind::parse(id)
        .ok_or_else(|| "`passerelle vocabulary list organisation_kind` names them".to_owned())
}

fn purpose(id: &str) -> Result<Purpose, String> {
    Purpose::parse(id).ok_or_else(|| "`passerelle vocabulary list purpose` names them".to_owned())
}
