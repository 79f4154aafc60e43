//! What people say of themselves: profiles, handles, and where they prove that a handle is theirs.

use openledger_proto::openledger::contributor::v1 as contributor;
use openledger_provenance::commit::HandleCommit;

use crate::common::*;
use crate::{pick, Case, Step};

/// Blocks after a commit from which on its handle may be claimed.
const WAIT: u64 = 5;

impl Case<'_> {
    pub(crate) fn person(&mut self, step: &Step) {
        let who = *pick(&[OTHER, 31], step.a);
        let account = text(who);
        let name = "n".repeat(step.c as usize + 2);
        let profile = contributor::MsgSetProfile { account: account.clone(), name, ..Default::default() };
        self.tried("set a profile", &profile);
        if !step.c.is_multiple_of(3) {
            self.take_handle(who, step);
        }
        let (kind, location) = (contributor::ProofKind::Domain.into(), "example.org".to_string());
        let claim = contributor::MsgClaimProof { account: account.clone(), kind, location: location.clone() };
        self.tried("claim a proof", &claim);
        if step.c.is_multiple_of(2) {
            let withdraw = contributor::MsgWithdrawProof { account: account.clone(), kind, location };
            self.tried("withdraw a proof", &withdraw);
        }
        let years = 1 + (step.b % 12) as u32;
        self.tried("renew a handle", &contributor::MsgRenewHandle { account: account.clone(), years });
        if step.b.is_multiple_of(2) {
            self.tried("release a handle", &contributor::MsgReleaseHandle { account });
        }
    }

    /// Some are another's, or rest after they were given up.
    fn take_handle(&mut self, who: u8, step: &Step) {
        let (account, handle) = (address(who), format!("ada-{}", step.c % 5));
        let commit = HandleCommit { chain_id: CHAIN_ID, account: account.as_bytes(), handle: &handle, salt: SALT };
        let (commit, account) = (commit.hash().unwrap().to_vec(), text(who));
        self.tried("commit to a handle", &contributor::MsgCommitHandle { account: account.clone(), commit });
        self.world.blocks(WAIT - u64::from(step.c == 7));
        let claim = contributor::MsgClaimHandle { account, handle, salt: SALT.to_vec(), years: 1 };
        self.tried("take a handle", &claim);
    }
}
