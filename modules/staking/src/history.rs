//! Past headers and sets, so that other chains can be shown what this one was.
//!
//! Source: SDK v0.50 `x/staking/keeper/historical_info.go`. The SDK writes the whole set at each height; here a set that lasts many
//! heights is written once, and each height names it. Answers are the same.

use std::cmp::Reverse;

use cosmwasm_std::Binary;
use openledger_core::{BlockInfo, Context, Result, SdkError};
use openledger_proto::cosmos::staking::v1beta1::HistoricalInfo;
use openledger_proto::tendermint::types::Header;
use openledger_proto::Message;

use crate::keeper::Staking;
use crate::state::{Past, HISTORY, HISTORY_SETS, STORE};
use crate::time::Time;

impl Staking {
    /// A past height's header and set, in CometBFT's order.
    pub fn historical_info(&self, ctx: &Context, height: u64) -> Result<Option<HistoricalInfo>> {
        let kv = ctx.kv(STORE);
        let Some(past) = HISTORY.may_load(&*kv, height)? else { return Ok(None) };
        let set = HISTORY_SETS.load(&*kv, past.set)?;
        let header = Header::decode(past.header.as_slice()).map_err(unreadable)?;
        let set = HistoricalInfo::decode(set.as_slice()).map_err(unreadable)?;
        Ok(Some(HistoricalInfo { header: Some(header), valset: set.valset }))
    }

    /// Writes this height down and forgets those that are too old. Where fewer are kept than before, the rest goes in this block.
    pub(crate) fn track_history(&self, ctx: &mut Context) -> Result<()> {
        let kept = u64::from(self.params(ctx)?.historical_entries);
        if let Some(newest) = ctx.height().checked_sub(kept) {
            self.forget(ctx, newest)?;
        }
        if kept == 0 {
            return Ok(());
        }
        let height = ctx.height();
        let header = header_of(ctx.block()).encode_to_vec();
        let set = self.current_set(ctx)?;
        let set = self.number_of_set(ctx, height, set)?;
        HISTORY.save(&mut ctx.kv_mut(STORE), height, &Past { header: header.into(), set })?;
        Ok(())
    }

    /// Removes the entries up to a height, which lie without a gap, from the newest on; sets that no later entry names go too.
    fn forget(&self, ctx: &mut Context, newest: u64) -> Result<()> {
        let later = newest.checked_add(1);
        let later = later.map(|height| HISTORY.may_load(&*ctx.kv(STORE), height)).transpose()?.flatten();
        let named = later.map(|past| past.set);
        for height in (0..=newest).rev() {
            let Some(past) = HISTORY.may_load(&*ctx.kv(STORE), height)? else { break };
            let mut kv = ctx.kv_mut(STORE);
            HISTORY.remove(&mut kv, height);
            if named != Some(past.set) {
                HISTORY_SETS.remove(&mut kv, past.set);
            }
        }
        Ok(())
    }

    /// The set, as CometBFT sorts it: the highest power first, equals by consensus address.
    fn current_set(&self, ctx: &Context) -> Result<Binary> {
        let mut validators = self.last_validators(ctx)?;
        validators
            .sort_by_cached_key(|validator| (Reverse(validator.consensus_power()), validator.consensus_address()));
        let valset = validators.iter().map(crate::Validator::to_proto).collect();
        Ok(HistoricalInfo { header: None, valset }.encode_to_vec().into())
    }

    /// The number of the set that the height before had, where it is the same; else the set is written under this height.
    fn number_of_set(&self, ctx: &mut Context, height: u64, set: Binary) -> Result<u64> {
        if let Some(before) = height.checked_sub(1) {
            let kv = ctx.kv(STORE);
            if let Some(past) = HISTORY.may_load(&*kv, before)? {
                if HISTORY_SETS.load(&*kv, past.set)? == set {
                    return Ok(past.set);
                }
            }
        }
        HISTORY_SETS.save(&mut ctx.kv_mut(STORE), height, &set)?;
        Ok(height)
    }
}

/// The header as the SDK knows it while a block is executed: the application hash in it is that of the block before.
fn header_of(block: &BlockInfo) -> Header {
    Header {
        chain_id: block.chain_id.clone(),
        height: i64::try_from(block.height).unwrap_or(i64::MAX),
        time: Some(Time::of(block).to_proto()),
        proposer_address: block.proposer.clone(),
        next_validators_hash: block.next_validators_hash.clone(),
        app_hash: block.app_hash.clone(),
        ..Header::default()
    }
}

fn unreadable(error: impl std::fmt::Display) -> SdkError {
    SdkError::Logic(format!("staking history: {error}"))
}
