//! `cosmos.staking.v1beta1.MsgCancelUnbondingDelegation`: a delegator gives to the validator again what is unbonding from it.
//!
//! Source: SDK v0.50 `x/staking/keeper/msg_server.go`. Where there is no unbonding the SDK returns a gRPC status as the message's error,
//! which a transaction shows as codespace `undefined`, code 1.

use openledger_core::{Address, Coin, Context, Error, Event, Handle, Result, SdkError};
use openledger_proto::cosmos::staking::v1beta1::{MsgCancelUnbondingDelegation, MsgCancelUnbondingDelegationResponse};

use super::{read_coin, read_delegator};
use crate::delegate::Source;
use crate::error::StakingError;
use crate::keeper::Staking;
use crate::time::Time;
use crate::validator::{read_operator, BondStatus};

/// What the message says.
struct Cancel {
    operator: Address,
    delegator: Address,
    amount: Coin,
    height: u64,
}

impl Handle<MsgCancelUnbondingDelegation> for Staking {
    type Response = MsgCancelUnbondingDelegationResponse;

    fn handle(
        &self,
        ctx: &mut Context,
        msg: &MsgCancelUnbondingDelegation,
    ) -> Result<MsgCancelUnbondingDelegationResponse> {
        let cancel = read(msg)?;
        self.check_denom(ctx, &cancel.amount)?;
        let validator = self.validator(ctx, &cancel.operator)?.ok_or(StakingError::NoValidatorFound)?;
        if validator.has_invalid_rate() {
            return Err(StakingError::DelegatorShareExRateInvalid.into());
        }
        if validator.jailed {
            return Err(StakingError::ValidatorJailed.into());
        }
        self.cancel(ctx, msg, &cancel)?;
        let event = Event::new("cancel_unbonding_delegation").attr("amount", &cancel.amount);
        let event = event.attr("validator", &msg.validator_address).attr("delegator", &msg.delegator_address);
        ctx.emit(event.attr("creation_height", cancel.height));
        Ok(MsgCancelUnbondingDelegationResponse {})
    }
}

impl Staking {
    fn cancel(&self, ctx: &mut Context, msg: &MsgCancelUnbondingDelegation, cancel: &Cancel) -> Result<()> {
        let Cancel { operator, delegator, amount, height } = cancel;
        let missing = || not_found(&msg.delegator_address, &msg.validator_address);
        let mut unbonding = self.unbonding(ctx, delegator, operator)?.ok_or_else(missing)?;
        let at = unbonding.entries.iter().position(|entry| entry.creation_height == *height);
        let entry = at.and_then(|at| unbonding.entries.get_mut(at).map(|entry| (at, entry)));
        let (at, entry) = entry.ok_or_else(|| {
            SdkError::NotFound(format!("unbonding delegation entry is not found at block height {height}"))
        })?;
        let rest = entry.balance.checked_sub(amount.amount).map_err(|_| {
            SdkError::InvalidRequest("amount is greater than the unbonding delegation entry balance".into())
        })?;
        if entry.completion_time < Time::now(ctx) {
            return Err(SdkError::InvalidRequest("unbonding delegation is already processed".into()).into());
        }
        self.delegate(ctx, delegator, amount.amount, Source::Pool(BondStatus::Unbonding), operator)?;
        if rest.is_zero() {
            let entry = unbonding.entries.remove(at);
            self.remove_unbonding_op(ctx, entry.id);
        } else {
            entry.balance = rest;
            entry.initial_balance = openledger_core::wire::sub(entry.initial_balance, amount.amount)?;
        }
        self.save_unbonding(ctx, &unbonding)
    }
}

fn not_found(delegator: &str, validator: &str) -> Error {
    let text = format!("unbonding delegation with delegator {delegator} not found for validator {validator}");
    Error { codespace: "undefined", code: 1, message: format!("rpc error: code = NotFound desc = {text}") }
}

fn read(msg: &MsgCancelUnbondingDelegation) -> Result<Cancel> {
    let operator = read_operator("validator", &msg.validator_address)?;
    let delegator = read_delegator(&msg.delegator_address)?;
    let amount = read_coin(msg.amount.as_ref(), "invalid amount")?;
    let height = u64::try_from(msg.creation_height).ok().filter(|height| *height > 0);
    let height = height.ok_or_else(|| SdkError::InvalidRequest("invalid height".into()))?;
    Ok(Cancel { operator, delegator, amount, height })
}
