//! Which heights are kept: the SDK's strategies and numbers (cosmossdk.io/store v1.1, `pruning/types/options.go`).

use crate::error::Error;

/// How many of the last heights can always be gone back to (`rollback`), whatever is pruned.
pub const UNDO_HEIGHTS: u64 = 100;
/// The least that a custom strategy keeps, and its shortest interval.
const LEAST: Pruning = Pruning { keep_recent: 2, interval: 10 };

/// Which past heights are kept for queries and proofs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pruning {
    /// How many heights below the latest are kept, at least.
    keep_recent: u64,
    /// Every how many heights the others are pruned; 0: never.
    interval: u64,
}

impl Pruning {
    /// `default`: 362,880 heights, three and a half weeks at 6 s a block, pruned every 10.
    pub const DEFAULT: Self = Self { keep_recent: 362_880, interval: 10 };
    /// `everything`: 2 heights, pruned every 10.
    pub const EVERYTHING: Self = LEAST;
    /// `nothing`: an archive.
    pub const NOTHING: Self = Self { keep_recent: 0, interval: 0 };

    /// `custom`.
    ///
    /// # Errors
    /// Less than 2 heights or an interval below 10, in the SDK's words.
    pub fn custom(keep_recent: u64, interval: u64) -> Result<Self, Error> {
        match (keep_recent, interval) {
            (_, 0) => Err(Error::Pruning(
                "'pruning-interval' must not be 0. If you want to disable pruning, select pruning = \"nothing\"",
            )),
            (_, 1..=9) => Err(Error::Pruning(
                "'pruning-interval' must not be less than 10. For the most aggressive pruning, select pruning = \"everything\"",
            )),
            (0..=1, _) => Err(Error::Pruning(
                "'pruning-keep-recent' must not be less than 2. For the most aggressive pruning, select pruning = \"everything\"",
            )),
            _ => Ok(Self { keep_recent, interval }),
        }
    }

    /// How many heights below the latest are kept, at least; 0 for an archive.
    pub fn keep_recent(&self) -> u64 {
        self.keep_recent
    }

    /// Every how many heights the others are pruned; 0 for an archive.
    pub fn interval(&self) -> u64 {
        self.interval
    }

    /// The height up to which all are pruned once `height` is committed (SDK `Manager.GetPruningHeight`).
    pub(crate) fn prunes(&self, height: u64) -> Option<u64> {
        let due = height.checked_rem(self.interval)? == 0;
        let last = height.checked_sub(self.keep_recent)?.checked_sub(1)?;
        (due && last > 0).then_some(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_are_pruned_as_the_sdk_does() {
        assert_eq!(Pruning::NOTHING.prunes(1_000_000), None);
        let everything = Pruning::EVERYTHING;
        assert_eq!([9, 10, 11, 20].map(|height| everything.prunes(height)), [None, Some(7), None, Some(17)]);
        assert_eq!(Pruning::DEFAULT.prunes(362_880), None);
        assert_eq!(Pruning::DEFAULT.prunes(362_890), Some(9));
        let custom = Pruning::custom(100, 17).unwrap();
        assert_eq!([102, 118, 119, 120].map(|height| custom.prunes(height)), [Some(1), None, Some(18), None]);
    }

    #[test]
    fn a_custom_strategy_that_keeps_too_little_is_refused() {
        for (keep_recent, interval, text) in [(2, 0, "must not be 0"), (2, 9, "less than 10"), (1, 10, "less than 2")] {
            let error = Pruning::custom(keep_recent, interval).unwrap_err();
            assert!(error.to_string().contains(text), "{error}");
        }
        assert_eq!(Pruning::custom(2, 10).unwrap(), Pruning::EVERYTHING);
    }
}
