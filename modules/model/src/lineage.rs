//! Lineage: which ancestors of a model version earn of its income, flattened once, when it is registered.
//!
//! Royalties are absolute: each ancestor gets the basis points that it set for itself of every descendant's model share, however far
//! down, once, even where several paths lead to it. They are fixed with the version, so a parent can't change its terms under its
//! descendants. Depth, number of ancestors and their sum are bounded, so that dividing one settlement's fees is bounded work.

use std::collections::BTreeMap;

use openledger_core::{Context, Result};

use crate::error::ModelError;
use crate::keeper::Models;
use crate::types::{Ancestor, Parent};

/// Basis points of a whole.
pub const WHOLE: u32 = 10_000;
/// The deepest lineage: generations above a version.
pub const MAX_DEPTH: u32 = 16;
/// The most ancestors of a version.
pub const MAX_ANCESTORS: usize = 64;
/// The most parents of a version.
pub const MAX_PARENTS: usize = 16;

/// All ancestors through these parents, ascending, and the depth of a version below them.
pub(crate) fn flatten(models: &Models, ctx: &Context, parents: &[Parent]) -> Result<(Vec<Ancestor>, u32)> {
    let (mut ancestors, mut depth) = (BTreeMap::new(), 0u32);
    for parent in parents {
        let version = models.version_or_error(ctx, parent.version)?;
        ancestors.insert(version.id, version.royalty_bps);
        ancestors.extend(version.ancestors.iter().map(|ancestor| (ancestor.version, ancestor.royalty_bps)));
        depth = depth.max(version.depth.saturating_add(1));
    }
    if depth > MAX_DEPTH {
        return Err(ModelError::Lineage(format!("a lineage of {depth} generations is deeper than {MAX_DEPTH}")).into());
    }
    if ancestors.len() > MAX_ANCESTORS {
        let text = format!("{} ancestors are more than {MAX_ANCESTORS}", ancestors.len());
        return Err(ModelError::Lineage(text).into());
    }
    let sum = ancestors.values().fold(0u64, |sum, bps| sum.saturating_add(u64::from(*bps)));
    if sum > u64::from(WHOLE) {
        return Err(ModelError::Lineage(format!("the ancestors' royalties of {sum} basis points pass {WHOLE}")).into());
    }
    let ancestor = |(version, royalty_bps)| Ancestor { version, royalty_bps };
    Ok((ancestors.into_iter().map(ancestor).collect(), depth))
}
