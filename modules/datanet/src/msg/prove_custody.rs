//! `MsgProveCustody`: the account that a custodial reveal names as its author takes over what is held and what comes.

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgProveCustody, MsgProveCustodyResponse};

use crate::keeper::Datanets;

impl Handle<MsgProveCustody> for Datanets {
    type Response = MsgProveCustodyResponse;

    fn validate(&self, msg: &MsgProveCustody) -> Result<()> {
        msg.author.parse::<Address>()?;
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgProveCustody) -> Result<MsgProveCustodyResponse> {
        let author: Address = msg.author.parse()?;
        self.take_custody(ctx, msg.seq, &author)?;
        let datanet = self.known_contribution(ctx, msg.seq)?.datanet;
        let object = (ObjectKind::Contribution, msg.seq);
        self.contributors.record_in(ctx, datanet, &author, Role::Author, object, Outcome::Confirmed)?;
        Ok(MsgProveCustodyResponse {})
    }
}
