//! The command line.
//!
//! What is asked for goes to standard output, in a form that stays; what went wrong goes to standard
//! error as one sentence that names file, field and rule. Exit status 0: done; 1: refused, or a log
//! that does not hold; 2: the command was not understood.

mod check_config;
mod failure;
mod keys;
mod log;
mod pki;
mod snippet;
mod subject;
mod trust_list;

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
    /// Check a configuration file and the files it names, without starting anything.
    CheckConfig(check_config::CheckConfig),
    /// Make the keys of a node, or show the public part of a key.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Make certificates: for the nodes of a federation, or for the systems of an organisation.
    #[command(subcommand)]
    Pki(pki::Pki),
    /// Sign, check and show the list of the members of a federation.
    #[command(subcommand)]
    TrustList(trust_list::TrustListCommand),
    /// Check an exchange log offline, and prove what is in it.
    #[command(subcommand)]
    Log(log::LogCommand),
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
            Self::CheckConfig(command) => command.run(out),
            Self::Keys(command) => command.run(out, &SystemClock, &SystemRng::new()),
            Self::Pki(command) => command.run(out, &SystemClock),
            Self::TrustList(command) => command.run(out, &SystemClock),
            Self::Log(command) => command.run(out),
        }
    }
}

#[cfg(test)]
mod tests;
