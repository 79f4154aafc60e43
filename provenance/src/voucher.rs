//! Vouchers: what a payer's session key signs off chain, one growing sum instead of a transaction a use.
//!
//! The digest is SHA-256 of [`Voucher::sign_bytes`], so any secp256k1 signer of the Cosmos world that hashes before it signs can
//! make one. Signatures are 64 bytes `r ‖ s` with s in the lower half of the order, so each has one form only.

use crate::hash::{sha256, FieldTooLong, Hash, Preimage};
use crate::tags;
use k256::ecdsa::signature::hazmat::PrehashVerifier;
use k256::ecdsa::{Signature, VerifyingKey};
use thiserror::Error;

/// Why a voucher does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VoucherError {
    /// The chain id does not fit.
    #[error(transparent)]
    Field(#[from] FieldTooLong),
    /// Not a point of the curve in compressed form.
    #[error("the voucher key is not a 33-byte compressed secp256k1 key")]
    Key,
    /// Not `r ‖ s` with both in range.
    #[error("the voucher's signature is not 64 bytes of r and s")]
    Signature,
    /// The same signature has a form with a low s, and only that is accepted.
    #[error("the voucher's signature has a high s; send the low form")]
    HighS,
    /// Signed by another key, or over another digest.
    #[error("the voucher's signature is not by the session's key over this voucher")]
    Mismatch,
}

/// What a payer owes a deployment after `count` receipts of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voucher<'a> {
    /// Chain of the session.
    pub chain_id: &'a str,
    /// The session.
    pub session: u64,
    /// The deployment that serves it.
    pub deployment: u64,
    /// Receipts so far.
    pub count: u64,
    /// Sum of their fees in base units, 256 bits, big-endian.
    pub cumulative_fee: [u8; 32],
    /// Root over the leaves of all of them.
    pub receipts_root: Hash,
}

impl Voucher<'_> {
    /// `tag ‖ u16 len ‖ chain_id ‖ u64 session ‖ u64 deployment ‖ u64 count ‖ u256 cumulative_fee ‖ receipts_root`.
    pub fn sign_bytes(&self) -> Result<Vec<u8>, FieldTooLong> {
        Ok(Preimage::new(tags::VOUCHER)
            .var(self.chain_id.as_bytes())?
            .u64(self.session)
            .u64(self.deployment)
            .u64(self.count)
            .fixed(&self.cumulative_fee)
            .fixed(&self.receipts_root)
            .into_bytes())
    }

    /// SHA-256 of the sign bytes: what ECDSA signs.
    pub fn digest(&self) -> Result<Hash, FieldTooLong> {
        Ok(sha256(&[&self.sign_bytes()?]))
    }

    /// The same as a text that a wallet shows and signs as an ADR-036 document, for payers without a session key: seven lines, each
    /// ended by a line feed, numbers in decimal, the root in lower-case hex. What a wallet signs says more around it
    /// (`docs/attribution-spec.md`); its digest is checked with [`verify_signature`].
    pub fn text(&self) -> String {
        let fee = crate::amount::Amount::from_be_bytes(self.cumulative_fee);
        let root: String = self.receipts_root.iter().map(|byte| format!("{byte:02x}")).collect();
        let Self { chain_id, session, deployment, count, .. } = self;
        format!(
            "OpenLedger voucher v1\nchain {chain_id}\nsession {session}\ndeployment {deployment}\nreceipts {count}\n\
             cumulative fee {fee}\nreceipts root {root}\n"
        )
    }

    /// Checks the session key's signature of this voucher.
    pub fn verify(&self, key: &[u8], signature: &[u8]) -> Result<(), VoucherError> {
        verify_signature(key, &self.digest()?, signature)
    }
}

/// Refuses what cannot be a session's voucher key: 33 bytes, a compressed point of secp256k1.
pub fn check_key(key: &[u8]) -> Result<(), VoucherError> {
    parse_key(key).map(|_| ())
}

/// Checks a 64-byte low-S signature over a digest by a 33-byte compressed key.
pub fn verify_signature(key: &[u8], digest: &Hash, signature: &[u8]) -> Result<(), VoucherError> {
    let key = parse_key(key)?;
    let signature = Signature::from_slice(signature).map_err(|_| VoucherError::Signature)?;
    if signature.normalize_s().is_some() {
        return Err(VoucherError::HighS);
    }
    key.verify_prehash(digest, &signature).map_err(|_| VoucherError::Mismatch)
}

fn parse_key(key: &[u8]) -> Result<VerifyingKey, VoucherError> {
    // SEC1 knows longer forms too; one key has one form here.
    if key.len() != 33 {
        return Err(VoucherError::Key);
    }
    VerifyingKey::from_sec1_bytes(key).map_err(|_| VoucherError::Key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use k256::ecdsa::signature::hazmat::PrehashSigner;
    use k256::ecdsa::SigningKey;
    use proptest::prelude::*;

    fn voucher() -> Voucher<'static> {
        Voucher {
            chain_id: "openledger-1",
            session: 3,
            deployment: 4,
            count: 5,
            cumulative_fee: [0; 32],
            receipts_root: [7; 32],
        }
    }

    fn signer() -> (SigningKey, Vec<u8>) {
        let key = SigningKey::from_slice(&[42; 32]).unwrap();
        let public = key.verifying_key().to_encoded_point(true).as_bytes().to_vec();
        (key, public)
    }

    fn low(signature: Signature) -> Signature {
        signature.normalize_s().unwrap_or(signature)
    }

    #[test]
    fn a_voucher_holds_by_its_key_alone() {
        let (key, public) = signer();
        let signature: Signature = key.sign_prehash(&voucher().digest().unwrap()).unwrap();
        let bytes = low(signature).to_bytes();
        assert_eq!(voucher().verify(&public, &bytes), Ok(()));
        let other = Voucher { count: 6, ..voucher() };
        assert_eq!(other.verify(&public, &bytes), Err(VoucherError::Mismatch));
        let stranger = SigningKey::from_slice(&[43; 32]).unwrap();
        let stranger = stranger.verifying_key().to_encoded_point(true);
        assert_eq!(voucher().verify(stranger.as_bytes(), &bytes), Err(VoucherError::Mismatch));
    }

    #[test]
    fn the_text_names_every_field_and_each_changes_it() {
        let text = voucher().text();
        assert_eq!(text.lines().count(), 7);
        assert!(text.ends_with(&format!("receipts root {}\n", "07".repeat(32))));
        for other in [
            Voucher { chain_id: "openledger-2", ..voucher() },
            Voucher { session: 4, ..voucher() },
            Voucher { deployment: 5, ..voucher() },
            Voucher { count: 6, ..voucher() },
            Voucher { cumulative_fee: [1; 32], ..voucher() },
            Voucher { receipts_root: [8; 32], ..voucher() },
        ] {
            assert_ne!(other.text(), text);
        }
    }

    #[test]
    fn the_high_form_of_a_good_signature_is_refused() {
        let (key, public) = signer();
        let signature: Signature = key.sign_prehash(&voucher().digest().unwrap()).unwrap();
        let signature = low(signature);
        let high = Signature::from_scalars(signature.r().to_bytes(), (-*signature.s()).to_bytes()).unwrap();
        assert_eq!(voucher().verify(&public, &high.to_bytes()), Err(VoucherError::HighS));
    }

    #[test]
    fn keys_in_other_forms_and_signatures_of_other_lengths_are_refused() {
        let (key, public) = signer();
        let long = key.verifying_key().to_encoded_point(false);
        assert_eq!(check_key(&public), Ok(()));
        assert_eq!(check_key(long.as_bytes()), Err(VoucherError::Key));
        assert_eq!(check_key(&[2; 33][..32]), Err(VoucherError::Key));
        assert_eq!(check_key(&[0; 33]), Err(VoucherError::Key));
        assert_eq!(check_key(&[0xff; 33]), Err(VoucherError::Key));
        for len in [0, 63, 65, 70] {
            assert_eq!(voucher().verify(&public, &vec![1; len]), Err(VoucherError::Signature));
        }
        assert_eq!(voucher().verify(&public, &[0; 64]), Err(VoucherError::Signature));
        assert_eq!(voucher().verify(&public, &[0xff; 64]), Err(VoucherError::Signature));
    }

    proptest! {
        #[test]
        fn one_bit_changed_in_signature_or_key_is_refused(flip in 0usize..(97 * 8)) {
            let (key, public) = signer();
            let signature: Signature = key.sign_prehash(&voucher().digest().unwrap()).unwrap();
            let mut both = low(signature).to_bytes().to_vec();
            both.extend(&public);
            both[flip / 8] ^= 1 << (flip % 8);
            prop_assert!(voucher().verify(&both[64..], &both[..64]).is_err());
        }
    }
}
