//! What an operator sets of the execution: nothing here changes a result of a block, only what this node admits, keeps and spends.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use cosmwasm_std::{Uint256, Uint512};
use openledger_core::coin::check_denom;
use openledger_core::{Coin, Coins, SdkError};
use openledger_store::Pruning;

/// Decimal places of a gas price.
const PLACES: usize = 18;
/// 10^18.
const SCALE: u64 = 1_000_000_000_000_000_000;

/// Settings of one node.
#[derive(Debug, Clone)]
pub struct Config {
    /// The chain's id, from its genesis; signatures are made for it.
    pub chain_id: String,
    /// `minimum-gas-prices`: what CheckTx asks of a fee. Empty: any fee will do.
    pub min_gas_prices: GasPrices,
    /// Threads that decode and verify a block's transactions; 0 takes one a core. The results do not depend on it.
    pub threads: usize,
    /// `min-retain-blocks`: how many blocks CometBFT keeps; 0 keeps all.
    pub min_retain_blocks: u64,
    /// `query-gas-limit`: what one query or simulation may cost.
    pub query_gas_limit: u64,
    /// `halt-height`: the last height that is executed; 0 never halts.
    pub halt_height: u64,
    /// `halt-time`: the last block time that is executed, in seconds since 1970; 0 never halts.
    pub halt_time: u64,
    /// `inv-check-period`: every how many blocks the modules' invariants are checked; 0 never.
    pub inv_check_period: u64,
    /// Where the plan is written for which this binary is too old; `None` writes it nowhere.
    pub upgrade_info: Option<PathBuf>,
    /// `optimistic-execution`: whether a block is executed while it is voted on.
    pub optimistic_execution: bool,
    /// How many verified signatures are remembered.
    pub signature_cache: usize,
    /// Up to about how many bytes of decoded transactions of the mempool are remembered.
    pub decoded_cache: usize,
    /// `pruning`: which past heights are kept for queries and proofs.
    pub pruning: Pruning,
    /// Where snapshots for state sync are; `None`: this node neither makes nor takes any.
    pub snapshot_folder: Option<PathBuf>,
    /// `state-sync.snapshot-interval`: every how many heights a snapshot is made; 0 never.
    pub snapshot_interval: u64,
    /// `state-sync.snapshot-keep-recent`: how many snapshots are kept; 0 all.
    pub snapshot_keep_recent: u32,
    /// `store.memory-limit-mb`: what the state's trees may take in memory, in bytes; 0: no limit.
    pub memory_limit: u64,
}

impl Config {
    /// The settings of a new node on this chain.
    pub fn new(chain_id: impl Into<String>) -> Self {
        Self {
            chain_id: chain_id.into(),
            min_gas_prices: GasPrices::default(),
            threads: 0,
            min_retain_blocks: 0,
            query_gas_limit: 300_000_000,
            halt_height: 0,
            halt_time: 0,
            upgrade_info: None,
            inv_check_period: 0,
            optimistic_execution: true,
            signature_cache: 100_000,
            // A full mempool of small ones.
            decoded_cache: 64 << 20,
            pruning: Pruning::DEFAULT,
            snapshot_folder: None,
            snapshot_interval: 0,
            snapshot_keep_recent: 2,
            memory_limit: 1 << 30,
        }
    }
}

/// Prices of one unit of gas, at most one a denomination: a fee is enough where it pays one of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GasPrices(Vec<GasPrice>);

/// A price: 10^-18 base units of a denomination.
#[derive(Debug, Clone, PartialEq, Eq)]
struct GasPrice {
    denom: String,
    atto: Uint256,
}

impl GasPrices {
    /// What `gas` costs in each denomination, rounded up in the node's favour; empty where every price is zero. Saturates at 256 bits.
    pub fn required(&self, gas: u64) -> Vec<Coin> {
        let cost = |price: &GasPrice| {
            let scale = Uint512::from(SCALE);
            let exact = price.atto.full_mul(Uint256::from(gas));
            let rounded = exact.saturating_add(scale.saturating_sub(Uint512::one()));
            let amount = rounded.checked_div(scale).ok().and_then(|amount| Uint256::try_from(amount).ok());
            Coin { denom: price.denom.clone(), amount: amount.unwrap_or(Uint256::MAX) }
        };
        if self.0.iter().all(|price| price.atto.is_zero()) {
            return Vec::new();
        }
        self.0.iter().map(cost).collect()
    }

    /// Whether `fee` pays for `gas` in one of the denominations (SDK `Coins.IsAnyGTE`).
    pub fn admit(&self, fee: &Coins, gas: u64) -> Result<(), SdkError> {
        let required = self.required(gas);
        let pays = |coin: &Coin| fee.iter().any(|paid| paid.denom == coin.denom && paid.amount >= coin.amount);
        if required.is_empty() || required.iter().any(pays) {
            return Ok(());
        }
        let required: Vec<String> = required.iter().map(Coin::to_string).collect();
        let required = required.join(",");
        Err(SdkError::InsufficientFee(format!("insufficient fees; got: {fee} required: {required}")))
    }
}

impl FromStr for GasPrices {
    type Err = SdkError;

    /// Reads `"0.025aopen,1ibc/AB"`; the empty text is no price.
    fn from_str(text: &str) -> Result<Self, SdkError> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let mut prices = parts.map(read_price).collect::<Result<Vec<_>, _>>()?;
        prices.sort_by(|a, b| a.denom.cmp(&b.denom));
        if let Some((twice, _)) = prices.iter().zip(prices.iter().skip(1)).find(|(a, b)| a.denom == b.denom) {
            return Err(SdkError::InvalidCoins(format!("two gas prices in {}", twice.denom)));
        }
        Ok(Self(prices))
    }
}

fn read_price(text: &str) -> Result<GasPrice, SdkError> {
    let wrong = || SdkError::InvalidCoins(format!("gas price {text:?} is not like 0.025aopen"));
    let digits = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, denom) = text.split_at(digits);
    check_denom(denom).map_err(|_| wrong())?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let has_point = number.contains('.');
    if whole.is_empty() || (has_point && fraction.is_empty()) || fraction.len() > PLACES || fraction.contains('.') {
        return Err(wrong());
    }
    let atto = format!("{whole}{fraction:0<PLACES$}").parse().map_err(|_| wrong())?;
    Ok(GasPrice { denom: denom.into(), atto })
}

impl fmt::Display for GasPrices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, price) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let text = format!("{:0>width$}", price.atto.to_string(), width = PLACES.saturating_add(1));
            let (whole, fraction) = text.split_at(text.len().saturating_sub(PLACES));
            let fraction = fraction.trim_end_matches('0');
            let point = if fraction.is_empty() { "" } else { "." };
            write!(f, "{comma}{whole}{point}{fraction}{}", price.denom)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_rounded_up_in_the_node_s_favour() {
        let prices: GasPrices = "0.025aopen".parse().unwrap();
        assert_eq!(prices.required(1), vec![Coin::base(1u128)]);
        assert_eq!(prices.required(200_000), vec![Coin::base(5_000u128)]);
        assert!(prices.admit(&"5000aopen".parse().unwrap(), 200_000).is_ok());
        assert!(prices.admit(&"4999aopen".parse().unwrap(), 200_000).is_err());
        assert!(prices.admit(&Coins::default(), 200_000).is_err());
    }

    #[test]
    fn a_fee_in_one_of_the_denominations_is_enough() {
        let prices: GasPrices = "1bbb,2aopen".parse().unwrap();
        assert_eq!(prices.to_string(), "2aopen,1bbb");
        assert!(prices.admit(&"10bbb".parse().unwrap(), 10).is_ok());
        assert!(prices.admit(&"10ccc".parse().unwrap(), 10).is_err());
        assert!("0aopen".parse::<GasPrices>().unwrap().admit(&Coins::default(), 10).is_ok());
    }

    #[test]
    fn prices_read_what_they_print_and_nothing_else() {
        for text in ["0.025aopen", "1000000000aopen", "0.000000000000000001aopen", "2.5aopen,0.1bbb"] {
            assert_eq!(text.parse::<GasPrices>().unwrap().to_string(), text);
        }
        for bad in
            ["aopen", ".5aopen", "5.aopen", "1.2.3aopen", "0.0000000000000000001aopen", "-1aopen", "1", "1aopen,2aopen"]
        {
            assert!(bad.parse::<GasPrices>().is_err(), "{bad}");
        }
    }
}
