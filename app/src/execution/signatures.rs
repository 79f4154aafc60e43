//! Signatures of transactions: whether they are right, and a bounded memory of those that were.
//!
//! Source: Cosmos SDK v0.50 `x/auth/signing/verify.go`, `crypto/keys/{secp256k1,secp256r1,multisig}` (low-S only). A verified signature
//! is remembered under SHA-256(kind of key ‖ SHA-256(sign bytes) ‖ key ‖ signature), successes only, so that a transaction which passed
//! CheckTx costs a hash in its block; a multisig's are remembered one by one. What is remembered never changes a result or its gas,
//! only how long it takes.

use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use openledger_auth::PublicKey;
use openledger_proto::amino::Signer;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use secp256k1::{ecdsa, Message, Secp256k1, VerifyOnly};
use sha2::{Digest, Sha256};

use super::metrics::Lookups;
use super::sign_bytes::Digests;
use super::signature_data::{Bits, SignatureData};
use super::tx::Tx;

static SECP256K1: LazyLock<Secp256k1<VerifyOnly>> = LazyLock::new(Secp256k1::verification_only);

/// What [`Signatures::verify`] says of a signature that is wrong, in the SDK's words.
const UNABLE: &str = "unable to verify single signer signature";

/// Whether, over a digest, a key made a signature.
type Verify = fn([u8; 32], &[u8], &[u8]) -> bool;

/// Verifies signatures and remembers those that were right.
pub struct Signatures {
    known: Mutex<Known>,
    /// How often a signature was known.
    pub lookups: Lookups,
}

/// Two generations of digests: when the younger is full, it becomes the older, and the older is forgotten.
struct Known {
    generation: usize,
    young: BTreeSet<[u8; 32]>,
    old: BTreeSet<[u8; 32]>,
}

impl Signatures {
    /// Remembers up to `capacity` signatures.
    pub fn new(capacity: usize) -> Self {
        let generation = capacity.div_ceil(2);
        let known = Mutex::new(Known { generation, young: BTreeSet::new(), old: BTreeSet::new() });
        Self { known, lookups: Lookups::default() }
    }

    /// Verifies the signature of signer `index` of `tx`, whose account has this key; the error says why not.
    pub fn verify(&self, tx: &Tx, index: usize, key: &PublicKey, signer: Signer<'_>) -> Result<(), String> {
        let data = tx.signature_data.get(index).ok_or("the signature is missing")?.as_ref()?;
        let mut digests = Digests::new(tx, index, key, signer);
        match data {
            SignatureData::Single { mode, signature } => {
                self.one(digests.digest(*mode)?, key, signature, || UNABLE.into())
            }
            SignatureData::Multi { signed, parts } => self.several(&mut digests, key, signed, parts),
        }
    }

    /// Verifies a multisig's parts (SDK `VerifyMultisignature`). Keys nest at most as deep as they may be read, so this ends.
    fn several(
        &self,
        digests: &mut Digests<'_>,
        key: &PublicKey,
        signed: &Bits,
        parts: &[SignatureData],
    ) -> Result<(), String> {
        let PublicKey::Multisig { threshold, keys } = key else {
            return Err("expected multisig.PubKey, got a key that is none".into());
        };
        if signed.len() != keys.len() {
            return Err(format!("bit array size is incorrect, expecting: {}", keys.len()));
        }
        let needed = usize::try_from(*threshold).unwrap_or(usize::MAX);
        let set = signed.signed().count();
        if set < needed {
            return Err(format!("not enough signatures set, have {set}, expected {needed}"));
        }
        // Stricter than the SDK, which takes parts that nobody's bit is set for and does not look at them.
        if parts.len() != set {
            return Err(format!("signature size is incorrect {}", parts.len()));
        }
        for ((index, key), part) in signed.signed().filter_map(|index| Some((index, keys.get(index)?))).zip(parts) {
            match part {
                SignatureData::Single { mode, signature } => {
                    let unable = || format!("unable to verify signature at index {index}");
                    self.one(digests.known(*mode)?, key, signature, unable)?;
                }
                SignatureData::Multi { signed, parts } => {
                    if !matches!(key, PublicKey::Multisig { .. }) {
                        return Err(format!("unable to parse pubkey of index {index}"));
                    }
                    self.several(digests, key, signed, parts)?;
                }
            }
        }
        Ok(())
    }

    /// Verifies the signature of one key, or remembers that it did.
    fn one(
        &self,
        digest: [u8; 32],
        key: &PublicKey,
        signature: &[u8],
        unable: impl Fn() -> String,
    ) -> Result<(), String> {
        let (kind, key, verify) = match key {
            PublicKey::Secp256k1(key) => (1u8, key, is_signed_k1 as Verify),
            PublicKey::Secp256r1(key) => (2, key, is_signed_r1 as Verify),
            PublicKey::Ed25519(_) => return Err("ED25519 public keys are unsupported".into()),
            PublicKey::Multisig { .. } => {
                return Err("a multisig key signs with a multisignature (ModeInfo.Multi), not with a single one".into());
            }
        };
        let known = Sha256::new().chain_update([kind]).chain_update(digest).chain_update(key.as_slice());
        let known: [u8; 32] = known.chain_update(signature).finalize().into();
        if self.knows(&known) {
            return Ok(());
        }
        if !verify(digest, key.as_slice(), signature) {
            return Err(unable());
        }
        self.remember(known);
        Ok(())
    }

    fn knows(&self, digest: &[u8; 32]) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        self.lookups.count(known.young.contains(digest) || known.old.contains(digest))
    }

    fn remember(&self, digest: [u8; 32]) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.young.len() >= known.generation {
            known.old = std::mem::take(&mut known.young);
        }
        if known.generation > 0 {
            known.young.insert(digest);
        }
    }
}

/// Whether `signature` (64 bytes, r ‖ s, s in the lower half) is the secp256k1 key's over `digest`.
fn is_signed_k1(digest: [u8; 32], key: &[u8], signature: &[u8]) -> bool {
    let Ok(key) = secp256k1::PublicKey::from_slice(key) else { return false };
    let Ok(signature) = ecdsa::Signature::from_compact(signature) else { return false };
    // libsecp256k1 itself refuses an s in the upper half, so that nobody can change a signature and with it the hash.
    SECP256K1.verify_ecdsa(Message::from_digest(digest), &signature, &key).is_ok()
}

/// The same on the curve P-256 (secp256r1), on which phones' and browsers' secure chips sign.
fn is_signed_r1(digest: [u8; 32], key: &[u8], signature: &[u8]) -> bool {
    let Ok(key) = p256::ecdsa::VerifyingKey::from_sec1_bytes(key) else { return false };
    let Ok(signature) = p256::ecdsa::Signature::from_slice(signature) else { return false };
    signature.normalize_s().is_none() && key.verify_prehash(&digest, &signature).is_ok()
}
