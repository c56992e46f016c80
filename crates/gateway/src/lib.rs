//! The outer half of a node: gRPC stubs, listeners, enforcement, configuration, telemetry, shutdown
//! and the command line.

pub mod assemble;
pub mod cli;
pub mod client;
pub mod config;
pub mod demo;
pub mod errors;
pub mod import;
pub mod layers;
pub mod listeners;
pub mod node;
pub mod notices;
pub mod origin;
mod paper;
pub mod ports;
mod printed;
pub mod readiness;
pub mod rules;
pub mod runtime;
#[cfg(test)]
mod sample;
pub mod serve;
pub mod services;
pub mod sheet;
pub mod shown;
pub mod stubs;
pub mod telemetry;
pub mod throwaway;
pub mod trust;
pub mod yaml;
