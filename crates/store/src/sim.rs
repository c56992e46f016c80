//! Faults on demand: a disk that forgets what was not synced and fails at the operation it is told,
//! a process end that only notes its reason, and a clock and chance that the test sets.

mod chance;
mod disk;
mod file;
mod inode;
mod node;
mod ports;

pub use disk::{Crash, Fault, SimDisk};
pub use node::SimNode;
pub use ports::{FatalNote, SeededRng, SetClock};
