//! One file a message, and how messages read addresses and coins.

mod multi_send;
mod send;
mod set_send_enabled;
mod update_params;

use openledger_core::{Address, Coins, Result, SdkError};
use openledger_proto::cosmos::base::v1beta1::Coin as ProtoCoin;

/// Reads an address; the error says whose it is.
fn read_address(whose: &str, text: &str) -> Result<Address> {
    text.parse().map_err(|error: SdkError| match error {
        SdkError::InvalidAddress(why) => SdkError::InvalidAddress(format!("invalid {whose} address: {why}")).into(),
        other => other.into(),
    })
}

/// Reads coins to be sent: sorted, distinct, positive and at least one; the error shows them, as the SDK's does.
fn read_coins(coins: &[ProtoCoin]) -> Result<Coins> {
    match Coins::from_proto(coins) {
        Ok(coins) if !coins.is_empty() => Ok(coins),
        _ => {
            let texts: Vec<String> = coins.iter().map(|coin| format!("{}{}", coin.amount, coin.denom)).collect();
            Err(SdkError::InvalidCoins(texts.join(",")).into())
        }
    }
}
