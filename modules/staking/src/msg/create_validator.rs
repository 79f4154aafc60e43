//! `cosmos.staking.v1beta1.MsgCreateValidator`: an account becomes a validator's operator and delegates to it.
//!
//! Source: SDK v0.50 `x/staking/keeper/msg_server.go`, `x/staking/types/msg.go`, in their order of checks.

use cosmwasm_std::Uint256;
use openledger_auth::PublicKey;
use openledger_core::{Address, Coin, Context, Event, Handle, Result, SdkError};
use openledger_proto::cosmos::staking::v1beta1::{CommissionRates, MsgCreateValidator, MsgCreateValidatorResponse};

use super::{read_coin, read_min_self_delegation};
use crate::commission::Commission;
use crate::delegate::Source;
use crate::description::Description;
use crate::error::StakingError;
use crate::hooks;
use crate::keeper::Staking;
use crate::time::Time;
use crate::validator::{consensus_key, read_key, read_operator, type_of, Validator};

/// What the message says.
struct Create {
    operator: Address,
    key: PublicKey,
    value: Coin,
    description: Description,
    commission: Commission,
    min_self_delegation: Uint256,
}

impl Handle<MsgCreateValidator> for Staking {
    type Response = MsgCreateValidatorResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgCreateValidator) -> Result<MsgCreateValidatorResponse> {
        let Create { operator, key, value, description, mut commission, min_self_delegation } = read(msg)?;
        let least = self.params(ctx)?.min_commission_rate;
        if commission.rate < least {
            return Err(StakingError::CommissionLtMinRate(least.to_string()).into());
        }
        if self.validator(ctx, &operator)?.is_some() {
            return Err(StakingError::ValidatorOwnerExists.into());
        }
        if self.validator_by_cons(ctx, &key.address())?.is_some() {
            return Err(StakingError::ValidatorPubKeyExists.into());
        }
        self.check_denom(ctx, &value)?;
        description.check()?;
        self.check_key_type(ctx, &key)?;
        let key = consensus_key(&key).ok_or_else(|| SdkError::InvalidPubKey("not a consensus key".into()))?;
        commission.update_time = Time::now(ctx);
        let mut validator = Validator::new(operator.clone(), key, description, commission);
        validator.min_self_delegation = min_self_delegation;
        self.save_validator(ctx, &validator)?;
        self.index_by_cons(ctx, &validator)?;
        self.index_by_power(ctx, &validator)?;
        hooks::call(self.hooks, ctx, |hook, ctx| hook.after_validator_created(ctx, &operator))?;
        self.delegate(ctx, &operator, value.amount, Source::Account, &operator)?;
        let event = Event::new("create_validator").attr("validator", &msg.validator_address).attr("amount", value);
        ctx.emit(event);
        Ok(MsgCreateValidatorResponse {})
    }
}

impl Staking {
    /// Refuses keys of a type that the consensus parameters do not name.
    pub(crate) fn check_key_type(&self, ctx: &Context, key: &PublicKey) -> Result<()> {
        let expected = self.consensus.params(ctx)?.validator.map(|validator| validator.pub_key_types);
        let (expected, got) = (expected.unwrap_or_default(), type_of(key));
        if expected.iter().any(|name| name == got) {
            return Ok(());
        }
        Err(StakingError::ValidatorPubKeyTypeNotSupported { got: got.into(), expected }.into())
    }
}

fn read(msg: &MsgCreateValidator) -> Result<Create> {
    let operator = read_operator("validator", &msg.validator_address)?;
    let key = read_key(msg.pubkey.as_ref().ok_or(StakingError::EmptyValidatorPubKey)?)?;
    let value = read_coin(msg.value.as_ref(), "invalid delegation amount")?;
    let description = Description::from_proto(msg.description.as_ref());
    if description == Description::default() {
        return Err(SdkError::InvalidRequest("empty description".into()).into());
    }
    let rates = msg.commission.clone().unwrap_or_default();
    if rates == CommissionRates::default() {
        return Err(SdkError::InvalidRequest("empty commission".into()).into());
    }
    let commission = Commission::from_rates(&rates, Time::EPOCH)?;
    commission.check()?;
    let min_self_delegation = read_min_self_delegation(&msg.min_self_delegation)?;
    if value.amount < min_self_delegation {
        return Err(StakingError::SelfDelegationBelowMinimum.into());
    }
    Ok(Create { operator, key, value, description, commission, min_self_delegation })
}
