//! One file a message, and what they share.

mod create_periodic_vesting_account;
mod create_permanent_locked_account;
mod create_vesting_account;

use openledger_auth::vesting::{Schedule, Vesting};
use openledger_core::{Address, Coins, Context, Result, SdkError};
use openledger_proto::cosmos::base::v1beta1::Coin as ProtoCoin;

use crate::VestingAccounts;

/// Who pays and where the new account is to be.
struct Parties {
    from: Address,
    to: Address,
}

impl Parties {
    fn read(from: &str, to: &str) -> Result<Self> {
        Ok(Self { from: read_address("from", from)?, to: read_address("to", to)? })
    }
}

fn read_address(whose: &str, text: &str) -> Result<Address> {
    text.parse().map_err(|error: SdkError| match error {
        SdkError::InvalidAddress(why) => SdkError::InvalidAddress(format!("invalid '{whose}' address: {why}")).into(),
        other => other.into(),
    })
}

/// Reads coins that vest: sorted, distinct, positive and at least one; the error shows them, as the SDK's does.
fn read_coins(coins: &[ProtoCoin]) -> Result<Coins> {
    match Coins::from_proto(coins) {
        Ok(coins) if !coins.is_empty() => Ok(coins),
        _ => {
            let texts: Vec<String> = coins.iter().map(|coin| format!("{}{}", coin.amount, coin.denom)).collect();
            Err(SdkError::InvalidCoins(texts.join(",")).into())
        }
    }
}

/// A schedule that is none is a bad request here, whatever auth says of it in a genesis.
fn vesting(coins: &Coins, schedule: Schedule) -> Result<Vesting> {
    Vesting::new(coins.clone(), schedule).map_err(|error| SdkError::InvalidRequest(error.to_string()).into())
}

impl VestingAccounts {
    /// Makes the account and pays the coins into it.
    fn create(&self, ctx: &mut Context, parties: &Parties, coins: &Coins, schedule: Schedule) -> Result<()> {
        self.auth.create_vesting(ctx, &parties.to, vesting(coins, schedule)?)?;
        self.bank.send(ctx, &parties.from, &parties.to, coins)
    }
}
