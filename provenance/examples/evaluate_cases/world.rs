//! Cases with a transcript and sources: attribution, claims, existence and disputes.

use super::{bytes_of, Case};
use openledger_provenance::audit::audit;
use openledger_provenance::canonical::{canonical_claim, Class, Rank, Source};
use openledger_provenance::claim::{Claim, Segment, SourceInfo};
use openledger_provenance::codec::Encode;
use openledger_provenance::content::{Commitment, ContentOpening};
use openledger_provenance::dispute::{ByteOpening, Dispute, Question, Refutation, Settlement};
use openledger_provenance::existence::{check_segments, check_transcript};
use openledger_provenance::merkle::Tree;
use openledger_provenance::prover::Prover;
use openledger_provenance::receipt::{Receipt, SettledReceipt};
use openledger_provenance::transcript::{ReceiptKey, TranscriptCommitment};
use openledger_provenance::{Hash, ECHO};
use serde_json::{json, Value};
use std::collections::BTreeMap;

impl Case {
    pub fn documents(&self) -> Vec<(u64, Class, Vec<u8>)> {
        let one = |value: &Value| {
            let class = if value[1].as_bool().unwrap() { Class::Commons } else { Class::Contribution };
            (value[0].as_u64().unwrap(), class, bytes_of(&value[2]))
        };
        self.list("documents").iter().map(one).collect()
    }

    pub fn segments(&self) -> Claim {
        let one = |value: &Value| {
            let at = |i: usize| value[i].as_u64().unwrap();
            let small = |i: usize| u32::try_from(at(i)).unwrap();
            Segment { start: small(0), count: small(1), source: at(2), offset: small(3) }
        };
        Claim { segments: self.list("claim").iter().map(one).collect() }
    }

    pub fn key(&self) -> ReceiptKey {
        ReceiptKey::derive(&self.hash("secret"), self.u64("index"))
    }

    /// The receipt over the case's transcript.
    pub fn answered(&self) -> Receipt {
        let commitment = TranscriptCommitment::of(&self.bytes("data"), &self.key()).unwrap();
        Receipt {
            index: self.u64("index"),
            model_version: 3,
            corpus_height: 4,
            prompt_len: self.u32("prompt_len"),
            transcript_len: commitment.length,
            transcript_root: commitment.root,
            fee: [1; 32],
        }
    }

    pub fn attribution(&self) -> Value {
        let (data, documents) = (self.bytes("data"), self.documents());
        let prompt_len = self.u32("prompt_len");
        let claim = canonical_claim(&data, prompt_len, &sources(&documents));
        let windows = (data.len() as u32 - prompt_len).saturating_sub(31);
        let weights = claim.weights(windows);
        let by_source: BTreeMap<String, u32> = weights.sources.iter().map(|(seq, n)| (seq.to_string(), *n)).collect();
        let claim: Vec<_> = claim.segments.iter().map(segment).collect();
        json!({ "claim": claim, "sources": by_source, "echo": weights.echo, "none": weights.none })
    }

    pub fn claim(&self) -> Value {
        let (data, documents, claim) = (self.bytes("data"), self.documents(), self.segments());
        let checked = claim.check(&self.answered(), |seq| info(&documents, seq));
        let found =
            checked.is_ok().then(|| audit(&data, self.u32("prompt_len"), &claim, &sources(&documents)).is_some());
        json!({ "deviates": found, "root": hex::encode(claim.segments_root()), "encoded": hex::encode(claim.encode()) })
    }

    pub fn existence(&self) -> Value {
        let (receipt, claim, documents) = (self.answered(), self.segments(), self.documents());
        let openings: Result<Vec<_>, _> =
            self.list("openings").iter().map(|one| ContentOpening::decode(&bytes_of(one))).collect();
        let Ok(openings) = openings else { return json!(false) };
        let (shown, key) = (self.bytes("shown"), ReceiptKey(self.hash("key")));
        let commitment_of = |seq| info(&documents, seq).map(|info| info.commitment);
        let held = check_transcript(&receipt, &shown, &key)
            .and_then(|()| check_segments(&receipt, &shown, &claim, &openings, commitment_of));
        json!(held.is_ok())
    }

    /// What the case's world opens, in a settlement of `count` receipts whose other leaves repeat their place.
    pub fn opened<T: Encode, E>(&self, open: impl FnOnce(&Prover<'_>) -> Result<T, E>) -> Value {
        let (data, claim) = (self.bytes("data"), self.segments());
        let segment_count = claim.segments.len() as u32;
        let settled = SettledReceipt { receipt: self.answered(), segment_count, segments_root: claim.segments_root() };
        let mut leaves: Vec<Hash> = (0..self.u64("count")).map(|i| [i as u8; 32]).collect();
        leaves[self.u64("place") as usize] = settled.leaf();
        let tree = Tree::new(leaves);
        let (key, place) = (self.key(), self.u64("place"));
        let prover = Prover { transcript: &data, key, claim: &claim, settled, settlement: &tree, place };
        json!({ "root": hex::encode(tree.root()), "bytes": open(&prover).ok().map(|one| hex::encode(one.encode())) })
    }

    pub fn open_byte(&self) -> Value {
        let (documents, claim) = (self.documents(), self.segments());
        let (segment, byte) = (self.u32("segment"), self.u32("byte"));
        let source = claim.segments[segment as usize].source;
        self.opened(|prover| prover.open_byte(segment, byte, bytes(&documents, source)).map(Dispute::False))
    }

    pub fn open_better(&self) -> Value {
        let (documents, source) = (self.documents(), self.u64("source"));
        let (window, offset) = (self.u32("window"), self.u32("offset"));
        self.opened(|prover| prover.open_better(window, source, offset, bytes(&documents, source)).map(Dispute::Better))
    }

    pub fn settlement(&self) -> Settlement {
        Settlement { root: self.hash("root"), first_index: self.u64("first_index"), count: self.u32("count") }
    }

    pub fn dispute(&self) -> Value {
        let documents = self.documents();
        let Ok(dispute) = Dispute::from_bytes(&self.bytes("bytes")) else { return Value::Null };
        match dispute.verify(&self.settlement(), |_, seq| info(&documents, seq)) {
            Err(_) => Value::Null,
            Ok(Refutation::False { receipt, segment, byte }) => json!({ "false": [receipt, segment, byte] }),
            Ok(Refutation::Better { receipt, window, claimed, owner }) => {
                json!({ "better": [receipt, window, claimed.as_ref().map(segment), rank(owner)] })
            }
        }
    }

    pub fn dispute_answer(&self) -> Value {
        let documents = self.documents();
        let Ok(answer) = ByteOpening::from_bytes(&self.bytes("bytes")) else { return json!(false) };
        let asked: Vec<u64> = self.list("question").iter().map(|one| one.as_u64().unwrap()).collect();
        let question = Question { receipt: asked[0], segment: asked[1] as u32, byte: asked[2] as u32 };
        json!(answer.verify_answer(&question, &self.settlement(), |_, seq| info(&documents, seq)).is_ok())
    }
}

fn segment(one: &Segment) -> Value {
    json!([one.start, one.count, one.source, one.offset])
}

fn rank(rank: Rank) -> Value {
    match rank {
        Rank::Echo => json!([0, 0]),
        Rank::Commons(seq) => json!([1, seq]),
        Rank::Contribution(seq) => json!([2, seq]),
        Rank::None => json!([3, 0]),
    }
}

fn sources(documents: &[(u64, Class, Vec<u8>)]) -> Vec<Source<'_>> {
    documents.iter().map(|(seq, class, bytes)| Source { seq: *seq, class: *class, bytes }).collect()
}

pub fn bytes(documents: &[(u64, Class, Vec<u8>)], seq: u64) -> Option<&[u8]> {
    documents.iter().find(|(other, _, _)| seq != ECHO && *other == seq).map(|(_, _, bytes)| bytes.as_slice())
}

pub fn info(documents: &[(u64, Class, Vec<u8>)], seq: u64) -> Option<SourceInfo> {
    let (_, class, bytes) = documents.iter().find(|(other, _, _)| *other == seq)?;
    Some(SourceInfo { commitment: Commitment::of(bytes), class: *class })
}
