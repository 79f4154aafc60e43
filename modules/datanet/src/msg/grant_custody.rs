//! `MsgGrantCustody`: the datanet's owner, or governance, says whose a custodial contribution is, where its reveal names no account.
//!
//! The owner's word counts after a notice, in which everybody can look at the statement and governance may end the grant; governance's
//! word counts at once. Not to whoever brought the content in: custody is somebody else's.

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgGrantCustody, MsgGrantCustodyResponse};

use crate::check;
use crate::content::custody_refused;
use crate::content::types::Custody;
use crate::keeper::Datanets;

impl Handle<MsgGrantCustody> for Datanets {
    type Response = MsgGrantCustodyResponse;

    fn validate(&self, msg: &MsgGrantCustody) -> Result<()> {
        msg.authority.parse::<Address>()?;
        if !msg.account.is_empty() {
            msg.account.parse::<Address>()?;
        }
        check::line("statement", &msg.statement)
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgGrantCustody) -> Result<MsgGrantCustodyResponse> {
        let governs = msg.authority.parse::<Address>()? == openledger_auth::authority();
        let contribution = self.known_contribution(ctx, msg.seq)?;
        let role = match governs {
            true => Role::Authority,
            false => {
                self.owned_datanet(ctx, contribution.datanet, &msg.authority)?;
                Role::Owner
            }
        };
        let now = ctx.block().time_seconds;
        let (authority, object) = (msg.authority.parse()?, (ObjectKind::Contribution, msg.seq));
        if msg.account.is_empty() {
            if !governs {
                return Err(custody_refused(msg.seq, "governance alone ends a grant; account is missing"));
            }
            self.end_custody(ctx, msg.seq)?;
            self.contributors.record_in(ctx, contribution.datanet, &authority, role, object, Outcome::Withdrawn)?;
            return Ok(MsgGrantCustodyResponse { from_seconds: now });
        }
        self.custodial(ctx, msg.seq)?;
        let account: Address = msg.account.parse()?;
        self.bank.check_not_blocked(&account)?;
        if account == contribution.author {
            return Err(custody_refused(msg.seq, "custody is somebody else's than who brought it in"));
        }
        if !governs && self.custody(ctx, msg.seq)?.is_some() {
            return Err(custody_refused(msg.seq, "a grant waits already; governance alone changes it"));
        }
        let notice = i64::try_from(self.params(ctx)?.content.custody_notice_seconds).unwrap_or(i64::MAX);
        let from = if governs { now } else { now.saturating_add(notice) };
        self.set_custody(ctx, msg.seq, &Custody { account, statement: msg.statement.clone(), from })?;
        self.contributors.record_in(ctx, contribution.datanet, &authority, role, object, Outcome::Confirmed)?;
        Ok(MsgGrantCustodyResponse { from_seconds: from })
    }
}
