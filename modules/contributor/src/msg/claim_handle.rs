//! `MsgClaimHandle`: reveals the sender's commit, takes the handle and burns its rent.
//!
//! The commit binds chain, account, handle and salt, so nobody claims with another's. The earlier claim has the handle, not the earlier
//! commit: a commit reserves nothing, else one could hold a thousand handles back for the price of a fee.

use openledger_core::{wire, Address, Context, Handle, Result, SdkError};
use openledger_proto::openledger::contributor::v1::{MsgClaimHandle, MsgClaimHandleResponse};
use openledger_provenance::commit::HandleCommit;

use super::claim_heights;
use crate::error::ContributorError;
use crate::events;
use crate::handle::Handle as UserHandle;
use crate::keeper::Contributors;
use crate::params::Params;
use crate::rent::paid_until;
use crate::state::{HANDLE_COMMITS, STORE};

impl Handle<MsgClaimHandle> for Contributors {
    type Response = MsgClaimHandleResponse;

    fn validate(&self, msg: &MsgClaimHandle) -> Result<()> {
        msg.account.parse::<Address>()?;
        claimable(&msg.handle)?;
        wire::hash("salt", &msg.salt).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgClaimHandle) -> Result<MsgClaimHandleResponse> {
        let account: Address = msg.account.parse()?;
        let handle = claimable(&msg.handle)?;
        let params = self.params(ctx)?;
        self.check_commit(ctx, &params, &account, &handle, wire::hash("salt", &msg.salt)?)?;
        if let Some((held, _)) = self.held_by(ctx, &account)? {
            let (account, handle) = (account.to_string(), held.to_string());
            return Err(ContributorError::HoldsHandle { account, handle }.into());
        }
        self.check_free(ctx, &account, &params, &handle)?;
        let now = ctx.block().time_seconds;
        let until_seconds = paid_until(&params, now, now, msg.years)?;
        let burnt = self.burn_rent(ctx, &account, &params, msg.years)?;
        self.give(ctx, &account, &handle, until_seconds)?;
        HANDLE_COMMITS.remove(&mut ctx.kv_mut(STORE), account.as_bytes());
        ctx.emit(events::handle_claimed(&account, handle.as_str(), until_seconds, burnt));
        Ok(MsgClaimHandleResponse { until_seconds })
    }
}

fn claimable(text: &str) -> Result<UserHandle> {
    let handle = UserHandle::new(text)?;
    if handle.is_reserved() {
        return Err(ContributorError::ReservedHandle(handle.to_string()).into());
    }
    Ok(handle)
}

impl Contributors {
    fn check_commit(
        &self,
        ctx: &Context,
        params: &Params,
        account: &Address,
        handle: &UserHandle,
        salt: [u8; 32],
    ) -> Result<()> {
        let commit = HANDLE_COMMITS.may_load(&*ctx.kv(STORE), account.as_bytes())?;
        let commit = commit.ok_or_else(|| ContributorError::NoCommit(account.to_string()))?;
        let chain_id = &ctx.block().chain_id;
        let got = HandleCommit { chain_id, account: account.as_bytes(), handle: handle.as_str(), salt }.hash();
        let got = got.map_err(|error| SdkError::InvalidRequest(error.to_string()))?;
        if commit.commit.as_slice() != got {
            let (account, expected) = (account.to_string(), hex(&commit.commit));
            return Err(ContributorError::CommitMismatch { account, expected, got: hex(&got) }.into());
        }
        let ((first, last), height) = (claim_heights(params, commit.height), ctx.height());
        if height < first || height > last {
            return Err(ContributorError::NotNow { first, last, height }.into());
        }
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
