//! `MsgClaimBaseline`: an author pulls what the baseline owes to their contributions.
//!
//! All or nothing over the list: a contribution that is not theirs, or whose pay is held, refuses the claim; one that is owed nothing
//! now adds nothing.

use cosmwasm_std::Uint256;
use openledger_contributor::IncomeKind;
use openledger_core::wire::add;
use openledger_core::{Address, Coin, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgClaimBaseline, MsgClaimBaselineResponse};

use crate::content::ContentError;
use crate::error::DatanetError;
use crate::keeper::Datanets;

/// Most contributions in a message.
const MAX_SEQS: usize = 200;

impl Handle<MsgClaimBaseline> for Datanets {
    type Response = MsgClaimBaselineResponse;

    fn validate(&self, msg: &MsgClaimBaseline) -> Result<()> {
        msg.author.parse::<Address>()?;
        let ascending = msg.seqs.windows(2).all(|pair| pair.first() < pair.last());
        if !(1..=MAX_SEQS).contains(&msg.seqs.len()) || !ascending {
            let text = format!("seqs must be 1 to {MAX_SEQS} contributions in ascending order");
            return Err(DatanetError::InvalidList(text).into());
        }
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgClaimBaseline) -> Result<MsgClaimBaselineResponse> {
        let author: Address = msg.author.parse()?;
        let mut sum = Uint256::zero();
        for seq in &msg.seqs {
            let contribution = self.known_contribution(ctx, *seq)?;
            if !self.is_entitled(ctx, &contribution, &author)? {
                if contribution.is_custodial() {
                    return Err(DatanetError::Held(*seq).into());
                }
                self.authored_contribution(ctx, *seq, &author)?;
            }
            if self.unavailable(ctx, *seq)?.is_some() {
                return Err(ContentError::Unavailable(*seq).into());
            }
            sum = add(sum, self.take_claim(ctx, &contribution)?)?;
        }
        if sum.is_zero() {
            return Err(DatanetError::NothingOwed.into());
        }
        self.pay_claim(ctx, &author, sum)?;
        self.contributors.record_income(ctx, &author, IncomeKind::Baseline, sum)?;
        Ok(MsgClaimBaselineResponse { paid: Some(Coin::base(sum).to_proto()) })
    }
}
