//! The command `passerelle`.

use std::process::ExitCode;

fn main() -> ExitCode {
    passerelle_gateway::cli::run(std::env::args_os())
}
