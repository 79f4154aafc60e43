//! A secp256k1 key and where it comes from: a BIP-39 mnemonic under coin type 118, or 32 raw bytes.

use bip39::{Language, Mnemonic};
use cosmrs::bip32::{DerivationPath, XPrv};
use cosmrs::crypto::secp256k1::SigningKey;
use openledger_core::Address;
use openledger_proto::cosmos::crypto::secp256k1::PubKey;
use openledger_proto::Any;

use crate::public_key::PublicKey;
use crate::tx::any;
use crate::{Error, Result};

/// The derivation path that every Cosmos wallet begins with.
pub const DEFAULT_PATH: &str = "m/44'/118'/0'/0/0";

/// A private key that signs transactions.
pub struct Key {
    secret: [u8; 32],
    signing: SigningKey,
}

impl Clone for Key {
    fn clone(&self) -> Self {
        // The secret was accepted once, so it is accepted again.
        Self::from_secret(&self.secret).unwrap_or_else(|_| unreachable!("a key's own secret"))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.address())
    }
}

impl Key {
    /// The key of 32 secret bytes.
    pub fn from_secret(secret: &[u8]) -> Result<Self> {
        let secret: [u8; 32] =
            secret.try_into().map_err(|_| Error::Key(format!("a secret has 32 bytes, not {}", secret.len())))?;
        let signing = SigningKey::from_slice(&secret).map_err(|error| Error::Key(error.to_string()))?;
        Ok(Self { secret, signing })
    }

    /// The key of a mnemonic (12 to 24 English words) at a BIP-32 path.
    pub fn from_mnemonic(mnemonic: &str, path: &str) -> Result<Self> {
        Self::from_mnemonic_and_passphrase(mnemonic, "", path)
    }

    /// The key of a mnemonic that a BIP-39 passphrase completes, at a BIP-32 path (`m/44'/118'/0'/0/0`; the `m/` may be left out).
    pub fn from_mnemonic_and_passphrase(mnemonic: &str, passphrase: &str, path: &str) -> Result<Self> {
        let mnemonic = Mnemonic::parse_in(Language::English, mnemonic.trim())
            .map_err(|error| Error::Key(format!("the mnemonic is not valid: {error}")))?;
        let whole = if path.starts_with('m') { path.to_string() } else { format!("m/{path}") };
        let path: DerivationPath = whole
            .parse()
            .map_err(|error| Error::Key(format!("path {path:?}: {error}: write it like {DEFAULT_PATH}")))?;
        let seed = mnemonic.to_seed(passphrase);
        let key = XPrv::derive_from_path(seed, &path).map_err(|error| Error::Key(error.to_string()))?;
        Self::from_secret(&key.private_key().to_bytes())
    }

    /// A fresh key and its 24 words.
    pub fn generate() -> Result<(Self, String)> {
        let mnemonic = new_mnemonic()?;
        Ok((Self::from_mnemonic(&mnemonic, DEFAULT_PATH)?, mnemonic))
    }

    /// The secret; whoever has it owns what the address owns.
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    /// The compressed public key, 33 bytes.
    pub fn public_key(&self) -> Vec<u8> {
        self.signing.public_key().to_bytes()
    }

    /// The public key as one of the kinds that accounts may have.
    pub fn public(&self) -> PublicKey {
        PublicKey::Secp256k1(self.public_key().into())
    }

    /// The public key as accounts and signer infos carry it.
    pub fn public_key_any(&self) -> Any {
        any(&PubKey { key: self.public_key() })
    }

    /// The account's address.
    pub fn address(&self) -> Address {
        Address::of_secp256k1(&self.public_key())
    }

    /// A 64-byte low-S signature over SHA-256(`bytes`).
    pub fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        Ok(self.signing.sign(bytes).map_err(|error| Error::Key(error.to_string()))?.to_vec())
    }
}

/// 24 fresh words.
pub fn new_mnemonic() -> Result<String> {
    let mnemonic = Mnemonic::generate_in(Language::English, 24).map_err(|error| Error::Key(error.to_string()))?;
    Ok(mnemonic.to_string())
}

/// The 24 words of 32 bytes of entropy.
pub fn mnemonic_of(entropy: &[u8; 32]) -> Result<String> {
    let mnemonic =
        Mnemonic::from_entropy_in(Language::English, entropy).map_err(|error| Error::Key(error.to_string()))?;
    Ok(mnemonic.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mnemonic_gives_the_key_that_cosmos_wallets_derive_from_it() {
        // BIP-39's first vector; the address is what `simd keys add --recover` prints for it, under our prefix.
        let words = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
        let key = Key::from_mnemonic(words, DEFAULT_PATH).unwrap();
        assert_eq!(key.address().to_bech32("cosmos"), "cosmos19rl4cm2hmr8afy4kldpxz3fka4jguq0auqdal4");
    }

    #[test]
    fn a_generated_key_comes_back_from_its_words() {
        let (key, words) = Key::generate().unwrap();
        assert_eq!(Key::from_mnemonic(&words, DEFAULT_PATH).unwrap().address(), key.address());
        assert!(Key::from_mnemonic("twelve words that are none", DEFAULT_PATH).is_err());
    }
}
