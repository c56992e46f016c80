//! The command line.
//!
//! What is asked for goes to standard output, in a form that stays; what went wrong goes to standard
//! error as one sentence that names file, field and rule. Exit status 0: done; 1: refused, or a log
//! that does not hold; 2: the command was not understood.

mod agent;
mod check_config;
mod clock;
mod columns;
mod demo;
mod failure;
mod import;
mod keys;
mod lang;
mod log;
mod notices;
mod pki;
mod policy;
mod sandbox;
mod serve;
mod show;
mod snippet;
mod subject;
mod trust_list;
mod vocabulary;

pub use failure::Failure;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::runtime::{SystemClock, SystemRng};

/// Passerelle: lets organisations that accompany one person share what may be shared, and nothing
/// else, without a central database.
#[derive(Debug, Parser)]
#[command(
    name = "passerelle",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
struct Passerelle {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Try it: three organisations on this machine, and one story told as it goes.
    ///
    /// Makes a throw-away federation of a mission locale, a département and an association, starts
    /// three real nodes, and plays a story with fictitious persons through their public API. Then
    /// the nodes stay up until Ctrl-C, with calls to try.
    Demo(demo::Demo),
    /// Write an agency system against it: a node to call, and partners that give every answer.
    ///
    /// Makes a throw-away federation and prints how to call the node of the département, and a table
    /// of fictitious persons: what to call for each, and what must come. DIR/sandbox.json says the
    /// same to programs. The nodes stay up until Ctrl-C.
    Sandbox(sandbox::Sandbox),
    /// Keep an agent out of the own node, and let them in again.
    ///
    /// Calls the running node, as any agency system does, in a session with role operator.
    #[command(subcommand)]
    Agent(agent::Agent),
    /// Run the node of a configuration file.
    ///
    /// Ends at SIGTERM or SIGINT, once the calls that run have finished. At SIGHUP certificates,
    /// revocation lists, the trust list and the notices are read again. Writes one line an event to
    /// standard error, and never personal data.
    Serve(serve::Serve),
    /// Check a configuration file and the files it names, without starting anything.
    ///
    /// Loads all that a node loads before it opens its store, and keeps nothing. What would not stop
    /// it from starting, and must be looked into, follows `attention:`.
    CheckConfig(check_config::CheckConfig),
    /// Put an end to a fault of the clock.
    #[command(subcommand)]
    Clock(clock::Clock),
    /// Take persons and their records over from a CSV or XLSX file into the own node.
    ///
    /// Calls the running node, as any agency system does. A row is kept whole or not at all; a second
    /// run changes nothing, and goes on where a first one ended early. A row that looks like another
    /// person is listed, never merged. The report has a line for each cell that was refused, and
    /// never says what was in it. Exit status 0 only if every row was taken over.
    Import(import::Import),
    /// Make the keys of a node, or show the public part of a key.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Make certificates: for the nodes of a federation, or for the systems of an organisation.
    ///
    /// A federation has one authority for its nodes. Each organisation has its own for its agency
    /// listener and its systems. Keys are made where they are used: an authority sees requests, not
    /// keys.
    #[command(subcommand)]
    Pki(pki::Pki),
    /// Show what is known here of a person's journey: all sources side by side.
    ///
    /// Calls the running node, as any agency system does: opening what others shared is in its log.
    /// Where the person stands, who accompanies them, what they want, what is open and what is next,
    /// the journey in time, and of every source what was not opened and since when it is unknown.
    /// Notes are not shown.
    Show(show::Show),
    /// Sign, check and show the list of the members of a federation.
    ///
    /// The list says who takes part, with which keys and rights. Coordinators sign it; every node
    /// checks it against the key that its operator pinned.
    #[command(subcommand)]
    TrustList(trust_list::TrustListCommand),
    /// Sign, check and show the notices: the texts that persons are shown.
    ///
    /// A catalogue holds them in every language, signed by whoever answers for them. A node takes it
    /// only from the key that its configuration names, and an agreement only with a text of it.
    #[command(subcommand)]
    Notices(notices::NoticesCommand),
    /// Check an exchange log offline, and prove what is in it.
    ///
    /// The log of a node is a folder of tiles (C2SP tlog-tiles). Anyone who holds it and the log's
    /// verifier key can check it, without the node and without a network.
    #[command(subcommand)]
    Log(log::LogCommand),
    /// Check and explain a table of rules: what may be shared between whom.
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Look something up in the vocabulary: the words and codes of a journey.
    #[command(subcommand)]
    Vocabulary(vocabulary::Vocabulary),
}

/// Runs the command that the arguments name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let parsed = match Passerelle::try_parse_from(arguments) {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help and version are no errors; clap knows which goes where.
            let _closed = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let mut out = io::stdout().lock();
    let done = parsed
        .command
        .run(&mut out)
        .and_then(|()| out.flush().map_err(Failure::from));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _closed = writeln!(io::stderr(), "passerelle: {failure}");
            ExitCode::FAILURE
        }
    }
}

impl Command {
    fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        match self {
            Self::Demo(command) => command.run(out),
            Self::Sandbox(command) => command.run(out),
            Self::Agent(command) => command.run(out),
            Self::Serve(command) => command.run(),
            Self::CheckConfig(command) => command.run(out),
            Self::Clock(command) => command.run(out),
            Self::Import(command) => command.run(out),
            Self::Keys(command) => command.run(out, &SystemClock, &SystemRng::new()),
            Self::Pki(command) => command.run(out, &SystemClock),
            Self::Show(command) => command.run(out),
            Self::TrustList(command) => command.run(out, &SystemClock),
            Self::Notices(command) => command.run(out, &SystemClock),
            Self::Log(command) => command.run(out),
            Self::Policy(command) => command.run(out),
            Self::Vocabulary(command) => command.run(out),
        }
    }
}

#[cfg(test)]
mod tests;
