//! `MsgSetCommons`: governance changes the chain's commons list: licences, templates, boilerplate, which rank before every author.
//!
//! A change holds from a height that is still to come, and is kept: disputes ask for the list at the `corpus_height` of a receipt.

use openledger_auth::check_authority;
use openledger_core::{Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgSetCommons, MsgSetCommonsResponse};

use crate::error::DatanetError;
use crate::events;
use crate::keeper::Datanets;
use crate::state::{COMMONS, STORE};
use crate::types::CommonsChange;

/// Most changes of one contribution's place on the list, which is read whole by each look-up.
pub(crate) const MAX_CHANGES: usize = 32;

impl Handle<MsgSetCommons> for Datanets {
    type Response = MsgSetCommonsResponse;

    fn validate(&self, msg: &MsgSetCommons) -> Result<()> {
        check_authority(&msg.authority)
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgSetCommons) -> Result<MsgSetCommonsResponse> {
        check_authority(&msg.authority)?;
        let refused = |text: String| Err(DatanetError::InvalidCommons(text).into());
        let contribution = self.known_contribution(ctx, msg.seq)?;
        if contribution.reveal.is_none() {
            return refused(format!("contribution {} is not revealed: there is no content to compare with", msg.seq));
        }
        let next = ctx.height().checked_add(1).ok_or(DatanetError::Overflow("the list's height"))?;
        let height = if msg.from_height == 0 { next } else { msg.from_height };
        let mut changes = COMMONS.may_load(&*ctx.kv(STORE), msg.seq)?.unwrap_or_default();
        let last = changes.last().copied().unwrap_or(CommonsChange { height: 0, listed: false });
        if height < next || height <= last.height {
            let text =
                format!("height {height} is past, or not after the last change at {}; the next is {next}", last.height);
            return refused(text);
        }
        if last.listed == msg.listed {
            let word = if msg.listed { "on" } else { "off" };
            return refused(format!(
                "contribution {} is {word} the list already, from height {} on",
                msg.seq, last.height
            ));
        }
        if changes.len() >= MAX_CHANGES {
            return refused(format!("contribution {} has changed {MAX_CHANGES} times; it stays where it is", msg.seq));
        }
        changes.push(CommonsChange { height, listed: msg.listed });
        COMMONS.save(&mut ctx.kv_mut(STORE), msg.seq, &changes)?;
        ctx.emit(events::commons_set(msg.seq, msg.listed, height));
        Ok(MsgSetCommonsResponse { from_height: height })
    }
}
