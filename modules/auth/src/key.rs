//! Public keys of accounts: their protobuf form and the address that follows from each.
//!
//! Source: SDK v0.50 `crypto/keys/{secp256k1,secp256r1,ed25519,multisig}`; a multisig's address is the hash of its amino encoding,
//! whose prefixes are amino's for the registered names. Amino has no name for secp256r1 keys, so no multisig holds one.

use cosmwasm_std::Binary;
use openledger_core::{Address, Result, SdkError};
use openledger_proto::cosmos::crypto::{ed25519, multisig, secp256k1, secp256r1};
use openledger_proto::{Any, Message, Name};
use serde::{Deserialize, Serialize};

/// How deep multisigs may nest; the SDK's limit on nested `Any`s.
const MAX_DEPTH: u32 = 10;

/// A key that an account may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicKey {
    /// 33 bytes, compressed.
    Secp256k1(Binary),
    /// 33 bytes, compressed, on the curve P-256.
    Secp256r1(Binary),
    /// 32 bytes.
    Ed25519(Binary),
    /// `threshold` of `keys` sign together.
    Multisig {
        /// How many must sign; at least 1 and at most as many as there are keys.
        threshold: u32,
        /// The keys, in the order that makes the address.
        keys: Vec<PublicKey>,
    },
}

impl PublicKey {
    /// Reads a key; refuses other types, other lengths and multisigs that nobody or anybody could sign for.
    pub fn from_any(any: &Any) -> Result<Self> {
        Self::read(any, MAX_DEPTH)
    }

    fn read(any: &Any, depth: u32) -> Result<Self> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(SdkError::InvalidPubKey(format!("multisigs nest deeper than {MAX_DEPTH}")).into());
        };
        let unreadable = |error: prost::DecodeError| SdkError::InvalidPubKey(format!("{}: {error}", any.type_url));
        if any.type_url == secp256k1::PubKey::type_url() {
            let key = secp256k1::PubKey::decode(any.value.as_slice()).map_err(unreadable)?.key;
            Ok(Self::Secp256k1(of_length(key, 33)?))
        } else if any.type_url == secp256r1::PubKey::type_url() {
            let key = secp256r1::PubKey::decode(any.value.as_slice()).map_err(unreadable)?.key;
            Ok(Self::Secp256r1(of_length(key, 33)?))
        } else if any.type_url == ed25519::PubKey::type_url() {
            let key = ed25519::PubKey::decode(any.value.as_slice()).map_err(unreadable)?.key;
            Ok(Self::Ed25519(of_length(key, 32)?))
        } else if any.type_url == multisig::LegacyAminoPubKey::type_url() {
            let multisig = multisig::LegacyAminoPubKey::decode(any.value.as_slice()).map_err(unreadable)?;
            let keys = multisig.public_keys.iter().map(|key| Self::read(key, depth)).collect::<Result<Vec<_>>>()?;
            if keys.iter().any(|key| matches!(key, Self::Secp256r1(_))) {
                let text = "a multisig of secp256r1 keys has no address; secp256k1 and ed25519 keys and multisigs may be in one";
                return Err(SdkError::InvalidPubKey(text.into()).into());
            }
            let threshold = multisig.threshold;
            if threshold == 0 || usize::try_from(threshold).map_or(true, |threshold| threshold > keys.len()) {
                let text = format!("a multisig of {} keys cannot have the threshold {threshold}", keys.len());
                return Err(SdkError::InvalidPubKey(text).into());
            }
            Ok(Self::Multisig { threshold, keys })
        } else {
            let text =
                format!("type {:?}; secp256k1, secp256r1, ed25519 and LegacyAminoPubKey are known", any.type_url);
            Err(SdkError::InvalidPubKey(text).into())
        }
    }

    /// The protobuf form.
    pub fn to_any(&self) -> Any {
        match self {
            Self::Secp256k1(key) => pack(&secp256k1::PubKey { key: key.to_vec() }),
            Self::Secp256r1(key) => pack(&secp256r1::PubKey { key: key.to_vec() }),
            Self::Ed25519(key) => pack(&ed25519::PubKey { key: key.to_vec() }),
            Self::Multisig { threshold, keys } => pack(&multisig::LegacyAminoPubKey {
                threshold: *threshold,
                public_keys: keys.iter().map(Self::to_any).collect(),
            }),
        }
    }

    /// The address of whoever holds this key.
    pub fn address(&self) -> Address {
        match self {
            Self::Secp256k1(key) => Address::of_secp256k1(key),
            Self::Secp256r1(key) => Address::of_named_key(&secp256r1::PubKey::full_name(), key),
            Self::Ed25519(key) => Address::of_sha256(key),
            Self::Multisig { .. } => Address::of_sha256(&self.amino_bytes()),
        }
    }

    /// How many keys it is made of (SDK `CountSubKeys`).
    pub fn count(&self) -> u64 {
        match self {
            Self::Multisig { keys, .. } => keys.iter().map(Self::count).fold(0, u64::saturating_add),
            Self::Secp256k1(_) | Self::Secp256r1(_) | Self::Ed25519(_) => 1,
        }
    }

    /// The amino encoding, which multisig addresses are hashes of.
    pub fn amino_bytes(&self) -> Vec<u8> {
        let (prefix, key) = match self {
            Self::Secp256k1(key) => ([0xEB, 0x5A, 0xE9, 0x87], key),
            // Amino has no prefix for it; only the length is ever asked for.
            Self::Secp256r1(key) => ([0; 4], key),
            Self::Ed25519(key) => ([0x16, 0x24, 0xDE, 0x64], key),
            Self::Multisig { threshold, keys } => {
                let body = AminoMultisig { threshold: *threshold, keys: keys.iter().map(Self::amino_bytes).collect() };
                return [[0x22, 0xC1, 0xF7, 0xE2].as_slice(), &body.encode_to_vec()].concat();
            }
        };
        let mut bytes = prefix.to_vec();
        prost::encoding::encode_varint(key.len().try_into().unwrap_or(u64::MAX), &mut bytes);
        bytes.extend_from_slice(key);
        bytes
    }
}

/// A multisig as amino writes it: like protobuf, with each key's amino encoding as bytes.
#[derive(Clone, PartialEq, prost::Message)]
struct AminoMultisig {
    #[prost(uint32, tag = "1")]
    threshold: u32,
    #[prost(bytes = "vec", repeated, tag = "2")]
    keys: Vec<Vec<u8>>,
}

fn of_length(key: Vec<u8>, length: usize) -> Result<Binary> {
    if key.len() == length {
        return Ok(key.into());
    }
    Err(SdkError::InvalidPubKey(format!("a key of {} bytes where {length} are needed", key.len())).into())
}

/// Packs a message with its type URL.
pub(crate) fn pack<M: Message + Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}
