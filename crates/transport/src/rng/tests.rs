use super::*;

#[test]
fn two_draws_differ() {
    let rng: &dyn Rng = &SystemRng::new();
    assert_ne!(rng.bytes::<32>(), rng.bytes::<32>());
}
