//! `cosmos.slashing.v1beta1.MsgUnjail`: an operator takes its validator out of jail.
//!
//! Source: SDK v0.50 `x/slashing/keeper/unjail.go`. A validator that does not exist and an operator without a delegation are reported with
//! staking's errors, as the SDK's staking keeper reports them before slashing can say its own.

use openledger_core::address::VALOPER_PREFIX;
use openledger_core::{Address, Context, Handle, Result, SdkError};
use openledger_proto::cosmos::slashing::v1beta1::{MsgUnjail, MsgUnjailResponse};
use openledger_staking::{StakingError, Time};

use crate::error::SlashingError;
use crate::keeper::Slashing;

impl Handle<MsgUnjail> for Slashing {
    type Response = MsgUnjailResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgUnjail) -> Result<MsgUnjailResponse> {
        let operator = operator(msg)?;
        let validator = self.staking.validator(ctx, &operator)?.ok_or(StakingError::NoValidatorFound)?;
        // An operator's account has the bytes of its validator's address.
        let own = self.staking.delegation(ctx, &operator, &operator)?.ok_or(StakingError::NoDelegation)?;
        let tokens = validator.tokens_from_shares(own.shares)?.truncate_int()?;
        let minimum = validator.min_self_delegation;
        if tokens < minimum {
            return Err(SlashingError::SelfDelegationTooLow(format!("{tokens} less than {minimum}")).into());
        }
        if !validator.jailed {
            return Err(SlashingError::NotJailed.into());
        }
        let address = validator.consensus_address();
        // Who was never bonded has no info: it was jailed for too little of its own at stake, and may come back at once.
        if let Some(info) = self.signing_info(ctx, &address)? {
            if info.tombstoned || Time::now(ctx) < info.jailed_until {
                return Err(SlashingError::StillJailed.into());
            }
        }
        self.staking.unjail(ctx, &address)?;
        Ok(MsgUnjailResponse {})
    }
}

fn operator(msg: &MsgUnjail) -> Result<Address> {
    let operator = Address::from_bech32(&msg.validator_addr, VALOPER_PREFIX);
    operator.map_err(|error| match error {
        SdkError::InvalidAddress(why) => SdkError::InvalidAddress(format!("validator input address: {why}")).into(),
        other => other.into(),
    })
}
