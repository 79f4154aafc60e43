//! What deployments did, and at which prices was sold: counters that whoever chooses a server can read.
//!
//! A record counts for ever, one a deployment. Prices are kept by model version and by deployment for the last [`PERIODS`] periods of
//! header time; a period's slot is its number modulo that, so what is stored is bounded without a pass that clears it.

use cosmwasm_std::{Order, Uint256};
use openledger_core::wire::{add, amount};
use openledger_core::{Context, Result};
use openledger_proto::openledger::attribution::v1 as proto;

use crate::error::AttributionError;
use crate::keeper::Attribution;
use crate::params::Params;
use crate::state::{PRICES, RECORDS, STORE};
use crate::types::{Record, SettledPrice};

/// Periods of settled prices that are kept.
pub const PERIODS: u32 = 30;

/// Whose prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sold {
    /// A model version's.
    ModelVersion(u64),
    /// A deployment's.
    Deployment(u64),
}

impl Sold {
    fn key(self) -> (u8, u64) {
        match self {
            Self::ModelVersion(id) => (0, id),
            Self::Deployment(id) => (1, id),
        }
    }
}

/// What one settlement sold.
pub(crate) struct Sale {
    pub receipts: u64,
    pub output_bytes: u64,
    pub fees: Uint256,
}

impl Attribution {
    /// What a deployment did.
    pub fn deployment_record(&self, ctx: &Context, deployment: u64) -> Result<Record> {
        Ok(RECORDS.may_load(&*ctx.kv(STORE), deployment)?.unwrap_or_default())
    }

    /// Changes a deployment's record.
    pub(crate) fn count_record(
        &self,
        ctx: &mut Context,
        deployment: u64,
        change: impl FnOnce(&mut Record) -> Result<()>,
    ) -> Result<()> {
        let mut record = self.deployment_record(ctx, deployment)?;
        change(&mut record)?;
        Ok(RECORDS.save(&mut ctx.kv_mut(STORE), deployment, &record)?)
    }

    /// Adds a sale to the present period.
    pub(crate) fn count_sale(&self, ctx: &mut Context, of: Sold, params: &Params, sale: &Sale) -> Result<()> {
        let (start, slot) = period(ctx, params);
        let (what, id) = of.key();
        let kept = PRICES.may_load(&*ctx.kv(STORE), (what, id, slot))?;
        let fresh = SettledPrice { start, seconds: params.price_period_seconds, ..SettledPrice::default() };
        let mut price = kept.filter(|kept| kept.start == start && kept.seconds == fresh.seconds).unwrap_or(fresh);
        price.receipts = price.receipts.saturating_add(sale.receipts);
        price.output_bytes = price.output_bytes.saturating_add(sale.output_bytes);
        price.fees = add(price.fees, sale.fees)?;
        Ok(PRICES.save(&mut ctx.kv_mut(STORE), (what, id, slot), &price)?)
    }

    /// What was sold in the last periods, the last one first.
    pub fn settled_prices(&self, ctx: &Context, of: Sold) -> Result<Vec<SettledPrice>> {
        let kv = ctx.kv(STORE);
        let (what, id) = of.key();
        let mut prices = Vec::new();
        for entry in PRICES.prefix((what, id)).range(&*kv, None, None, Order::Ascending) {
            prices.push(entry?.1);
        }
        // Slots whose period is long over stay until they are needed again.
        let oldest = |price: &SettledPrice| {
            let kept = price.seconds.saturating_mul(PERIODS.into());
            price.start.saturating_add(i64::try_from(kept).unwrap_or(i64::MAX)) > ctx.block().time_seconds
        };
        prices.retain(oldest);
        prices.sort_unstable_by_key(|price| std::cmp::Reverse(price.start));
        Ok(prices)
    }
}

/// When the present period began, and its slot.
fn period(ctx: &Context, params: &Params) -> (i64, u32) {
    let now = u64::try_from(ctx.block().time_seconds).unwrap_or_default();
    let number = now.checked_div(params.price_period_seconds).unwrap_or_default();
    let start = number.saturating_mul(params.price_period_seconds);
    let slot = number.checked_rem(PERIODS.into()).unwrap_or_default();
    (i64::try_from(start).unwrap_or(i64::MAX), u32::try_from(slot).unwrap_or_default())
}

/// Every stored period, in genesis's order.
pub(crate) fn all_prices(ctx: &Context) -> Result<Vec<proto::SettledPriceEntry>> {
    let kv = ctx.kv(STORE);
    let mut prices = Vec::new();
    for entry in PRICES.range(&*kv, None, None, Order::Ascending) {
        let ((what, id, _), price) = entry?;
        prices.push((what, id, price));
    }
    prices.sort_unstable_by_key(|(what, id, price)| (*what, *id, price.start));
    let entry = |(what, id, price): (u8, u64, SettledPrice)| proto::SettledPriceEntry {
        model_version: if what == 0 { id } else { 0 },
        deployment: if what == 0 { 0 } else { id },
        price: Some(price.to_proto()),
    };
    Ok(prices.into_iter().map(entry).collect())
}

/// Reads a period of a genesis: its key and what was sold in it.
pub(crate) fn read_price(entry: &proto::SettledPriceEntry) -> Result<((u8, u64, u32), SettledPrice)> {
    let invalid = |text: &str| AttributionError::InvalidGenesis(text.into());
    let (what, id) = match (entry.model_version, entry.deployment) {
        (id @ 1.., 0) => (0, id),
        (0, id @ 1..) => (1, id),
        _ => return Err(invalid("a settled price is a model version's or a deployment's").into()),
    };
    let price = entry.price.as_ref().ok_or_else(|| invalid("a settled price is missing"))?;
    let start = u64::try_from(price.start).ok();
    let number = start.and_then(|start| Some((start.checked_div(price.seconds)?, start.checked_rem(price.seconds)?)));
    let Some((number, 0)) = number else {
        return Err(invalid("a period of settled prices begins at a multiple of its length").into());
    };
    let slot = number.checked_rem(PERIODS.into()).and_then(|slot| u32::try_from(slot).ok()).unwrap_or_default();
    Ok(((what, id, slot), SettledPrice::from_proto(price)?))
}

impl SettledPrice {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::SettledPrice {
        let Self { start, seconds, receipts, output_bytes, fees } = self.clone();
        proto::SettledPrice { start, seconds, receipts, output_bytes, fees: fees.to_string() }
    }

    fn from_proto(price: &proto::SettledPrice) -> Result<Self> {
        let proto::SettledPrice { start, seconds, receipts, output_bytes, .. } = *price;
        Ok(Self { start, seconds, receipts, output_bytes, fees: amount("fees", &price.fees)? })
    }
}

impl Record {
    /// The protobuf form.
    pub fn to_proto(&self, deployment: u64) -> proto::DeploymentRecord {
        proto::DeploymentRecord {
            deployment,
            settlements: self.settlements,
            receipts: self.receipts,
            fees: self.fees.to_string(),
            credited_receipts: self.credited_receipts,
            credited: self.credited.to_string(),
            late_receipts: self.late_receipts,
            false_settlements: self.false_settlements,
            missed_openings: self.missed_openings,
            unsettled_sessions: self.unsettled_sessions,
            expired_sessions: self.expired_sessions,
        }
    }

    /// Reads the protobuf form of a genesis.
    pub fn from_proto(record: &proto::DeploymentRecord) -> Result<Self> {
        Ok(Self {
            settlements: record.settlements,
            receipts: record.receipts,
            fees: amount("fees", &record.fees)?,
            credited_receipts: record.credited_receipts,
            credited: amount("credited", &record.credited)?,
            late_receipts: record.late_receipts,
            false_settlements: record.false_settlements,
            missed_openings: record.missed_openings,
            unsettled_sessions: record.unsettled_sessions,
            expired_sessions: record.expired_sessions,
        })
    }
}
