//! Going back: undoes the latest heights on disk, one after the other, each in one batch that leaves the committed state of the height
//! before. So it may be interrupted anywhere and begun again.

use crate::change_log::{changes, damaged, log_key, read_height};
use crate::checkpoint::{heights, Checkpoint, Head};
use crate::disk::{height_key, named, Disk, Family, View};
use crate::disk::{COMMIT_INFO, FIRST_KEY, FORGOTTEN_KEY, LATEST_KEY, PRUNED_KEY};
use crate::error::Error;
use crate::flat::state_key;
use crate::history::{decode, history_key};
use std::sync::Arc;

/// Undoes every height above `target`.
pub(crate) fn roll_back(disk: &Arc<Disk>, target: u64) -> Result<(), Error> {
    let view = disk.view();
    let (first, latest) = (view.number(FIRST_KEY)?.unwrap_or_default(), view.number(LATEST_KEY)?.unwrap_or_default());
    let lowest = view.number(FORGOTTEN_KEY)?.unwrap_or_default().max(first);
    if target < lowest || target > latest || target == 0 {
        return Err(Error::Rollback { height: target, lowest, latest });
    }
    for height in (target.saturating_add(1)..=latest).rev() {
        undo(disk, &disk.view(), height)?;
    }
    Ok(())
}

/// Undoes the latest height.
fn undo(disk: &Arc<Disk>, view: &View, height: u64) -> Result<(), Error> {
    let mut batch = disk.batch();
    for (store, record) in read_height(view, height)? {
        for change in changes(&record) {
            let (key, _) = change.map_err(|why| damaged(height, &store, why))?;
            let at = history_key(&store, key, height);
            let wrong = |why| Error::Damaged { what: named(Family::History, &at), why };
            let before = view.get(Family::History, &at)?.ok_or_else(|| wrong("it is missing"))?;
            match decode(&before).map_err(wrong)? {
                Some(value) => batch.put(Family::State, &state_key(&store, key), &value)?,
                None => batch.delete(Family::State, &state_key(&store, key))?,
            }
            batch.delete(Family::History, &at)?;
        }
        batch.delete(Family::Log, &log_key(height, &store))?;
    }
    let before = height.saturating_sub(1);
    batch.delete(Family::Meta, &height_key(COMMIT_INFO, height))?;
    batch.put(Family::Meta, LATEST_KEY, &before.to_be_bytes())?;
    if view.number(PRUNED_KEY)?.is_some_and(|pruned| pruned >= before) {
        batch.put(Family::Meta, PRUNED_KEY, &before.saturating_sub(1).to_be_bytes())?;
    }
    if heights(view, u64::MAX, true)?.next().transpose()? == Some(height) {
        let base = heights(view, before, true)?.next().transpose()?;
        let head = base.map(|base| Ok::<_, Error>((base, Head::read(view, base)?))).transpose()?;
        let last = head.map_or_else(Checkpoint::none, |(height, head)| Checkpoint { height, next: head.next });
        last.delete_after(&mut batch)?;
    }
    batch.write(true)
}
