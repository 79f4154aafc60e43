//! `cosmos.gov.v1.MsgExecLegacyContent`: the governance account executes a content of v1beta1. Text, the only one that is handled,
//! does nothing: it is its being voted on that counts.

use openledger_core::{Context, Handle, Result};
use openledger_proto::cosmos::gov::v1::{MsgExecLegacyContent, MsgExecLegacyContentResponse};

use super::read_address;
use crate::error::GovError;
use crate::keeper::{self, Gov};
use crate::legacy;

impl Handle<MsgExecLegacyContent> for Gov {
    type Response = MsgExecLegacyContentResponse;

    fn validate(&self, msg: &MsgExecLegacyContent) -> Result<()> {
        read_address("authority", &msg.authority).map(|_| ())
    }

    fn handle(&self, _ctx: &mut Context, msg: &MsgExecLegacyContent) -> Result<MsgExecLegacyContentResponse> {
        let authority = keeper::account().to_string();
        if msg.authority != authority {
            return Err(GovError::InvalidSigner(format!("expected {authority} got {}", msg.authority)).into());
        }
        legacy::text_of(msg.content.as_ref())?;
        Ok(MsgExecLegacyContentResponse {})
    }
}
