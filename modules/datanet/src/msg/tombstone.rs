//! `MsgTombstone`: a notice or ruling takes a revealed content out of the corpus.
//!
//! It holds for receipts from the next height on, not from this one: a receipt of this height may have been settled already, and what
//! is in the corpus of a height must not change once the height is there. Bytes that lie on chain are removed from the state; the
//! mountain range and what was paid stay. Governance alone may (docs/decisions/0020): an owner who could, would take the place of the authors before them.

use openledger_auth::check_authority;
use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgTombstone, MsgTombstoneResponse};

use crate::error::DatanetError;
use crate::keeper::Datanets;
use crate::state::{CONTENTS, GROWTH, STORE};
use crate::types::Tombstone;
use crate::{check, events};

impl Handle<MsgTombstone> for Datanets {
    type Response = MsgTombstoneResponse;

    fn validate(&self, msg: &MsgTombstone) -> Result<()> {
        msg.authority.parse::<Address>()?;
        check::line("reason", &msg.reason)
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgTombstone) -> Result<MsgTombstoneResponse> {
        let mut contribution = self.known_contribution(ctx, msg.seq)?;
        check_authority(&msg.authority)?;
        let (sender, role): (Address, _) = (msg.authority.parse()?, Role::Authority);
        if let Some(height) = contribution.tombstoned_height() {
            return Err(DatanetError::Tombstoned { seq: msg.seq, height }.into());
        }
        let Some(reveal) = contribution.reveal.as_mut() else {
            let (status, needed) = (contribution.status.name(), "revealed");
            return Err(DatanetError::WrongStatus { seq: msg.seq, status, needed }.into());
        };
        if std::mem::take(&mut reveal.on_chain) {
            CONTENTS.remove(&mut ctx.kv_mut(STORE), msg.seq);
        }
        let mut growth = self.growth(ctx, contribution.datanet)?;
        self.end_share(ctx, &contribution, &mut growth)?;
        GROWTH.save(&mut ctx.kv_mut(STORE), contribution.datanet, &growth)?;
        let height = ctx.height().checked_add(1).ok_or(DatanetError::Overflow("the tombstone's height"))?;
        contribution.tombstone = Some(Tombstone { height, reason: msg.reason.clone() });
        self.save_contribution(ctx, &contribution)?;
        let (kind, object) = (ObjectKind::Contribution, msg.seq);
        self.contributors.record_in(ctx, contribution.datanet, &sender, role, (kind, object), Outcome::Tombstoned)?;
        ctx.emit(events::contribution_tombstoned(&contribution, height));
        Ok(MsgTombstoneResponse { height })
    }
}
