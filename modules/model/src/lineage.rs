//! Lineage: which ancestors of a model version, and which feedback, earn of its income, flattened once, when it is registered.
//!
//! Royalties are absolute: each ancestor gets the basis points that it set for itself of every descendant's model share, however far
//! down, once, even where several paths lead to it. Feedback that a version incorporates gets what the terms of the version that it
//! is on promise, in the same way: of that version's model share and of every descendant's, once. All is fixed with the version, so
//! nobody changes the terms under a descendant. Depth, number of those who earn and their sum are bounded, so that dividing one
//! settlement's fees is bounded work and never passes the whole.

use std::collections::BTreeMap;

use openledger_core::Result;
use openledger_proto::openledger::model::v1::LineageKind;

use crate::error::ModelError;
use crate::types::{Adapter, Ancestor, FeedbackShare, ModelVersion, Parent};

/// Basis points of a whole.
pub const WHOLE: u32 = 10_000;
/// The deepest lineage: generations above a version.
pub const MAX_DEPTH: u32 = 16;
/// The most ancestors and feedback together that earn of a version.
pub const MAX_ANCESTORS: usize = 64;
/// The most parents of a version.
pub const MAX_PARENTS: usize = 16;

/// What a version inherits.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Lineage {
    /// All ancestors, ascending.
    pub ancestors: Vec<Ancestor>,
    /// All feedback that earns, ascending.
    pub feedback: Vec<FeedbackShare>,
    /// Generations above the version.
    pub depth: u32,
}

/// The lineage of a version with these parents that incorporates this feedback.
pub(crate) fn flatten(parents: &[ModelVersion], own: Vec<FeedbackShare>) -> Result<Lineage, ModelError> {
    let (mut ancestors, mut feedback, mut depth) = (BTreeMap::new(), BTreeMap::new(), 0u32);
    for version in parents {
        ancestors.insert(version.id, version.royalty_bps);
        ancestors.extend(version.ancestors.iter().map(|ancestor| (ancestor.version, ancestor.royalty_bps)));
        feedback.extend(version.feedback.iter().map(|share| (share.feedback, share.clone())));
        depth = depth.max(version.depth.saturating_add(1));
    }
    feedback.extend(own.into_iter().filter(|share| share.bps > 0).map(|share| (share.feedback, share)));
    let ancestor = |(version, royalty_bps)| Ancestor { version, royalty_bps };
    let lineage = Lineage {
        ancestors: ancestors.into_iter().map(ancestor).collect(),
        feedback: feedback.into_values().collect(),
        depth,
    };
    lineage.check()?;
    Ok(lineage)
}

impl Lineage {
    fn check(&self) -> Result<(), ModelError> {
        let refuse = |text: String| Err(ModelError::Lineage(text));
        if self.depth > MAX_DEPTH {
            return refuse(format!("a lineage of {} generations is deeper than {MAX_DEPTH}", self.depth));
        }
        let (ancestors, feedback) = (self.ancestors.len(), self.feedback.len());
        if ancestors.saturating_add(feedback) > MAX_ANCESTORS {
            return refuse(format!("{ancestors} ancestors and {feedback} feedback are more than {MAX_ANCESTORS}"));
        }
        let sum = stack(&self.ancestors, &self.feedback);
        if sum > u64::from(WHOLE) {
            return refuse(format!("royalties and feedback of {sum} basis points pass {WHOLE}"));
        }
        Ok(())
    }
}

/// Basis points of a version's model share that others than its owner get.
pub(crate) fn stack(ancestors: &[Ancestor], feedback: &[FeedbackShare]) -> u64 {
    let parts = ancestors.iter().map(|ancestor| ancestor.royalty_bps).chain(feedback.iter().map(|share| share.bps));
    parts.fold(0, |sum, bps| sum.saturating_add(u64::from(bps)))
}

/// At most 16 parents, ascending, each in a known relation, and relations that go together (see `LineageKind`).
pub(crate) fn check_kinds(parents: &[Parent], adapter: Option<&Adapter>) -> Result<(), ModelError> {
    let refuse = |text: String| Err(ModelError::Invalid(text));
    if parents.len() > MAX_PARENTS {
        return refuse(format!("{} parents are more than {MAX_PARENTS}", parents.len()));
    }
    if !parents.iter().zip(parents.iter().skip(1)).all(|(a, b)| a.version < b.version) {
        return refuse("parents stand in ascending order, each once".into());
    }
    let known = |kind| LineageKind::try_from(kind).is_ok_and(|kind| kind != LineageKind::Unspecified);
    if let Some(parent) = parents.iter().find(|parent| !known(parent.kind)) {
        return refuse(format!("parent {} has no known kind of lineage ({})", parent.version, parent.kind));
    }
    let count = |kind: LineageKind| parents.iter().filter(|parent| parent.kind == kind as i32).count();
    let (bases, adapters, merged) = (count(LineageKind::Base), count(LineageKind::Adapter), count(LineageKind::Merge));
    match (bases, adapters, merged) {
        (0 | 1, 0, 0) | (0, 1, 0) => {}
        (0, 0, 1) => return refuse("a merge has at least two parents of its kind, not 1".into()),
        (0, 0, _) => {}
        _ => {
            let text =
                format!("one base, one adapter's parent, or two and more merged, not {bases}, {adapters} and {merged}");
            return refuse(text);
        }
    }
    if adapter.is_some() != (adapters == 1) {
        return refuse("an adapter goes with a parent of kind adapter, and such a parent with an adapter".into());
    }
    Ok(())
}

/// An adapter leaves its parent's weights as they are and adds its own; every other kind makes new ones.
pub(crate) fn check_weights(
    weights: &[u8],
    adapter: Option<&Adapter>,
    parents: &[(Parent, ModelVersion)],
) -> Result<(), ModelError> {
    for (parent, version) in parents {
        let same = version.weights_hash.as_slice() == weights;
        let (got, of) = (hex::encode(weights), hex::encode(&version.weights_hash));
        if parent.kind != LineageKind::Adapter as i32 {
            if same {
                return Err(ModelError::Lineage(format!("weights_hash {got} is its parent {}'s", parent.version)));
            }
            continue;
        }
        if !same {
            let text = format!("under an adapter weights_hash is its parent {}'s, {of}, not {got}", parent.version);
            return Err(ModelError::Lineage(text));
        }
        let hash = |adapter: Option<&Adapter>| adapter.map(|adapter| adapter.hash.clone());
        if hash(adapter) == hash(version.adapter.as_ref()) {
            return Err(ModelError::Lineage(format!("its adapter is its parent {}'s", parent.version)));
        }
    }
    Ok(())
}
