//! The test vectors of `provenance/vectors/`: one JSON file a subject, made from fixed inputs by this crate's own functions.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

use openledger_provenance::agent::{parts_root, AgentReceipt, Part};
use openledger_provenance::amount::Amount;
use openledger_provenance::canonical::{canonical_claim, Class, Source};
use openledger_provenance::claim::{Claim, Segment, SourceInfo};
use openledger_provenance::codec::Encode;
use openledger_provenance::commit::{ContributionCommit, DisputeCommit, HandleCommit, ReviewCommit};
use openledger_provenance::content::{self, Commitment, ContentOpening};
use openledger_provenance::credit::{credits_root, CreditNote};
use openledger_provenance::dispute::{Dispute, Settlement};
use openledger_provenance::duplicate::{self, Draw, DuplicateError, Proof};
use openledger_provenance::frontier::Frontier;
use openledger_provenance::hash::sha256;
use openledger_provenance::merkle::Tree;
use openledger_provenance::mmr::{Accepted, Inclusion, VersionRoot};
use openledger_provenance::payout;
use openledger_provenance::prover::Prover;
use openledger_provenance::receipt::{Receipt, SettledReceipt};
use openledger_provenance::split::{split_pool, FeeSplit};
use openledger_provenance::transcript::{self, ReceiptKey, TranscriptCommitment, TranscriptOpening};
use openledger_provenance::voucher::Voucher;
use serde_json::{json, Value};
use std::collections::BTreeMap;

mod audit_vectors;

const CHAIN: &str = "openledger-1";
const FABLE: &[u8] = b"A crow sat on a branch with a piece of cheese, and a fox below it thought of nothing else. \
    Sing, said the fox, for no bird has a voice like yours.";

/// Bytes that anyone can make: `(131 · i + i / 256) mod 256`.
fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 131 + i / 256) as u8).collect()
}

fn hex_list(hashes: &[[u8; 32]]) -> Value {
    json!(hashes.iter().map(hex::encode).collect::<Vec<_>>())
}

/// Every file's name and content.
pub fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("content.json", content_vectors()),
        ("handle.json", handle_vectors()),
        ("transcript.json", transcript_vectors()),
        ("receipt.json", receipt_vectors()),
        ("voucher.json", voucher_vectors()),
        ("agent.json", agent_vectors()),
        ("claim.json", claim_vectors()),
        ("canonical.json", canonical_vectors()),
        ("dispute.json", dispute_vectors()),
        ("audit.json", audit_vectors::all()),
        ("split.json", split_vectors()),
        ("version.json", version_vectors()),
        ("duplicate.json", duplicate_vectors()),
    ]
}

fn content_vectors() -> Value {
    let lengths = [0usize, 1, 255, 256, 257, 512, 1000, 4096, 5000];
    let commitments: Vec<Value> = lengths
        .iter()
        .map(|len| json!({ "length": len, "root": hex::encode(Commitment::of(&pattern(*len)).root) }))
        .collect();
    let bytes = pattern(1000);
    let opening = ContentOpening::prove(&content::tree(&bytes), &bytes, 500, 32).unwrap();
    let commit = ContributionCommit {
        chain_id: CHAIN,
        datanet: 7,
        author: &[0x11; 20],
        commitment: Commitment::of(&bytes),
        salt: [0x22; 32],
    };
    json!({
        "bytes": "byte i of each content is (131 * i + i / 256) mod 256",
        "commitments": commitments,
        "opening": {
            "length": 1000, "offset": 500, "len": 32,
            "first_chunk": opening.first_chunk,
            "path": hex_list(&opening.path),
            "encoded": hex::encode(opening.encode()),
        },
        "commit": {
            "chain_id": CHAIN, "datanet": 7, "author": hex::encode([0x11; 20]), "content_length": 1000,
            "salt": hex::encode([0x22; 32]), "hash": hex::encode(commit.hash().unwrap()),
        },
        "review": review_vectors(),
    })
}

fn handle_vectors() -> Value {
    let commit = HandleCommit { chain_id: CHAIN, account: &[0x11; 20], handle: "ada-lovelace", salt: [0x22; 32] };
    json!({
        "commit": {
            "chain_id": CHAIN, "account": hex::encode(commit.account), "handle": commit.handle,
            "salt": hex::encode(commit.salt), "hash": hex::encode(commit.hash().unwrap()),
        },
    })
}

fn review_vectors() -> Value {
    let commit = ReviewCommit {
        chain_id: CHAIN,
        seq: 12,
        reviewer: &[0x11; 20],
        accept: true,
        score: 8_500,
        commons: false,
        salt: [0x22; 32],
    };
    json!({
        "chain_id": CHAIN, "seq": 12, "reviewer": hex::encode([0x11; 20]), "accept": true, "score": 8_500, "commons": false,
        "salt": hex::encode([0x22; 32]), "hash": hex::encode(commit.hash().unwrap()),
    })
}

fn transcript_vectors() -> Value {
    let secret = [0x33; 32];
    let key = ReceiptKey::derive(&secret, 5);
    let bytes = pattern(700);
    let tree = transcript::tree(&bytes, &key).unwrap();
    let opening = TranscriptOpening::prove(&tree, &bytes, &key, 250, 32).unwrap();
    json!({
        "session_secret": hex::encode(secret),
        "receipt_index": 5,
        "receipt_key": hex::encode(key.0),
        "salts": hex_list(&[key.salt(0), key.salt(1), key.salt(2)]),
        "bytes": "byte i is (131 * i + i / 256) mod 256",
        "length": 700,
        "root": hex::encode(TranscriptCommitment::of(&bytes, &key).unwrap().root),
        "opening": { "offset": 250, "len": 32, "encoded": hex::encode(opening.encode()) },
    })
}

fn receipt(index: u64) -> Receipt {
    Receipt {
        index,
        model_version: 3,
        corpus_height: 1_000_000,
        prompt_len: 40,
        transcript_len: 700,
        transcript_root: [0x44; 32],
        fee: Amount::from(1_500_000_000_000_000_000).to_be_bytes(),
    }
}

fn receipt_vectors() -> Value {
    let one = receipt(1);
    let settled = SettledReceipt { receipt: one, segment_count: 2, segments_root: [0x55; 32] };
    let mut frontier = Frontier::default();
    let roots: Vec<Value> = (1..=11)
        .map(|index| {
            frontier.append(receipt(index).leaf()).unwrap();
            json!({ "count": index, "peaks": hex_list(frontier.peaks()), "receipts_root": hex::encode(frontier.root()) })
        })
        .collect();
    json!({
        "receipt": {
            "index": 1, "model_version": 3, "corpus_height": 1_000_000, "prompt_len": 40, "transcript_len": 700,
            "transcript_root": hex::encode([0x44; 32]), "fee": "1500000000000000000",
            "leaf_bytes": hex::encode(one.leaf_bytes()), "leaf": hex::encode(one.leaf()), "encoded": hex::encode(one.encode()),
        },
        "settled": { "segment_count": 2, "segments_root": hex::encode([0x55; 32]), "leaf": hex::encode(settled.leaf()) },
        "session": { "receipts": "the receipt above with index 1, 2, …", "roots": roots },
    })
}

fn voucher_vectors() -> Value {
    use k256::ecdsa::signature::hazmat::PrehashSigner;
    let voucher = Voucher {
        chain_id: CHAIN,
        session: 12,
        deployment: 34,
        count: 5,
        cumulative_fee: Amount::from(7_500_000_000_000_000_000).to_be_bytes(),
        receipts_root: [0x66; 32],
    };
    let key = k256::ecdsa::SigningKey::from_slice(&[0x77; 32]).unwrap();
    // RFC 6979: the signature is a function of key and digest.
    let signature: k256::ecdsa::Signature = key.sign_prehash(&voucher.digest().unwrap()).unwrap();
    let signature = signature.normalize_s().unwrap_or(signature);
    let public = key.verifying_key().to_encoded_point(true);
    voucher.verify(public.as_bytes(), &signature.to_bytes()).unwrap();
    json!({
        "chain_id": CHAIN, "session": 12, "deployment": 34, "count": 5, "cumulative_fee": "7500000000000000000",
        "receipts_root": hex::encode([0x66; 32]),
        "sign_bytes": hex::encode(voucher.sign_bytes().unwrap()),
        "digest": hex::encode(voucher.digest().unwrap()),
        "private_key": hex::encode([0x77; 32]),
        "public_key": hex::encode(public.as_bytes()),
        "signature": hex::encode(signature.to_bytes()),
        "adr036": adr036_vector(&key, &voucher),
        "credit_note": credit_vector(&key),
    })
}

fn low(signature: k256::ecdsa::Signature) -> String {
    hex::encode(signature.normalize_s().unwrap_or(signature).to_bytes())
}

/// The voucher as a wallet signs it: the document around the base64 of its text.
fn adr036_vector(key: &k256::ecdsa::SigningKey, voucher: &Voucher) -> Value {
    use base64::Engine as _;
    use k256::ecdsa::signature::hazmat::PrehashSigner;
    let signer = "open1ps26fglfsyz2l0mhl4aey4skf4qa8nlycn53sq";
    let data = base64::engine::general_purpose::STANDARD.encode(voucher.text());
    let document = [
        r#"{"account_number":"0","chain_id":"","fee":{"amount":[],"gas":"0"},"memo":"","msgs":[{"type":"sign/MsgSignData","value":{"data":""#,
        &data,
        r#"","signer":""#,
        signer,
        r#""}}],"sequence":"0"}"#,
    ]
    .concat();
    let digest = openledger_provenance::hash::sha256(&[document.as_bytes()]);
    json!({
        "text": voucher.text(), "signer": signer, "document": document, "digest": hex::encode(digest),
        "signature": low(key.sign_prehash(&digest).unwrap()),
    })
}

fn credit_vector(key: &k256::ecdsa::SigningKey) -> Value {
    use k256::ecdsa::signature::hazmat::PrehashSigner;
    let amount = Amount::from(250_000_000_000_000_000);
    let note = CreditNote { chain_id: CHAIN, session: 12, deployment: 34, receipt: 5, amount };
    let digest = note.digest().unwrap();
    let credits = [(5, amount), (7, Amount::from(1))].into_iter().collect();
    json!({
        "chain_id": CHAIN, "session": 12, "deployment": 34, "receipt": 5, "amount": amount.to_string(),
        "sign_bytes": hex::encode(note.sign_bytes().unwrap()), "digest": hex::encode(digest),
        "signature": low(key.sign_prehash(&digest).unwrap()),
        "credits_root": { "credits": { "5": amount.to_string(), "7": "1" }, "root": hex::encode(credits_root(&credits)) },
    })
}

/// An agent's receipt of two parts.
fn agent_vectors() -> Value {
    let fees = [1_500_000_000_000_000_000u128, 20];
    let part = |(number, fee): (u64, u128)| Part {
        deployment: 30 + number,
        session: 40 + number,
        receipt: number + 1,
        fee: Amount::from(fee).to_be_bytes(),
    };
    let parts: Vec<_> = (0..).zip(fees).map(part).collect();
    let receipt = AgentReceipt {
        index: 1,
        agent: 6,
        prompt_len: 40,
        transcript_len: 700,
        transcript_root: [0x44; 32],
        own_fee: Amount::from(1_000_000).to_be_bytes(),
        parts_fee: Amount::from(fees.iter().sum::<u128>()).to_be_bytes(),
        parts: 2,
        parts_root: parts_root(&parts),
    };
    let one = |(part, fee): (&Part, u128)| {
        json!({
            "deployment": part.deployment, "session": part.session, "receipt": part.receipt, "fee": fee.to_string(),
            "leaf": hex::encode(part.leaf()),
        })
    };
    json!({
        "parts": parts.iter().zip(fees).map(one).collect::<Vec<_>>(),
        "parts_root": hex::encode(receipt.parts_root),
        "receipt": {
            "index": 1, "agent": 6, "prompt_len": 40, "transcript_len": 700, "transcript_root": hex::encode([0x44; 32]),
            "own_fee": "1000000", "parts_fee": fees.iter().sum::<u128>().to_string(), "parts": 2,
            "leaf": hex::encode(receipt.leaf()),
        },
    })
}

fn segments_json(claim: &Claim) -> Value {
    let one = |s: &Segment| json!({ "start": s.start, "count": s.count, "source": s.source, "offset": s.offset });
    json!(claim.segments.iter().map(one).collect::<Vec<_>>())
}

fn claim_vectors() -> Value {
    let segment = |start, count, source, offset| Segment { start, count, source, offset };
    let lists = [
        vec![],
        vec![segment(0, 1, 0, 0)],
        vec![segment(0, 10, 5, 300), segment(10, 200, 70_000, 5_000_000), segment(300, 1, 0, 127)],
    ];
    let claims: Vec<Value> = lists
        .into_iter()
        .map(|segments| {
            let claim = Claim { segments };
            json!({
                "segments": segments_json(&claim),
                "encoded": hex::encode(claim.encode()),
                "leaves": hex_list(&claim.segments.iter().map(Segment::leaf).collect::<Vec<_>>()),
                "segments_root": hex::encode(claim.segments_root()),
            })
        })
        .collect();
    json!({ "claims": claims })
}

fn fable_sources() -> Vec<(u64, Class, Vec<u8>)> {
    vec![
        (4, Class::Contribution, FABLE[20..].to_vec()),
        (2, Class::Contribution, [b"> ", &FABLE[..70]].concat()),
        (9, Class::Commons, FABLE[90..130].to_vec()),
    ]
}

fn canonical_case(prompt: &[u8], output: &[u8], documents: &[(u64, Class, Vec<u8>)]) -> Value {
    let transcript = [prompt, output].concat();
    let sources: Vec<Source> =
        documents.iter().map(|(seq, class, bytes)| Source { seq: *seq, class: *class, bytes }).collect();
    let claim = canonical_claim(&transcript, prompt.len() as u32, &sources);
    let windows = output.len().saturating_sub(31) as u32;
    let weights = claim.weights(windows);
    let texts: Vec<Value> = documents
        .iter()
        .map(|(seq, class, bytes)| json!({ "seq": seq, "commons": *class == Class::Commons, "text": String::from_utf8_lossy(bytes) }))
        .collect();
    json!({
        "prompt": String::from_utf8_lossy(prompt),
        "output": String::from_utf8_lossy(output),
        "sources": texts,
        "windows": windows,
        "claim": segments_json(&claim),
        "weights": {
            "echo": weights.echo, "none": weights.none,
            "sources": weights.sources.iter().map(|(seq, n)| (seq.to_string(), json!(n))).collect::<serde_json::Map<_, _>>(),
        },
    })
}

fn canonical_vectors() -> Value {
    let sources = fable_sources();
    let twice = [FABLE, b" ", FABLE].concat();
    let cases = [
        canonical_case(b"Tell me a fable.", FABLE, &sources),
        canonical_case(&FABLE[..60], FABLE, &sources),
        canonical_case(b"", &twice, &sources),
        canonical_case(b"", &[b'a'; 40], &[]),
        canonical_case(b"", &FABLE[20..51], &sources),
        canonical_case(b"", b"Nobody in this corpus ever wrote these words before.", &sources),
    ];
    json!({ "cases": cases })
}

/// What is made of the fable as receipt 6 with a claim, the second of three receipts in its settlement.
fn settled_fable(claim: &Claim, make: impl FnOnce(&Prover<'_>, &Settlement) -> Value) -> Value {
    let index = 6;
    let key = ReceiptKey::derive(&[0x33; 32], index);
    let commitment = TranscriptCommitment::of(FABLE, &key).unwrap();
    let length = commitment.length;
    let receipt = Receipt { prompt_len: 0, transcript_len: length, transcript_root: commitment.root, ..receipt(index) };
    let settled = SettledReceipt { receipt, segment_count: 1, segments_root: claim.segments_root() };
    let settlement = Tree::new(vec![receipt.leaf(), settled.leaf(), receipt.leaf()]);
    let prover = Prover { transcript: FABLE, key, claim, settled, settlement: &settlement, place: 1 };
    make(&prover, &Settlement { root: settlement.root(), first_index: index - 1, count: 3 })
}

fn dispute_vectors() -> Value {
    let claim = Claim { segments: vec![Segment { start: 25, count: 10, source: 4, offset: 5 }] };
    settled_fable(&claim, |prover, kept| disputes_of(prover, kept, &claim))
}

fn disputes_of(prover: &Prover<'_>, kept: &Settlement, claim: &Claim) -> Value {
    let documents = fable_sources();
    let (secret, index) = ([0x33; 32], prover.settled.receipt.index);
    let shifted = &documents[0].2[1..];
    let d1 = Dispute::False(prover.open_byte(0, 3, Some(shifted)).unwrap());
    let d2 = Dispute::Better(prover.open_better(26, 2, 28, Some(&documents[1].2)).unwrap());
    let source = |bytes: &[u8]| Some(SourceInfo { commitment: Commitment::of(bytes), class: Class::Contribution });
    d1.verify(kept, |_, _| source(shifted)).unwrap();
    d2.verify(kept, |_, seq| source(&documents[usize::from(seq == 2)].2)).unwrap();
    let commit = DisputeCommit {
        chain_id: CHAIN,
        settlement: 8,
        disputant: &[0x11; 20],
        dispute: &d2.encode(),
        salt: [0x22; 32],
    };
    json!({
        "transcript": String::from_utf8_lossy(FABLE), "prompt_len": 0, "session_secret": hex::encode(secret), "receipt_index": index,
        "settlement": { "root": hex::encode(kept.root), "first_index": kept.first_index, "count": kept.count },
        "claim": segments_json(claim),
        "false": { "segment": 0, "byte": 3, "source_text": String::from_utf8_lossy(shifted), "encoded": hex::encode(d1.encode()) },
        "better": { "window": 26, "source": 2, "offset": 28, "source_text": String::from_utf8_lossy(&documents[1].2), "encoded": hex::encode(d2.encode()) },
        "commit": {
            "chain_id": CHAIN, "settlement": 8, "disputant": hex::encode([0x11; 20]), "dispute": "the better one above",
            "salt": hex::encode([0x22; 32]), "hash": hex::encode(commit.hash().unwrap()),
        },
    })
}

/// A pool, the total of its weights, and the weights by seq.
type PoolCase<'a> = (&'a str, u64, &'a [(u64, u64)]);

fn split_vectors() -> Value {
    let max = Amount::MAX.to_string();
    let cases: Vec<PoolCase> = vec![
        ("10", 3, &[(1, 1), (2, 1)]),
        ("11", 3, &[(1, 1), (2, 1)]),
        ("1", 2, &[(9, 1)]),
        ("1", 10, &[(1, 2), (2, 4)]),
        ("77", 0, &[]),
        ("1000000000000000000", 1999, &[(3, 1000), (70, 333), (4000, 1)]),
        (&max, 65_505, &[(1, 1), (2, 2), (3, 65_000)]),
    ];
    let amount = |text: &str| text.parse().map_or(Amount::MAX, |small: u128| Amount::from(small));
    let pools: Vec<Value> = cases
        .iter()
        .map(|(pool, total, weights)| {
            let weights: BTreeMap<u64, u64> = weights.iter().copied().collect();
            let split = split_pool(amount(pool), *total, &weights).unwrap();
            let strings = |map: Vec<(String, String)>| {
                map.into_iter().map(|(k, v)| (k, json!(v))).collect::<serde_json::Map<_, _>>()
            };
            json!({
                "pool": pool, "total": total,
                "weights": strings(weights.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect()),
                "parts": strings(split.parts.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect()),
                "baseline": split.baseline.to_string(),
                "rows_root": hex::encode(payout::tree(&split.parts).root()),
            })
        })
        .collect();
    let bps = FeeSplit {
        server: 3000,
        platform: 500,
        burnt: 200,
        model: 1500,
        stakers: 500,
        contributors: 4000,
        curators: 500,
    };
    let fees: Vec<Value> = ["1", "49", "9999", "1500000000000000001", &max]
        .iter()
        .map(|fee| {
            let s = bps.divide(amount(fee)).unwrap();
            json!({
                "fee": fee, "server": s.server.to_string(), "platform": s.platform.to_string(), "burnt": s.burnt.to_string(),
                "model": s.model.to_string(), "stakers": s.stakers.to_string(), "contributors": s.contributors.to_string(),
                "curators": s.curators.to_string(),
            })
        })
        .collect();
    json!({
        "pools": pools,
        "fee_basis_points": { "server": 3000, "platform": 500, "burnt": 200, "model": 1500, "stakers": 500, "contributors": 4000, "curators": 500 },
        "fees": fees,
    })
}

fn version_vectors() -> Value {
    let accepted = |i: u64| Accepted { seq: 3 * i + 1, commitment: Commitment::of(&pattern(i as usize * 100)) };
    let mut range = Frontier::default();
    for i in 0..6 {
        range.append(accepted(i).leaf()).unwrap();
    }
    let version = VersionRoot::freeze(&range);
    let tree = Tree::new((0..6).map(|i| accepted(i).leaf()).collect());
    let inclusion = Inclusion::prove(&tree, 4).unwrap();
    inclusion.verify(&version, &accepted(4)).unwrap();
    json!({
        "accepted": "i = 0 .. 5: seq 3 * i + 1, content of 100 * i bytes as in content.json",
        "leaves": hex_list(&(0..6).map(|i| accepted(i).leaf()).collect::<Vec<_>>()),
        "peaks": hex_list(range.peaks()),
        "root": hex::encode(version.root),
        "digest": { "chain_id": CHAIN, "datanet": 7, "digest": hex::encode(version.digest(CHAIN, 7).unwrap()) },
        "inclusion": { "accept_index": 4, "path": hex_list(&inclusion.path) },
    })
}

/// Text that anyone can make: the hexadecimal digits of the hashes of `u64 number ‖ u64 i`, i from 0.
fn digits(number: u64, len: usize) -> Vec<u8> {
    let hash = |i: u64| sha256(&[&number.to_be_bytes(), &i.to_be_bytes()]);
    (0..).flat_map(|i| hex::encode(hash(i)).into_bytes()).take(len).collect()
}

fn duplicate_vectors() -> Value {
    let draw = Draw { chain_id: CHAIN, dispute: 3, seq: 9, disputant: &[0xd1; 20], seconds: 1_700_000_000, nanos: 5 };
    let seed = draw.seed().unwrap();
    let source = digits(1, 1_200);
    let other = digits(2, 1_200);
    let edited: Vec<u8> = source.iter().enumerate().map(|(i, b)| if i % 31 == 30 { b'!' } else { *b }).collect();
    let mixed: Vec<u8> = source.chunks(150).zip(other.chunks(150)).flat_map(|(a, b)| [a, b].concat()).collect();
    let case = |note: &str, later: &[u8], earlier: &[(u64, &[u8])], change: fn(&mut Proof)| {
        let mut proof = duplicate::prove(later, &seed, earlier).unwrap().unwrap();
        change(&mut proof);
        let known = |seq| Ok(earlier.iter().find(|(of, _)| *of == seq).map(|(_, text)| Commitment::of(text)));
        let verdict: Result<_, DuplicateError> = proof.judge(&Commitment::of(later), &seed, known);
        json!({
            "note": note,
            "later_hex": hex::encode(later),
            "earlier": earlier.iter().map(|(seq, text)| json!({ "seq": seq, "hex": hex::encode(text) })).collect::<Vec<_>>(),
            "proof": hex::encode(proof.encode()),
            "holds": verdict.is_ok(),
            "source": verdict.ok().flatten(),
        })
    };
    let both: [(u64, &[u8]); 2] = [(4, &source), (6, &other)];
    json!({
        "draw": { "chain_id": CHAIN, "dispute": 3, "seq": 9, "disputant": hex::encode([0xd1; 20]), "seconds": 1_700_000_000, "nanos": 5 },
        "seed": hex::encode(seed),
        "starts_in_1200_bytes": (0..duplicate::REGIONS).map(|i| duplicate::region_start(&seed, i, 1_200).unwrap()).collect::<Vec<_>>(),
        "shingles": [[hex::encode(&edited[..64]), hex::encode(&source[..256]), duplicate::shingles_found(&edited[..64], &source[..256])]],
        "cases": [
            case("every 31st byte changed", &edited, &both, |_| {}),
            case("of two works", &mixed, &both, |_| {}),
            case("thirteen regions", &edited, &both, |proof| proof.regions.truncate(13)),
            case("a region's bytes changed", &edited, &both, |proof| proof.regions[0].later.bytes[0] ^= 1),
            case("another source named", &edited, &both, |proof| proof.regions[2].source = 6),
            case("regions out of order", &edited, &both, |proof| proof.regions.swap(0, 1)),
        ],
    })
}
