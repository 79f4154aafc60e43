//! Handles are rented by the year, and the rent is burnt.
//!
//! Burnt, not given to the stakers: whoever has a part of the fees would rent at a discount, and handles are to cost everybody the same.
//! Nothing stays with the module.
//!
//! A handle is its holder's until `until_seconds`, by header time; then it rests for `handle_rest_seconds`, in which its last holder
//! alone may claim it; then anyone may. Nothing happens at these times and nothing is queued: whoever reads, compares with the clock.

use cosmwasm_std::Uint256;
use openledger_core::{Address, Coin, Coins, Context, Result, SdkError};

use crate::error::ContributorError;
use crate::handle::Handle;
use crate::keeper::Contributors;
use crate::params::Params;
use crate::state::{StoredHandle, HANDLES, HELD, STORE};
use crate::NAME;

/// Seconds of a year of rent: 365 days.
pub const YEAR_SECONDS: i64 = 365 * 86_400;

impl Contributors {
    /// Burns what so many years cost, and says what that was.
    pub(crate) fn burn_rent(
        &self,
        ctx: &mut Context,
        account: &Address,
        params: &Params,
        years: u32,
    ) -> Result<Uint256> {
        let rent = params.handle_rent.checked_mul(Uint256::from(years));
        let rent = rent.map_err(|_| SdkError::Logic(format!("the rent of {years} years exceeds 256 bits")))?;
        if !rent.is_zero() {
            let coins = Coins::from(Coin::base(rent));
            self.bank.send_to_module(ctx, account, NAME, &coins)?;
            self.bank.burn(ctx, NAME, &coins)?;
        }
        Ok(rent)
    }

    /// The handle that an account must hold, and its record.
    pub(crate) fn must_hold(&self, ctx: &Context, account: &Address) -> Result<(Handle, StoredHandle)> {
        Ok(self.held_by(ctx, account)?.ok_or_else(|| ContributorError::HoldsNone(account.to_string()))?)
    }

    /// Refuses a handle that is another's, or was too short a time ago.
    pub(crate) fn check_free(&self, ctx: &Context, account: &Address, params: &Params, handle: &Handle) -> Result<()> {
        let Some(record) = self.handle(ctx, handle.as_str())? else { return Ok(()) };
        let now = ctx.block().time_seconds;
        let (handle, holder) = (handle.to_string(), record.holder.to_string());
        if now < record.until_seconds && self.is_kept(ctx, &handle, &record)? {
            return Err(ContributorError::HandleTaken { handle, holder, until: record.until_seconds }.into());
        }
        let until = record.free_seconds(params);
        if now < until && record.holder != *account {
            return Err(ContributorError::HandleResting { handle, holder, until }.into());
        }
        Ok(())
    }

    /// Gives a handle to an account that holds none.
    pub(crate) fn give(&self, ctx: &mut Context, account: &Address, handle: &Handle, until_seconds: i64) -> Result<()> {
        let mut kv = ctx.kv_mut(STORE);
        if let Some(before) = HANDLES.may_load(&kv, handle.as_str())? {
            // Its last holder may name it still, or hold another by now.
            if HELD.may_load(&kv, before.holder.as_bytes())?.as_ref() == Some(handle) {
                HELD.remove(&mut kv, before.holder.as_bytes());
            }
        }
        HELD.save(&mut kv, account.as_bytes(), handle)?;
        let since_height = ctx.height();
        let record = StoredHandle { holder: account.clone(), since_height, until_seconds };
        HANDLES.save(&mut ctx.kv_mut(STORE), handle.as_str(), &record)?;
        Ok(())
    }
}

impl StoredHandle {
    /// From when on others than its last holder may claim it, if it is not renewed.
    pub(crate) fn free_seconds(&self, params: &Params) -> i64 {
        let rest = i64::try_from(params.handle_rest_seconds).unwrap_or(i64::MAX);
        self.until_seconds.saturating_add(rest)
    }
}

/// Until when a handle is held that is paid for so many years from `from`, if that is a year at least and not more than the parameters
/// allow from now.
pub(crate) fn paid_until(params: &Params, now: i64, from: i64, years: u32) -> Result<i64> {
    let most = params.handle_max_years;
    let span = |years: u32| i64::from(years).saturating_mul(YEAR_SECONDS);
    let until = from.saturating_add(span(years));
    if years == 0 || until > now.saturating_add(span(most)) {
        return Err(ContributorError::InvalidYears { years, most }.into());
    }
    Ok(until)
}
