//! The cryptographic generator of a node.

use std::fmt;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use passerelle_domain::Rng;

/// The generator of aws-lc, seeded by the operating system.
#[derive(Clone, Default)]
pub struct SystemRng(SystemRandom);

impl SystemRng {
    /// A handle on the generator.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Rng for SystemRng {
    #[allow(clippy::expect_used, reason = "see the comment")]
    fn fill(&self, bytes: &mut [u8]) {
        // Fails only when the operating system gives no randomness: then no key, nonce or
        // identifier may be made, and going on would be worse than stopping.
        self.0
            .fill(bytes)
            .expect("the operating system gives randomness");
    }
}

impl fmt::Debug for SystemRng {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SystemRng")
    }
}

#[cfg(test)]
mod tests;
