//! The parameters, as explorers ask for them: no inflation, whatever the ratio of bonded tokens.
//!
//! Source of the checks: SDK v0.50 `x/mint/types/params.go`.

use openledger_core::{Dec, Result, BASE_DENOM};
use openledger_proto::cosmos::mint::v1beta1::Params as ProtoParams;
use serde::{Deserialize, Serialize};

use crate::error::MintError;

/// What can be set: nothing here makes a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Params {
    /// The part of the supply that staking is hoped to hold: above 0, at most 1. Only shown.
    pub goal_bonded: Dec,
    /// How many blocks a year is reckoned to have. Only shown.
    pub blocks_per_year: u64,
}

impl Default for Params {
    /// The SDK's: 67 %, and blocks of five seconds.
    fn default() -> Self {
        Self { goal_bonded: Dec::from_units(670_000_000_000_000_000), blocks_per_year: 6_311_520 }
    }
}

impl Params {
    /// Reads and checks protobuf's form: no rate may be other than 0.
    pub fn from_proto(params: &ProtoParams) -> Result<Self> {
        if params.mint_denom != BASE_DENOM {
            let text = format!("mint denom is {BASE_DENOM} and cannot be {:?}", params.mint_denom);
            return Err(MintError::InvalidParams(text).into());
        }
        check_zero("inflation_rate_change", &params.inflation_rate_change)?;
        check_zero("inflation_max", &params.inflation_max)?;
        check_zero("inflation_min", &params.inflation_min)?;
        let goal_bonded = Dec::from_proto(&params.goal_bonded)?;
        let read = Self { goal_bonded, blocks_per_year: params.blocks_per_year };
        read.check()?;
        Ok(read)
    }

    /// Refuses what the SDK refuses.
    pub(crate) fn check(&self) -> Result<(), MintError> {
        let Self { goal_bonded, blocks_per_year } = self;
        if !goal_bonded.is_positive() {
            return Err(MintError::InvalidParams(format!("goal bonded must be positive: {goal_bonded}")));
        }
        if *goal_bonded > Dec::one() {
            return Err(MintError::InvalidParams(format!("goal bonded too large: {goal_bonded}")));
        }
        if *blocks_per_year == 0 {
            return Err(MintError::InvalidParams(format!("blocks per year must be positive: {blocks_per_year}")));
        }
        Ok(())
    }

    /// Protobuf's form.
    pub fn to_proto(&self) -> ProtoParams {
        let zero = Dec::ZERO.to_proto();
        ProtoParams {
            mint_denom: BASE_DENOM.into(),
            inflation_rate_change: zero.clone(),
            inflation_max: zero.clone(),
            inflation_min: zero,
            goal_bonded: self.goal_bonded.to_proto(),
            blocks_per_year: self.blocks_per_year,
        }
    }
}

/// Refuses a rate other than 0; an absent one is 0.
pub(crate) fn check_zero(field: &'static str, text: &str) -> Result<()> {
    let rate = Dec::from_proto(text)?;
    if rate.is_zero() {
        return Ok(());
    }
    Err(MintError::FixedSupply { field, value: rate.to_string() }.into())
}
