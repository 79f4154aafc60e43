//! Sharing out: what came in during a block goes to the validators that voted for it, by their powers, and the rest to the community.
//!
//! Source: SDK v0.50 `x/distribution/keeper/allocation.go`, operation by operation: each rounding decides who gets the last unit.

use openledger_auth::permissions::FEE_COLLECTOR;
use openledger_core::{Address, Context, Dec, DecCoins, Result};
use openledger_staking::Validator;

use crate::keeper::{fault, Distribution};
use crate::state::{CURRENT, STORE};
use crate::{events, NAME};

impl Distribution {
    /// Takes what the fee collector holds and shares it out by the votes of the last commit. A vote whose validator staking does not
    /// know (a chain whose genesis names validators to CometBFT alone) is the community's.
    pub(crate) fn allocate(&self, ctx: &mut Context) -> Result<()> {
        let collector = self.auth.ensure_module(ctx, FEE_COLLECTOR)?.address;
        let collected = self.bank.balances(ctx, &collector)?;
        self.bank.send_between_modules(ctx, FEE_COLLECTOR, NAME, &collected)?;
        let collected = DecCoins::from_coins(&collected);
        let votes = &ctx.block().last_commit.votes;
        let total = votes.iter().try_fold(0u64, |sum, vote| sum.checked_add(vote.power));
        let total = Dec::from_u64(total.ok_or_else(|| fault("the powers of a commit exceed 64 bits"))?);
        if total.is_zero() {
            return self.add_to_pool(ctx, &collected);
        }
        // Whoever registers the key of a genesis validator has no part in what that one's votes bring (decision 0016).
        if self.staking.consensus.has_guests(ctx)? {
            return self.add_to_pool(ctx, &collected);
        }
        let shared = collected.mul_truncate(Dec::one().sub(self.params(ctx)?.community_tax)?)?;
        let mut remaining = collected;
        for vote in votes {
            let voter = Address::new(vote.validator.as_slice())?;
            let Some(validator) = self.staking.validator_by_cons(ctx, &voter)? else { continue };
            let reward = shared.mul_truncate(Dec::from_u64(vote.power).quo_truncate(total)?)?;
            self.allocate_to(ctx, &validator, &reward)?;
            remaining = remaining.sub(&reward)?;
        }
        self.add_to_pool(ctx, &remaining)
    }

    /// Gives rewards that the module already holds to a validator (its commission of them) and its stakers.
    pub fn allocate_to(&self, ctx: &mut Context, validator: &Validator, rewards: &DecCoins) -> Result<()> {
        let operator = &validator.operator;
        let commission = rewards.mul(validator.commission.rate)?;
        let shared = rewards.sub(&commission)?;
        ctx.emit(events::commission(&commission, operator));
        ctx.emit(events::rewards(rewards, operator));
        if rewards.is_empty() {
            return Ok(());
        }
        let due = self.commission(ctx, operator)?.add(&commission)?;
        self.set_commission(ctx, operator, &due)?;
        let mut current = self.current(ctx, operator)?;
        current.rewards = current.rewards.add(&shared)?;
        CURRENT.save(&mut ctx.kv_mut(STORE), operator.as_bytes(), &current)?;
        let outstanding = self.outstanding(ctx, operator)?.add(rewards)?;
        self.set_outstanding(ctx, operator, &outstanding)
    }
}
