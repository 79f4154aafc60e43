//! `MsgWithdrawContribution`: an author takes a contribution back.
//!
//! A pending one goes altogether and its deposit returns, unless its review has begun to go against it: while a rejecting review stands,
//! or a hidden one that may be rejecting, or a tombstone or an earlier copy keeps it from being accepted, its author waits for the decision,
//! else nobody would ever lose a deposit or bond to one. Where a rejection would cost something, it goes some blocks later
//! (`reveal_window_blocks`, or at the review's deadline if that is sooner), and only if none of that stands then: who sees a rejection in
//! the mempool is not faster than it. It goes then or not at all, so that nobody announces first and chooses later. In a retired datanet
//! nothing is judged any more and all goes back at once.
//!
//! An accepted one stays in every version, and windows are attributed to it as
//! before; what it would earn from now on goes to the baseline. A hidden one cannot be withdrawn: seqs would be free to reserve. An
//! accepted custodial one only by whose it is: whoever brought it in must not decide over the author's pay.

use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgWithdrawContribution, MsgWithdrawContributionResponse};

use crate::error::DatanetError;
use crate::events;
use crate::keeper::Datanets;
use crate::lifecycle::State;
use crate::state::{GROWTH, STORE};
use crate::types::Status;

impl Handle<MsgWithdrawContribution> for Datanets {
    type Response = MsgWithdrawContributionResponse;

    fn validate(&self, msg: &MsgWithdrawContribution) -> Result<()> {
        msg.author.parse::<Address>()?;
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgWithdrawContribution) -> Result<MsgWithdrawContributionResponse> {
        let author: Address = msg.author.parse()?;
        let mut contribution = self.known_contribution(ctx, msg.seq)?;
        if !self.is_entitled(ctx, &contribution, &author)? {
            return Err(DatanetError::NotAuthor {
                seq: msg.seq,
                author: contribution.author.to_string(),
                got: msg.author.clone(),
            }
            .into());
        }
        match contribution.status {
            Status::Pending => {
                self.check_not_judged(ctx, &contribution)?;
                let retired = self.known_datanet(ctx, contribution.datanet)?.state == State::Retired;
                let at_stake = contribution.burn_if_rejected || !contribution.terms.at_risk.is_zero();
                if at_stake && !retired {
                    let height = self.announce_withdrawal(ctx, &mut contribution)?;
                    self.save_contribution(ctx, &contribution)?;
                    ctx.emit(events::contribution_withdrawal_announced(&contribution, height));
                    return Ok(MsgWithdrawContributionResponse { height });
                }
                self.take_back(ctx, contribution)?;
            }
            Status::Accepted => {
                let mut growth = self.growth(ctx, contribution.datanet)?;
                self.end_share(ctx, &contribution, &mut growth)?;
                GROWTH.save(&mut ctx.kv_mut(STORE), contribution.datanet, &growth)?;
                self.withdraw(ctx, &mut contribution, &author)?;
            }
            status => {
                let (status, needed) = (status.name(), "pending or accepted");
                return Err(DatanetError::WrongStatus { seq: msg.seq, status, needed }.into());
            }
        }
        Ok(MsgWithdrawContributionResponse { height: 0 })
    }
}
