//! `tx vesting create-periodic-vesting-account` in the form that `simd` has: periods from a file
//! (SDK v0.50 `x/auth/vesting/client/cli`).

use std::path::Path;

use anyhow::{ensure, Context, Result};
use clap::Command;
use openledger_core::Coins;
use serde::Deserialize;
use serde_json::{json, Value};

/// The message.
pub const CREATE_PERIODIC: &str = "cosmos.vesting.v1beta1.MsgCreatePeriodicVestingAccount";

/// Says of the command what its short form is.
pub fn extend(command: Command) -> Command {
    command
        .override_usage("openledgerd tx vesting create-periodic-vesting-account [OPTIONS] TO_ADDRESS FILE")
        .after_help(HELP)
}

const HELP: &str = r#"The file, whose periods follow one another:
  {
    "start_time": 1798761600,
    "periods": [
      {"coins": "10aopen", "length_seconds": 2592000},
      {"coins": "10aopen", "length_seconds": 2592000}
    ]
  }
Without a file the message's own fields are given: TO_ADDRESS START_TIME VESTING_PERIODS, or their flags.

Example:
  openledgerd tx vesting create-periodic-vesting-account open1… periods.json --from alice"#;

/// What the file says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    start_time: i64,
    periods: Vec<Period>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Period {
    coins: String,
    length_seconds: i64,
}

/// The message, without its signer, where the second of two arguments is a file and not a time.
pub fn request(ordered: &[&str]) -> Result<Option<Value>> {
    let [to, file] = ordered else { return Ok(None) };
    if file.parse::<i64>().is_ok() {
        return Ok(None);
    }
    let path = Path::new(file);
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let (start, periods) = read(&text).with_context(|| format!("{} describes no periods", path.display()))?;
    Ok(Some(json!({"to_address": to, "start_time": start.to_string(), "vesting_periods": periods})))
}

fn read(text: &str) -> Result<(i64, Vec<Value>)> {
    let File { start_time, periods } = serde_json::from_str(text)?;
    let period = |(at, Period { coins, length_seconds: length }): (usize, Period)| {
        ensure!(length > 0, "invalid period length of {length} in period {at}, length must be greater than 0");
        let coins: Coins =
            coins.parse().with_context(|| format!("coins {coins:?} of period {at}: write e.g. 10aopen"))?;
        let coin = |coin: &openledger_core::Coin| json!({"denom": coin.denom, "amount": coin.amount.to_string()});
        Ok(json!({"length": length.to_string(), "amount": coins.iter().map(coin).collect::<Vec<_>>()}))
    };
    Ok((start_time, periods.into_iter().enumerate().map(period).collect::<Result<_>>()?))
}

#[cfg(test)]
mod tests {
    use openledger_proto::walker;

    use super::*;

    #[test]
    fn a_file_describes_periods_in_simd_s_words() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = r#"{"start_time": 1625204910, "periods": [{"coins": "10aopen,5btoken", "length_seconds": 60}]}"#;
        std::fs::write(file.path(), text).unwrap();
        let path = file.path().to_str().unwrap();
        let made = request(&["open1x", path]).unwrap().unwrap();
        let bytes = walker::from_json(CREATE_PERIODIC, &made).unwrap();
        let back = walker::to_json(CREATE_PERIODIC, &bytes).unwrap();
        let amount = json!([{"denom": "aopen", "amount": "10"}, {"denom": "btoken", "amount": "5"}]);
        assert_eq!(back["vesting_periods"], json!([{"length": "60", "amount": amount}]));
        assert_eq!((&back["to_address"], &back["start_time"]), (&json!("open1x"), &json!("1625204910")));
        for (change, text) in [
            (("60", "0"), "invalid period length of 0 in period 0"),
            (("10aopen,", "ten,"), "coins \"ten,5btoken\""),
            (("length_seconds", "length"), "length"),
            (("start_time", "begin"), "begin"),
        ] {
            let error = format!("{:#}", read(&text_with(change)).unwrap_err());
            assert!(error.contains(text), "{error}");
        }
        // Its own fields, as every message's.
        assert!(request(&["open1x", "1625204910"]).unwrap().is_none());
        assert!(request(&["open1x", "1625204910", "[]"]).unwrap().is_none());
        assert!(request(&["open1x", "/nowhere"]).unwrap_err().to_string().contains("/nowhere"));
    }

    fn text_with((from, to): (&str, &str)) -> String {
        r#"{"start_time": 1625204910, "periods": [{"coins": "10aopen,5btoken", "length_seconds": 60}]}"#
            .replace(from, to)
    }
}
