//! `debug`: addresses and keys in their other forms.

use anyhow::{bail, Context, Result};
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use clap::Subcommand;
use openledger_core::address::{ACCOUNT_PREFIX, VALCONS_PREFIX, VALOPER_PREFIX};
use openledger_core::Address;
use serde_json::{json, Value};

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
    /// Print the forms of a public key, given in hexadecimal, in base64 or in a bech32 form of its own
    #[command(
        after_help = "Example:\n  openledgerd debug pubkey-raw iuaoa2XOoiFETdTzv/g5jHWg/e3e6RYHP7+DcvDkwso= -t ed25519"
    )]
    PubkeyRaw {
        /// The key's bytes
        key: String,
        /// ed25519 or secp256k1
        #[arg(long = "type", short = 't', default_value = "ed25519", value_parser = ["ed25519", "secp256k1"], ignore_case = true)]
        kind: String,
    },
    /// Print bytes, written as Go prints them, in hexadecimal
    #[command(after_help = "Example:\n  openledgerd debug raw-bytes '[72 101 108 108 111]'")]
    RawBytes {
        /// Decimal numbers with spaces between
        #[arg(num_args = 1.., required = true)]
        bytes: Vec<String>,
    },
    /// Print the prefixes of addresses
    #[command(after_help = "Example:\n  openledgerd debug prefixes")]
    Prefixes,
    /// Verbs of `simd` that this program does not have; each says what to do instead
    #[command(external_subcommand)]
    Other(Vec<String>),
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
            Self::PubkeyRaw { key, kind } => print_raw_key(&RawKey::read(&key, &kind.to_lowercase())?)?,
            Self::RawBytes { bytes } => println!("{}", hex::encode_upper(raw_bytes(&bytes.join(" "))?)),
            Self::Prefixes => {
                println!("Bech32 Acc: {ACCOUNT_PREFIX}\nBech32 Val: {VALOPER_PREFIX}\nBech32 Con: {VALCONS_PREFIX}");
            }
            Self::Other(line) => other(line.first().map(String::as_str).unwrap_or_default())?,
        }
        Ok(())
    }
}

/// Why there is no such verb.
fn other(verb: &str) -> Result<()> {
    match verb {
        "codec" => bail!(
            "debug codec: a node's gRPC reflection lists all types, and `openledgerd tx MODULE --help` its messages"
        ),
        other => bail!("unrecognized subcommand {other:?}: debug has addr, pubkey, pubkey-raw, raw-bytes and prefixes"),
    }
}

/// A key of one of the two types, by its bytes.
struct RawKey {
    is_ed25519: bool,
    bytes: Vec<u8>,
}

impl RawKey {
    /// What stands before a key in its bech32 forms, which are older than protobuf: the prefix of its type in Amino.
    fn amino_prefix(is_ed25519: bool) -> [u8; 5] {
        if is_ed25519 {
            [0x16, 0x24, 0xDE, 0x64, 0x20]
        } else {
            [0xEB, 0x5A, 0xE9, 0x87, 0x21]
        }
    }

    fn read(text: &str, kind: &str) -> Result<Self> {
        let is_ed25519 = kind == "ed25519";
        let length = if is_ed25519 { 32 } else { 33 };
        let right = |bytes: &Vec<u8>| bytes.len() == length;
        let plain = hex::decode(text).ok().filter(right).or_else(|| BASE64.decode(text).ok().filter(right));
        if let Some(bytes) = plain {
            return Ok(Self { is_ed25519, bytes });
        }
        for prefix in [ACCOUNT_PREFIX, VALOPER_PREFIX, VALCONS_PREFIX] {
            let Ok(found) = Address::from_bech32(text, &format!("{prefix}pub")) else { continue };
            for is_ed25519 in [true, false] {
                if let Some(bytes) = found.as_bytes().strip_prefix(&Self::amino_prefix(is_ed25519)) {
                    return Ok(Self { is_ed25519, bytes: bytes.into() });
                }
            }
        }
        bail!("pubkey {text:?} invalid; expected hex, base64, or bech32 of correct size: {length} bytes for {kind}")
    }
}

fn print_raw_key(key: &RawKey) -> Result<()> {
    let RawKey { is_ed25519, bytes } = key;
    let (name, amino) = match is_ed25519 {
        true => ("ed25519", "tendermint/PubKeyEd25519"),
        false => ("secp256k1", "tendermint/PubKeySecp256k1"),
    };
    let address = if *is_ed25519 { Address::new(keys::address(bytes))? } else { Address::of_secp256k1(bytes) };
    let legacy = Address::new([RawKey::amino_prefix(*is_ed25519).as_slice(), bytes].concat())?;
    let bech32 = |prefix: &str| legacy.to_bech32(&format!("{prefix}pub"));
    if *is_ed25519 {
        println!("Hex: {}", hex::encode_upper(bytes));
    }
    println!("Parsed key as {name}");
    println!("Address: {}", hex::encode_upper(address.as_bytes()));
    println!("JSON (base64): {}", json!({"type": amino, "value": BASE64.encode(bytes)}));
    println!("Bech32 Acc: {}", bech32(ACCOUNT_PREFIX));
    println!("Bech32 Validator Operator: {}", bech32(VALOPER_PREFIX));
    if *is_ed25519 {
        println!("Bech32 Validator Consensus: {}", bech32(VALCONS_PREFIX));
    }
    Ok(())
}

fn raw_bytes(text: &str) -> Result<Vec<u8>> {
    let numbers = text.trim_start_matches('[').trim_end_matches(']').split_whitespace();
    numbers.map(|number| number.parse().with_context(|| format!("{number:?} is no byte"))).collect()
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

    #[test]
    fn a_key_is_read_from_hexadecimal_base64_and_its_bech32_forms() {
        let bytes = BASE64.decode("iuaoa2XOoiFETdTzv/g5jHWg/e3e6RYHP7+DcvDkwso=").unwrap();
        let legacy = Address::new([RawKey::amino_prefix(true).as_slice(), &bytes].concat()).unwrap();
        for text in [hex::encode(&bytes), BASE64.encode(&bytes), legacy.to_bech32("openvalconspub")] {
            let key = RawKey::read(&text, "ed25519").unwrap();
            assert_eq!((key.is_ed25519, &key.bytes), (true, &bytes), "{text}");
        }
        assert!(RawKey::read(&hex::encode(&bytes), "secp256k1").is_err());
        assert!(RawKey::read("00", "ed25519").is_err());
    }

    #[test]
    fn bytes_are_read_as_go_prints_them() {
        assert_eq!(raw_bytes("[10 21 13 255]").unwrap(), [10, 21, 13, 255]);
        assert!(raw_bytes("[256]").is_err());
    }
}
