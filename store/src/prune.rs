//! Deleting what no height that is kept needs any more: in the background, batch by batch, each of which leaves a whole state.

use crate::change_log::{changes, damaged, read_height};
use crate::checkpoint::{heights, orphans};
use crate::disk::{height_key, Batch, Disk, Family, View, CHECKPOINT, COMMIT_INFO, FIRST_KEY, FORGOTTEN_KEY, ORPHANS};
use crate::error::Error;
use crate::history::history_key;
use std::sync::Arc;

/// Deletions are written in batches of about this many bytes.
const BATCH_BYTES: usize = 1 << 20;

/// Deletes what only heights below `floor` need: what was replaced up to it; the checkpoints before the one it is rebuilt from; the
/// log up to that. The latest checkpoint but one stays, to start from where the latest is damaged.
pub(crate) fn prune(disk: &Arc<Disk>, floor: u64) -> Result<(), Error> {
    if !forget(disk, floor)? {
        return Ok(());
    }
    let view = disk.view();
    let mut old = Vec::new();
    let mut all = heights(&view, u64::MAX, false)?;
    let later = loop {
        match all.next().transpose()? {
            Some(height) if height <= floor => old.push(height),
            later => break later,
        }
    };
    drop(all);
    if later.is_none() {
        old.pop();
    }
    let Some(&base) = old.last() else { return Ok(()) };
    for pair in old.windows(2) {
        if let [oldest, next] = pair {
            delete_checkpoint(disk, &view, *oldest, *next)?;
            if disk.is_stopping() {
                return Ok(());
            }
        }
    }
    let mut batch = disk.batch();
    delete_up_to(&mut batch, &view, Family::Log, &[0], &base.saturating_add(1).to_be_bytes())?;
    delete_up_to(&mut batch, &view, Family::Meta, &[COMMIT_INFO], &height_key(COMMIT_INFO, base))?;
    batch.write(false)
}

/// Deletes `from <= key < to`, from the first key that is there: what was deleted before is not deleted again.
fn delete_up_to(batch: &mut Batch, view: &View, family: Family, from: &[u8], to: &[u8]) -> Result<(), Error> {
    let mut records = view.raw(family, from.to_vec(), to.to_vec())?;
    records.seek_to_first();
    if let Some(first) = records.key() {
        batch.delete_range(family, first, to)?;
    }
    Ok(records.status()?)
}

/// Deletes the oldest checkpoint, with the nodes that the next one has not.
fn delete_checkpoint(disk: &Disk, view: &View, oldest: u64, next: u64) -> Result<(), Error> {
    let mut batch = disk.batch();
    for number in orphans(view, next)? {
        batch.delete(Family::Nodes, &number.to_be_bytes())?;
    }
    for prefix in [CHECKPOINT, ORPHANS] {
        batch.delete(Family::Meta, &height_key(prefix, oldest))?;
    }
    batch.write(false)
}

/// Deletes what the heights up to `floor` replaced; false where it was asked to end first. The log says which keys those are.
fn forget(disk: &Arc<Disk>, floor: u64) -> Result<bool, Error> {
    let view = disk.view();
    // What the first height replaced is nothing, and not noted.
    let Some(done) = view.number(FORGOTTEN_KEY)?.map_or_else(|| view.number(FIRST_KEY), |done| Ok(Some(done)))? else {
        return Ok(true);
    };
    let mut batch = disk.batch();
    for height in done.saturating_add(1)..=floor {
        for (store, record) in read_height(&view, height)? {
            for change in changes(&record) {
                let (key, _) = change.map_err(|why| damaged(height, &store, why))?;
                batch.delete(Family::History, &history_key(&store, key, height))?;
            }
        }
        if height == floor || batch.bytes() > BATCH_BYTES {
            batch.put(Family::Meta, FORGOTTEN_KEY, &height.to_be_bytes())?;
            batch.write(false)?;
            if disk.is_stopping() {
                return Ok(false);
            }
        }
    }
    Ok(true)
}
