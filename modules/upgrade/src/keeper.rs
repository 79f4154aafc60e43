//! Plans: scheduled, dropped, carried out; and what other chains shall know of this one after them.
//!
//! Semantics: `cosmossdk.io/x/upgrade` v0.1 `keeper/keeper.go`, `abci.go`.

use std::collections::BTreeSet;
use std::sync::Arc;

use cosmwasm_std::Storage;
use openledger_core::{Context, Result, SdkError};
use openledger_proto::cosmos::upgrade::v1beta1::Plan;
use openledger_proto::Timestamp;

use crate::error::UpgradeError;
use crate::migrations::{Handler, Migrations};
use crate::state::{self, STORE};

/// Go's zero time, as which protobuf carries the absent one.
const ZERO_TIME: Timestamp = Timestamp { seconds: -62_135_596_800, nanos: 0 };

/// The keeper of plans. Clones share what does not change while the process runs.
#[derive(Debug, Clone, Default)]
pub struct Upgrade {
    /// The modules, whose states handlers change.
    pub migrations: Migrations,
    /// The plans that this binary can carry out.
    pub handlers: Arc<Vec<Handler>>,
    /// The heights at which this node drops the plan instead of carrying it out (`--unsafe-skip-upgrades`); every node has to be told
    /// the same.
    pub skip: Arc<BTreeSet<u64>>,
}

/// Reading.
impl Upgrade {
    /// The plan that is scheduled.
    pub fn plan(&self, ctx: &Context) -> Result<Option<Plan>> {
        state::plan(&*ctx.kv(STORE))
    }

    /// The height at which a plan was carried out.
    pub fn done_height(&self, ctx: &Context, name: &str) -> Result<Option<u64>> {
        let done = state::done(&*ctx.kv(STORE))?;
        Ok(done.into_iter().find(|(known, _)| known == name).map(|(_, height)| height))
    }

    /// The client of this chain after the plan of `height`, as an `Any`.
    pub fn upgraded_client(&self, ctx: &Context, height: u64) -> Option<Vec<u8>> {
        ctx.kv(STORE).get(&state::upgraded_client_key(height))
    }

    /// This chain's first consensus state after the plan of `height`, as an `Any`.
    pub fn upgraded_consensus_state(&self, ctx: &Context, height: u64) -> Option<Vec<u8>> {
        ctx.kv(STORE).get(&state::upgraded_consensus_state_key(height))
    }

    fn handler(&self, name: &str) -> Option<Handler> {
        self.handlers.iter().find(|handler| handler.name == name).copied()
    }
}

/// Writing.
impl Upgrade {
    /// Schedules a plan in place of another, whose clients are forgotten.
    #[allow(deprecated, reason = "the retired time is part of the encoding")]
    pub fn schedule(&self, ctx: &mut Context, plan: &Plan) -> Result<()> {
        let height = check_plan(plan)?;
        if height < ctx.height() {
            return Err(SdkError::InvalidRequest("upgrade cannot be scheduled in the past".into()).into());
        }
        if self.done_height(ctx, &plan.name)?.is_some() {
            let text = format!("upgrade with name {} has already been completed", plan.name);
            return Err(SdkError::InvalidRequest(text).into());
        }
        if let Some(old) = self.plan(ctx)? {
            self.forget_clients(ctx, height_of(&old));
        }
        // The SDK's encoding always carries the time, which is Go's zero.
        let plan = Plan { time: Some(ZERO_TIME), ..plan.clone() };
        state::set_plan(&mut ctx.kv_mut(STORE), &plan);
        Ok(())
    }

    /// Drops the plan, and its clients; nothing where there is none.
    pub fn clear(&self, ctx: &mut Context) -> Result<()> {
        if let Some(old) = self.plan(ctx)? {
            self.forget_clients(ctx, height_of(&old));
            state::remove_plan(&mut ctx.kv_mut(STORE));
        }
        Ok(())
    }

    /// Sets the client of this chain after the plan of `height`, an `Any`.
    pub fn set_upgraded_client(&self, ctx: &mut Context, height: u64, any: &[u8]) {
        ctx.kv_mut(STORE).set(&state::upgraded_client_key(height), any);
    }

    /// Sets this chain's first consensus state after the plan of `height`, an `Any`.
    pub fn set_upgraded_consensus_state(&self, ctx: &mut Context, height: u64, any: &[u8]) {
        ctx.kv_mut(STORE).set(&state::upgraded_consensus_state_key(height), any);
    }

    fn forget_clients(&self, ctx: &mut Context, height: u64) {
        let mut kv = ctx.kv_mut(STORE);
        state::remove(&mut kv, &state::upgraded_client_key(height));
        state::remove(&mut kv, &state::upgraded_consensus_state_key(height));
    }

    /// The block's begin, before every other module's. The errors end the process, with nothing of the block kept: the binary that
    /// comes after executes it.
    pub(crate) fn begin(&self, ctx: &mut Context) -> Result<()> {
        let plan = self.plan(ctx)?;
        let due = plan.as_ref().is_some_and(|plan| height_of(plan) <= ctx.height());
        let skipped = due && self.skip.contains(&ctx.height());
        // The SDK looks once a start; what is looked at changes with upgrades alone, so that each block gives the same answer.
        if !due || skipped {
            if let Some((name, _)) = state::last_done(&*ctx.kv(STORE))? {
                if self.handler(&name).is_none() {
                    let version = state::protocol_version(&*ctx.kv(STORE))?;
                    return Err(UpgradeError::TooOld { version, name }.into());
                }
            }
        }
        let Some(plan) = plan else { return Ok(()) };
        if skipped {
            return self.clear(ctx);
        }
        match self.handler(&plan.name) {
            Some(handler) if due => self.apply(ctx, &plan, handler),
            None if due => Err(UpgradeError::Needed { name: plan.name, height: plan.height, info: plan.info }.into()),
            Some(_) => Err(UpgradeError::TooEarly(plan.name).into()),
            None => Ok(()),
        }
    }

    fn apply(&self, ctx: &mut Context, plan: &Plan, handler: Handler) -> Result<()> {
        let from = state::versions(&*ctx.kv(STORE))?;
        let versions = (handler.run)(&self.migrations, ctx, plan, from)?;
        state::set_versions(&mut ctx.kv_mut(STORE), &versions);
        let version = state::protocol_version(&*ctx.kv(STORE))?;
        let next = version.checked_add(1).ok_or_else(|| SdkError::Logic("there are no more versions".into()))?;
        state::set_protocol_version(&mut ctx.kv_mut(STORE), next);
        self.clear(ctx)?;
        let height = ctx.height();
        state::set_done(&mut ctx.kv_mut(STORE), &plan.name, height);
        Ok(())
    }
}

fn height_of(plan: &Plan) -> u64 {
    // Checked to be positive when it was scheduled.
    u64::try_from(plan.height).unwrap_or_default()
}

/// A plan's name is part of a key.
const MAX_NAME_BYTES: usize = 255;

/// Refuses what is no plan; its height.
#[allow(deprecated, reason = "the retired fields are looked at to be refused")]
pub(crate) fn check_plan(plan: &Plan) -> Result<u64, SdkError> {
    let refusal = |text: &str| Err(SdkError::InvalidRequest(text.into()));
    if plan.time.as_ref().is_some_and(|time| *time != ZERO_TIME) {
        return refusal("time-based upgrades have been deprecated in the SDK");
    }
    if plan.upgraded_client_state.is_some() {
        return refusal("upgrade logic for IBC has been moved to the IBC module");
    }
    if plan.name.is_empty() {
        return refusal("name cannot be empty");
    }
    if plan.name.len() > MAX_NAME_BYTES {
        return refusal("name cannot have more than 255 bytes");
    }
    match u64::try_from(plan.height) {
        Ok(height) if height > 0 => Ok(height),
        _ => refusal("height must be greater than 0"),
    }
}
