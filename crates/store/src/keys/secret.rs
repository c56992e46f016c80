use passerelle_domain::Rng;
use zeroize::Zeroizing;

/// The bytes of a key: overwritten when dropped, never printed.
#[derive(Clone, Default)]
pub(crate) struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    pub(crate) fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A new key.
    pub(crate) fn random(rng: &dyn Rng) -> Self {
        let mut key = Self::default();
        rng.fill(key.bytes_mut());
        key
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8; 32] {
        &mut self.0
    }
}
