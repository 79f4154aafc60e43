//! The parameters: deposits, deadlines, limits.

use cosmwasm_std::Uint256;
use openledger_core::{wire, Coin, Result};
use openledger_proto::openledger::datanet::v1::Params as ProtoParams;
use serde::{Deserialize, Serialize};

use crate::error::DatanetError;

/// The parameters; fields as in `openledger.datanet.v1.Params`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Params {
    /// The least deposit that a datanet may ask for a contribution, in base units.
    pub min_contribution_deposit: Uint256,
    /// Blocks after a commit within which it may be revealed.
    pub reveal_window_blocks: u64,
    /// Most unrevealed commits that expire in one block.
    pub max_expiries_per_block: u32,
    /// Seconds of header time for which a treasury's income is locked.
    pub treasury_timelock_seconds: u64,
    /// Most curators of a datanet.
    pub max_curators: u32,
    /// Most bytes in each text of a datanet.
    pub max_text_bytes: u32,
    /// Most bytes in a contribution's metadata.
    pub max_metadata_bytes: u32,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            min_contribution_deposit: Uint256::from(1_000_000_000_000_000_000u128),
            reveal_window_blocks: 1_200,
            max_expiries_per_block: 200,
            treasury_timelock_seconds: 7 * 86_400,
            max_curators: 32,
            max_text_bytes: 2_000,
            max_metadata_bytes: 1_000,
        }
    }
}

impl Params {
    /// Reads and checks the protobuf form.
    pub fn from_proto(params: Option<&ProtoParams>) -> Result<Self> {
        let params = params.ok_or_else(|| DatanetError::InvalidParams("params are missing".into()))?;
        let checks = [
            ("reveal_window_blocks", params.reveal_window_blocks, 1, 100_000),
            ("max_expiries_per_block", params.max_expiries_per_block.into(), 1, 10_000),
            ("treasury_timelock_seconds", params.treasury_timelock_seconds, 0, 365 * 86_400),
            ("max_curators", params.max_curators.into(), 1, 100),
            ("max_text_bytes", params.max_text_bytes.into(), 1, 10_000),
            ("max_metadata_bytes", params.max_metadata_bytes.into(), 1, 10_000),
        ];
        for (name, value, least, most) in checks {
            if !(least..=most).contains(&value) {
                let text = format!("{name} is {value}; it must be {least} to {most}");
                return Err(DatanetError::InvalidParams(text).into());
            }
        }
        let min_contribution_deposit =
            wire::base_coin("min_contribution_deposit", params.min_contribution_deposit.as_ref())
                .map_err(|error| DatanetError::InvalidParams(error.to_string()))?;
        Ok(Self {
            min_contribution_deposit,
            reveal_window_blocks: params.reveal_window_blocks,
            max_expiries_per_block: params.max_expiries_per_block,
            treasury_timelock_seconds: params.treasury_timelock_seconds,
            max_curators: params.max_curators,
            max_text_bytes: params.max_text_bytes,
            max_metadata_bytes: params.max_metadata_bytes,
        })
    }

    /// The protobuf form.
    pub fn to_proto(&self) -> ProtoParams {
        ProtoParams {
            min_contribution_deposit: Some(Coin::base(self.min_contribution_deposit).to_proto()),
            reveal_window_blocks: self.reveal_window_blocks,
            max_expiries_per_block: self.max_expiries_per_block,
            treasury_timelock_seconds: self.treasury_timelock_seconds,
            max_curators: self.max_curators,
            max_text_bytes: self.max_text_bytes,
            max_metadata_bytes: self.max_metadata_bytes,
        }
    }
}
