//! SHA-256 and the one way to hash a record: tag, then fields.
//!
//! Integers are big-endian and of fixed width, variable bytes carry a `u16` length before them, so a preimage
//! reads back in one way only.

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// A SHA-256 digest.
pub type Hash = [u8; 32];

/// A field is longer than its `u16` length can say.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a hashed field holds {0} bytes; at most 65535 fit")]
pub struct FieldTooLong(pub usize);

/// SHA-256 over the concatenation of `parts`.
pub fn sha256(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// HMAC-SHA-256 (RFC 2104) over the concatenation of `parts`.
pub fn hmac_sha256(key: &[u8; 32], parts: &[&[u8]]) -> Hash {
    // 64-byte blocks: a 32-byte key is padded with zeros, as `Mac::new` expects it.
    let mut block = [0u8; 64];
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mut mac = <Hmac<Sha256> as Mac>::new(&block.into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// A record's preimage: a domain tag, then its fields in order.
#[derive(Debug, Clone)]
pub struct Preimage(Vec<u8>);

impl Preimage {
    /// Starts with a tag of [`crate::tags`].
    pub fn new(tag: &[u8]) -> Self {
        Self(tag.to_vec())
    }

    /// A `u16` length, then the bytes.
    pub fn var(mut self, bytes: &[u8]) -> Result<Self, FieldTooLong> {
        let len = u16::try_from(bytes.len()).map_err(|_| FieldTooLong(bytes.len()))?;
        self.0.extend_from_slice(&len.to_be_bytes());
        self.0.extend_from_slice(bytes);
        Ok(self)
    }

    /// A big-endian `u32`.
    pub fn u32(mut self, value: u32) -> Self {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    /// A big-endian `u64`.
    pub fn u64(mut self, value: u64) -> Self {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    /// Bytes of a width that the record fixes: hashes, salts, 256-bit amounts.
    pub fn fixed(mut self, bytes: &[u8; 32]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// The bytes so far.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// SHA-256 of the preimage.
    pub fn sha256(&self) -> Hash {
        sha256(&[&self.0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_agrees_with_a_key_given_as_bytes() {
        let key = [7u8; 32];
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&key).unwrap();
        mac.update(b"some words");
        let expected: Hash = mac.finalize().into_bytes().into();
        assert_eq!(hmac_sha256(&key, &[b"some ", b"words"]), expected);
    }

    #[test]
    fn a_field_over_65535_bytes_is_refused() {
        assert_eq!(Preimage::new(b"t").var(&[0; 65536]).unwrap_err(), FieldTooLong(65536));
    }
}
