//! Sampling: each public round of claims that was not opened on arrival waits for a seed, which draws receipts whose transcripts its
//! maker has to publish.
//!
//! The seed is that of the first epoch that begins after the claims arrived: nobody knows it when they are made, but a coalition of all
//! auditors that reveal. Without reveals it is the next epoch's, and after three the round closes unsampled, and is marked so. What is
//! stored for the draw, eight bytes a receipt, is gone when it is done. End block draws for at most 20 settlements.

use cosmwasm_std::{Binary, Empty, Order, Uint256};
use cw_storage_plus::Bound;
use openledger_core::{Address, Context, Event, Result, SdkError};
use openledger_provenance::amount::Amount;
use openledger_provenance::dispute::Question;
use openledger_provenance::sampling::{running_weights, Draw};
use openledger_provenance::Hash;

use super::types::{DemandKind, Openings, SamplingStatus};
use crate::keeper::Attribution;
use crate::params::Params;
use crate::state::{DRAWS, STORE, TRANSCRIPT_DEMANDS};
use crate::types::{Check, Settlement};
use crate::{events, NAME};

/// Epochs without reveals after which a round closes unsampled.
pub const MAX_TRIES: u32 = 3;
/// Settlements drawn for a block at most.
const MOST_PER_BLOCK: usize = 20;
/// Gas for what end block will do with each draw.
const DRAW_LATER_GAS: u64 = 20_000;

impl Attribution {
    /// A round of claims arrived: what was open about the one before is over, and this one is to be sampled where it has to be.
    pub(crate) fn begin_openings(
        &self,
        ctx: &mut Context,
        settlement: &Settlement,
        params: &Params,
        pools: &[Uint256],
    ) -> Result<()> {
        let published = self.openings(ctx, settlement.id)?.published;
        let mut openings = Openings { published, ..Openings::default() };
        let claims_only = settlement.present()?.check == Check::ClaimsOnly;
        if claims_only && self.is_public(ctx, settlement.session)? {
            let pools: Vec<Amount> = pools.iter().map(|pool| Amount::from_be_bytes(pool.to_be_bytes())).collect();
            if let Some(weights) = running_weights(&pools) {
                ctx.gas().consume(DRAW_LATER_GAS.saturating_mul(params.audit.samples.into()), "end blocks");
                openings.sampling = SamplingStatus::Waiting;
                openings.epoch = self.epoch(ctx)?.number.saturating_add(1);
                openings.weights = Binary::from(weights.iter().flat_map(|sum| sum.to_be_bytes()).collect::<Vec<_>>());
                DRAWS.save(&mut ctx.kv_mut(STORE), (openings.epoch, settlement.id), &Empty {})?;
            }
        }
        if openings == Openings::default() {
            self.end_openings(ctx, settlement.id);
            return Ok(());
        }
        self.save_openings(ctx, settlement.id, &openings)
    }

    /// The round was refuted: it is not sampled any more.
    pub(crate) fn stop_sampling(&self, ctx: &mut Context, settlement: u64) -> Result<()> {
        let mut openings = self.openings(ctx, settlement)?;
        if openings.sampling == SamplingStatus::Waiting {
            DRAWS.remove(&mut ctx.kv_mut(STORE), (openings.epoch, settlement));
            openings.sampling = SamplingStatus::None;
            openings.weights = Binary::default();
            self.save_openings(ctx, settlement, &openings)?;
        }
        Ok(())
    }

    /// End block: draws for settlements whose epoch is over.
    pub(crate) fn draw_samples(&self, ctx: &mut Context) -> Result<()> {
        let present = self.epoch(ctx)?.number;
        for _ in 0..MOST_PER_BLOCK {
            let until = Some(Bound::exclusive((present, 0)));
            let first = DRAWS.keys(&*ctx.kv(STORE), None, until, Order::Ascending).next().transpose()?;
            let Some((epoch, id)) = first else { break };
            DRAWS.remove(&mut ctx.kv_mut(STORE), (epoch, id));
            let mut openings = self.openings(ctx, id)?;
            let settlement = self.known_settlement(ctx, id)?;
            match self.seed(ctx, epoch)? {
                Some(seed) => self.draw(ctx, &settlement, &mut openings, seed)?,
                None => self.wait_on(ctx, &settlement, &mut openings)?,
            }
            self.save_openings(ctx, id, &openings)?;
        }
        self.prune_seeds(ctx, present)
    }

    fn draw(&self, ctx: &mut Context, settlement: &Settlement, openings: &mut Openings, seed: Hash) -> Result<()> {
        let params = self.kept_params(ctx, settlement.params_version)?;
        let draw = Draw { seed, settlement: settlement.id, round: settlement.round() };
        let places = draw.places(params.audit.samples, &sums(&openings.weights)?);
        (openings.sampling, openings.weights) = (SamplingStatus::Drawn, Binary::default());
        openings.keep_disputable(ctx.height());
        let mut drawn = 0u32;
        for place in places {
            let receipt = settlement.first_receipt.saturating_add(place.into());
            let demanded = TRANSCRIPT_DEMANDS.has(&*ctx.kv(STORE), (settlement.id, receipt));
            if demanded || openings.is_published(place.into()) {
                continue;
            }
            let question = Question { receipt, segment: 0, byte: 0 };
            let asked = (DemandKind::Sample, Address::module(NAME), question, Uint256::zero());
            self.add_demand(ctx, settlement, openings, &params, asked)?;
            drawn = drawn.saturating_add(1);
        }
        ctx.emit(
            Event::new(events::SAMPLES_DRAWN)
                .attr("settlement", settlement.id)
                .attr("epoch", openings.epoch)
                .attr("samples", drawn),
        );
        Ok(())
    }

    /// The epoch had no reveals: the next one's seed will draw, but for the third time.
    fn wait_on(&self, ctx: &mut Context, settlement: &Settlement, openings: &mut Openings) -> Result<()> {
        openings.tries = openings.tries.saturating_add(1);
        if openings.tries < MAX_TRIES {
            openings.epoch = openings.epoch.saturating_add(1);
            return Ok(DRAWS.save(&mut ctx.kv_mut(STORE), (openings.epoch, settlement.id), &Empty {})?);
        }
        (openings.sampling, openings.weights) = (SamplingStatus::Unsampled, Binary::default());
        openings.keep_disputable(ctx.height());
        ctx.emit(Event::new(events::UNSAMPLED).attr("settlement", settlement.id).attr("epoch", openings.epoch));
        Ok(())
    }
}

/// The running sums that were stored.
fn sums(weights: &Binary) -> Result<Vec<u64>> {
    let read = |bytes: &[u8]| {
        let bytes = <[u8; 8]>::try_from(bytes).map_err(|_| SdkError::Logic("a weight has 8 bytes".into()))?;
        Ok(u64::from_be_bytes(bytes))
    };
    weights.as_slice().chunks(8).map(read).collect()
}
