//! One file a message (v1beta1's, which lead to v1's, in `legacy.rs`), and how messages read what they share.

mod cancel_proposal;
mod deposit;
mod exec_legacy_content;
mod legacy;
mod submit_proposal;
mod update_params;
mod vote;
mod vote_weighted;

pub(crate) use vote_weighted::check_options;

use openledger_core::{Address, Coins, Result, SdkError};
use openledger_proto::cosmos::base::v1beta1::Coin as ProtoCoin;

/// Reads an address; the error says whose it is.
fn read_address(whose: &str, text: &str) -> Result<Address> {
    text.parse().map_err(|error: SdkError| match error {
        SdkError::InvalidAddress(why) => SdkError::InvalidAddress(format!("invalid {whose} address: {why}")).into(),
        other => other.into(),
    })
}

/// Reads coins: sorted, distinct, positive; the error shows them, as the SDK's does.
fn read_coins(coins: &[ProtoCoin]) -> Result<Coins> {
    Coins::from_proto(coins).map_err(|_| {
        let texts: Vec<String> = coins.iter().map(|coin| format!("{}{}", coin.amount, coin.denom)).collect();
        SdkError::InvalidCoins(texts.join(",")).into()
    })
}
