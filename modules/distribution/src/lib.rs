//! Rewards: fees are shared out among the stakers of the validators that signed, by F1 accounting, and the rest is the community's.
//!
//! | message | what | file |
//! | --- | --- | --- |
//! | `cosmos.distribution.v1beta1.MsgSetWithdrawAddress` | a delegator says where rewards go | `msg/set_withdraw_address.rs` |
//! | `…MsgWithdrawDelegatorReward` | the rewards of one delegation are paid | `msg/withdraw_delegator_reward.rs` |
//! | `…MsgWithdrawValidatorCommission` | a validator's commission is paid | `msg/withdraw_validator_commission.rs` |
//! | `…MsgFundCommunityPool` | an account gives to the community pool | `msg/fund_community_pool.rs` |
//! | `…MsgDepositValidatorRewardsPool` | an account gives to a validator's stakers | `msg/deposit_validator_rewards_pool.rs` |
//! | `…MsgCommunityPoolSpend` | the authority spends from the community pool | `msg/community_pool_spend.rs` |
//! | `…MsgUpdateParams` | the authority replaces the parameters | `msg/update_params.rs` |
//!
//! Queries (`query.rs`): all of `cosmos.distribution.v1beta1.Query`. Keys: [`state`]. Genesis: `cosmos.distribution.v1beta1.GenesisState`.
//!
//! **F1**, in short. A validator's history is cut into periods; one ends whenever its stake changes. For each period that somebody
//! still counts from, the sum of *rewards per unit of stake* up to its end is kept. What a delegation earned between two periods is
//! its stake times the difference of two such sums: no loop over delegators, whoever is paid. A slash ends a period too, and is
//! recorded, so that stake before and after it is counted apart. Source: `x/distribution/README.md` of SDK v0.50 and its paper.
//!
//! Everything is truncated towards the delegator's disadvantage; what is left over of whole units goes to the community pool.
//!
//! Invariants (`invariants.rs`): nothing outstanding is negative; every delegation's rewards and every commission can be paid; each
//! period is kept for as many as count from it; the module's account holds what is outstanding and what the community has.
//!
//! Semantics: SDK v0.50 `x/distribution`.

mod allocation;
mod delegation;
mod error;
mod events;
mod genesis;
mod genesis_read;
mod hooks;
mod invariants;
mod keeper;
mod msg;
mod params;
mod period;
mod query;
mod restart;
pub mod state;

pub use error::DistributionError;
pub use keeper::Distribution;
pub use params::Params;

use openledger_core::{Context, Module, Result, Router};
use openledger_proto::cosmos::distribution::v1beta1::{
    GenesisState, MsgCommunityPoolSpend, MsgDepositValidatorRewardsPool, MsgFundCommunityPool, MsgSetWithdrawAddress,
    MsgUpdateParams, MsgWithdrawDelegatorReward, MsgWithdrawValidatorCommission,
};
use openledger_proto::{Message, Name};
use openledger_store::StoreName;

use crate::state::STORE;

/// The module's name, and its account's.
pub const NAME: &str = "distribution";

impl Module for Distribution {
    fn name(&self) -> &'static str {
        NAME
    }

    fn store(&self) -> Option<StoreName> {
        Some(STORE)
    }

    fn register(&self, router: &mut Router) {
        router.msg::<MsgSetWithdrawAddress, _>(NAME, self);
        router.msg::<MsgWithdrawDelegatorReward, _>(NAME, self);
        router.msg::<MsgWithdrawValidatorCommission, _>(NAME, self);
        router.msg::<MsgFundCommunityPool, _>(NAME, self);
        router.msg::<MsgDepositValidatorRewardsPool, _>(NAME, self);
        router.msg::<MsgCommunityPoolSpend, _>(NAME, self);
        router.msg::<MsgUpdateParams, _>(NAME, self);
        query::register(*self, router);
    }

    fn genesis_type(&self) -> &'static str {
        "cosmos.distribution.v1beta1.GenesisState"
    }

    fn default_genesis(&self) -> Vec<u8> {
        debug_assert_eq!(self.genesis_type(), GenesisState::full_name());
        genesis::default().encode_to_vec()
    }

    fn validate_genesis(&self, genesis: &[u8]) -> Result<()> {
        genesis_read::read(genesis).map(|_| ())
    }

    fn init_genesis(&self, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
        genesis::init(self, ctx, genesis)
    }

    fn export_genesis(&self, ctx: &Context) -> Result<Vec<u8>> {
        Ok(genesis::export(self, ctx)?.encode_to_vec())
    }

    /// Shares out what came in during the block before, by its votes, and remembers who proposes this block.
    fn begin_block(&self, ctx: &mut Context) -> Result<()> {
        // The first block has no votes, and the SDK lets what came in at genesis wait one block longer.
        if ctx.height() > 1 {
            self.allocate(ctx)?;
        }
        let proposer = ctx.block().proposer.clone();
        self.set_previous_proposer(ctx, proposer)
    }

    fn check_invariants(&self, ctx: &Context) -> Result<()> {
        invariants::check(self, ctx)
    }
}
