//! `MsgUnbondAuditor`: an auditor that has nothing left to reveal takes its bond back.

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{wire, Address, Coin, Context, Event, Handle, Result};
use openledger_proto::openledger::attribution::v1::{MsgUnbondAuditor, MsgUnbondAuditorResponse};

use crate::audit::types::Auditor;
use crate::error::AttributionError;
use crate::keeper::Attribution;
use crate::state::{AUDITORS, STORE};
use crate::till::Pot;
use crate::{events, NAME};

impl Handle<MsgUnbondAuditor> for Attribution {
    type Response = MsgUnbondAuditorResponse;

    fn validate(&self, msg: &MsgUnbondAuditor) -> Result<()> {
        wire::address("auditor", &msg.auditor).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgUnbondAuditor) -> Result<Self::Response> {
        let (address, auditor) = self.known_auditor(ctx, &msg.auditor)?;
        let unrevealed = !auditor.commit.is_empty() && auditor.reveal.is_empty();
        if unrevealed || !auditor.next_commit.is_empty() {
            let text =
                format!("{address} committed to a seed that it has not revealed: a bond leaves after the reveal");
            return Err(AttributionError::Auditor(text).into());
        }
        // What is revealed stays a part of the seed only while its auditor is there.
        if !auditor.reveal.is_empty() {
            let text = format!("{address} revealed in this epoch: its bond leaves from the next one on");
            return Err(AttributionError::Auditor(text).into());
        }
        AUDITORS.remove(&mut ctx.kv_mut(STORE), address.as_bytes());
        self.take(ctx, Pot::Auditors, auditor.bond)?;
        if !auditor.bond.is_zero() {
            self.bank.send_from_module(ctx, NAME, &address, &Coin::base(auditor.bond).into())?;
        }
        let epoch = self.epoch(ctx)?.number;
        ctx.emit(
            Event::new(events::AUDITOR_UNBONDED)
                .attr("auditor", &msg.auditor)
                .attr("epoch", epoch)
                .attr("bond", auditor.bond),
        );
        self.contributors.record(ctx, &address, Role::Auditor, (ObjectKind::Epoch, epoch), Outcome::Retired)?;
        Ok(MsgUnbondAuditorResponse { bond: auditor.bond.to_string() })
    }
}

impl Attribution {
    /// A bonded auditor.
    pub(super) fn known_auditor(&self, ctx: &Context, text: &str) -> Result<(Address, Auditor)> {
        let address = wire::address("auditor", text)?;
        let auditor = self.auditor(ctx, &address)?;
        let unknown = || AttributionError::Auditor(format!("{address} is no auditor: bond first"));
        let auditor = auditor.ok_or_else(unknown)?;
        Ok((address, auditor))
    }
}
