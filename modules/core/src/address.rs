//! Addresses: bytes with a bech32 form, and how module accounts get theirs.
//!
//! Source: Cosmos SDK v0.50 `types/address.go`, `x/auth/types/account.go` (`NewModuleAddress`), ADR-028.

use std::fmt;
use std::str::FromStr;

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Hrp};
use ripemd::Ripemd160;
use sha2::{Digest, Sha256};

use crate::error::SdkError;

/// Human-readable part of account addresses.
pub const ACCOUNT_PREFIX: &str = "open";
/// Human-readable part of validator operator addresses.
pub const VALOPER_PREFIX: &str = "openvaloper";
/// Human-readable part of consensus addresses.
pub const VALCONS_PREFIX: &str = "openvalcons";
/// The longest address the SDK admits, in bytes.
pub const MAX_ADDRESS_LENGTH: usize = 255;

/// The bytes of an account address, 1 to 255 of them (20 for a secp256k1 key, 32 for derived accounts).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(Vec<u8>);

impl Address {
    /// An address of these bytes; refuses none and more than 255.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, SdkError> {
        let bytes = bytes.into();
        if bytes.is_empty() || bytes.len() > MAX_ADDRESS_LENGTH {
            return Err(SdkError::InvalidAddress(format!("an address has 1 to 255 bytes, not {}", bytes.len())));
        }
        Ok(Self(bytes))
    }

    /// The account of a module: the first 20 bytes of SHA-256(name).
    pub fn module(name: &str) -> Self {
        Self::of_sha256(name.as_bytes())
    }

    /// The first 20 bytes of SHA-256: module names, ed25519 keys, multisigs.
    pub fn of_sha256(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).iter().copied().take(20).collect())
    }

    /// The account of a compressed (33-byte) secp256k1 key: RIPEMD-160(SHA-256(key)).
    pub fn of_secp256k1(key: &[u8]) -> Self {
        Self(Ripemd160::digest(Sha256::digest(key)).to_vec())
    }

    /// The account of a key whose type has a name of its own (ADR-028): SHA-256(SHA-256(name) ‖ key), 32 bytes.
    pub fn of_named_key(name: &str, key: &[u8]) -> Self {
        let name = Sha256::digest(name.as_bytes());
        Self(Sha256::new().chain_update(name).chain_update(key).finalize().to_vec())
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bech32 form under another prefix, e.g. [`VALOPER_PREFIX`].
    pub fn to_bech32(&self, prefix: &str) -> String {
        // The prefixes are constants that bech32 admits, and 255 bytes fit its longest string (1,023); nothing else fails.
        Hrp::parse(prefix).ok().and_then(|hrp| bech32::encode::<Bech32>(hrp, &self.0).ok()).unwrap_or_default()
    }

    /// Reads the address of whoever signs a message: an account's, or a validator operator's, whose account has the same bytes.
    pub fn from_signer(text: &str) -> Result<Self, SdkError> {
        let prefix = match text.split_once('1') {
            Some((prefix, _)) if prefix.eq_ignore_ascii_case(VALOPER_PREFIX) => VALOPER_PREFIX,
            _ => ACCOUNT_PREFIX,
        };
        Self::from_bech32(text, prefix)
    }

    /// Reads a bech32 address with this prefix.
    pub fn from_bech32(text: &str, prefix: &str) -> Result<Self, SdkError> {
        if text.trim().is_empty() {
            return Err(SdkError::InvalidAddress("empty address string is not allowed".into()));
        }
        let checked = CheckedHrpstring::new::<Bech32>(text)
            .map_err(|error| SdkError::InvalidAddress(format!("decoding bech32 failed: {error}: {text:?}")))?;
        let hrp = checked.hrp().to_lowercase();
        if hrp != prefix {
            return Err(SdkError::InvalidAddress(format!("invalid Bech32 prefix; expected {prefix}, got {hrp}")));
        }
        Self::new(checked.byte_iter().collect::<Vec<u8>>())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_bech32(ACCOUNT_PREFIX))
    }
}

impl FromStr for Address {
    type Err = SdkError;

    fn from_str(text: &str) -> Result<Self, SdkError> {
        Self::from_bech32(text, ACCOUNT_PREFIX)
    }
}

impl serde::Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Address {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn module_accounts_have_the_sdk_s_addresses() {
        // `simd query auth module-account fee_collector` and gov's address on every Cosmos chain, under our prefix.
        assert_eq!(hex(Address::module("fee_collector").as_bytes()), "f1829676db577682e944fc3493d451b67ff3e29f");
        assert_eq!(hex(Address::module("gov").as_bytes()), "7b5fe22b5446f7c62ea27b8bd71cef94e03f3df2");
    }

    #[test]
    fn an_address_survives_its_bech32_form_and_refuses_another_prefix() {
        let address = Address::module("bank");
        let text = address.to_string();
        assert!(text.starts_with("open1"));
        assert_eq!(text.parse::<Address>().unwrap(), address);
        assert!(Address::from_bech32(&text, VALOPER_PREFIX).is_err());
        assert_eq!(text.to_uppercase().parse::<Address>().unwrap(), address);
        let modified = bech32::encode::<bech32::Bech32m>(Hrp::parse("open").unwrap(), address.as_bytes()).unwrap();
        assert!(modified.parse::<Address>().is_err(), "bech32m is another code");
        assert!("open1qqqq".parse::<Address>().is_err());
        assert!("".parse::<Address>().is_err());
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
