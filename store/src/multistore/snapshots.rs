//! Snapshots: a height held still for an export, and an empty store that takes one in.

use super::published::read;
use super::Multistore;
use crate::disk::{number, Family, RESTORED_KEY};
use crate::error::Error;
use crate::recover::commit_info;
use crate::snapshots::{Frozen, Restore};
use crate::upkeep::Upkeep;
use std::sync::{Arc, PoisonError};

impl Multistore {
    /// The state of a height that is kept (0: the latest), held still for an export.
    ///
    /// # Errors
    /// [`Error::HeightNotAvailable`]; for a height that is no longer in memory those of rebuilding its trees.
    pub fn freeze(&self, height: u64) -> Result<Frozen, Error> {
        let published = self.published();
        let height = if height == 0 { published.kept().1 } else { height };
        published.expect(height)?;
        // Of a moment after the trees: what they have on disk is in it, whatever is pruned from now on.
        let view = Arc::new(self.disk.view());
        let in_memory = published.versions.iter().rev().find(|version| version.height == height);
        let info = in_memory.map_or_else(|| commit_info(&view, height), |version| Ok(version.info.clone()))?;
        let mut trees = Vec::new();
        for store in &info.store_infos {
            let tree = match in_memory {
                Some(version) => version.tree(&store.name)?.reading(view.clone()),
                None => self.past.tree(&self.disk, &store.name, height)?.tree.clone(),
            };
            trees.push((store.name.clone(), tree));
        }
        Ok(Frozen { height, info, trees })
    }

    /// Begins to restore the snapshot of a height into this store, which must be empty, or have nothing but what it was restored from;
    /// what a former restore left is deleted.
    ///
    /// # Errors
    /// [`Error::NotEmpty`], and those of the disk.
    pub fn restore(&self, height: u64) -> Result<Restore, Error> {
        self.clear()?;
        Ok(Restore::new(self.disk.clone(), self.options.stores.clone(), height))
    }

    /// Deletes what a restore has written: one that was given up, or one that ended and after which no block was committed. CometBFT
    /// offers snapshots only while it has no block itself, so that a height without it leads nowhere.
    ///
    /// # Errors
    /// [`Error::NotEmpty`], and those of the disk.
    pub fn clear(&self) -> Result<(), Error> {
        let mut upkeep = self.upkeep();
        let height = self.height();
        if height == 0 {
            return self.disk.clear();
        }
        let restored =
            self.disk.get(Family::Meta, RESTORED_KEY)?.map(|bytes| number(RESTORED_KEY, &bytes)).transpose()?;
        if restored != Some(height) {
            return Err(Error::NotEmpty(height));
        }
        upkeep.finish()?;
        self.disk.forget(height)?;
        self.disk.clear()?;
        self.reread(&mut upkeep)?;
        self.past.forget();
        Ok(())
    }

    /// Ends a restore: the store is at its height, if its app hash is `app_hash`; `None` takes any, for who trusts the snapshot.
    ///
    /// # Errors
    /// [`Error::Snapshot`] for another app hash, or an incomplete snapshot: [`Multistore::clear`] is to be called then.
    pub fn finish_restore(&self, restore: Restore, app_hash: Option<&[u8]>) -> Result<(), Error> {
        let mut upkeep = self.upkeep();
        if self.height() > 0 {
            return Err(Error::NotEmpty(self.height()));
        }
        restore.finish(app_hash)?;
        self.reread(&mut upkeep)
    }

    /// Publishes what is on disk now, as at a start.
    fn reread(&self, upkeep: &mut Upkeep) -> Result<(), Error> {
        let (published, begun) = read(&self.disk, &self.options, &self.threads)?;
        *upkeep = begun;
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(published);
        Ok(())
    }
}
