//! Properties of which every case has a database of its own.
#![allow(clippy::panic, clippy::disallowed_methods)]

use proptest::prelude::{ProptestConfig, Strategy, TestCaseError};
use proptest::test_runner::TestRunner;

/// Runs such a property: `gate` cases, or a fiftieth of `PROPTEST_CASES` where that is more.
/// (A plain `proptest!` would run all of `PROPTEST_CASES`, and 5,000 of these take hours.)
pub fn heavily<S: Strategy>(
    gate: u32,
    strategy: &S,
    property: impl Fn(S::Value) -> std::result::Result<(), TestCaseError>,
) {
    let asked: u32 = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or_default();
    let cases = gate.max(asked / 50);
    let config =
        ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(strategy, property);
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}
