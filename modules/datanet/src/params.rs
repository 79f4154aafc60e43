//! The parameters: deposits, deadlines, limits.

use cosmwasm_std::Uint256;
use openledger_core::{wire, Coin, Result};
use openledger_proto::openledger::datanet::v1::Params as ProtoParams;
use serde::{Deserialize, Serialize};

use crate::content::ContentParams;
use crate::error::DatanetError;

const YEAR_SECONDS: u64 = 365 * 86_400;
/// Most blocks of a window for reviews.
pub(crate) const MAX_WINDOW_BLOCKS: u64 = 1_000_000;

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
    /// Duplicates, availability, custody, rows on chain.
    pub content: ContentParams,
    /// Blocks within which reviews are given or committed, where a policy says nothing else.
    pub review_window_blocks: u64,
    /// Blocks after that within which hidden reviews are revealed, where a policy says nothing else.
    pub review_reveal_blocks: u64,
    /// Seconds of header time for which bonds stand behind scores, and unbond.
    pub curator_bond_period_seconds: u64,
    /// Of the bond behind an overruled score, what is burnt, in basis points.
    pub curator_slash_bps: u32,
    /// Of the bond behind a hidden review that is not revealed, what is burnt, in basis points.
    pub unrevealed_slash_bps: u32,
    /// Most due items of each queue that end in one block.
    pub max_due_per_block: u32,
    /// The shortest vote of a council, in seconds of header time.
    pub min_voting_seconds: u64,
    /// The longest.
    pub max_voting_seconds: u64,
    /// What a proposal locks, in base units.
    pub proposal_deposit: Uint256,
    /// Most open proposals of a council.
    pub max_open_proposals: u32,
    /// Most members of a council.
    pub max_members: u32,
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
            content: ContentParams::default(),
            review_window_blocks: 100_800,
            review_reveal_blocks: 14_400,
            curator_bond_period_seconds: 30 * 86_400,
            curator_slash_bps: 1_000,
            unrevealed_slash_bps: 1_000,
            max_due_per_block: 100,
            min_voting_seconds: 86_400,
            max_voting_seconds: 30 * 86_400,
            proposal_deposit: Uint256::from(10_000_000_000_000_000_000u128),
            max_open_proposals: 16,
            max_members: 50,
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
            ("treasury_timelock_seconds", params.treasury_timelock_seconds, 0, YEAR_SECONDS),
            ("max_curators", params.max_curators.into(), 1, 100),
            ("max_text_bytes", params.max_text_bytes.into(), 1, 10_000),
            ("max_metadata_bytes", params.max_metadata_bytes.into(), 1, 10_000),
            ("review_window_blocks", params.review_window_blocks, 1, MAX_WINDOW_BLOCKS),
            ("review_reveal_blocks", params.review_reveal_blocks, 1, MAX_WINDOW_BLOCKS),
            ("curator_bond_period_seconds", params.curator_bond_period_seconds, 1, YEAR_SECONDS),
            ("curator_slash_bps", params.curator_slash_bps.into(), 0, 10_000),
            ("unrevealed_slash_bps", params.unrevealed_slash_bps.into(), 1, 10_000),
            ("max_due_per_block", params.max_due_per_block.into(), 1, 10_000),
            ("min_voting_seconds", params.min_voting_seconds, 1, YEAR_SECONDS),
            ("max_voting_seconds", params.max_voting_seconds, params.min_voting_seconds, YEAR_SECONDS),
            ("max_open_proposals", params.max_open_proposals.into(), 1, 100),
            ("max_members", params.max_members.into(), 1, 100),
        ];
        for (name, value, least, most) in checks {
            if !(least..=most).contains(&value) {
                let text = format!("{name} is {value}; it must be {least} to {most}");
                return Err(DatanetError::InvalidParams(text).into());
            }
        }
        let coin = |name, coin| -> Result<Uint256> {
            Ok(wire::base_coin(name, coin).map_err(|error| DatanetError::InvalidParams(error.to_string()))?)
        };
        Ok(Self {
            min_contribution_deposit: coin("min_contribution_deposit", params.min_contribution_deposit.as_ref())?,
            reveal_window_blocks: params.reveal_window_blocks,
            max_expiries_per_block: params.max_expiries_per_block,
            treasury_timelock_seconds: params.treasury_timelock_seconds,
            max_curators: params.max_curators,
            max_text_bytes: params.max_text_bytes,
            max_metadata_bytes: params.max_metadata_bytes,
            content: ContentParams::from_proto(params.content.as_ref())?,
            review_window_blocks: params.review_window_blocks,
            review_reveal_blocks: params.review_reveal_blocks,
            curator_bond_period_seconds: params.curator_bond_period_seconds,
            curator_slash_bps: params.curator_slash_bps,
            unrevealed_slash_bps: params.unrevealed_slash_bps,
            max_due_per_block: params.max_due_per_block,
            min_voting_seconds: params.min_voting_seconds,
            max_voting_seconds: params.max_voting_seconds,
            proposal_deposit: coin("proposal_deposit", params.proposal_deposit.as_ref())?,
            max_open_proposals: params.max_open_proposals,
            max_members: params.max_members,
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
            content: Some(self.content.to_proto()),
            review_window_blocks: self.review_window_blocks,
            review_reveal_blocks: self.review_reveal_blocks,
            curator_bond_period_seconds: self.curator_bond_period_seconds,
            curator_slash_bps: self.curator_slash_bps,
            unrevealed_slash_bps: self.unrevealed_slash_bps,
            max_due_per_block: self.max_due_per_block,
            min_voting_seconds: self.min_voting_seconds,
            max_voting_seconds: self.max_voting_seconds,
            proposal_deposit: Some(Coin::base(self.proposal_deposit).to_proto()),
            max_open_proposals: self.max_open_proposals,
            max_members: self.max_members,
        }
    }
}
