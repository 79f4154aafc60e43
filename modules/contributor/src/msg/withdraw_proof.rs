//! `MsgWithdrawProof`: takes a claimed proof back, of a handle held now or once.

use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::contributor::v1::{MsgWithdrawProof, MsgWithdrawProofResponse};

use crate::error::ContributorError;
use crate::events;
use crate::keeper::Contributors;
use crate::proof::Place;
use crate::state::{HANDLE_PROOFS, STORE};

impl Handle<MsgWithdrawProof> for Contributors {
    type Response = MsgWithdrawProofResponse;

    fn validate(&self, msg: &MsgWithdrawProof) -> Result<()> {
        msg.account.parse::<Address>()?;
        Place::new(msg.kind, &msg.location)?;
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgWithdrawProof) -> Result<MsgWithdrawProofResponse> {
        let account: Address = msg.account.parse()?;
        let place = Place::new(msg.kind, &msg.location)?;
        let key = (account.as_bytes(), place.kind(), place.location());
        let Some(proof) = HANDLE_PROOFS.may_load(&*ctx.kv(STORE), key)? else {
            let (account, location) = (account.to_string(), msg.location.clone());
            return Err(ContributorError::UnknownProof { account, location }.into());
        };
        HANDLE_PROOFS.remove(&mut ctx.kv_mut(STORE), key);
        ctx.emit(events::proof_withdrawn(&account, proof.handle.as_str(), &place.place()));
        Ok(MsgWithdrawProofResponse {})
    }
}
