//! Gas and fees: prices with decimals times gas, and an estimate with its margin.

use anyhow::{ensure, Context, Result};
use cosmwasm_std::Uint256;
use openledger_core::Coins;

use crate::execution::GasPrices;

/// Prices with up to 18 decimals times gas, rounded up, as the SDK does it.
pub fn of_prices(prices: &str, gas: u64) -> Result<Coins> {
    let fee = prices.parse::<GasPrices>()?.required(gas);
    ensure!(fee.iter().all(|coin| coin.amount < Uint256::MAX), "the fee exceeds 256 bits");
    Ok(Coins::sum(fee)?)
}

/// `--gas-adjustment`.
pub fn factor(text: &str) -> Result<f64> {
    let factor: f64 = text.parse().with_context(|| format!("--gas-adjustment {text:?} is no number"))?;
    ensure!(factor.is_finite() && factor > 0.0, "--gas-adjustment {text}: it must be above 0, e.g. 1.3");
    Ok(factor)
}

/// Gas times a factor, rounded up.
pub fn adjusted(gas: u64, factor: f64) -> u64 {
    (gas as f64 * factor).ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fees_are_prices_times_gas_rounded_up() {
        assert_eq!(of_prices("0.025aopen", 200_001).unwrap().to_string(), "5001aopen");
        assert_eq!(of_prices("2aopen,0.000000000000000001uatom", 1).unwrap().to_string(), "2aopen,1uatom");
        assert!(of_prices("0.1.2aopen", 1).is_err());
        assert!(of_prices("aopen", 1).is_err());
        assert_eq!(adjusted(100, factor("1.3").unwrap()), 130);
        assert!(factor("-1").is_err());
        assert!(factor("much").unwrap_err().to_string().contains("much"));
    }
}
