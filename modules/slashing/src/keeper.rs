//! What this module knows of validators, and what it does to them; evidence calls it too.
//!
//! Source: SDK v0.50 `x/slashing/keeper/{keeper,signing_info}.go`.

use openledger_core::address::VALCONS_PREFIX;
use openledger_core::{Address, ConsensusKey, Context, Dec, Result};
use openledger_staking::{Staking, Time};

use crate::error::SlashingError;
use crate::events::{self, Reason};
use crate::params::Params;
use crate::state::{SigningInfo, StoredKey, PARAMS, PUBKEYS, SIGNING_INFOS, STORE};

/// The keeper of signing infos, windows and jail.
#[derive(Debug, Clone, Copy)]
pub struct Slashing {
    /// Who validates, and with what at stake.
    pub staking: Staking,
}

impl Slashing {
    /// The parameters; the defaults before genesis.
    pub fn params(&self, ctx: &Context) -> Result<Params> {
        Ok(PARAMS.may_load(&*ctx.kv(STORE))?.unwrap_or_default())
    }

    pub(crate) fn set_params(&self, ctx: &mut Context, params: &Params) -> Result<()> {
        PARAMS.save(&mut ctx.kv_mut(STORE), params)?;
        Ok(())
    }

    /// How the validator with this consensus address signs; `None` where it was never bonded.
    pub fn signing_info(&self, ctx: &Context, validator: &Address) -> Result<Option<SigningInfo>> {
        Ok(SIGNING_INFOS.may_load(&*ctx.kv(STORE), validator.as_bytes())?)
    }

    pub(crate) fn set_signing_info(&self, ctx: &mut Context, validator: &Address, info: &SigningInfo) -> Result<()> {
        SIGNING_INFOS.save(&mut ctx.kv_mut(STORE), validator.as_bytes(), info)?;
        Ok(())
    }

    /// The key of a validator that staking has, by consensus address.
    pub fn pubkey(&self, ctx: &Context, validator: &Address) -> Result<Option<ConsensusKey>> {
        Ok(PUBKEYS.may_load(&*ctx.kv(STORE), validator.as_bytes())?.map(ConsensusKey::from))
    }

    pub(crate) fn set_pubkey(&self, ctx: &mut Context, validator: &Address, key: &ConsensusKey) -> Result<()> {
        PUBKEYS.save(&mut ctx.kv_mut(STORE), validator.as_bytes(), &StoredKey::from(key))?;
        Ok(())
    }

    pub(crate) fn remove_pubkey(&self, ctx: &mut Context, validator: &Address) {
        PUBKEYS.remove(&mut ctx.kv_mut(STORE), validator.as_bytes());
    }

    /// Burns `fraction` of what the validator had at stake at `height`, where its power was `power`.
    pub fn slash(
        &self,
        ctx: &mut Context,
        validator: &Address,
        fraction: Dec,
        power: u64,
        height: u64,
        reason: Reason,
    ) -> Result<()> {
        let burned = self.staking.slash(ctx, validator, height, power, fraction)?;
        ctx.emit(events::slash(validator, power, reason, false, burned));
        Ok(())
    }

    /// Puts a validator in jail.
    pub fn jail(&self, ctx: &mut Context, validator: &Address) -> Result<()> {
        self.staking.jail(ctx, validator)?;
        ctx.emit(events::jail(validator));
        Ok(())
    }

    /// Sets until when a jailed validator stays there.
    pub fn jail_until(&self, ctx: &mut Context, validator: &Address, until: Time) -> Result<()> {
        let mut info =
            self.required(ctx, validator, "cannot jail validator that does not have any signing information")?;
        info.jailed_until = until;
        self.set_signing_info(ctx, validator, &info)
    }

    /// Bars a validator's key for ever.
    pub fn tombstone(&self, ctx: &mut Context, validator: &Address) -> Result<()> {
        let why = "cannot tombstone validator that does not have any signing information";
        let mut info = self.required(ctx, validator, why)?;
        if info.tombstoned {
            return Err(SlashingError::Tombstoned.into());
        }
        info.tombstoned = true;
        self.set_signing_info(ctx, validator, &info)
    }

    /// Whether a validator's key is barred for ever.
    pub fn is_tombstoned(&self, ctx: &Context, validator: &Address) -> Result<bool> {
        Ok(self.signing_info(ctx, validator)?.is_some_and(|info| info.tombstoned))
    }

    fn required(&self, ctx: &Context, validator: &Address, why: &str) -> Result<SigningInfo> {
        let info = self.signing_info(ctx, validator)?;
        let missing = || SlashingError::NoSigningInfo(format!("{why}: {}", validator.to_bech32(VALCONS_PREFIX)));
        Ok(info.ok_or_else(missing)?)
    }
}
