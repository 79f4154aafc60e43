//! `MsgClaimProof`: where the text stands that ties the sender to the handle that it holds ([`crate::proof`]).

use cosmwasm_std::Order;
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::contributor::v1::{MsgClaimProof, MsgClaimProofResponse};

use crate::error::ContributorError;
use crate::events;
use crate::keeper::Contributors;
use crate::proof::{text, Place};
use crate::state::{StoredProof, HANDLE_PROOFS, STORE};

impl Handle<MsgClaimProof> for Contributors {
    type Response = MsgClaimProofResponse;

    fn validate(&self, msg: &MsgClaimProof) -> Result<()> {
        msg.account.parse::<Address>()?;
        Place::new(msg.kind, &msg.location)?;
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgClaimProof) -> Result<MsgClaimProofResponse> {
        let account: Address = msg.account.parse()?;
        let place = Place::new(msg.kind, &msg.location)?;
        let (handle, _) = self.must_hold(ctx, &account)?;
        let key = (account.as_bytes(), place.kind(), place.location());
        if !HANDLE_PROOFS.has(&*ctx.kv(STORE), key) {
            self.check_room(ctx, &account)?;
        }
        let (height, time_seconds) = (ctx.height(), ctx.block().time_seconds);
        let proof = StoredProof { handle: handle.clone(), height, time_seconds };
        HANDLE_PROOFS.save(&mut ctx.kv_mut(STORE), key, &proof)?;
        let (text, place) = (text(&ctx.block().chain_id, &account, &handle), place.place());
        ctx.emit(events::proof_claimed(&account, handle.as_str(), &place));
        Ok(MsgClaimProofResponse { text, place })
    }
}

impl Contributors {
    fn check_room(&self, ctx: &Context, account: &Address) -> Result<()> {
        let most = self.params(ctx)?.max_proofs;
        let kv = ctx.kv(STORE);
        let proofs = HANDLE_PROOFS.sub_prefix(account.as_bytes()).keys_raw(&*kv, None, None, Order::Ascending);
        if proofs.take(usize::try_from(most).unwrap_or(usize::MAX)).count()
            >= usize::try_from(most).unwrap_or(usize::MAX)
        {
            return Err(ContributorError::TooManyProofs(most).into());
        }
        Ok(())
    }
}
