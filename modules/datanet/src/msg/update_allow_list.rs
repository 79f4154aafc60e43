//! `MsgUpdateAllowList`: the owner says who may contribute where admission is by allow-list. The list is kept, and may be prepared,
//! under open admission too.

use cosmwasm_std::Empty;
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgUpdateAllowList, MsgUpdateAllowListResponse};

use crate::error::DatanetError;
use crate::events;
use crate::keeper::Datanets;
use crate::lifecycle::{self, Act};
use crate::state::{ALLOWED, STORE};

/// Most addresses in a message.
const MAX_ADDRESSES: usize = 200;

impl Handle<MsgUpdateAllowList> for Datanets {
    type Response = MsgUpdateAllowListResponse;

    fn validate(&self, msg: &MsgUpdateAllowList) -> Result<()> {
        msg.owner.parse::<Address>()?;
        let count = msg.add.len().saturating_add(msg.remove.len());
        if !(1..=MAX_ADDRESSES).contains(&count) {
            let text = format!("{count} addresses to add or remove; give 1 to {MAX_ADDRESSES}");
            return Err(DatanetError::InvalidList(text).into());
        }
        let (added, removed) = read(msg)?;
        match added.iter().find(|address| removed.contains(address)) {
            Some(address) => {
                Err(DatanetError::InvalidList(format!("{address} is both to be added and to be removed")).into())
            }
            None => Ok(()),
        }
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgUpdateAllowList) -> Result<MsgUpdateAllowListResponse> {
        let datanet = self.owned_datanet(ctx, msg.datanet_id, &msg.owner)?;
        lifecycle::check(&datanet, Act::Change)?;
        let datanet = datanet.id;
        let (added, removed) = read(msg)?;
        for address in &added {
            ALLOWED.save(&mut ctx.kv_mut(STORE), (datanet, address.as_bytes()), &Empty {})?;
        }
        for address in &removed {
            ALLOWED.remove(&mut ctx.kv_mut(STORE), (datanet, address.as_bytes()));
        }
        ctx.emit(events::allow_list_updated(datanet, added.len(), removed.len()));
        Ok(MsgUpdateAllowListResponse {})
    }
}

fn read(msg: &MsgUpdateAllowList) -> Result<(Vec<Address>, Vec<Address>)> {
    let parse = |texts: &[String]| texts.iter().map(|text| text.parse()).collect::<Result<Vec<Address>, _>>();
    Ok((parse(&msg.add)?, parse(&msg.remove)?))
}
