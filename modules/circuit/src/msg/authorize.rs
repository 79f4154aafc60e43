//! `cosmos.circuit.v1.MsgAuthorizeCircuitBreaker`: the authority or a super admin says what an account may switch.

use openledger_auth::authority;
use openledger_core::{Address, Context, Handle, Result, SdkError};
use openledger_proto::cosmos::circuit::v1::{MsgAuthorizeCircuitBreaker, MsgAuthorizeCircuitBreakerResponse};

use crate::events;
use crate::keeper::Circuit;
use crate::state::{Level, Permissions};

impl Handle<MsgAuthorizeCircuitBreaker> for Circuit {
    type Response = MsgAuthorizeCircuitBreakerResponse;

    fn handle(
        &self,
        ctx: &mut Context,
        msg: &MsgAuthorizeCircuitBreaker,
    ) -> Result<MsgAuthorizeCircuitBreakerResponse> {
        let granter: Address = msg.granter.parse()?;
        if granter != authority() {
            let own = self.permissions(ctx, &granter)?.unwrap_or_default();
            if own.level != Level::SuperAdmin {
                return Err(SdkError::Unauthorized("only super admins can authorize users".into()).into());
            }
        }
        let grantee: Address = msg.grantee.parse()?;
        let permissions = msg.permissions.as_ref();
        let permissions = permissions.ok_or_else(|| SdkError::InvalidRequest("permissions cannot be nil".into()))?;
        let permissions = Permissions::from_proto(permissions)?;
        self.set_permissions(ctx, &grantee, &permissions)?;
        ctx.emit(events::authorized(&msg.granter, &msg.grantee, &permissions));
        Ok(MsgAuthorizeCircuitBreakerResponse { success: true })
    }
}
