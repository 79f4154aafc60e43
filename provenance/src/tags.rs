//! Domain tags: the first bytes of everything that is hashed under a meaning.
//!
//! A tag is ASCII and ends with its only NUL byte, so no tag is a prefix of another and no preimage of one
//! meaning is a preimage of another. RFC 6962 trees themselves are bare (leaf `0x00`, node `0x01`); where a
//! leaf is a record, the record starts with its tag.
//!
//! | tag | hashed under it |
//! | --- | --- |
//! | [`COMMIT`] | a contribution's commit before its reveal |
//! | [`DISPUTE`] | a dispute's commit before its reveal |
//! | [`REVIEW`] | a curator's hidden review before its reveal |
//! | [`HANDLE`] | a handle's commit before its claim |
//! | [`VOUCHER`] | the digest that a session's key signs |
//! | [`RECEIPT`] | a receipt, as a leaf of `receipts_root` |
//! | [`SETTLED`] | a settled receipt with its segments, as a leaf of a settlement's root |
//! | [`SEGMENT`] | a segment, as a leaf of `segments_root` |
//! | [`PAYOUT`] | what a settlement owes a contribution, as a leaf of its `rows_root` |
//! | [`ACCEPTED`] | an accepted contribution, as a leaf of a datanet's mountain range |
//! | [`VERSION`] | a datanet version's root, bound to chain and datanet |
//! | [`CREDIT`] | the digest of a credit note, which a server signs |
//! | [`CREDITED`] | what was given back of a receipt, as a leaf of a settlement's `credits_root` |
//! | [`AGENT_RECEIPT`] | an agent's receipt, as a leaf of `receipts_root` |
//! | [`PART`] | a part's receipt, as a leaf of an agent's receipt's `parts_root` |
//! | [`RECEIPT_KEY`] | a receipt's key, from its session's secret (HMAC message) |
//! | [`REPLACEMENT`] | a replacement claim's commit before its reveal |
//! | [`SEED_COMMIT`], [`SEED`] | an auditor's commit; the seed of an epoch |
//! | [`DRAW`] | one draw among a settlement's receipts |
//! | [`DUPLICATE`] | what draws the regions of a duplicate dispute |
//! | [`SALT`] | a transcript chunk's salt, from its receipt's key (HMAC message) |

/// A contribution's commit before its reveal.
pub const COMMIT: &[u8] = b"openledger/commit/v1\0";
/// A dispute's commit before its reveal.
pub const DISPUTE: &[u8] = b"openledger/dispute/v1\0";
/// A curator's hidden review before its reveal.
pub const REVIEW: &[u8] = b"openledger/review/v1\0";
/// A handle's commit before its claim.
pub const HANDLE: &[u8] = b"openledger/handle/v1\0";
/// The digest that a session's key signs.
pub const VOUCHER: &[u8] = b"openledger/voucher/v1\0";
/// A receipt, as a leaf of `receipts_root`.
pub const RECEIPT: &[u8] = b"openledger/receipt/v1\0";
/// A settled receipt with its segments, as a leaf of a settlement's root.
pub const SETTLED: &[u8] = b"openledger/settled/v1\0";
/// A segment, as a leaf of `segments_root`.
pub const SEGMENT: &[u8] = b"openledger/segment/v1\0";
/// What a settlement owes a contribution, as a leaf of its `rows_root`.
pub const PAYOUT: &[u8] = b"openledger/payout/v1\0";
/// An accepted contribution, as a leaf of a datanet's mountain range.
pub const ACCEPTED: &[u8] = b"openledger/accepted/v1\0";
/// A datanet version's root, bound to chain and datanet.
pub const VERSION: &[u8] = b"openledger/version/v1\0";
/// The digest of a credit note, which a server signs.
pub const CREDIT: &[u8] = b"openledger/credit/v1\0";
/// What was given back of a receipt, as a leaf of a settlement's `credits_root`.
pub const CREDITED: &[u8] = b"openledger/credited/v1\0";
/// An agent's receipt, as a leaf of `receipts_root`.
pub const AGENT_RECEIPT: &[u8] = b"openledger/agent-receipt/v1\0";
/// A part's receipt, as a leaf of an agent's receipt's `parts_root`.
pub const PART: &[u8] = b"openledger/part/v1\0";
/// A receipt's key, from its session's secret.
pub const RECEIPT_KEY: &[u8] = b"openledger/receipt-key/v1\0";
/// A transcript chunk's salt, from its receipt's key.
pub const SALT: &[u8] = b"openledger/salt/v1\0";
/// A replacement claim's commit before its reveal.
pub const REPLACEMENT: &[u8] = b"openledger/replacement/v1\0";
/// An auditor's commit before its reveal.
pub const SEED_COMMIT: &[u8] = b"openledger/seed-commit/v1\0";
/// The seed of an epoch.
pub const SEED: &[u8] = b"openledger/seed/v1\0";
/// One draw among a settlement's receipts.
pub const DRAW: &[u8] = b"openledger/draw/v1\0";
/// What draws the regions of a duplicate dispute.
pub const DUPLICATE: &[u8] = b"openledger/duplicate/v1\0";

/// Every tag, for tests and for programs that list them.
pub const ALL: &[&[u8]] = &[
    COMMIT,
    DISPUTE,
    HANDLE,
    VOUCHER,
    RECEIPT,
    SETTLED,
    SEGMENT,
    PAYOUT,
    ACCEPTED,
    VERSION,
    CREDIT,
    CREDITED,
    AGENT_RECEIPT,
    PART,
    RECEIPT_KEY,
    SALT,
    REPLACEMENT,
    SEED_COMMIT,
    SEED,
    DRAW,
    REVIEW,
    DUPLICATE,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_tag_is_a_prefix_of_another() {
        for (i, a) in ALL.iter().enumerate() {
            assert_eq!(a.iter().position(|b| *b == 0), Some(a.len() - 1));
            for (j, b) in ALL.iter().enumerate() {
                assert!(i == j || !b.starts_with(a));
            }
        }
    }
}
