use std::time::{Duration, Instant};

/// The longest that anything may take, on a machine that does much else besides. What fails ends;
/// it does not wait for ever.
pub const LONGEST: Duration = Duration::from_secs(180);

/// Between two looks at something in another process, which cannot tell when it is ready.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// Looks until `ready`; panics, with what was waited for, when that takes too long.
#[expect(
    clippy::disallowed_methods,
    reason = "what is watched is another process"
)]
pub async fn until(what: &str, mut ready: impl FnMut() -> bool) {
    let since = Instant::now();
    while !ready() {
        assert!(since.elapsed() < LONGEST, "waited too long for {what}");
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// Before another question to one that is gone.
pub async fn before_another() {
    tokio::time::sleep(BETWEEN_LOOKS).await;
}

/// As [`until`], for code that blocks.
#[expect(
    clippy::disallowed_methods,
    reason = "what is watched is another process"
)]
pub(crate) fn block_until(what: &str, mut ready: impl FnMut() -> bool) {
    let since = Instant::now();
    while !ready() {
        assert!(since.elapsed() < LONGEST, "waited too long for {what}");
        std::thread::sleep(BETWEEN_LOOKS);
    }
}
