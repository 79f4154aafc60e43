//! `MsgWithdrawContribution`: an author takes a contribution back.
//!
//! A pending one goes altogether and its deposit returns, unless its review has begun to go against it: while a rejecting review stands,
//! or a hidden one that may be rejecting, its author waits for the decision, else nobody would ever lose a deposit or bond to one. In a
//! retired datanet nothing is judged any more and all goes back. An accepted one stays in every version, and windows are attributed to it as
//! before; what it would earn from now on goes to the baseline. A hidden one cannot be withdrawn: seqs would be free to reserve. An
//! accepted custodial one only by whose it is: whoever brought it in must not decide over the author's pay.

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgWithdrawContribution, MsgWithdrawContributionResponse};

use crate::error::DatanetError;
use crate::events;
use crate::keeper::Datanets;
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
                self.end_review(ctx, &contribution, false)?;
                self.end_risk(ctx, &mut contribution, false)?;
                self.return_deposit(ctx, &mut contribution)?;
            }
            Status::Accepted => {
                let mut growth = self.growth(ctx, contribution.datanet)?;
                self.end_share(ctx, &contribution, &mut growth)?;
                GROWTH.save(&mut ctx.kv_mut(STORE), contribution.datanet, &growth)?;
            }
            status => {
                let (status, needed) = (status.name(), "pending or accepted");
                return Err(DatanetError::WrongStatus { seq: msg.seq, status, needed }.into());
            }
        }
        contribution.status = Status::Withdrawn;
        self.save_contribution(ctx, &contribution)?;
        self.contributors.record_in(
            ctx,
            contribution.datanet,
            &author,
            Role::Author,
            (ObjectKind::Contribution, msg.seq),
            Outcome::Withdrawn,
        )?;
        ctx.emit(events::contribution_withdrawn(&contribution));
        Ok(MsgWithdrawContributionResponse {})
    }
}
