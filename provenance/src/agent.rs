//! An agent's receipts: its own part of the price, and the receipts of the parts that its answer used.
//!
//! The leaves of an agent's session are these, not [`crate::receipt::Receipt`]'s, under a tag of their own. The parts stand under a
//! root of theirs, so a payer who is shown them sees what each cost before the voucher is signed.

use crate::hash::{Hash, Preimage};
use crate::merkle::{leaf_hash, root};
use crate::receipt::{check_shape, ReceiptError};
use crate::tags;

/// A settled receipt of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The part's deployment.
    pub deployment: u64,
    /// The sub-session.
    pub session: u64,
    /// The receipt's index there.
    pub receipt: u64,
    /// What was taken for it, 256 bits, big-endian.
    pub fee: [u8; 32],
}

impl Part {
    /// The leaf of `parts_root`, over `tag ‖ u64 deployment ‖ u64 session ‖ u64 receipt ‖ u256 fee`.
    pub fn leaf(&self) -> Hash {
        let data = Preimage::new(tags::PART).u64(self.deployment).u64(self.session).u64(self.receipt).fixed(&self.fee);
        leaf_hash(&[&data.into_bytes()])
    }
}

/// RFC 6962 root over an answer's parts, in their order.
pub fn parts_root(parts: &[Part]) -> Hash {
    root(&parts.iter().map(Part::leaf).collect::<Vec<_>>())
}

/// One answer of an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentReceipt {
    /// Place in the session, from 1.
    pub index: u64,
    /// The agent.
    pub agent: u64,
    /// Bytes of the prompt.
    pub prompt_len: u32,
    /// Bytes of prompt and output.
    pub transcript_len: u32,
    /// Root over the transcript's salted chunks.
    pub transcript_root: Hash,
    /// The agent's own part, 256 bits, big-endian.
    pub own_fee: [u8; 32],
    /// What the parts cost together, 256 bits, big-endian.
    pub parts_fee: [u8; 32],
    /// Parts.
    pub parts: u32,
    /// Root over them.
    pub parts_root: Hash,
}

impl AgentReceipt {
    /// Refuses what cannot be a receipt.
    pub fn check(&self) -> Result<(), ReceiptError> {
        check_shape(self.index, self.prompt_len, self.transcript_len)
    }

    /// The leaf of the session's `receipts_root`, over `tag ‖ u64 index ‖ u64 agent ‖ u32 prompt_len ‖ u32 transcript_len ‖
    /// transcript_root ‖ u256 own_fee ‖ u256 parts_fee ‖ u32 parts ‖ parts_root`.
    pub fn leaf(&self) -> Hash {
        let data = Preimage::new(tags::AGENT_RECEIPT)
            .u64(self.index)
            .u64(self.agent)
            .u32(self.prompt_len)
            .u32(self.transcript_len)
            .fixed(&self.transcript_root)
            .fixed(&self.own_fee)
            .fixed(&self.parts_fee)
            .u32(self.parts)
            .fixed(&self.parts_root);
        leaf_hash(&[&data.into_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MAX_TRANSCRIPT_BYTES;

    fn receipt() -> AgentReceipt {
        AgentReceipt {
            index: 1,
            agent: 2,
            prompt_len: 3,
            transcript_len: 4,
            transcript_root: [5; 32],
            own_fee: [6; 32],
            parts_fee: [7; 32],
            parts: 8,
            parts_root: [9; 32],
        }
    }

    #[test]
    fn every_field_changes_an_agents_leaf_and_a_parts() {
        let leaf = receipt().leaf();
        for other in [
            AgentReceipt { index: 2, ..receipt() },
            AgentReceipt { agent: 3, ..receipt() },
            AgentReceipt { prompt_len: 4, ..receipt() },
            AgentReceipt { transcript_len: 5, ..receipt() },
            AgentReceipt { transcript_root: [0; 32], ..receipt() },
            AgentReceipt { own_fee: [0; 32], ..receipt() },
            AgentReceipt { parts_fee: [0; 32], ..receipt() },
            AgentReceipt { parts: 9, ..receipt() },
            AgentReceipt { parts_root: [0; 32], ..receipt() },
        ] {
            assert_ne!(other.leaf(), leaf);
        }
        let part = Part { deployment: 1, session: 2, receipt: 3, fee: [4; 32] };
        for other in [
            Part { deployment: 2, ..part },
            Part { session: 3, ..part },
            Part { receipt: 4, ..part },
            Part { fee: [5; 32], ..part },
        ] {
            assert_ne!(other.leaf(), part.leaf());
            assert_ne!(parts_root(&[other, part]), parts_root(&[part, other]));
        }
    }

    #[test]
    fn receipts_numbered_from_nothing_or_with_a_prompt_outside_the_transcript_are_refused() {
        assert!(receipt().check().is_ok());
        assert!(AgentReceipt { index: 0, ..receipt() }.check().is_err());
        assert!(AgentReceipt { prompt_len: 5, ..receipt() }.check().is_err());
        assert!(AgentReceipt { transcript_len: MAX_TRANSCRIPT_BYTES + 1, ..receipt() }.check().is_err());
    }
}
