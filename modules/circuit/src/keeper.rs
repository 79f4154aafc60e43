//! What is off, and who may switch it.
//!
//! Relies on `openledger_auth::authority` for who may do everything.

use cosmwasm_std::Empty;
use openledger_auth::authority;
use openledger_core::{Address, Context, Result, SdkError};

use crate::error::CircuitError;
use crate::state::{Level, Permissions, DISABLED, PERMISSIONS, STORE};

/// The message that switches on again, which cannot be switched off.
pub const RESET: &str = "/cosmos.circuit.v1.MsgResetCircuitBreaker";

/// The keeper of the circuit breaker.
#[derive(Debug, Clone, Copy, Default)]
pub struct Circuit;

impl Circuit {
    /// Refuses a type of message that is off.
    pub fn check_allowed(&self, ctx: &Context, type_url: &str) -> Result<()> {
        if self.is_allowed(ctx, type_url) {
            return Ok(());
        }
        Err(CircuitError::Disabled(type_url.into()).into())
    }

    /// Whether a type of message is on.
    pub fn is_allowed(&self, ctx: &Context, type_url: &str) -> bool {
        !DISABLED.has(&*ctx.kv(STORE), type_url)
    }

    /// What an account may switch, where that was ever said.
    pub fn permissions(&self, ctx: &Context, address: &Address) -> Result<Option<Permissions>> {
        Ok(PERMISSIONS.may_load(&*ctx.kv(STORE), address.as_bytes())?)
    }

    pub(crate) fn set_permissions(&self, ctx: &mut Context, of: &Address, permissions: &Permissions) -> Result<()> {
        PERMISSIONS.save(&mut ctx.kv_mut(STORE), of.as_bytes(), permissions)?;
        Ok(())
    }

    /// Switches a type of message off.
    pub(crate) fn disable(&self, ctx: &mut Context, type_url: &str) -> Result<()> {
        if type_url == RESET {
            return Err(CircuitError::CannotDisable(type_url.into()).into());
        }
        DISABLED.save(&mut ctx.kv_mut(STORE), type_url, &Empty {})?;
        Ok(())
    }

    /// Switches a type of message on.
    pub(crate) fn enable(&self, ctx: &mut Context, type_url: &str) {
        DISABLED.remove(&mut ctx.kv_mut(STORE), type_url);
    }

    /// Refuses an account that may not `verb` a type of message (`trip`, `reset`).
    pub(crate) fn check_may(&self, ctx: &Context, who: &Address, verb: &str, type_url: &str) -> Result<()> {
        if *who == authority() {
            return Ok(());
        }
        let permissions = self.permissions(ctx, who)?.unwrap_or_default();
        let what = match permissions.level {
            Level::SuperAdmin | Level::AllMsgs => return Ok(()),
            Level::SomeMsgs if permissions.limit_type_urls.iter().any(|url| url == type_url) => return Ok(()),
            Level::SomeMsgs => format!(" for message {type_url}"),
            Level::None => String::new(),
        };
        let text = format!("account does not have permission to {verb} circuit breaker{what}");
        Err(SdkError::Unauthorized(text).into())
    }
}
