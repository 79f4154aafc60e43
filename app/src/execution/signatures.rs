//! Signatures of transactions: what is signed, whether it was, and a bounded memory of those that were.
//!
//! Source: Cosmos SDK v0.50 `x/tx/signing/direct`, `crypto/keys/secp256k1` (low-S only). A verified signature is remembered under
//! SHA-256(SHA-256(sign bytes) ‖ on-chain key ‖ signature), successes only, so that a transaction which passed CheckTx costs a hash in its
//! block. What is remembered never changes a result or its gas, only how long it takes.

use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use openledger_auth::PublicKey;
use openledger_proto::cosmos::tx::signing::v1beta1::SignMode;
use openledger_proto::cosmos::tx::v1beta1::mode_info::Sum;
use openledger_proto::cosmos::tx::v1beta1::{ModeInfo, SignDoc};
use openledger_proto::Message as _;
use secp256k1::{ecdsa, Message, Secp256k1, VerifyOnly};
use sha2::{Digest, Sha256};

use super::metrics::Lookups;
use super::tx::Tx;

static SECP256K1: LazyLock<Secp256k1<VerifyOnly>> = LazyLock::new(Secp256k1::verification_only);

/// What [`Signatures::verify`] says of a signature that is wrong, in the SDK's words.
const UNABLE: &str = "unable to verify single signer signature";

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

    /// Verifies the signature of signer `index` of `tx` with `key`; the error says why not.
    pub fn verify(
        &self,
        tx: &Tx,
        index: usize,
        key: &PublicKey,
        chain_id: &str,
        account_number: u64,
    ) -> Result<(), String> {
        let mode_info = tx.auth_info.signer_infos.get(index).and_then(|info| info.mode_info.as_ref());
        let signature = tx.signatures.get(index).ok_or("the signature is missing")?;
        let sign_bytes = sign_bytes(tx, mode_info, chain_id, account_number)?;
        let PublicKey::Secp256k1(key) = key else {
            return Err("only secp256k1 keys can sign".into());
        };
        let digest: [u8; 32] = Sha256::digest(&sign_bytes).into();
        let known = Sha256::new().chain_update(digest).chain_update(key.as_slice()).chain_update(signature).finalize();
        if self.knows(&known.into()) {
            return Ok(());
        }
        if !is_signed(digest, key.as_slice(), signature) {
            return Err(UNABLE.into());
        }
        self.remember(known.into());
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

/// The bytes that a signer signs in its mode.
fn sign_bytes(tx: &Tx, mode: Option<&ModeInfo>, chain_id: &str, account_number: u64) -> Result<Vec<u8>, String> {
    let mode = match mode.and_then(|mode| mode.sum.as_ref()) {
        Some(Sum::Single(single)) => single.mode,
        Some(Sum::Multi(_)) => return Err("a key that is no multisig cannot have several modes".into()),
        None => return Err("the mode of signing is missing".into()),
    };
    if mode != SignMode::Direct as i32 {
        let name = SignMode::try_from(mode).map_or("of that number", |mode| mode.as_str_name());
        return Err(format!("unsupported sign mode {name}; sign with SIGN_MODE_DIRECT"));
    }
    let document = SignDoc {
        body_bytes: tx.body_bytes.to_vec(),
        auth_info_bytes: tx.auth_info_bytes.to_vec(),
        chain_id: chain_id.into(),
        account_number,
    };
    Ok(document.encode_to_vec())
}

/// Whether `signature` (64 bytes, r ‖ s, s in the lower half) is `key`'s over `digest`.
fn is_signed(digest: [u8; 32], key: &[u8], signature: &[u8]) -> bool {
    let Ok(key) = secp256k1::PublicKey::from_slice(key) else { return false };
    let Ok(signature) = ecdsa::Signature::from_compact(signature) else { return false };
    // libsecp256k1 itself refuses an s in the upper half, so that nobody can change a signature and with it the hash.
    SECP256K1.verify_ecdsa(Message::from_digest(digest), &signature, &key).is_ok()
}
