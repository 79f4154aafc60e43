//! A chain that goes on in another one from height zero: every validator's window is judged from there on.
//!
//! Source: SDK v0.50 simapp, `export.go`, `prepForZeroHeightGenesis`, which keeps the windows themselves too.

use cosmwasm_std::Order;
use openledger_core::{Context, Result};

use crate::keeper::Slashing;
use crate::state::{SIGNING_INFOS, STORE};

impl Slashing {
    /// Brings the start of every validator's window to the height of `ctx`.
    pub fn restart(&self, ctx: &mut Context) -> Result<()> {
        let infos =
            SIGNING_INFOS.range(&*ctx.kv(STORE), None, None, Order::Ascending).collect::<Result<Vec<_>, _>>()?;
        let start_height = ctx.height();
        for (validator, mut info) in infos {
            info.start_height = start_height;
            SIGNING_INFOS.save(&mut ctx.kv_mut(STORE), &validator, &info)?;
        }
        Ok(())
    }
}
