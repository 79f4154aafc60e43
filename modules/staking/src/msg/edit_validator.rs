//! `cosmos.staking.v1beta1.MsgEditValidator`: an operator changes texts, commission or least self-delegation.
//!
//! Source: SDK v0.50 `x/staking/keeper/msg_server.go`.

use cosmwasm_std::Uint256;
use openledger_core::{Address, Context, Dec, Event, Handle, Result, SdkError};
use openledger_proto::cosmos::staking::v1beta1::{MsgEditValidator, MsgEditValidatorResponse};

use super::read_min_self_delegation;
use crate::description::Description;
use crate::error::StakingError;
use crate::hooks;
use crate::keeper::Staking;
use crate::time::Time;
use crate::validator::read_operator;

/// What the message says.
struct Edit {
    operator: Address,
    description: Description,
    rate: Option<Dec>,
    min_self_delegation: Option<Uint256>,
}

impl Handle<MsgEditValidator> for Staking {
    type Response = MsgEditValidatorResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgEditValidator) -> Result<MsgEditValidatorResponse> {
        let Edit { operator, description, rate, min_self_delegation } = read(msg)?;
        let least = self.params(ctx)?.min_commission_rate;
        if rate.is_some_and(|rate| rate < least) {
            let text = format!("commission rate cannot be less than the min commission rate {least}");
            return Err(SdkError::InvalidRequest(text).into());
        }
        let mut validator = self.validator(ctx, &operator)?.ok_or(StakingError::NoValidatorFound)?;
        validator.description = validator.description.edited(description)?;
        if let Some(rate) = rate {
            let commission = validator.commission.changed(rate, Time::now(ctx))?;
            // Rewards until now are shared at the old rate.
            hooks::call(self.hooks, ctx, |hook, ctx| hook.before_validator_modified(ctx, &operator))?;
            validator.commission = commission;
        }
        if let Some(amount) = min_self_delegation {
            if amount <= validator.min_self_delegation {
                return Err(StakingError::MinSelfDelegationDecreased.into());
            }
            if amount > validator.tokens {
                return Err(StakingError::SelfDelegationBelowMinimum.into());
            }
            validator.min_self_delegation = amount;
        }
        self.save_validator(ctx, &validator)?;
        let event = Event::new("edit_validator").attr("commission_rate", validator.commission.text());
        ctx.emit(event.attr("min_self_delegation", validator.min_self_delegation));
        Ok(MsgEditValidatorResponse {})
    }
}

fn read(msg: &MsgEditValidator) -> Result<Edit> {
    let operator = read_operator("validator", &msg.validator_address)?;
    let description = Description::from_proto(msg.description.as_ref());
    if description == Description::default() {
        return Err(SdkError::InvalidRequest("empty description".into()).into());
    }
    let min_self_delegation = match msg.min_self_delegation.as_str() {
        "" => None,
        text => Some(read_min_self_delegation(text)?),
    };
    let rate = match msg.commission_rate.as_str() {
        "" => None,
        text => Some(Dec::from_proto(text)?),
    };
    if rate.is_some_and(|rate| rate > Dec::one() || rate.is_negative()) {
        return Err(SdkError::InvalidRequest("commission rate must be between 0 and 1 (inclusive)".into()).into());
    }
    Ok(Edit { operator, description, rate, min_self_delegation })
}
