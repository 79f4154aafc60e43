//! The parameters of contents after their reveal; fields as in `openledger.datanet.v1.ContentParams`.

use cosmwasm_std::Uint256;
use openledger_core::{wire, Coin, Result, BASE_DENOM};
use openledger_proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use openledger_proto::openledger::datanet::v1::ContentParams as Proto;
use serde::{Deserialize, Serialize};

use crate::error::DatanetError;

const DAY_SECONDS: u64 = 86_400;
const YEAR_SECONDS: u64 = 365 * DAY_SECONDS;
const OPEN: u128 = 1_000_000_000_000_000_000;

/// The parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentParams {
    /// What a duplicate dispute locks, in base units.
    pub duplicate_bond: Uint256,
    /// Blocks after its commit within which it is shown.
    pub duplicate_reveal_blocks: u64,
    /// What a challenge locks, in base units.
    pub availability_deposit: Uint256,
    /// Blocks after a challenge within which it is answered.
    pub availability_answer_blocks: u64,
    /// Seconds for which the pay of a custodial or unavailable content is held.
    pub hold_seconds: u64,
    /// Seconds after which custody that an owner granted counts.
    pub custody_notice_seconds: u64,
    /// Burnt for each byte of a content on chain, in base units.
    pub on_chain_fee_per_byte: Uint256,
}

impl Default for ContentParams {
    fn default() -> Self {
        Self {
            duplicate_bond: Uint256::from(10 * OPEN),
            duplicate_reveal_blocks: 20,
            availability_deposit: Uint256::from(OPEN),
            availability_answer_blocks: 1_200,
            hold_seconds: YEAR_SECONDS,
            custody_notice_seconds: 7 * DAY_SECONDS,
            on_chain_fee_per_byte: Uint256::from(OPEN / 10_000),
        }
    }
}

fn invalid(text: impl Into<String>) -> openledger_core::Error {
    DatanetError::InvalidParams(text.into()).into()
}

fn positive(name: &str, coin: Option<&ProtoCoin>) -> Result<Uint256> {
    wire::base_coin(name, coin).map_err(|error| invalid(error.to_string()))
}

impl ContentParams {
    /// Reads and checks the protobuf form.
    pub fn from_proto(params: Option<&Proto>) -> Result<Self> {
        let params = params.ok_or_else(|| invalid("the parameters of contents are missing"))?;
        let checks = [
            ("duplicate_reveal_blocks", params.duplicate_reveal_blocks, 2, 100_000),
            ("availability_answer_blocks", params.availability_answer_blocks, 1, 1_000_000),
            ("hold_seconds", params.hold_seconds, 1, 10 * YEAR_SECONDS),
            ("custody_notice_seconds", params.custody_notice_seconds, 0, YEAR_SECONDS),
        ];
        for (name, value, least, most) in checks {
            if !(least..=most).contains(&value) {
                return Err(invalid(format!("{name} is {value}; it must be {least} to {most}")));
            }
        }
        let fee = params.on_chain_fee_per_byte.as_ref().ok_or_else(|| invalid("on_chain_fee_per_byte is missing"))?;
        let fee = Coin::from_proto(fee)?;
        if fee.denom != BASE_DENOM {
            return Err(invalid(format!("on_chain_fee_per_byte of {fee} is not in {BASE_DENOM}")));
        }
        Ok(Self {
            duplicate_bond: positive("duplicate_bond", params.duplicate_bond.as_ref())?,
            duplicate_reveal_blocks: params.duplicate_reveal_blocks,
            availability_deposit: positive("availability_deposit", params.availability_deposit.as_ref())?,
            availability_answer_blocks: params.availability_answer_blocks,
            hold_seconds: params.hold_seconds,
            custody_notice_seconds: params.custody_notice_seconds,
            on_chain_fee_per_byte: fee.amount,
        })
    }

    /// The protobuf form.
    pub fn to_proto(&self) -> Proto {
        Proto {
            duplicate_bond: Some(Coin::base(self.duplicate_bond).to_proto()),
            duplicate_reveal_blocks: self.duplicate_reveal_blocks,
            availability_deposit: Some(Coin::base(self.availability_deposit).to_proto()),
            availability_answer_blocks: self.availability_answer_blocks,
            hold_seconds: self.hold_seconds,
            custody_notice_seconds: self.custody_notice_seconds,
            on_chain_fee_per_byte: Some(Coin::base(self.on_chain_fee_per_byte).to_proto()),
        }
    }
}
