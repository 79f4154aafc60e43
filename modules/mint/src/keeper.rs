//! Reading and replacing the parameters; there is nothing else to keep.

use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_core::{Context, Result};

use crate::params::Params;
use crate::state::{PARAMS, STORE};

/// The keeper of what is shown of a fixed supply.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mint {
    /// Accounts.
    pub auth: Auth,
    /// Balances.
    pub bank: Bank,
}

impl Mint {
    /// The parameters; the defaults before genesis.
    pub fn params(&self, ctx: &Context) -> Result<Params> {
        Ok(PARAMS.may_load(&*ctx.kv(STORE))?.unwrap_or_default())
    }

    pub(crate) fn set_params(&self, ctx: &mut Context, params: &Params) -> Result<()> {
        PARAMS.save(&mut ctx.kv_mut(STORE), params)?;
        Ok(())
    }
}
