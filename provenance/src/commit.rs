//! Commit-reveal hashes: a contribution's, a dispute's, a replacement claim's and a handle's.
//!
//! The salt keeps a commit from being guessed; author and chain in it keep it from being copied and revealed by
//! somebody else. What is not in the preimage (rights, location, metadata) may be chosen at the reveal.

use crate::content::Commitment;
use crate::hash::{FieldTooLong, Hash, Preimage};
use crate::tags;

/// What a contribution's commit binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContributionCommit<'a> {
    /// Chain the contribution is for.
    pub chain_id: &'a str,
    /// Datanet it is for.
    pub datanet: u64,
    /// Author's address, raw bytes (not bech32).
    pub author: &'a [u8],
    /// The content.
    pub commitment: Commitment,
    /// Random bytes that the author keeps until the reveal.
    pub salt: [u8; 32],
}

impl ContributionCommit<'_> {
    /// `SHA-256(tag ‖ u16 len ‖ chain_id ‖ u64 datanet ‖ u16 len ‖ author ‖ root ‖ u64 length ‖ salt)`.
    pub fn hash(&self) -> Result<Hash, FieldTooLong> {
        Ok(Preimage::new(tags::COMMIT)
            .var(self.chain_id.as_bytes())?
            .u64(self.datanet)
            .var(self.author)?
            .fixed(&self.commitment.root)
            .u64(self.commitment.length)
            .fixed(&self.salt)
            .sha256())
    }
}

/// What a dispute's commit binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DisputeCommit<'a> {
    /// Chain of the settlement.
    pub chain_id: &'a str,
    /// Settlement that the dispute refutes.
    pub settlement: u64,
    /// Disputant's address, raw bytes (not bech32).
    pub disputant: &'a [u8],
    /// The encoded dispute, at most [`crate::MAX_DISPUTE_BYTES`].
    pub dispute: &'a [u8],
    /// Random bytes that the disputant keeps until the reveal.
    pub salt: [u8; 32],
}

impl DisputeCommit<'_> {
    /// `SHA-256(tag ‖ u16 len ‖ chain_id ‖ u64 settlement ‖ u16 len ‖ disputant ‖ u16 len ‖ dispute ‖ salt)`.
    pub fn hash(&self) -> Result<Hash, FieldTooLong> {
        Ok(Preimage::new(tags::DISPUTE)
            .var(self.chain_id.as_bytes())?
            .u64(self.settlement)
            .var(self.disputant)?
            .var(self.dispute)?
            .fixed(&self.salt)
            .sha256())
    }
}

/// What a replacement claim's commit binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplacementCommit<'a> {
    /// Chain of the settlement.
    pub chain_id: &'a str,
    /// Settlement whose claims are replaced.
    pub settlement: u64,
    /// The round that the claims will be.
    pub round: u32,
    /// Maker's address, raw bytes (not bech32).
    pub maker: &'a [u8],
    /// How they are looked at: 1 existence-checked, 2 claims only.
    pub check: u32,
    /// Root over the settled receipts' leaves, with the new claims.
    pub root: Hash,
    /// Random bytes that the maker keeps until the reveal.
    pub salt: [u8; 32],
}

impl ReplacementCommit<'_> {
    /// `SHA-256(tag ‖ u16 len ‖ chain_id ‖ u64 settlement ‖ u32 round ‖ u16 len ‖ maker ‖ u32 check ‖ root ‖ salt)`.
    pub fn hash(&self) -> Result<Hash, FieldTooLong> {
        Ok(Preimage::new(tags::REPLACEMENT)
            .var(self.chain_id.as_bytes())?
            .u64(self.settlement)
            .u32(self.round)
            .var(self.maker)?
            .u32(self.check)
            .fixed(&self.root)
            .fixed(&self.salt)
            .sha256())
    }
}

/// What a hidden review's commit binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReviewCommit<'a> {
    /// Chain of the contribution.
    pub chain_id: &'a str,
    /// Contribution that is reviewed.
    pub seq: u64,
    /// Curator's address, raw bytes (not bech32): a copied commit cannot be revealed by its copier.
    pub reviewer: &'a [u8],
    /// The judgement.
    pub accept: bool,
    /// The score; 0 with a rejection.
    pub score: u32,
    /// Whether it is boilerplate.
    pub commons: bool,
    /// Random bytes that the curator keeps until the reveal: judgements are few, and would be guessed.
    pub salt: [u8; 32],
}

impl ReviewCommit<'_> {
    /// `SHA-256(tag ‖ u16 len ‖ chain_id ‖ u64 seq ‖ u16 len ‖ reviewer ‖ u32 accept ‖ u32 score ‖ u32 commons ‖ salt)`, where
    /// accept and commons are 0 or 1.
    pub fn hash(&self) -> Result<Hash, FieldTooLong> {
        Ok(Preimage::new(tags::REVIEW)
            .var(self.chain_id.as_bytes())?
            .u64(self.seq)
            .var(self.reviewer)?
            .u32(self.accept.into())
            .u32(self.score)
            .u32(self.commons.into())
            .fixed(&self.salt)
            .sha256())
    }
}

/// What a handle's commit binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandleCommit<'a> {
    /// Chain the handle is for.
    pub chain_id: &'a str,
    /// Address of the account that will claim it, raw bytes (not bech32).
    pub account: &'a [u8],
    /// The handle.
    pub handle: &'a str,
    /// Random bytes that the account keeps until the claim: handles are short, and without them a commit could be guessed.
    pub salt: [u8; 32],
}

impl HandleCommit<'_> {
    /// `SHA-256(tag ‖ u16 len ‖ chain_id ‖ u16 len ‖ account ‖ u16 len ‖ handle ‖ salt)`.
    pub fn hash(&self) -> Result<Hash, FieldTooLong> {
        Ok(Preimage::new(tags::HANDLE)
            .var(self.chain_id.as_bytes())?
            .var(self.account)?
            .var(self.handle.as_bytes())?
            .fixed(&self.salt)
            .sha256())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::sha256;

    fn commit() -> ContributionCommit<'static> {
        ContributionCommit {
            chain_id: "openledger-1",
            datanet: 7,
            author: &[9; 20],
            commitment: Commitment { root: [1; 32], length: 300 },
            salt: [2; 32],
        }
    }

    #[test]
    fn the_preimage_is_the_documented_one() {
        let mut bytes = b"openledger/commit/v1\0\x00\x0copenledger-1".to_vec();
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 7, 0, 20]);
        bytes.extend([9; 20]);
        bytes.extend([1; 32]);
        bytes.extend([0, 0, 0, 0, 0, 0, 1, 44]);
        bytes.extend([2; 32]);
        assert_eq!(commit().hash(), Ok(sha256(&[&bytes])));
    }

    #[test]
    fn every_field_of_a_review_changes_its_hash() {
        let base = ReviewCommit {
            chain_id: "openledger-1",
            seq: 7,
            reviewer: &[9; 20],
            accept: true,
            score: 5_000,
            commons: false,
            salt: [2; 32],
        };
        let mut bytes = b"openledger/review/v1\0\x00\x0copenledger-1".to_vec();
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 7, 0, 20]);
        bytes.extend([9; 20]);
        bytes.extend([0, 0, 0, 1, 0, 0, 19, 136, 0, 0, 0, 0]);
        bytes.extend([2; 32]);
        assert_eq!(base.hash(), Ok(sha256(&[&bytes])));
        for other in [
            ReviewCommit { chain_id: "openledger-2", ..base },
            ReviewCommit { seq: 8, ..base },
            ReviewCommit { reviewer: &[9; 21], ..base },
            ReviewCommit { accept: false, ..base },
            ReviewCommit { score: 5_001, ..base },
            ReviewCommit { commons: true, ..base },
            ReviewCommit { salt: [0; 32], ..base },
        ] {
            assert_ne!(base.hash(), other.hash());
        }
    }

    #[test]
    fn every_field_changes_the_hash() {
        let base = commit();
        let root = Commitment { root: [3; 32], length: 300 };
        let length = Commitment { root: [1; 32], length: 301 };
        for other in [
            ContributionCommit { chain_id: "openledger-2", ..base },
            ContributionCommit { datanet: 8, ..base },
            ContributionCommit { author: &[9; 21], ..base },
            ContributionCommit { commitment: root, ..base },
            ContributionCommit { commitment: length, ..base },
            ContributionCommit { salt: [0; 32], ..base },
        ] {
            assert_ne!(base.hash(), other.hash());
        }
    }

    #[test]
    fn a_replacement_s_commit_binds_chain_settlement_round_maker_check_and_claims() {
        let base = ReplacementCommit {
            chain_id: "c",
            settlement: 1,
            round: 1,
            maker: &[1; 20],
            check: 2,
            root: [3; 32],
            salt: [4; 32],
        };
        for other in [
            ReplacementCommit { chain_id: "d", ..base },
            ReplacementCommit { settlement: 2, ..base },
            ReplacementCommit { round: 2, ..base },
            ReplacementCommit { maker: &[2; 20], ..base },
            ReplacementCommit { check: 1, ..base },
            ReplacementCommit { root: [4; 32], ..base },
            ReplacementCommit { salt: [5; 32], ..base },
        ] {
            assert_ne!(base.hash(), other.hash());
        }
    }

    #[test]
    fn bytes_cannot_move_from_one_field_to_the_next() {
        let dispute =
            |disputant, dispute| DisputeCommit { chain_id: "c", settlement: 1, disputant, dispute, salt: [0; 32] };
        assert_ne!(dispute(b"ab", b"c").hash(), dispute(b"a", b"bc").hash());
    }

    #[test]
    fn a_handle_s_commit_binds_chain_account_handle_and_salt() {
        let base = HandleCommit { chain_id: "openledger-1", account: &[9; 20], handle: "ada", salt: [2; 32] };
        let mut bytes = b"openledger/handle/v1\0\x00\x0copenledger-1\x00\x14".to_vec();
        bytes.extend([9; 20]);
        bytes.extend(b"\x00\x03ada");
        bytes.extend([2; 32]);
        assert_eq!(base.hash(), Ok(sha256(&[&bytes])));
        for other in [
            HandleCommit { chain_id: "openledger-2", ..base },
            HandleCommit { account: &[8; 20], ..base },
            HandleCommit { handle: "adb", ..base },
            HandleCommit { salt: [0; 32], ..base },
        ] {
            assert_ne!(base.hash(), other.hash());
        }
    }
}
