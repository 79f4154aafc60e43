//! `MsgCommitHandle`: a promise to claim a handle, without saying which.
//!
//! Who sees a handle in the mempool could take it first; who sees its commit learns nothing. An account has one commit; a new one
//! replaces it, so commits that are never claimed take no more room than their accounts.

use openledger_core::{wire, Address, Context, Handle, Result};
use openledger_proto::openledger::contributor::v1::{MsgCommitHandle, MsgCommitHandleResponse};

use crate::events;
use crate::keeper::Contributors;
use crate::params::Params;
use crate::state::{StoredCommit, HANDLE_COMMITS, STORE};

impl Handle<MsgCommitHandle> for Contributors {
    type Response = MsgCommitHandleResponse;

    fn validate(&self, msg: &MsgCommitHandle) -> Result<()> {
        msg.account.parse::<Address>()?;
        wire::hash("commit", &msg.commit).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgCommitHandle) -> Result<MsgCommitHandleResponse> {
        let account: Address = msg.account.parse()?;
        let commit = StoredCommit { commit: wire::hash("commit", &msg.commit)?.into(), height: ctx.height() };
        HANDLE_COMMITS.save(&mut ctx.kv_mut(STORE), account.as_bytes(), &commit)?;
        let (first_height, last_height) = claim_heights(&self.params(ctx)?, commit.height);
        ctx.emit(events::handle_committed(&account, first_height, last_height));
        Ok(MsgCommitHandleResponse { first_height, last_height })
    }
}

/// The first and the last height at which what was committed at `height` may be claimed.
pub(crate) fn claim_heights(params: &Params, height: u64) -> (u64, u64) {
    let first = height.saturating_add(params.handle_wait_blocks);
    // The first height is the window's first block.
    (first, first.saturating_add(params.handle_claim_blocks.saturating_sub(1)))
}
