//! What readers see: the versions in memory, the flat state, the heights that are kept.

use crate::disk::Disk;
use crate::error::Error;
use crate::flat::FlatSnapshot;
use crate::options::MultistoreOptions;
use crate::recover::{recover, Recovered};
use crate::upkeep::Upkeep;
use crate::version::Version;
use std::collections::VecDeque;
use std::sync::Arc;

/// The state committed last, and the heights before it.
pub(super) struct Published {
    /// Oldest first; empty before the first commit.
    pub(super) versions: VecDeque<Arc<Version>>,
    pub(super) flat: Arc<FlatSnapshot>,
    /// The first height that was ever committed, 0 before it.
    pub(super) first: u64,
    /// The height up to which heights are pruned, 0 for none.
    pub(super) pruned: u64,
    /// The height of the checkpoint begun last, 0 before it.
    pub(super) checkpoint: u64,
}

/// What is committed on disk.
pub(super) fn read(
    disk: &Arc<Disk>,
    options: &MultistoreOptions,
    threads: &rayon::ThreadPool,
) -> Result<(Published, Upkeep), Error> {
    let recovered = threads.install(|| recover(disk, &options.stores, options.keep_versions))?;
    let Recovered { versions, checkpoint, changes, orphans, first, pruned } = recovered;
    let flat = Arc::new(FlatSnapshot::new(disk.view()));
    let published = Published { versions, flat, first, pruned, checkpoint: checkpoint.height };
    Ok((published, Upkeep::new(checkpoint, changes, orphans)))
}

impl Published {
    pub(super) fn latest(&self) -> Option<&Arc<Version>> {
        self.versions.back()
    }

    /// The heights that are kept, first and last.
    pub(super) fn kept(&self) -> (u64, u64) {
        let latest = self.latest().map_or(0, |latest| latest.height);
        (self.first.max(self.pruned.saturating_add(1)).min(latest), latest)
    }

    pub(super) fn expect(&self, height: u64) -> Result<(), Error> {
        let (first, latest) = self.kept();
        if height > 0 && (first..=latest).contains(&height) {
            return Ok(());
        }
        Err(Error::HeightNotAvailable { height, first, latest })
    }
}
