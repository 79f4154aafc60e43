//! The parameters: what handles cost and how long they rest, how long a profile's texts may be, how fast reputation fades.

use cosmwasm_std::Uint256;
use openledger_core::{wire, Result};
use openledger_proto::openledger::contributor::v1::Params as ProtoParams;
use serde::{Deserialize, Serialize};

use crate::error::ContributorError;

/// Ten years in seconds, the longest that a handle may rest.
const MAX_REST_SECONDS: u64 = 10 * 365 * 86_400;
/// The longest that an epoch of reputation may be, in seconds.
const MAX_EPOCH_SECONDS: u64 = 10 * 365 * 86_400;
/// The highest price of a point of reputation, and of a year of a handle, in base units: a million OPEN.
const MAX_PRICE: u128 = 1_000_000_000_000_000_000_000_000;

/// The parameters; fields as in `openledger.contributor.v1.Params`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Params {
    /// Seconds of header time for which a handle that was given up may be taken by its last holder alone.
    pub handle_rest_seconds: u64,
    /// Most bytes in a name.
    pub max_name_bytes: u32,
    /// Most bytes in an about text.
    pub max_about_bytes: u32,
    /// Most bytes in a website.
    pub max_website_bytes: u32,
    /// Seconds of header time over which every reputation falls to one half.
    pub reputation_epoch_seconds: u64,
    /// Burnt base units that are worth one point of reputation.
    pub usage_price: Uint256,
    /// Base units that a handle costs a year.
    pub handle_rent: Uint256,
    /// Most years from now on for which a handle may be paid.
    pub handle_max_years: u32,
    /// Blocks after a commit from which on its handle may be claimed. While it is committed nobody knows the handle; when it is
    /// claimed, whoever sees it has still to commit and to wait, and a proposer who leaves the claim out to do so would have to
    /// propose all these blocks.
    pub handle_wait_blocks: u64,
    /// Blocks after these within which it may be.
    pub handle_claim_blocks: u64,
    /// Most proofs of its handle that an account may claim.
    pub max_proofs: u32,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            handle_rest_seconds: 365 * 86_400,
            max_name_bytes: 64,
            max_about_bytes: 1_000,
            max_website_bytes: 256,
            reputation_epoch_seconds: 180 * 86_400,
            usage_price: Uint256::from(1_000_000_000_000_000u128),
            handle_rent: Uint256::from(1_000_000_000_000_000_000u128),
            handle_max_years: 10,
            handle_wait_blocks: 5,
            handle_claim_blocks: 1_200,
            max_proofs: 8,
        }
    }
}

impl Params {
    /// Reads and checks the protobuf form.
    pub fn from_proto(params: Option<&ProtoParams>) -> Result<Self> {
        let params = params.ok_or_else(|| ContributorError::InvalidParams("params are missing".into()))?;
        let checks = [
            ("handle_rest_seconds", params.handle_rest_seconds, 0, MAX_REST_SECONDS),
            ("max_name_bytes", params.max_name_bytes.into(), 1, 256),
            ("max_about_bytes", params.max_about_bytes.into(), 1, 10_000),
            ("max_website_bytes", params.max_website_bytes.into(), 1, 1_024),
            ("handle_max_years", params.handle_max_years.into(), 1, 100),
            ("handle_wait_blocks", params.handle_wait_blocks, 1, 100),
            ("handle_claim_blocks", params.handle_claim_blocks, 1, 100_000),
            ("max_proofs", params.max_proofs.into(), 0, 100),
            ("reputation_epoch_seconds", params.reputation_epoch_seconds, 3_600, MAX_EPOCH_SECONDS),
        ];
        for (name, value, least, most) in checks {
            if !(least..=most).contains(&value) {
                let text = format!("{name} is {value}; it must be {least} to {most}");
                return Err(ContributorError::InvalidParams(text).into());
            }
        }
        let usage_price = amount("usage_price", &params.usage_price, 1, MAX_PRICE)?;
        Ok(Self {
            handle_rest_seconds: params.handle_rest_seconds,
            max_name_bytes: params.max_name_bytes,
            max_about_bytes: params.max_about_bytes,
            max_website_bytes: params.max_website_bytes,
            reputation_epoch_seconds: params.reputation_epoch_seconds,
            usage_price,
            handle_rent: amount("handle_rent", &params.handle_rent, 0, MAX_PRICE)?,
            handle_max_years: params.handle_max_years,
            handle_wait_blocks: params.handle_wait_blocks,
            handle_claim_blocks: params.handle_claim_blocks,
            max_proofs: params.max_proofs,
        })
    }

    /// The protobuf form.
    pub fn to_proto(self) -> ProtoParams {
        ProtoParams {
            handle_rest_seconds: self.handle_rest_seconds,
            max_name_bytes: self.max_name_bytes,
            max_about_bytes: self.max_about_bytes,
            max_website_bytes: self.max_website_bytes,
            reputation_epoch_seconds: self.reputation_epoch_seconds,
            usage_price: self.usage_price.to_string(),
            handle_rent: self.handle_rent.to_string(),
            handle_max_years: self.handle_max_years,
            handle_wait_blocks: self.handle_wait_blocks,
            handle_claim_blocks: self.handle_claim_blocks,
            max_proofs: self.max_proofs,
        }
    }
}

/// An amount of base units in its range.
fn amount(name: &str, text: &str, least: u128, most: u128) -> Result<Uint256> {
    let amount = wire::amount(name, text).map_err(|error| ContributorError::InvalidParams(error.to_string()))?;
    if amount < Uint256::from(least) || amount > Uint256::from(most) {
        let text = format!("{name} is {amount}; it must be {least} to {most}");
        return Err(ContributorError::InvalidParams(text).into());
    }
    Ok(amount)
}
