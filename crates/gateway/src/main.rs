//! The command `passerelle`.

use std::process::ExitCode;

/// A node allocates in many threads at once, and most of what it allocates is small.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    passerelle_gateway::cli::run(std::env::args_os())
}
