//! What the module holds and for whom: the parameters, the community pool, withdraw addresses, a validator's sums.
//!
//! Relies on staking for stakes and on bank for the coins. Guarantees that the module's account holds, in whole units, what is
//! outstanding and what is the community's.

use cosmwasm_std::Binary;
use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_core::{Address, Coins, Context, DecCoins, Result, SdkError};
use openledger_staking::{Delegation, Staking, Validator};

use crate::error::{no_delegation, no_validator, DistributionError};
use crate::params::Params;
use crate::state::{COMMISSIONS, COMMUNITY_POOL, OUTSTANDING, PARAMS, PREVIOUS_PROPOSER, STORE, WITHDRAW_ADDRESSES};
use crate::{events, NAME};

/// The keeper of rewards.
#[derive(Debug, Clone, Copy)]
pub struct Distribution {
    /// Accounts.
    pub auth: Auth,
    /// Balances.
    pub bank: Bank,
    /// Validators and delegations.
    pub staking: Staking,
}

/// What other modules may ask and do.
impl Distribution {
    /// The parameters; the defaults before genesis.
    pub fn params(&self, ctx: &Context) -> Result<Params> {
        Ok(PARAMS.may_load(&*ctx.kv(STORE))?.unwrap_or_default())
    }

    /// What is the community's.
    pub fn community_pool(&self, ctx: &Context) -> Result<DecCoins> {
        Ok(COMMUNITY_POOL.may_load(&*ctx.kv(STORE))?.unwrap_or_default())
    }

    /// What a validator and its stakers have not been paid yet, commission included.
    pub fn outstanding(&self, ctx: &Context, operator: &Address) -> Result<DecCoins> {
        Ok(OUTSTANDING.may_load(&*ctx.kv(STORE), operator.as_bytes())?.unwrap_or_default())
    }

    /// A validator's commission that has not been paid yet.
    pub fn commission(&self, ctx: &Context, operator: &Address) -> Result<DecCoins> {
        Ok(COMMISSIONS.may_load(&*ctx.kv(STORE), operator.as_bytes())?.unwrap_or_default())
    }

    /// Where a delegator's rewards go.
    pub fn withdraw_address(&self, ctx: &Context, delegator: &Address) -> Result<Address> {
        let chosen = WITHDRAW_ADDRESSES.may_load(&*ctx.kv(STORE), delegator.as_bytes())?;
        Ok(chosen.unwrap_or_else(|| delegator.clone()))
    }

    /// Gives coins of an account to the community.
    pub fn fund_community_pool(&self, ctx: &mut Context, from: &Address, coins: &Coins) -> Result<()> {
        self.bank.send_to_module(ctx, from, NAME, coins)?;
        self.add_to_pool(ctx, &DecCoins::from_coins(coins))
    }

    /// Gives coins of a module to the community.
    pub fn fund_community_pool_from_module(&self, ctx: &mut Context, module: &str, coins: &Coins) -> Result<()> {
        self.fund_community_pool(ctx, &Address::module(module), coins)
    }

    /// Pays from the community pool; an error where it has less.
    pub fn spend_community_pool(&self, ctx: &mut Context, to: &Address, coins: &Coins) -> Result<()> {
        let rest = self.community_pool(ctx)?.sub(&DecCoins::from_coins(coins));
        let rest = rest.map_err(|_| DistributionError::PoolTooSmall)?;
        self.bank.send_from_module(ctx, NAME, to, coins)?;
        self.set_pool(ctx, &rest)
    }
}

/// Reading and writing what is stored.
impl Distribution {
    pub(crate) fn set_params(&self, ctx: &mut Context, params: &Params) -> Result<()> {
        PARAMS.save(&mut ctx.kv_mut(STORE), params)?;
        Ok(())
    }

    pub(crate) fn set_pool(&self, ctx: &mut Context, pool: &DecCoins) -> Result<()> {
        COMMUNITY_POOL.save(&mut ctx.kv_mut(STORE), pool)?;
        Ok(())
    }

    pub(crate) fn add_to_pool(&self, ctx: &mut Context, coins: &DecCoins) -> Result<()> {
        if coins.is_empty() {
            return Ok(());
        }
        let pool = self.community_pool(ctx)?.add(coins)?;
        self.set_pool(ctx, &pool)
    }

    pub(crate) fn previous_proposer(&self, ctx: &Context) -> Result<Vec<u8>> {
        Ok(PREVIOUS_PROPOSER.may_load(&*ctx.kv(STORE))?.unwrap_or_default().into())
    }

    pub(crate) fn set_previous_proposer(&self, ctx: &mut Context, proposer: Vec<u8>) -> Result<()> {
        PREVIOUS_PROPOSER.save(&mut ctx.kv_mut(STORE), &Binary::from(proposer))?;
        Ok(())
    }

    pub(crate) fn set_outstanding(&self, ctx: &mut Context, operator: &Address, coins: &DecCoins) -> Result<()> {
        OUTSTANDING.save(&mut ctx.kv_mut(STORE), operator.as_bytes(), coins)?;
        Ok(())
    }

    pub(crate) fn set_commission(&self, ctx: &mut Context, operator: &Address, coins: &DecCoins) -> Result<()> {
        COMMISSIONS.save(&mut ctx.kv_mut(STORE), operator.as_bytes(), coins)?;
        Ok(())
    }

    pub(crate) fn set_withdraw_address(&self, ctx: &mut Context, delegator: &Address, to: &Address) -> Result<()> {
        WITHDRAW_ADDRESSES.save(&mut ctx.kv_mut(STORE), delegator.as_bytes(), to)?;
        Ok(())
    }

    /// The validator, or staking's error where there is none.
    pub(crate) fn validator(&self, ctx: &Context, operator: &Address) -> Result<Validator> {
        self.staking.validator(ctx, operator)?.ok_or_else(no_validator)
    }

    /// The delegation, or staking's error where there is none.
    pub(crate) fn delegation(&self, ctx: &Context, delegator: &Address, operator: &Address) -> Result<Delegation> {
        self.staking.delegation(ctx, delegator, operator)?.ok_or_else(no_delegation)
    }
}

/// Paying commission, and the end of a validator.
impl Distribution {
    /// Pays a validator's commission to where its operator's rewards go; what is less than a unit stays for later.
    pub(crate) fn withdraw_commission(&self, ctx: &mut Context, operator: &Address) -> Result<Coins> {
        let commission = self.commission(ctx, operator)?;
        if commission.is_empty() {
            return Err(DistributionError::NoCommission.into());
        }
        let (paid, rest) = commission.truncate()?;
        self.set_commission(ctx, operator, &rest)?;
        let outstanding = self.outstanding(ctx, operator)?.sub(&DecCoins::from_coins(&paid))?;
        self.set_outstanding(ctx, operator, &outstanding)?;
        self.pay(ctx, operator, &paid)?;
        ctx.emit(events::withdraw_commission(&paid));
        Ok(paid)
    }

    /// Pays what is left of a validator that is removed: its commission to its operator, the rest (there are no delegations any more,
    /// so it is dust) to the community.
    pub(crate) fn settle_removed(&self, ctx: &mut Context, operator: &Address) -> Result<()> {
        let mut outstanding = self.outstanding(ctx, operator)?;
        let commission = self.commission(ctx, operator)?;
        if !commission.is_empty() {
            outstanding = outstanding.sub(&commission)?;
            let (paid, rest) = commission.truncate()?;
            self.add_to_pool(ctx, &rest)?;
            self.pay(ctx, operator, &paid)?;
        }
        self.add_to_pool(ctx, &outstanding)?;
        let mut kv = ctx.kv_mut(STORE);
        OUTSTANDING.remove(&mut kv, operator.as_bytes());
        COMMISSIONS.remove(&mut kv, operator.as_bytes());
        Ok(())
    }

    /// Pays from the module's account to where `whose` rewards go.
    pub(crate) fn pay(&self, ctx: &mut Context, whose: &Address, coins: &Coins) -> Result<()> {
        if coins.is_empty() {
            return Ok(());
        }
        let to = self.withdraw_address(ctx, whose)?;
        self.bank.send_from_module(ctx, NAME, &to, coins)
    }
}

/// A fault of ours: the texts of what the SDK panics with.
pub(crate) fn fault(text: impl Into<String>) -> openledger_core::Error {
    SdkError::Logic(format!("distribution: {}", text.into())).into()
}
