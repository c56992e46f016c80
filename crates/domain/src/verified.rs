//! A claim whose signature was checked.

/// A claim that its issuer signed, checked against a key that the trust list or the configuration
/// gives to that issuer.
///
/// Made in two places only, which `clippy.toml` watches: where tokens are checked, and where rows
/// that were sealed while `Verified` are read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    /// States that the signature of `claim` was checked.
    pub const fn new(claim: T) -> Self {
        Self(claim)
    }

    /// The claim.
    pub const fn claim(&self) -> &T {
        &self.0
    }

    /// The claim, no longer known to be verified.
    pub fn into_claim(self) -> T {
        self.0
    }
}

impl<T> std::ops::Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
