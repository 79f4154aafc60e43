//! Disputes: their proofs, commits and reveals.

use super::*;

impl World {
    /// Runs `make` with a prover of the settlement's only receipt.
    pub fn prove(&self, answer: &Answer, claim: &Claim, make: impl FnOnce(&Prover) -> Dispute) -> Vec<u8> {
        let settled = SettledReceipt {
            receipt: answer.receipt,
            segment_count: claim.segments.len() as u32,
            segments_root: claim.segments_root(),
        };
        let settlement = Tree::new(vec![settled.leaf()]);
        let prover = Prover {
            transcript: &answer.transcript,
            key: answer.key,
            claim,
            settled,
            settlement: &settlement,
            place: 0,
        };
        make(&prover).encode()
    }

    pub fn commit_msg(&self, disputant: u8, settlement: u64, evidence: &[u8]) -> proto::MsgCommitDispute {
        let who = address(disputant);
        let commit =
            DisputeCommit { chain_id: CHAIN_ID, settlement, disputant: who.as_bytes(), dispute: evidence, salt: SALT };
        proto::MsgCommitDispute { disputant: text(disputant), settlement, commit: commit.hash().unwrap().to_vec() }
    }

    pub fn commit(&mut self, disputant: u8, settlement: u64, evidence: &[u8]) -> u64 {
        let msg = self.commit_msg(disputant, settlement, evidence);
        self.answer::<_, proto::MsgCommitDisputeResponse>(&msg).unwrap().dispute
    }

    pub fn reveal_msg(&self, disputant: u8, dispute: u64, evidence: &[u8]) -> proto::MsgRevealDispute {
        proto::MsgRevealDispute {
            disputant: text(disputant),
            dispute,
            evidence: evidence.to_vec(),
            salt: SALT.to_vec(),
        }
    }

    pub fn reveal(&mut self, disputant: u8, dispute: u64, evidence: &[u8]) -> proto::MsgRevealDisputeResponse {
        let msg = self.reveal_msg(disputant, dispute, evidence);
        self.answer(&msg).unwrap()
    }

    /// Commits, and reveals a block later.
    pub fn dispute(&mut self, disputant: u8, settlement: u64, evidence: &[u8]) -> proto::MsgRevealDisputeResponse {
        let dispute = self.commit(disputant, settlement, evidence);
        self.next_block();
        self.reveal(disputant, dispute, evidence)
    }

    pub fn dispute_of(&self, id: u64) -> proto::Dispute {
        let answer: proto::QueryDisputeResponse = self.ask("Dispute", &proto::QueryDisputeRequest { id }).unwrap();
        answer.dispute.unwrap()
    }
}
