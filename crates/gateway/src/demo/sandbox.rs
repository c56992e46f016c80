//! `passerelle sandbox`: a node to write an agency system against, and partners whose persons give
//! every answer that such a system must handle.
//!
//! The nodes are those of the demonstration. What only a fault brings about is made around them: a
//! `switch` before the port of one partner; what only its agents bring about, `partner` does.
//! `persons` is the one list that the printed table,
//! `sandbox.json`, the documentation and the test are made of.

mod described;
mod partner;
mod persons;
mod prepared;
mod printed;
mod switch;

use std::future::Future;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use super::error::{DemoError, of_file};
use super::federation::{Federation, Variant};
use super::folder::Folder;
use super::narrator::Narrator;
use crate::config::Quotas;
use crate::runtime::SystemRng;
use crate::shown::Language;
use partner::Partner;
use prepared::Prepared;
use switch::{Running as RunningSwitch, Switch};

/// What to set up.
#[derive(Clone, Debug)]
pub struct Sandbox {
    /// In which language it is explained.
    pub language: Language,
    /// The port of the node to call; 0: a free one.
    pub port: u16,
    /// Where everything is made, a folder that is empty or absent; `None`: a temporary one, which
    /// goes at the end.
    pub folder: Option<PathBuf>,
    /// The table of rules, JSON.
    pub rules: String,
}

/// Sets it up, says to `out` how it is used, and stays until `interrupted`.
pub async fn run(
    sandbox: Sandbox,
    out: &mut dyn Write,
    interrupted: impl Future<Output = ()>,
) -> Result<(), DemoError> {
    let mut interrupted = pin!(interrupted);
    let folder = Folder::new(sandbox.folder.as_deref(), &SystemRng::new())?;
    let running = tokio::select! {
        running = Box::pin(Running::start(folder.path(), &sandbox, SLOW)) => running?,
        () = &mut interrupted => return Err(DemoError::Interrupted),
    };
    printed::write(&running, &mut Narrator::new(out, sandbox.language, false))?;
    out.flush()?;
    // Last: whoever waits for the file finds the nodes at rest.
    described::write(&running, sandbox.language)?;
    tokio::select! {
        () = interrupted => running.federation.stop().await,
        failed = running.partner.obey(&running.federation) => failed,
    }
}

/// A sandbox that can be called.
struct Running {
    federation: Federation,
    persons: Vec<Prepared>,
    switch: RunningSwitch,
    partner: Partner,
}

impl Running {
    /// `slow` is how long a partner that is slow holds back what it is sent.
    async fn start(folder: &Path, sandbox: &Sandbox, slow: Duration) -> Result<Self, DemoError> {
        let switch = Switch::bind(folder, slow).await.map_err(of_file(folder))?;
        let variant = Variant {
            port: sandbox.port,
            quotas: Quotas {
                caseworker_per_day: 10_000,
                new_agent_days: 0,
                ..Quotas::default()
            },
            mission_locale_at: Some(switch.address()),
        };
        let federation = Federation::start(folder, &sandbox.rules, &variant);
        let federation = Box::pin(federation).await?;
        let holder = federation.mission_locale.config.node_listener.address;
        let switch = switch.run(holder);
        let persons = Box::pin(prepared::prepare(&federation)).await?;
        Ok(Self {
            federation,
            persons,
            switch,
            partner: Partner::new(folder),
        })
    }
}

/// Long enough to be noticed, and within what a call may take.
const SLOW: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
