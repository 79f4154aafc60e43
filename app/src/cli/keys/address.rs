//! `keys parse`: an address in its other forms.

use anyhow::{ensure, Context, Result};
use bech32::{Bech32, Hrp};
use clap::Args;
use openledger_core::address::{ACCOUNT_PREFIX, VALCONS_PREFIX, VALOPER_PREFIX};
use openledger_core::Address;
use serde_json::json;

use super::super::output::{print, Output};

/// See the file's head.
#[derive(Args)]
#[command(after_help = "\
Examples:
  openledgerd keys parse open10d07y265gmmuvt4z0w9aw880jnsr700jf7q7wq -o json
  openledgerd keys parse 7B5FE22B5446F7C62EA27B8BD71CEF94E03F3DF2")]
pub struct Parse {
    /// Bech32 under any prefix, or hexadecimal
    address: String,
}

impl Parse {
    pub(super) fn run(self, output: Output) -> Result<()> {
        let text = self.address.trim();
        ensure!(!text.is_empty(), "couldn't parse empty input");
        if let Ok(bytes) = hex::decode(text.trim_start_matches("0x")) {
            let address = Address::new(bytes)?;
            let forms = [ACCOUNT_PREFIX, VALOPER_PREFIX, VALCONS_PREFIX]
                .into_iter()
                .flat_map(|prefix| [prefix.to_string(), format!("{prefix}pub")])
                .map(|prefix| address.to_bech32(&prefix));
            return print(&json!({"formats": forms.collect::<Vec<_>>()}), output);
        }
        let parsed = bech32::primitives::decode::CheckedHrpstring::new::<Bech32>(text);
        let parsed = parsed.with_context(|| format!("{text:?} is neither bech32 nor hexadecimal"))?;
        let hrp: Hrp = parsed.hrp();
        let bytes: Vec<u8> = parsed.byte_iter().collect();
        print(&json!({"human": hrp.to_string(), "bytes": hex::encode_upper(bytes)}), output)
    }
}
