//! `MsgClaimCuration`: a curator pulls what datanets' pots owe it, however much was credited since.

use cosmwasm_std::Uint256;
use openledger_contributor::IncomeKind;
use openledger_core::wire::add;
use openledger_core::{Address, Coin, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgClaimCuration, MsgClaimCurationResponse};

use crate::error::DatanetError;
use crate::keeper::Datanets;

/// Most datanets in a message.
const MAX_DATANETS: usize = 200;

impl Handle<MsgClaimCuration> for Datanets {
    type Response = MsgClaimCurationResponse;

    fn validate(&self, msg: &MsgClaimCuration) -> Result<()> {
        msg.curator.parse::<Address>()?;
        let ascending = msg.datanet_ids.iter().zip(msg.datanet_ids.iter().skip(1)).all(|(a, b)| a < b);
        if !(1..=MAX_DATANETS).contains(&msg.datanet_ids.len()) || !ascending {
            let text = format!("give 1 to {MAX_DATANETS} datanets in ascending order, each once");
            return Err(DatanetError::InvalidList(text).into());
        }
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgClaimCuration) -> Result<MsgClaimCurationResponse> {
        let curator: Address = msg.curator.parse()?;
        let mut paid = Uint256::zero();
        for datanet in &msg.datanet_ids {
            paid = add(paid, self.take_curation(ctx, *datanet, &curator)?)?;
        }
        if paid.is_zero() {
            return Err(DatanetError::NoCurationOwed(msg.curator.clone()).into());
        }
        self.pay_curation(ctx, &curator, paid)?;
        self.contributors.record_income(ctx, &curator, IncomeKind::Curation, paid)?;
        Ok(MsgClaimCurationResponse { paid: Some(Coin::base(paid).to_proto()) })
    }
}
