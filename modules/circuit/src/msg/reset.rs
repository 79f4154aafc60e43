//! `cosmos.circuit.v1.MsgResetCircuitBreaker`: types of message are switched on again.

use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::cosmos::circuit::v1::{MsgResetCircuitBreaker, MsgResetCircuitBreakerResponse};

use crate::error::CircuitError;
use crate::events;
use crate::keeper::Circuit;

impl Handle<MsgResetCircuitBreaker> for Circuit {
    type Response = MsgResetCircuitBreakerResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgResetCircuitBreaker) -> Result<MsgResetCircuitBreakerResponse> {
        let who: Address = msg.authority.parse()?;
        super::check_type_urls(&msg.msg_type_urls)?;
        for type_url in &msg.msg_type_urls {
            if self.is_allowed(ctx, type_url) {
                return Err(CircuitError::NotDisabled(type_url.clone()).into());
            }
            self.check_may(ctx, &who, "reset", type_url)?;
            self.enable(ctx, type_url);
        }
        ctx.emit(events::switched("reset", &msg.authority, &msg.msg_type_urls));
        Ok(MsgResetCircuitBreakerResponse { success: true })
    }
}
