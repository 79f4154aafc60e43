//! `MsgUpdateParams`: the authority sets all parameters, as a new version for sessions to come.

use openledger_auth::check_authority;
use openledger_core::{Context, Event, Handle, Result, SdkError};
use openledger_proto::openledger::attribution::v1::{MsgUpdateParams, MsgUpdateParamsResponse};

use crate::events;
use crate::keeper::Attribution;
use crate::params::Params;
use crate::state::{PARAMS, PARAMS_VERSION, STORE};

impl Handle<MsgUpdateParams> for Attribution {
    type Response = MsgUpdateParamsResponse;

    fn validate(&self, msg: &MsgUpdateParams) -> Result<()> {
        Params::from_proto(msg.params.as_ref()).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgUpdateParams) -> Result<Self::Response> {
        check_authority(&msg.authority)?;
        let params = Params::from_proto(msg.params.as_ref())?;
        params.check_unbonding(self.models.params(ctx)?.unbonding_seconds)?;
        let version = self.params(ctx)?.0.checked_add(1);
        let version = version.ok_or_else(|| SdkError::Logic("all versions are given".into()))?;
        let kv = &mut ctx.kv_mut(STORE);
        PARAMS.save(kv, version, &params)?;
        PARAMS_VERSION.save(kv, &version)?;
        ctx.emit(Event::new(events::PARAMS_UPDATED).attr("version", version));
        Ok(MsgUpdateParamsResponse { version })
    }
}
