//! What is in the corpus of a receipt, and on which list.
//!
//! A contribution is in it when the model version declares a version of its datanet that holds it, or when it is on the chain's commons
//! list at the receipt's corpus height; a tombstone at or below that height takes it out. All of this is fixed for heights that are
//! committed, so a claim judged later is judged alike. Look-ups are kept for the length of one message.

use std::collections::BTreeMap;

use openledger_core::{Context, Result};
use openledger_datanet::Contribution;
use openledger_model::ModelVersion;
use openledger_provenance::canonical::Class;
use openledger_provenance::claim::SourceInfo;

use crate::keeper::Attribution;

/// A source of a receipt's corpus.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    /// Its content and list.
    pub info: SourceInfo,
    /// Whether its author is paid for what it owns; else the baseline is.
    pub paid: bool,
    /// The declared datanet that it counts for; none for the chain's commons.
    pub datanet: Option<u64>,
}

/// The corpus of a model version.
pub(crate) struct Corpus<'a> {
    keeper: &'a Attribution,
    /// The declared version of each datanet, and the contributions in it.
    versions: BTreeMap<u64, (u32, u64)>,
    contributions: BTreeMap<u64, Option<Contribution>>,
    found: BTreeMap<(u64, u64), Option<Found>>,
}

impl<'a> Corpus<'a> {
    /// The corpus that a model version declares.
    pub fn of(keeper: &'a Attribution, ctx: &Context, version: &ModelVersion) -> Result<Self> {
        let mut versions = BTreeMap::new();
        for declared in &version.datanets {
            let frozen = keeper.datanets.version(ctx, declared.datanet, declared.version)?;
            versions.insert(declared.datanet, (declared.version, frozen.map_or(0, |frozen| frozen.count)));
        }
        Ok(Self { keeper, versions, contributions: BTreeMap::new(), found: BTreeMap::new() })
    }

    /// A source by its seq, as of a corpus height.
    pub fn find(&mut self, ctx: &Context, seq: u64, corpus_height: u64) -> Result<Option<Found>> {
        if let Some(found) = self.found.get(&(seq, corpus_height)) {
            return Ok(*found);
        }
        let found = self.look_up(ctx, seq, corpus_height)?;
        self.found.insert((seq, corpus_height), found);
        Ok(found)
    }

    fn look_up(&mut self, ctx: &Context, seq: u64, corpus_height: u64) -> Result<Option<Found>> {
        if !self.contributions.contains_key(&seq) {
            self.contributions.insert(seq, self.keeper.datanets.contribution(ctx, seq)?);
        }
        let Some(Some(contribution)) = self.contributions.get(&seq) else { return Ok(None) };
        let Some(commitment) = contribution.commitment()? else { return Ok(None) };
        if contribution.is_tombstoned_at(corpus_height) {
            return Ok(None);
        }
        if self.keeper.datanets.is_chain_commons(ctx, seq, corpus_height)? {
            return Ok(Some(Found {
                info: SourceInfo { commitment, class: Class::Commons },
                paid: false,
                datanet: None,
            }));
        }
        let (number, count) = self.versions.get(&contribution.datanet).copied().unwrap_or_default();
        if !contribution.is_in(number, count) {
            return Ok(None);
        }
        let info = SourceInfo { commitment, class: Class::Contribution };
        Ok(Some(Found { info, paid: contribution.is_paid(), datanet: Some(contribution.datanet) }))
    }
}
