//! `cosmos.circuit.v1.MsgTripCircuitBreaker`: types of message are switched off.
//!
//! Unlike in the SDK, `MsgResetCircuitBreaker` is refused: without it nothing could be switched on again.

use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::cosmos::circuit::v1::{MsgTripCircuitBreaker, MsgTripCircuitBreakerResponse};

use crate::error::CircuitError;
use crate::events;
use crate::keeper::Circuit;

impl Handle<MsgTripCircuitBreaker> for Circuit {
    type Response = MsgTripCircuitBreakerResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgTripCircuitBreaker) -> Result<MsgTripCircuitBreakerResponse> {
        let who: Address = msg.authority.parse()?;
        super::check_type_urls(&msg.msg_type_urls)?;
        for type_url in &msg.msg_type_urls {
            if !self.is_allowed(ctx, type_url) {
                return Err(CircuitError::AlreadyDisabled(type_url.clone()).into());
            }
            self.check_may(ctx, &who, "trip", type_url)?;
            self.disable(ctx, type_url)?;
        }
        ctx.emit(events::switched("trip", &msg.authority, &msg.msg_type_urls));
        Ok(MsgTripCircuitBreakerResponse { success: true })
    }
}
