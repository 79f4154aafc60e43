//! `MsgBondAuditor`: somebody puts a bond down, to take part in the seeds of sampling.

use cosmwasm_std::Binary;
use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{wire, Context, Event, Handle, Result};
use openledger_proto::openledger::attribution::v1::{MsgBondAuditor, MsgBondAuditorResponse};

use crate::audit::types::Auditor;
use crate::error::AttributionError;
use crate::events;
use crate::keeper::Attribution;
use crate::till::Pot;

impl Handle<MsgBondAuditor> for Attribution {
    type Response = MsgBondAuditorResponse;

    fn validate(&self, msg: &MsgBondAuditor) -> Result<()> {
        wire::address("auditor", &msg.auditor).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgBondAuditor) -> Result<Self::Response> {
        let auditor = wire::address("auditor", &msg.auditor)?;
        if self.auditor(ctx, &auditor)?.is_some() {
            return Err(AttributionError::Auditor(format!("{auditor} is an auditor already")).into());
        }
        let audit = self.params(ctx)?.1.audit;
        let most = usize::try_from(audit.max_auditors).unwrap_or(usize::MAX);
        if self.auditors(ctx)?.len() >= most {
            return Err(AttributionError::Auditor(format!("there are {most} auditors, as many as may be")).into());
        }
        self.receive(ctx, &auditor, Pot::Auditors, audit.auditor_bond)?;
        let epoch = self.epoch(ctx)?.number;
        let none = Binary::default;
        let bonded = Auditor {
            bond: audit.auditor_bond,
            active_epoch: epoch,
            commit: none(),
            reveal: none(),
            next_commit: none(),
        };
        self.save_auditor(ctx, &auditor, &bonded)?;
        ctx.emit(
            Event::new(events::AUDITOR_BONDED)
                .attr("auditor", &msg.auditor)
                .attr("epoch", epoch)
                .attr("bond", bonded.bond),
        );
        self.contributors.record(ctx, &auditor, Role::Auditor, (ObjectKind::Epoch, epoch), Outcome::Created)?;
        Ok(MsgBondAuditorResponse { bond: bonded.bond.to_string() })
    }
}
