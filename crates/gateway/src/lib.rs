//! The outer half of a node: gRPC stubs, listeners, enforcement, configuration, telemetry, shutdown
//! and the command line.

pub mod config;
pub mod errors;
pub mod runtime;
pub mod stubs;
pub mod telemetry;
pub mod yaml;
