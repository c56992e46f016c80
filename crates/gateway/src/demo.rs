//! `passerelle demo`: three organisations on this machine, three real nodes in this process, and one
//! story played through their public API and told as it goes.
//!
//! Everything is made by the functions behind the command line, each node is started from a
//! configuration file that `passerelle serve` reads too, and the agency systems of the story know
//! nothing but the API. Each step is an assertion: the first that fails ends the story.
//!
//! Read first: [`run`], `story`.

mod agency;
mod by_hand;
mod calls;
mod config_file;
mod described;
mod error;
mod federation;
mod folder;
mod journeys;
mod narrator;
mod notices;
mod organisations;
pub mod sandbox;
mod shown;
mod story;
mod texts;

use std::future::Future;
use std::io::Write;
use std::path::PathBuf;
use std::pin::pin;

pub use agency::Refused;
pub use error::DemoError;
pub use folder::FolderError;

use crate::runtime::SystemRng;
use crate::shown::Language;
use federation::{Federation, Variant};
use folder::Folder;
use narrator::Narrator;

/// How the story is to be told.
#[derive(Clone, Debug)]
pub struct Demo {
    /// In which language.
    pub language: Language,
    /// With colours.
    pub colours: bool,
    /// Whether the nodes stay up when it is told.
    pub stays: bool,
    /// Where everything is made, a folder that is empty or absent; `None`: a temporary one, which
    /// goes at the end.
    pub folder: Option<PathBuf>,
    /// The table of rules, JSON.
    pub rules: String,
}

/// The table of rules that comes with the project: an example for training.
pub const EXAMPLE_RULES: &str = include_str!("../../../deploy/rules.example.json");

/// Makes the federation, tells the story to `out`, and, where the nodes stay, waits until
/// `interrupted`. An error is the first thing that did not go as it must.
pub async fn run(
    demo: Demo,
    out: &mut dyn Write,
    interrupted: impl Future<Output = ()>,
) -> Result<(), DemoError> {
    let mut interrupted = pin!(interrupted);
    let folder = Folder::new(demo.folder.as_deref(), &SystemRng::new())?;
    let mut tell = Narrator::new(out, demo.language, demo.colours);
    // Before the work of a second or two: nobody looks at an empty screen.
    story::open(&folder, &mut tell)?;
    let federation = Box::pin(Federation::start(
        folder.path(),
        &demo.rules,
        &Variant::default(),
    ))
    .await?;
    let played = tokio::select! {
        played = Box::pin(play(&demo, &folder, &federation, &mut tell)) => played,
        () = &mut interrupted => Err(DemoError::Interrupted),
    };
    if played.is_ok() && demo.stays {
        interrupted.await;
        if !folder.is_temporary() {
            calls::start_again(&federation, &mut tell)?;
        }
    }
    let stopped = federation.stop().await;
    played.and(stopped)
}

async fn play(
    demo: &Demo,
    folder: &Folder,
    federation: &Federation,
    tell: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    by_hand::write(federation)?;
    story::play(federation, tell).await?;
    tell.gap()?;
    tell.title(tell.texts.end)?;
    if demo.stays {
        calls::to_try(federation, tell).await?;
    } else if !folder.is_temporary() {
        calls::start_again(federation, tell)?;
    }
    // Last: whoever waits for the file finds the nodes at rest.
    described::write(federation)
}

#[cfg(test)]
mod tests;
