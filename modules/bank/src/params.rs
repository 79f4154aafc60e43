//! The one parameter: whether denominations may be sent where nothing is set for them.
//!
//! Source: SDK v0.50 `x/bank/types/params.go`; the list in the parameters is retired there and refused here as there.

use openledger_core::{Context, Result};
use openledger_proto::cosmos::bank::v1beta1::Params;

use crate::error::BankError;
use crate::state::{self, STORE};

/// Checks parameters and reads whether denominations may be sent by default.
#[allow(deprecated, reason = "the retired list is looked at to be refused")]
pub(crate) fn read(params: &Params) -> Result<bool> {
    if !params.send_enabled.is_empty() {
        let text = "use of send_enabled in params is no longer supported";
        return Err(BankError::InvalidParams(text.into()).into());
    }
    Ok(params.default_send_enabled)
}

/// The parameters of a new chain.
pub(crate) fn default() -> Params {
    of(true)
}

/// The parameters as they are.
pub(crate) fn current(ctx: &Context) -> Result<Params> {
    Ok(of(state::default_send_enabled(&*ctx.kv(STORE))?))
}

#[allow(deprecated, reason = "the retired list is part of the message")]
fn of(default_send_enabled: bool) -> Params {
    Params { send_enabled: Vec::new(), default_send_enabled }
}
