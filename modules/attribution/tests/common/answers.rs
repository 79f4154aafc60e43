//! Answers, their claims, vouchers and settlements.

use super::*;

impl World {
    /// The server answers; the payer's client checks and keeps the receipt.
    pub fn say(&mut self, prompt: &[u8], output: &[u8]) -> Answer {
        let index = self.answers.len() as u64 + 1;
        let fee = OPEN + (OPEN / 100) * output.len() as u128;
        let answer = self.make_answer(index, prompt, output, fee);
        self.answers.push(answer.clone());
        answer
    }

    pub fn make_answer(&self, index: u64, prompt: &[u8], output: &[u8], fee: u128) -> Answer {
        let key = ReceiptKey::derive(&SECRET, index);
        let transcript = [prompt, output].concat();
        let commitment = TranscriptCommitment::of(&transcript, &key).unwrap();
        let receipt = Receipt {
            index,
            model_version: 1,
            corpus_height: self.block.height - 1,
            prompt_len: prompt.len() as u32,
            transcript_len: commitment.length,
            transcript_root: commitment.root,
            fee: Uint256::from(fee).to_be_bytes(),
        };
        Answer { receipt, transcript, key }
    }

    /// The canonical claim against the contributions with these seqs.
    pub fn claim_from(&self, answer: &Answer, seqs: &[u64]) -> Claim {
        let source = |seq: &u64| Source { seq: *seq, class: Class::Contribution, bytes: &self.documents[seq] };
        let sources: Vec<_> = seqs.iter().map(source).collect();
        canonical_claim(&answer.transcript, answer.receipt.prompt_len, &sources)
    }

    pub fn honest(&self, answer: &Answer) -> Claim {
        self.claim_from(answer, &self.documents.keys().copied().collect::<Vec<_>>())
    }

    pub fn claimed(&self, answer: &Answer, claim: &Claim, check: proto::Check) -> proto::ClaimedReceipt {
        let Receipt { index, model_version, corpus_height, prompt_len, transcript_len, transcript_root, fee } =
            answer.receipt;
        let receipt = proto::Receipt {
            index,
            model_version,
            corpus_height,
            prompt_len,
            transcript_len,
            transcript_root: transcript_root.to_vec(),
            fee: Uint256::from_be_bytes(fee).to_string(),
        };
        let segments = claim
            .segments
            .iter()
            .map(|s| proto::Segment { start: s.start, count: s.count, source: s.source, offset: s.offset })
            .collect();
        let mut claimed = proto::ClaimedReceipt { receipt: Some(receipt), segments, ..Default::default() };
        if check == proto::Check::Existence {
            claimed.transcript = answer.transcript.clone();
            claimed.receipt_key = answer.key.0.to_vec();
            for segment in claim.segments.iter().filter(|segment| segment.source != ECHO) {
                let document = &self.documents[&segment.source];
                let opened =
                    ContentOpening::prove(&content::tree(document), document, segment.offset.into(), segment.span());
                claimed.openings.push(opened.map(|opening| opening.encode()).unwrap_or_default());
            }
        }
        claimed
    }

    pub fn voucher(&self, session: u64, answers: &[Answer]) -> proto::Voucher {
        let leaves: Vec<_> = answers.iter().map(|answer| answer.receipt.leaf()).collect();
        let fees = answers.iter().map(|answer| Uint256::from_be_bytes(answer.receipt.fee));
        let cumulative = fees.fold(Uint256::zero(), |sum, fee| sum + fee);
        self.sign(&Voucher {
            chain_id: CHAIN_ID,
            session,
            deployment: self.deployment,
            count: answers.len() as u64,
            cumulative_fee: cumulative.to_be_bytes(),
            receipts_root: root(&leaves),
        })
    }

    pub fn sign(&self, voucher: &Voucher) -> proto::Voucher {
        let signature: Signature = self.voucher_key.sign_prehash(&voucher.digest().unwrap()).unwrap();
        let signature = signature.normalize_s().unwrap_or(signature);
        proto::Voucher {
            count: voucher.count,
            cumulative_fee: Uint256::from_be_bytes(voucher.cumulative_fee).to_string(),
            receipts_root: voucher.receipts_root.to_vec(),
            signature: signature.to_bytes().to_vec(),
        }
    }

    /// Settles the answers from `first` (from 0) on with these claims.
    pub fn settle_msg(&self, first: usize, claims: &[Claim], check: proto::Check) -> proto::MsgSettle {
        let new = &self.answers[first..];
        proto::MsgSettle {
            server: text(SERVER),
            session: self.session,
            voucher: Some(self.voucher(self.session, &self.answers)),
            receipts: new.iter().zip(claims).map(|(answer, claim)| self.claimed(answer, claim, check)).collect(),
            check: check.into(),
        }
    }

    /// One answer of two documents' words, settled honestly and existence-checked; the settlement.
    pub fn settle_honestly(&mut self) -> u64 {
        let answer = self.say(b"What do they write? ", &self.two_authors());
        self.next_block();
        let claim = self.honest(&answer);
        let msg = self.settle_msg(self.answers.len() - 1, &[claim], proto::Check::Existence);
        self.answer::<_, proto::MsgSettleResponse>(&msg).unwrap().settlement
    }

    /// 132 bytes of the first contribution, 100 of nobody's, 163 of the third.
    pub fn two_authors(&self) -> Vec<u8> {
        [&self.documents[&1][100..232], &prose(99, 100)[..], &self.documents[&3][50..213]].concat()
    }

    /// One answer settled with this claim; the settlement.
    pub fn settle_with(&mut self, answer: &Answer, claim: &Claim, check: proto::Check) -> u64 {
        assert_eq!(self.answers.last().unwrap().receipt, answer.receipt);
        let msg = self.settle_msg(self.answers.len() - 1, std::slice::from_ref(claim), check);
        self.answer::<_, proto::MsgSettleResponse>(&msg).unwrap().settlement
    }
}
