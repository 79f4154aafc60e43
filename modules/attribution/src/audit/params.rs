//! Parameters of demands, sampling and auditors, and their ranges.

use cosmwasm_std::Uint256;
use openledger_core::{wire, Result, SdkError};
use openledger_proto::openledger::attribution::v1 as proto;
use serde::{Deserialize, Serialize};

use crate::error::AttributionError;
use crate::params::in_range;

/// The highest governed price of a unit of gas, base units.
pub const MAX_GAS_PRICE: u64 = 1_000_000_000_000_000;
/// Most questions about a settlement that may be open at the plain deposit.
pub const MAX_OPEN_DEMANDS: u32 = 256;
/// Most draws a settlement.
pub const MAX_SAMPLES: u32 = 64;
/// Longest epoch, in blocks.
pub const MAX_EPOCH_BLOCKS: u64 = 100_000;
/// Most auditors.
pub const MAX_AUDITORS: u32 = 256;

/// Gas of the transaction that answers *open or lose*: 4 KiB at the SDK's price of a byte, a signature, the judgement.
const ANSWER_GAS: u64 = 150_000;
/// Gas of the transaction that publishes a transcript, without its bytes.
const PUBLISH_GAS: u64 = 150_000;
/// Gas of a published byte: the SDK's price of a byte and the hashing.
const PUBLISH_BYTE_GAS: u64 = 16;

/// Parameters of the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditParams {
    /// Base units a unit of gas, for deposits that pay for answers.
    pub gas_price: Uint256,
    /// D3s about a settlement that may be open before their deposits double.
    pub max_open_demands: u32,
    /// Draws among a settlement's receipts (k).
    pub samples: u32,
    /// Blocks of an epoch.
    pub epoch_blocks: u64,
    /// An auditor's bond, base units.
    pub auditor_bond: Uint256,
    /// Auditors at once.
    pub max_auditors: u32,
}

impl Default for AuditParams {
    /// Mainnet's.
    fn default() -> Self {
        Self {
            gas_price: Uint256::from(25_000_000_000u128),
            max_open_demands: 16,
            samples: 8,
            epoch_blocks: 600,
            auditor_bond: Uint256::from(100_000_000_000_000_000_000u128),
            max_auditors: 256,
        }
    }
}

impl AuditParams {
    /// Reads and checks the protobuf form.
    pub fn from_proto(params: Option<&proto::AuditParams>) -> Result<Self> {
        let params = params.ok_or_else(|| AttributionError::InvalidParams("audit is missing".into()))?;
        let gas_price = wire::amount("audit.gas_price", &params.gas_price)?;
        if gas_price > Uint256::from(MAX_GAS_PRICE) {
            let text = format!("audit.gas_price is at most {MAX_GAS_PRICE}, not {gas_price}");
            return Err(AttributionError::InvalidParams(text).into());
        }
        let in_u32 = |name, value: u32, most: u32| in_range(name, value.into(), 1, most.into()).map(|_| value);
        Ok(Self {
            gas_price,
            max_open_demands: in_u32("audit.max_open_demands", params.max_open_demands, MAX_OPEN_DEMANDS)?,
            samples: in_u32("audit.samples", params.samples, MAX_SAMPLES)?,
            epoch_blocks: in_range("audit.epoch_blocks", params.epoch_blocks, 2, MAX_EPOCH_BLOCKS)?,
            auditor_bond: wire::amount("audit.auditor_bond", &params.auditor_bond)?,
            max_auditors: in_u32("audit.max_auditors", params.max_auditors, MAX_AUDITORS)?,
        })
    }

    /// The protobuf form.
    pub fn to_proto(&self) -> proto::AuditParams {
        proto::AuditParams {
            gas_price: self.gas_price.to_string(),
            max_open_demands: self.max_open_demands,
            samples: self.samples,
            epoch_blocks: self.epoch_blocks,
            auditor_bond: self.auditor_bond.to_string(),
            max_auditors: self.max_auditors,
        }
    }

    /// What the answer to *open or lose* costs, and earns.
    pub fn answer_cost(&self) -> Result<Uint256> {
        cost(self.gas_price, ANSWER_GAS)
    }

    /// What *open or lose* deposits where so many are open: the cost of its answer, twice as much for each `max_open_demands` that are open,
    /// from one unit at least. So the price alone bounds how many are open. An accomplice of who made the claims can make asking dearer, at
    /// several times what that costs whoever asks then, but not shut it; and what somebody asks at once hardly makes itself dearer.
    pub fn opening_deposit(&self, open: u32) -> Result<Uint256> {
        let cost = self.answer_cost()?;
        let doublings = open.checked_div(self.max_open_demands).unwrap_or_default();
        if doublings == 0 {
            return Ok(cost);
        }
        let doubled =
            Uint256::from(2u8).checked_pow(doublings).and_then(|times| cost.max(Uint256::one()).checked_mul(times));
        let text = format!("{open} openings of the settlement are asked for; nobody can pay for one more");
        Ok(doubled.map_err(|_| AttributionError::Demand(text))?)
    }

    /// What a demand for a transcript deposits: 1.5 times the cost of its publication.
    pub fn transcript_deposit(&self, bytes: u32) -> Result<Uint256> {
        let gas = PUBLISH_GAS.saturating_add(PUBLISH_BYTE_GAS.saturating_mul(bytes.into()));
        cost(self.gas_price, gas.saturating_mul(3) >> 1)
    }
}

fn cost(price: Uint256, gas: u64) -> Result<Uint256> {
    let cost = price.checked_mul(Uint256::from(gas));
    Ok(cost.map_err(|_| SdkError::Logic(format!("{gas} gas at {price} exceed 256 bits")))?)
}
