//! Credit notes: what a server gives back of a receipt's fee before the receipt is settled.
//!
//! A note names one receipt of one session on one chain, and the whole of what is given back of it: presented twice, it gives nothing
//! twice. The digest is SHA-256 of [`CreditNote::sign_bytes`], signed like a voucher ([`crate::voucher::verify_signature`]), by the
//! key of the server's account.

use crate::amount::Amount;
use crate::hash::{sha256, FieldTooLong, Hash, Preimage};
use crate::merkle::{leaf_hash, root};
use crate::tags;
use std::collections::BTreeMap;

/// What a server gives back of one receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditNote<'a> {
    /// Chain of the session.
    pub chain_id: &'a str,
    /// The session.
    pub session: u64,
    /// The deployment, or 0 of an agent's session.
    pub deployment: u64,
    /// The receipt's index in its session.
    pub receipt: u64,
    /// What is given back in all.
    pub amount: Amount,
}

impl CreditNote<'_> {
    /// `tag ‖ u16 len ‖ chain_id ‖ u64 session ‖ u64 deployment ‖ u64 receipt ‖ u256 amount`.
    pub fn sign_bytes(&self) -> Result<Vec<u8>, FieldTooLong> {
        Ok(Preimage::new(tags::CREDIT)
            .var(self.chain_id.as_bytes())?
            .u64(self.session)
            .u64(self.deployment)
            .u64(self.receipt)
            .fixed(&self.amount.to_be_bytes())
            .into_bytes())
    }

    /// SHA-256 of the sign bytes: what ECDSA signs.
    pub fn digest(&self) -> Result<Hash, FieldTooLong> {
        Ok(sha256(&[&self.sign_bytes()?]))
    }
}

/// RFC 6962 root over a settlement's credits, in order of receipts; receipts without one are left out. A leaf is over
/// `tag ‖ u64 receipt ‖ u256 amount`.
pub fn credits_root(credits: &BTreeMap<u64, Amount>) -> Hash {
    let leaf = |(receipt, amount): (&u64, &Amount)| {
        leaf_hash(&[&Preimage::new(tags::CREDITED).u64(*receipt).fixed(&amount.to_be_bytes()).into_bytes()])
    };
    root(&credits.iter().map(leaf).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_a_note_is_signed() {
        let note =
            CreditNote { chain_id: "openledger-1", session: 1, deployment: 2, receipt: 3, amount: Amount::from(4) };
        let digest = note.digest().unwrap();
        for other in [
            CreditNote { chain_id: "openledger-2", ..note },
            CreditNote { session: 2, ..note },
            CreditNote { deployment: 3, ..note },
            CreditNote { receipt: 4, ..note },
            CreditNote { amount: Amount::from(5), ..note },
        ] {
            assert_ne!(other.digest().unwrap(), digest);
        }
        assert!(CreditNote { chain_id: &"x".repeat(70_000), ..note }.digest().is_err());
    }

    #[test]
    fn no_credits_have_the_empty_root_and_each_changes_it() {
        let one: BTreeMap<_, _> = [(1, Amount::from(2))].into_iter().collect();
        assert_eq!(credits_root(&BTreeMap::new()), crate::merkle::empty_root());
        assert_ne!(credits_root(&one), credits_root(&[(2, Amount::from(2))].into_iter().collect()));
        assert_ne!(credits_root(&one), credits_root(&[(1, Amount::from(1))].into_iter().collect()));
    }
}
