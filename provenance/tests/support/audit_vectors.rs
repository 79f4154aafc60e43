//! Vectors of demands, seeds, draws, replacements and undeclared sources.

use super::{hex_list, pattern, segments_json, settled_fable, CHAIN, FABLE};
use openledger_provenance::amount::Amount;
use openledger_provenance::claim::{Claim, Segment};
use openledger_provenance::codec::Encode;
use openledger_provenance::commit::ReplacementCommit;
use openledger_provenance::content::Commitment;
use openledger_provenance::prover::Prover;
use openledger_provenance::receipt::{Receipt, SettledReceipt};
use openledger_provenance::sampling::{epoch_seed, running_weights, Draw, SeedCommit};
use openledger_provenance::transcript::{ReceiptKey, TranscriptCommitment};
use serde_json::{json, Value};

pub fn all() -> Value {
    json!({
        "question": question(), "seed": seed(), "draws": draws(), "replacement": replacement(), "undeclared": undeclared(),
    })
}

fn question() -> Value {
    let claim = Claim { segments: vec![Segment { start: 25, count: 10, source: 4, offset: 5 }] };
    settled_fable(&claim, |prover, settlement| {
        let inquiry = prover.inquire(0, 3).unwrap();
        let asked = inquiry.question(settlement).unwrap();
        json!({
            "of": "the settlement of dispute.json", "asks": [asked.receipt, asked.segment, asked.byte],
            "encoded": hex::encode(inquiry.encode()), "of_transcript": hex::encode(prover.open_settled().unwrap().encode()),
        })
    })
}

fn seed() -> Value {
    let reveals: [([u8; 20], [u8; 32]); 2] = [([0x11; 20], [0x88; 32]), ([0x12; 20], [0x99; 32])];
    let commit = |(auditor, value): &([u8; 20], [u8; 32])| {
        SeedCommit { chain_id: CHAIN, epoch: 9, auditor, value: *value }.hash().unwrap()
    };
    let made = epoch_seed(9, reveals.iter().map(|(auditor, value)| (auditor.as_slice(), *value))).unwrap().unwrap();
    json!({
        "chain_id": CHAIN, "epoch": 9,
        "reveals": reveals.map(|(auditor, value)| json!({ "auditor": hex::encode(auditor), "value": hex::encode(value) })),
        "commits": hex_list(&reveals.iter().map(commit).collect::<Vec<_>>()),
        "seed": hex::encode(made),
    })
}

fn draws() -> Value {
    let pools: [u128; 6] = [3, 0, 400_000_000_000_000_000, 1 << 100, 5 << 98, 1 << 99];
    let sums = running_weights(&pools.map(Amount::from)).unwrap();
    let draw = Draw { seed: [0xaa; 32], settlement: 8, round: 1 };
    let places: Vec<Value> = (1..=6).map(|k| json!({ "k": k, "places": draw.places(k, &sums) })).collect();
    json!({
        "pools": pools.map(|pool| pool.to_string()), "running_sums": sums,
        "seed": hex::encode([0xaa; 32]), "settlement": 8, "round": 1, "drawn": places,
    })
}

fn replacement() -> Value {
    let commit = ReplacementCommit {
        chain_id: CHAIN,
        settlement: 8,
        round: 1,
        maker: &[0x11; 20],
        check: 2,
        root: [0xbb; 32],
        salt: [0x22; 32],
    };
    json!({
        "chain_id": CHAIN, "settlement": 8, "round": 1, "maker": hex::encode([0x11; 20]), "check": 2,
        "root": hex::encode([0xbb; 32]), "salt": hex::encode([0x22; 32]), "hash": hex::encode(commit.hash().unwrap()),
    })
}

/// A transcript of the fable and then 300 bytes of the pattern, which a contribution holds after 40 others.
fn undeclared() -> Value {
    let transcript = [FABLE, &pattern(300)].concat();
    let source = [&[b'-'; 40], pattern(300).as_slice()].concat();
    let claim = Claim { segments: vec![Segment { start: 0, count: 60, source: 4, offset: 5 }] };
    let key = ReceiptKey::derive(&[0x33; 32], 1);
    let commitment = TranscriptCommitment::of(&transcript, &key).unwrap();
    let receipt = Receipt {
        index: 1,
        prompt_len: 0,
        transcript_len: commitment.length,
        transcript_root: commitment.root,
        ..super::receipt(1)
    };
    let settled = SettledReceipt { receipt, segment_count: 1, segments_root: claim.segments_root() };
    let tree = openledger_provenance::merkle::Tree::new(vec![settled.leaf()]);
    let prover = Prover { transcript: &transcript, key, claim: &claim, settled, settlement: &tree, place: 0 };
    let (start, count, offset) = (FABLE.len() as u32, 300 - 31, 40);
    let shown = prover.open_undeclared(start, count, offset, &source).unwrap();
    shown.verify(&receipt, &claim, &Commitment::of(&source)).unwrap();
    json!({
        "transcript": "that of dispute.json, then bytes 0 .. 300 of content.json's", "session_secret": hex::encode([0x33; 32]), "receipt_index": 1,
        "source": "40 hyphens, then the same 300 bytes",
        "claim": segments_json(&claim), "start": start, "count": count, "offset": offset,
        "transcript_opening": hex::encode(shown.transcript.encode()), "source_opening": hex::encode(shown.source.encode()),
    })
}
