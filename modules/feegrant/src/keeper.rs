//! Making, using and removing allowances.
//!
//! Relies on [`Auth`] for the grantee's account. Guarantees what the head of the crate names as invariants.

use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_core::time::Time;
use openledger_core::{Address, Coins, Context, Result, SdkError};

use crate::allowance::{After, Allowance};
use crate::events;
use crate::state;

/// The keeper of allowances.
#[derive(Debug, Clone, Copy, Default)]
pub struct Feegrants {
    /// Accounts.
    pub auth: Auth,
    /// Who may not be given an account.
    pub bank: Bank,
}

impl Feegrants {
    /// The allowance of a grantee from a granter.
    pub fn allowance(&self, ctx: &Context, granter: &Address, grantee: &Address) -> Result<Option<Allowance>> {
        state::load(ctx, granter, grantee)
    }

    /// Makes an allowance where the pair has none, and the grantee's account where it has none.
    pub fn grant(&self, ctx: &mut Context, granter: &Address, grantee: &Address, allowance: &Allowance) -> Result<()> {
        self.check_none(ctx, granter, grantee)?;
        if !self.auth.has_account(ctx, grantee) {
            self.bank.check_not_blocked(grantee)?;
            self.auth.ensure(ctx, grantee)?;
        }
        if allowance.expiration().is_some_and(|expiration| expiration < Time::now(ctx)) {
            return Err(SdkError::InvalidRequest("expiration is before current block time".into()).into());
        }
        state::insert(ctx, granter, grantee, allowance)?;
        ctx.emit(events::of("set_feegrant", granter, grantee));
        Ok(())
    }

    /// Refuses a pair that has an allowance.
    pub(crate) fn check_none(&self, ctx: &Context, granter: &Address, grantee: &Address) -> Result<()> {
        if state::load(ctx, granter, grantee)?.is_some() {
            return Err(SdkError::InvalidRequest("fee allowance already exists".into()).into());
        }
        Ok(())
    }

    /// Takes an allowance back.
    pub(crate) fn revoke(&self, ctx: &mut Context, granter: &Address, grantee: &Address) -> Result<()> {
        let allowance = self.existing(ctx, granter, grantee)?;
        state::remove(ctx, granter, grantee, &allowance);
        ctx.emit(events::of("revoke_feegrant", granter, grantee));
        Ok(())
    }

    /// Accepts a fee of a transaction with these messages (type URLs) for the granter's account, and takes it off the allowance. An
    /// expired allowance stays where it is: the transaction fails, and the end of a block removes it.
    pub fn use_granted_fees(
        &self,
        ctx: &mut Context,
        granter: &Address,
        grantee: &Address,
        fee: &Coins,
        messages: &[&str],
    ) -> Result<()> {
        let mut allowance = self.existing(ctx, granter, grantee)?;
        let after = allowance.accept(ctx, fee, messages)?;
        if after == After::UsedUp {
            self.revoke(ctx, granter, grantee)?;
        }
        ctx.emit(events::of("use_feegrant", granter, grantee));
        if after == After::Kept {
            state::update(ctx, granter, grantee, &allowance)?;
            ctx.emit(events::of("update_feegrant", granter, grantee));
        }
        Ok(())
    }

    fn existing(&self, ctx: &Context, granter: &Address, grantee: &Address) -> Result<Allowance> {
        let allowance = state::load(ctx, granter, grantee)?;
        allowance.ok_or_else(|| SdkError::NotFound("fee-grant not found".into()).into())
    }
}
