//! One file a message, and how messages read addresses and coins.

mod community_pool_spend;
mod deposit_validator_rewards_pool;
mod fund_community_pool;
mod set_withdraw_address;
mod update_params;
mod withdraw_delegator_reward;
mod withdraw_validator_commission;

use openledger_core::address::{ACCOUNT_PREFIX, VALOPER_PREFIX};
use openledger_core::{Address, Coins, Result, SdkError};
use openledger_proto::cosmos::base::v1beta1::Coin as ProtoCoin;

/// Reads an account's address; the error says whose it is.
fn read_address(whose: &str, text: &str) -> Result<Address> {
    read(whose, text, ACCOUNT_PREFIX)
}

/// Reads a validator's operator address.
fn read_operator(text: &str) -> Result<Address> {
    read("validator", text, VALOPER_PREFIX)
}

fn read(whose: &str, text: &str, prefix: &str) -> Result<Address> {
    Address::from_bech32(text, prefix).map_err(|error| match error {
        SdkError::InvalidAddress(why) => SdkError::InvalidAddress(format!("invalid {whose} address: {why}")).into(),
        other => other.into(),
    })
}

/// Reads coins that are given or spent: sorted, distinct, positive and at least one; the error shows them, as the SDK's does.
fn read_amount(coins: &[ProtoCoin]) -> Result<Coins> {
    if coins.is_empty() {
        return Err(SdkError::InvalidCoins("amount cannot be nil".into()).into());
    }
    read_coins(coins)
}

/// Reads coins: sorted, distinct and positive.
fn read_coins(coins: &[ProtoCoin]) -> Result<Coins> {
    Coins::from_proto(coins).map_err(|_| {
        let texts: Vec<String> = coins.iter().map(|coin| format!("{}{}", coin.amount, coin.denom)).collect();
        SdkError::InvalidCoins(texts.join(",")).into()
    })
}
