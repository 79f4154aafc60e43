//! The ed25519 keys of a node and of a validator, in the files that CometBFT reads.
//!
//! Source: CometBFT v0.38 `privval/file.go`, `p2p/key.go`, `crypto/ed25519` (a private key is seed ‖ public key; an address is the
//! first 20 bytes of SHA-256 of the public key).

use std::path::Path;

use anyhow::{ensure, Context, Result};
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use ed25519_consensus::SigningKey;
use serde_json::{json, Value};
use sha2::{Digest, Sha256};

use super::home::{write_file, Home};

const PUBLIC: &str = "tendermint/PubKeyEd25519";
const PRIVATE: &str = "tendermint/PrivKeyEd25519";

/// An ed25519 key.
pub struct Key(SigningKey);

impl Key {
    /// A new key from the system's randomness.
    pub fn generate() -> Self {
        Self(SigningKey::from(rand::random::<[u8; 32]>()))
    }

    /// The key that the SDK's `init --recover` makes of a mnemonic: its seed is SHA-256 of the text.
    pub fn from_mnemonic(mnemonic: &str) -> Self {
        Self(SigningKey::from(<[u8; 32]>::from(Sha256::digest(mnemonic.as_bytes()))))
    }

    /// The public key, 32 bytes.
    pub fn public(&self) -> [u8; 32] {
        self.0.verification_key().to_bytes()
    }

    /// The address, 20 bytes.
    pub fn address(&self) -> Vec<u8> {
        address(&self.public())
    }

    /// The address in lower-case hexadecimal, by which peers know a node.
    pub fn node_id(&self) -> String {
        hex::encode(self.address())
    }

    /// The public key as CometBFT's JSON.
    pub fn public_json(&self) -> Value {
        json!({"type": PUBLIC, "value": BASE64.encode(self.public())})
    }

    fn private_json(&self) -> Value {
        json!({"type": PRIVATE, "value": BASE64.encode([self.0.to_bytes(), self.public()].concat())})
    }

    /// Reads `priv_key` of a key file.
    pub fn read(path: &Path) -> Result<Self> {
        let read = || -> Result<Self> {
            let value: Value = serde_json::from_slice(&std::fs::read(path)?)?;
            let key = value.get("priv_key").context("there is no priv_key")?;
            let kind = key.get("type").and_then(Value::as_str).unwrap_or_default();
            ensure!(kind == PRIVATE, "the key's type is {kind:?}, and only {PRIVATE} is supported");
            let text = key.get("value").and_then(Value::as_str).context("priv_key has no value")?;
            let bytes = BASE64.decode(text)?;
            ensure!(bytes.len() == 64, "an ed25519 private key has 64 bytes, not {}", bytes.len());
            let seed: [u8; 32] = bytes.get(..32).unwrap_or_default().try_into()?;
            let key = Self(SigningKey::from(seed));
            ensure!(bytes.get(32..) == Some(&key.public()), "the public half does not belong to the private one");
            Ok(key)
        };
        read().with_context(|| format!("reading the key {}", path.display()))
    }

    /// Writes `node_key.json`.
    pub fn write_node_key(&self, home: &Home) -> Result<()> {
        let text = json!({"priv_key": self.private_json()}).to_string();
        write_file(&home.config("node_key.json"), text.as_bytes(), 0o600)
    }

    /// Writes `priv_validator_key.json`.
    pub fn write_validator_key(&self, home: &Home) -> Result<()> {
        let value = json!({
            "address": hex::encode_upper(self.address()),
            "pub_key": self.public_json(),
            "priv_key": self.private_json(),
        });
        write_file(&home.config("priv_validator_key.json"), format!("{value:#}").as_bytes(), 0o600)
    }
}

/// The address of an ed25519 public key.
pub fn address(public: &[u8]) -> Vec<u8> {
    Sha256::digest(public).iter().copied().take(20).collect()
}

/// Writes the state of a validator that has signed nothing.
pub fn write_validator_state(home: &Home) -> Result<()> {
    let value = json!({"height": "0", "round": 0, "step": 0});
    write_file(&home.data("priv_validator_state.json"), format!("{value:#}").as_bytes(), 0o600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cometbft_s_own_key_file_gives_the_address_that_cometbft_wrote() {
        // `cometbft init` of v0.38.26: priv_validator_key.json.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.json");
        let private = "sVNAImKAZUHSQaMv9UXxgEXz1yg83r/HLIQdSpgA3ZCK5qhrZc6iIURN1PO/+DmMdaD97d7pFgc/v4Ny8OTCyg==";
        std::fs::write(&path, json!({"priv_key": {"type": PRIVATE, "value": private}}).to_string()).unwrap();
        let key = Key::read(&path).unwrap();
        assert_eq!(hex::encode_upper(key.address()), "42B0C61A5E92ECDD6ABD45703FD5438EDA7FBDC4");
        assert_eq!(key.public_json()["value"], "iuaoa2XOoiFETdTzv/g5jHWg/e3e6RYHP7+DcvDkwso=");
    }

    #[test]
    fn keys_are_read_back_and_damaged_ones_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(Some(folder.path().into())).unwrap();
        home.create().unwrap();
        let key = Key::generate();
        key.write_validator_key(&home).unwrap();
        key.write_node_key(&home).unwrap();
        for name in ["priv_validator_key.json", "node_key.json"] {
            assert_eq!(Key::read(&home.config(name)).unwrap().public(), key.public());
        }
        let other = [key.0.to_bytes(), Key::generate().public()].concat();
        let path = home.config("bad.json");
        for value in
            [json!({"type": PRIVATE, "value": BASE64.encode(other)}), json!({"type": "x", "value": ""}), json!(1)]
        {
            std::fs::write(&path, json!({"priv_key": value}).to_string()).unwrap();
            assert!(Key::read(&path).is_err());
        }
    }

    #[test]
    fn a_mnemonic_always_gives_the_same_key() {
        assert_eq!(Key::from_mnemonic("a b c").public(), Key::from_mnemonic("a b c").public());
        assert_ne!(Key::from_mnemonic("a b c").public(), Key::from_mnemonic("a b d").public());
    }
}
