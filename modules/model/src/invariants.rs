//! What holds after every block: see the crate's head.

use cosmwasm_std::{Order, Uint256};
use openledger_core::{wire, Address, Context, Result, SdkError, BASE_DENOM};

use crate::deployment::Deployment;
use crate::feedback::FeedbackStatus;
use crate::keeper::Models;
use crate::lineage::{stack, MAX_ANCESTORS, MAX_DEPTH, WHOLE};
use crate::state::{DEPLOYMENTS, FEEDBACK, STORE, VERSIONS};
use crate::types::ModelVersion;
use crate::NAME;

/// All invariants.
pub(crate) fn check(models: &Models, ctx: &Context) -> Result<()> {
    let owed = wire::add(bonds(ctx)?, deposits(ctx)?)?;
    let held = models.bank.balance(ctx, &Address::module(NAME), BASE_DENOM)?;
    if held != owed {
        return Err(broken(format!("bonds, unbondings and deposits are {owed}, the module account holds {held}")));
    }
    for entry in VERSIONS.range(&*ctx.kv(STORE), None, None, Order::Ascending) {
        check_version(models, ctx, &entry?.1)?;
    }
    Ok(())
}

fn broken(text: String) -> openledger_core::Error {
    SdkError::Logic(format!("model: {text}")).into()
}

fn bonds(ctx: &Context) -> Result<Uint256> {
    let mut owed = Uint256::zero();
    for entry in DEPLOYMENTS.range(&*ctx.kv(STORE), None, None, Order::Ascending) {
        let (id, deployment) = entry?;
        let Deployment { locked, bond, unbondings, .. } = deployment;
        if locked > bond {
            return Err(broken(format!("deployment {id} locks {locked} of a bond of {bond}")));
        }
        owed = unbondings.iter().try_fold(wire::add(owed, bond)?, |sum, unbonding| wire::add(sum, unbonding.amount))?;
    }
    Ok(owed)
}

fn deposits(ctx: &Context) -> Result<Uint256> {
    let mut owed = Uint256::zero();
    for entry in FEEDBACK.range(&*ctx.kv(STORE), None, None, Order::Ascending) {
        let (id, feedback) = entry?;
        if feedback.status != FeedbackStatus::Open && !feedback.deposit.is_zero() {
            return Err(broken(format!("feedback {id} is decided and locks {}", feedback.deposit)));
        }
        owed = wire::add(owed, feedback.deposit)?;
    }
    Ok(owed)
}

fn check_version(models: &Models, ctx: &Context, version: &ModelVersion) -> Result<()> {
    let (id, earners) = (version.id, version.ancestors.len().saturating_add(version.feedback.len()));
    let sum = stack(&version.ancestors, &version.feedback);
    if sum > u64::from(WHOLE) || earners > MAX_ANCESTORS || version.depth > MAX_DEPTH {
        return Err(broken(format!("version {id} pays {sum} basis points to {earners}, {} deep", version.depth)));
    }
    for ancestor in &version.ancestors {
        if ancestor.version >= id || models.version(ctx, ancestor.version)?.is_none() {
            return Err(broken(format!("ancestor {} of version {id} is not an earlier one", ancestor.version)));
        }
    }
    for feedback in version.incorporates.iter().chain(version.feedback.iter().map(|share| &share.feedback)) {
        let accepted = models.feedback(ctx, *feedback)?.is_some_and(|f| f.status == FeedbackStatus::Accepted);
        if !accepted {
            return Err(broken(format!("version {id} incorporates feedback {feedback}, which is not accepted")));
        }
    }
    Ok(())
}
