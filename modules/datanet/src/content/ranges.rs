//! The nodes of a datanet's mountain range, so that a place is proven against any version with work of log n.
//!
//! The tree over the first `n` contributions splits at powers of two, so all but its right edge is perfect subtrees at fixed places; these
//! are stored when their last leaf comes, one a contribution on average. Leaves are made from the contributions. The right edge is
//! joined from perfect subtrees when it is asked for.

use cosmwasm_std::Binary;
use openledger_core::{wire, Context, Result};
use openledger_provenance::merkle::node_hash;
use openledger_provenance::Hash;

use super::state::NODES;
use crate::keeper::{broken, Datanets};
use crate::state::{ACCEPTED, STORE};

impl Datanets {
    /// Stores the subtrees that the leaf at `index` completes.
    pub(crate) fn append_nodes(&self, ctx: &mut Context, datanet: u64, index: u64, leaf: Hash) -> Result<()> {
        let (mut level, mut place, mut hash) = (0u8, index, leaf);
        while place & 1 == 1 {
            let left = self.node(ctx, datanet, level, place.saturating_sub(1))?;
            hash = node_hash(&left, &hash);
            level = level.saturating_add(1);
            place >>= 1;
            NODES.save(&mut ctx.kv_mut(STORE), (datanet, level, place), &Binary::from(hash))?;
        }
        Ok(())
    }

    /// The root of the perfect subtree of `2^level` leaves at `place`.
    fn node(&self, ctx: &Context, datanet: u64, level: u8, place: u64) -> Result<Hash> {
        if level > 0 {
            let node = NODES.may_load(&*ctx.kv(STORE), (datanet, level, place))?;
            return wire::stored_hash(
                &node.ok_or_else(|| broken(format!("datanet {datanet} has no node {level}/{place}")))?,
            );
        }
        let seq = ACCEPTED.load(&*ctx.kv(STORE), (datanet, place))?;
        let leaf = self.known_contribution(ctx, seq)?.leaf()?;
        leaf.ok_or_else(|| broken(format!("contribution {seq} has no content")))
    }

    /// The path from the leaf at `index` to the root of the first `count`, left to right: RFC 6962's, as `verify_range` walks it.
    pub(crate) fn inclusion_path(&self, ctx: &Context, datanet: u64, index: u64, count: u64) -> Result<Vec<Hash>> {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        let (mut start, mut end) = (0u64, count);
        while end.saturating_sub(start) > 1 {
            let middle = start.saturating_add(split(end.saturating_sub(start)));
            if index < middle {
                right.push(self.subtree(ctx, datanet, middle, end)?);
                end = middle;
            } else {
                left.push(self.subtree(ctx, datanet, start, middle)?);
                start = middle;
            }
        }
        left.extend(right.into_iter().rev());
        Ok(left)
    }

    /// The root over the leaves `start .. end`, where the tree over all of them has a subtree.
    fn subtree(&self, ctx: &Context, datanet: u64, start: u64, end: u64) -> Result<Hash> {
        // Perfect subtrees from the left, then joined from the right.
        let (mut at, mut parts) = (start, Vec::new());
        while at < end {
            let size = largest_power(end.saturating_sub(at));
            let level = size.trailing_zeros();
            let place = at.checked_shr(level).unwrap_or_default();
            parts.push(self.node(ctx, datanet, u8::try_from(level).unwrap_or(u8::MAX), place)?);
            at = at.saturating_add(size);
        }
        let joined = parts.into_iter().rev().reduce(|right, left| node_hash(&left, &right));
        joined.ok_or_else(|| broken("a subtree without leaves"))
    }
}

/// The largest power of two that is at most `n` (n ≥ 1).
fn largest_power(n: u64) -> u64 {
    1u64.checked_shl(63u32.saturating_sub(n.leading_zeros())).unwrap_or_default()
}

/// The largest power of two below `n` (n ≥ 2): where RFC 6962 splits.
fn split(n: u64) -> u64 {
    largest_power(n.saturating_sub(1))
}
