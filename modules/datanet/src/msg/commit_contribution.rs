//! `MsgCommitContribution`: a hidden content takes the next seq and locks its deposit.
//!
//! The order of commits, over all datanets, decides who is first; nothing that comes later (reveal, review) changes it. Commits are
//! not compared: the author is a part of the hash, so a copied commit can only cost its copier the deposit.

use cosmwasm_std::{Binary, Empty};
use openledger_core::{wire, Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgCommitContribution, MsgCommitContributionResponse};

use crate::error::DatanetError;
use crate::events;
use crate::keeper::Datanets;
use crate::lifecycle;
use crate::state::{BY_AUTHOR, BY_DATANET, PENDING, STORE};
use crate::types::{Contribution, Status};

impl Handle<MsgCommitContribution> for Datanets {
    type Response = MsgCommitContributionResponse;

    fn validate(&self, msg: &MsgCommitContribution) -> Result<()> {
        msg.author.parse::<Address>()?;
        wire::hash("commit", &msg.commit).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgCommitContribution) -> Result<MsgCommitContributionResponse> {
        let author: Address = msg.author.parse()?;
        let datanet = self.known_datanet(ctx, msg.datanet_id)?;
        lifecycle::check_commit(&datanet, &author)?;
        self.check_admitted(ctx, &datanet, &author)?;
        self.count_commit(ctx, &datanet, &author)?;
        let terms = self.pin_terms(ctx, &datanet, &author)?;
        let commit = wire::hash("commit", &msg.commit)?;
        let window = self.params(ctx)?.reveal_window_blocks;
        let deadline = ctx.height().checked_add(window).ok_or(DatanetError::Overflow("the reveal's deadline"))?;
        let contribution = Contribution {
            seq: self.take_seq(ctx)?,
            datanet: datanet.id,
            author,
            commit: Binary::from(commit),
            commit_height: ctx.height(),
            reveal_deadline: deadline,
            deposit: datanet.policy.deposit,
            burn_if_rejected: datanet.policy.burn_rejected,
            status: Status::Committed,
            reveal: None,
            acceptance: None,
            commons: false,
            tombstone: None,
            left_out: Vec::new(),
            terms,
        };
        self.lock_deposit(ctx, &contribution.author, contribution.deposit)?;
        self.save_contribution(ctx, &contribution)?;
        let seq = contribution.seq;
        let mut kv = ctx.kv_mut(STORE);
        PENDING.save(&mut kv, (deadline, seq), &Empty {})?;
        BY_DATANET.save(&mut kv, (datanet.id, seq), &Empty {})?;
        BY_AUTHOR.save(&mut kv, (contribution.author.as_bytes(), seq), &Empty {})?;
        ctx.emit(events::contribution_committed(&contribution));
        Ok(MsgCommitContributionResponse { seq, reveal_deadline: deadline })
    }
}
