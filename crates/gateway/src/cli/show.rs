use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::Args;
use passerelle_domain::Clock;

use super::Failure;
use super::lang::Lang;
use crate::client::{ClientSettings, NodeSession};
use crate::runtime::{SystemClock, SystemRng};
use crate::sheet::{self, Sheet, SheetError};

#[derive(Debug, Args)]
pub(super) struct Show {
    /// The person: the reference of the agency system, or the node's id
    person: String,
    /// How to reach the own node, such as deploy/client.example.yaml
    #[arg(long, value_name = "FILE")]
    client: PathBuf,
    /// File for a page that prints on two A4 sheets, in place of the terminal; replaced if it is
    /// there
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// The language of what stands beside the journey; lines of the overview are in French
    #[arg(long, value_enum, default_value = "fr")]
    lang: Lang,
}

impl Show {
    pub(super) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let settings = ClientSettings::read(&self.client)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let sheet: Result<Sheet, SheetError> = runtime.block_on(async {
            let session = NodeSession::open(&settings, &SystemClock, &SystemRng::new()).await?;
            sheet::gather(&session, &self.person, SystemClock.now()).await
        });
        let sheet = sheet?;
        match &self.html {
            Some(file) => {
                let page = sheet::html(&sheet, self.lang.into());
                write_private(file, page.expose()).map_err(|error| Failure::of_file(file, error))
            }
            None => Ok(sheet::text(&sheet, self.lang.into(), out)?),
        }
    }
}

/// Nobody else on the machine reads a file that is made here.
fn write_private(file: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(file)?.write_all(text.as_bytes())
}
