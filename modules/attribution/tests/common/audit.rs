//! Demands, publications, auditors, replacements: what is asked and what is answered.

use openledger_provenance::sampling::SeedCommit;

use super::*;

impl World {
    /// Runs `make` with a prover of one of a settlement's receipts, all of which are given with their claims.
    pub fn with_prover<T>(&self, settled: &[(Answer, Claim)], place: usize, make: impl FnOnce(&Prover) -> T) -> T {
        let leaf = |(answer, claim): &(Answer, Claim)| settled_of(answer, claim).leaf();
        let settlement = Tree::new(settled.iter().map(leaf).collect());
        let (answer, claim) = &settled[place];
        let (transcript, key) = (answer.transcript.as_slice(), answer.key);
        let settled = settled_of(answer, claim);
        make(&Prover { transcript, key, claim, settled, settlement: &settlement, place: place as u64 })
    }

    pub fn ask_opening(
        &self,
        challenger: u8,
        settlement: u64,
        settled: &[(Answer, Claim)],
        (place, segment, byte): (usize, u32, u32),
    ) -> proto::MsgDemandOpening {
        let question = self.with_prover(settled, place, |prover| prover.inquire(segment, byte).unwrap().encode());
        proto::MsgDemandOpening { challenger: text(challenger), settlement, question }
    }

    pub fn answer_opening(
        &self,
        demand: u64,
        settled: &[(Answer, Claim)],
        (place, segment, byte): (usize, u32, u32),
    ) -> proto::MsgAnswerOpening {
        let source = self.documents.get(&settled[place].1.segments[segment as usize].source);
        let source = source.map(Vec::as_slice);
        let answer =
            self.with_prover(settled, place, |prover| prover.open_byte(segment, byte, source).unwrap().encode());
        proto::MsgAnswerOpening { claimant: text(SERVER), demand, answer }
    }

    pub fn receipt_of(&self, settled: &[(Answer, Claim)], place: usize) -> Vec<u8> {
        self.with_prover(settled, place, |prover| prover.open_settled().unwrap().encode())
    }

    /// Asks as the payer where `contribution` is 0.
    pub fn ask_transcript(
        &self,
        challenger: u8,
        settlement: u64,
        settled: &[(Answer, Claim)],
        (place, contribution): (usize, u64),
    ) -> proto::MsgDemandTranscript {
        let receipt = self.receipt_of(settled, place);
        proto::MsgDemandTranscript { challenger: text(challenger), settlement, receipt, contribution }
    }

    pub fn publish(&self, demand: u64, settled: &[(Answer, Claim)], place: usize) -> proto::MsgPublishTranscript {
        proto::MsgPublishTranscript {
            claimant: text(SERVER),
            demand,
            receipt: self.receipt_of(settled, place),
            transcript: settled[place].0.transcript.clone(),
            receipt_key: settled[place].0.key.0.to_vec(),
        }
    }

    pub fn demands(&self, settlement: u64) -> Vec<proto::Demand> {
        let request = proto::QueryDemandsRequest { settlement, pagination: None };
        self.ask::<proto::QueryDemandsResponse>("Demands", &request).unwrap().demands
    }

    pub fn openings(&self, settlement: u64) -> proto::Openings {
        let request = proto::QueryOpeningsRequest { settlement };
        self.ask::<proto::QueryOpeningsResponse>("Openings", &request).unwrap().openings.unwrap()
    }

    pub fn epoch(&self) -> proto::Epoch {
        self.ask::<proto::QueryEpochResponse>("Epoch", &proto::QueryEpochRequest {}).unwrap().epoch.unwrap()
    }

    /// Goes on to the first block of the next epoch.
    pub fn next_epoch(&mut self) -> u64 {
        let number = self.epoch().number;
        while self.epoch().number == number {
            self.next_block();
        }
        number + 1
    }

    pub fn bond_auditor(&mut self, auditor: u8) {
        self.ok(&proto::MsgBondAuditor { auditor: text(auditor) });
    }

    pub fn commit_seed_msg(&self, auditor: u8, value: [u8; 32]) -> proto::MsgCommitSeed {
        let who = address(auditor);
        let epoch = self.epoch().number + 1;
        let commit = SeedCommit { chain_id: CHAIN_ID, epoch, auditor: who.as_bytes(), value };
        proto::MsgCommitSeed { auditor: text(auditor), commit: commit.hash().unwrap().to_vec() }
    }

    pub fn reveal_seed_msg(&self, auditor: u8, value: [u8; 32]) -> proto::MsgRevealSeed {
        proto::MsgRevealSeed { auditor: text(auditor), value: value.to_vec() }
    }

    /// The auditor commits now; reveals in the next epoch; the first block of the one after it.
    pub fn seed_next_epoch(&mut self, auditor: u8) {
        let commit = self.commit_seed_msg(auditor, [auditor; 32]);
        self.ok(&commit);
        self.next_epoch();
        let reveal = self.reveal_seed_msg(auditor, [auditor; 32]);
        self.ok(&reveal);
        self.next_epoch();
    }

    /// Commits to a replacement of all receipts of a settlement and fills in the number; a block passes.
    pub fn commit_replacement(&mut self, msg: &mut proto::MsgReplaceClaim, settled: &[(Answer, Claim)]) -> u64 {
        let commit = self.replacement_commit(msg, settled);
        let response: proto::MsgCommitReplacementResponse = self.answer(&commit).unwrap();
        msg.number = response.number;
        self.next_block();
        response.deadline
    }

    pub fn replacement_commit(
        &self,
        msg: &proto::MsgReplaceClaim,
        settled: &[(Answer, Claim)],
    ) -> proto::MsgCommitReplacement {
        let leaves: Vec<_> = settled.iter().map(|(answer, claim)| settled_of(answer, claim).leaf()).collect();
        let maker: Address = msg.maker.parse().unwrap();
        let commit = ReplacementCommit {
            chain_id: CHAIN_ID,
            settlement: msg.settlement,
            round: self.settlement(msg.settlement).rounds.len() as u32,
            maker: maker.as_bytes(),
            check: msg.check as u32,
            root: root(&leaves),
            salt: SALT,
        };
        let commit = commit.hash().unwrap().to_vec();
        proto::MsgCommitReplacement { maker: msg.maker.clone(), settlement: msg.settlement, commit }
    }

    /// Settles as many answers of two documents' words as are asked for, honestly, claims only.
    pub fn settle_claims_only(&mut self, count: usize) -> (u64, Vec<(Answer, Claim)>) {
        let first = self.answers.len();
        for _ in 0..count {
            self.say(b"What do they write? ", &self.two_authors());
        }
        self.next_block();
        let settled: Vec<_> =
            self.answers[first..].iter().map(|answer| (answer.clone(), self.honest(answer))).collect();
        let claims: Vec<_> = settled.iter().map(|(_, claim)| claim.clone()).collect();
        let msg = self.settle_msg(first, &claims, proto::Check::ClaimsOnly);
        (self.answer::<_, proto::MsgSettleResponse>(&msg).unwrap().settlement, settled)
    }
}

pub fn settled_of(answer: &Answer, claim: &Claim) -> SettledReceipt {
    let segment_count = claim.segments.len() as u32;
    SettledReceipt { receipt: answer.receipt, segment_count, segments_root: claim.segments_root() }
}
