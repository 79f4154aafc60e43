//! One file a message, and how messages read addresses and amounts.

mod begin_redelegate;
mod cancel_unbonding;
mod create_validator;
mod delegate;
mod edit_validator;
mod undelegate;
mod update_params;

use cosmwasm_std::Uint256;
use openledger_core::{Address, Coin, Context, Result, SdkError};
use openledger_proto::cosmos::base::v1beta1::Coin as ProtoCoin;

use crate::keeper::Staking;

/// A delegator's address.
fn read_delegator(text: &str) -> Result<Address> {
    text.parse().map_err(|error: SdkError| match error {
        SdkError::InvalidAddress(why) => SdkError::InvalidAddress(format!("invalid delegator address: {why}")).into(),
        other => other.into(),
    })
}

/// A positive coin; the error has the SDK's text.
fn read_coin(coin: Option<&ProtoCoin>, refusal: &str) -> Result<Coin> {
    let coin = coin.and_then(|coin| Coin::from_proto(coin).ok()).filter(|coin| !coin.amount.is_zero());
    Ok(coin.ok_or_else(|| SdkError::InvalidRequest(refusal.into()))?)
}

/// A positive least self-delegation.
fn read_min_self_delegation(text: &str) -> Result<Uint256> {
    let amount = openledger_core::coin::parse_amount(text).ok().filter(|amount| !amount.is_zero());
    let refusal = || SdkError::InvalidRequest("minimum self delegation must be a positive integer".into());
    Ok(amount.ok_or_else(refusal)?)
}

impl Staking {
    /// Refuses coins of another denomination than the one that is staked.
    fn check_denom(&self, ctx: &Context, coin: &Coin) -> Result<()> {
        let expected = self.bond_denom(ctx)?;
        if coin.denom != expected {
            let text = format!("invalid coin denomination: got {}, expected {expected}", coin.denom);
            return Err(SdkError::InvalidRequest(text).into());
        }
        Ok(())
    }
}
