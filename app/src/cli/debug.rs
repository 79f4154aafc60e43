//! `debug`: addresses and keys in their other forms.

use anyhow::{bail, Context, Result};
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use clap::Subcommand;
use openledger_core::address::{ACCOUNT_PREFIX, VALCONS_PREFIX, VALOPER_PREFIX};
use openledger_core::Address;
use serde_json::Value;

use crate::node::keys;

/// The verbs.
#[derive(Subcommand)]
pub enum Debug {
    /// Print an address, given in hexadecimal or in any of its bech32 forms, in all its forms
    #[command(after_help = "Example:\n  openledgerd debug addr 7b5fe22b5446f7c62ea27b8bd71cef94e03f3df2")]
    Addr {
        /// The address
        address: String,
    },
    /// Print the address of a public key, given as the JSON that `show-validator` and accounts have
    #[command(after_help = "Example:\n  openledgerd debug pubkey \"$(openledgerd comet show-validator)\"")]
    Pubkey {
        /// {"@type":"/cosmos.crypto.secp256k1.PubKey","key":"…"}
        key: String,
    },
}

impl Debug {
    pub(super) fn run(self) -> Result<()> {
        match self {
            Self::Addr { address } => print_address(&read_address(&address)?),
            Self::Pubkey { key } => {
                let (bytes, address) = read_key(&key)?;
                println!("PubKey Hex: {}", hex::encode_upper(bytes));
                print_address(&address);
            }
        }
        Ok(())
    }
}

fn print_address(address: &Address) {
    println!("Address: {:?}", address.as_bytes());
    println!("Address (hex): {}", hex::encode_upper(address.as_bytes()));
    println!("Bech32 Acc: {address}");
    println!("Bech32 Val: {}", address.to_bech32(VALOPER_PREFIX));
    println!("Bech32 Con: {}", address.to_bech32(VALCONS_PREFIX));
}

fn read_address(text: &str) -> Result<Address> {
    if let Ok(bytes) = hex::decode(text.trim_start_matches("0x")) {
        return Ok(Address::new(bytes)?);
    }
    let prefixes = [ACCOUNT_PREFIX, VALOPER_PREFIX, VALCONS_PREFIX];
    let found = prefixes.iter().find_map(|prefix| Address::from_bech32(text, prefix).ok());
    found.with_context(|| format!("{text:?} is neither hexadecimal nor a bech32 address of {}", prefixes.join(", ")))
}

fn read_key(text: &str) -> Result<(Vec<u8>, Address)> {
    let value: Value = serde_json::from_str(text).context("a key is JSON: {\"@type\":…,\"key\":…}")?;
    let field =
        |name: &str| value.get(name).and_then(Value::as_str).with_context(|| format!("the key has no {name:?}"));
    let bytes = BASE64.decode(field("key")?).context("\"key\" is no base64")?;
    let (length, address) = match field("@type")? {
        "/cosmos.crypto.secp256k1.PubKey" => (33, Address::of_secp256k1(&bytes)),
        "/cosmos.crypto.ed25519.PubKey" => (32, Address::new(keys::address(&bytes))?),
        other => bail!("{other:?} is neither /cosmos.crypto.secp256k1.PubKey nor /cosmos.crypto.ed25519.PubKey"),
    };
    if bytes.len() != length {
        bail!("the key has {} bytes and must have {length}", bytes.len());
    }
    Ok((bytes, address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_in_each_of_its_forms() {
        let address = Address::module("gov");
        let forms = [hex::encode(address.as_bytes()), address.to_string(), address.to_bech32(VALCONS_PREFIX)];
        for form in forms {
            assert_eq!(read_address(&form).unwrap(), address);
        }
        assert!(read_address("cosmos1xyz").is_err());
    }

    #[test]
    fn a_key_gives_its_address_and_a_short_one_is_refused() {
        // `cometbft init` of v0.38.26.
        let key = r#"{"@type":"/cosmos.crypto.ed25519.PubKey","key":"iuaoa2XOoiFETdTzv/g5jHWg/e3e6RYHP7+DcvDkwso="}"#;
        assert_eq!(hex::encode_upper(read_key(key).unwrap().1.as_bytes()), "42B0C61A5E92ECDD6ABD45703FD5438EDA7FBDC4");
        assert!(read_key(r#"{"@type":"/cosmos.crypto.ed25519.PubKey","key":"AAAA"}"#).is_err());
        assert!(read_key("ed25519").is_err());
    }
}
