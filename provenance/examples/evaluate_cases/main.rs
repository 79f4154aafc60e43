//! Reads cases as JSON lines and answers each with a line: what this crate makes of it. `tests/spec` asks a second implementation the same.
//!
//! Bytes and 256-bit amounts are hexadecimal; what is refused is `null`. The fields of each case stand in `tests/spec/cases.py`.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use openledger_provenance::amount::Amount;
use openledger_provenance::claim::{Claim, SegmentsOpening};
use openledger_provenance::codec::Encode;
use openledger_provenance::commit::{ContributionCommit, DisputeCommit, HandleCommit, ReviewCommit};
use openledger_provenance::content::{self, Commitment, ContentOpening};
use openledger_provenance::dispute::{ByteOpening, Dispute};
use openledger_provenance::duplicate::Proof;
use openledger_provenance::frontier::Frontier;
use openledger_provenance::inquiry::Inquiry;
use openledger_provenance::merkle::{verify_range, Tree};
use openledger_provenance::mmr::{Accepted, Inclusion, VersionRoot};
use openledger_provenance::payout;
use openledger_provenance::receipt::{Receipt, SettledReceipt};
use openledger_provenance::split::{cap_baseline, split_pool, FeeShares, FeeSplit};
use openledger_provenance::transcript::{self, TranscriptCommitment, TranscriptOpening};
use openledger_provenance::voucher::Voucher;
use openledger_provenance::Hash;
use serde_json::{json, Value};
use std::collections::BTreeMap;
use std::io::{BufRead, Write};

mod credits;
mod demands;
mod duplicates;
mod world;

fn main() {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let case = Case(serde_json::from_str(&line.unwrap()).unwrap());
        writeln!(out, "{}", case.answer()).unwrap();
    }
}

/// One case, read by field; a field that is missing or of another type ends the program.
struct Case(Value);

impl Case {
    fn answer(&self) -> Value {
        match self.text("op") {
            "tree" => self.tree(),
            "verify_range" => self.verify_range(),
            "decode" => self.decode(),
            "content" => self.content(),
            "content_open" => self.content_open(),
            "transcript" => self.transcript(),
            "transcript_open" => self.transcript_open(),
            "commit" => self.commit(),
            "dispute_commit" => self.dispute_commit(),
            "receipt" => self.receipt(),
            "voucher" => self.voucher(),
            "version" => self.version(),
            "inclusion" => self.inclusion(),
            "attribution" => self.attribution(),
            "claim" => self.claim(),
            "existence" => self.existence(),
            "open_byte" => self.open_byte(),
            "open_better" => self.open_better(),
            "dispute" => self.dispute(),
            "answer" => self.dispute_answer(),
            "question" => self.question(),
            "open_question" => self.open_question(),
            "seed" => self.seed(),
            "draw" => self.draw(),
            "replacement" => self.replacement(),
            "undeclared" => self.undeclared(),
            "duplicate_draw" => self.duplicate_draw(),
            "duplicate_prove" => self.duplicate_prove(),
            "duplicate" => self.duplicate(),
            "review_commit" => self.review_commit(),
            "handle_commit" => self.handle_commit(),
            "wallet" => self.wallet(),
            "credit" => self.credit(),
            "agent" => self.agent(),
            "division" => self.division(),
            "pool" => self.pool(),
            "cap" => self.cap(),
            "fee" => self.fee(),
            other => panic!("unknown op {other}"),
        }
    }

    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_else(|| panic!("{name} in {}", self.0))
    }

    fn u64(&self, name: &str) -> u64 {
        self.0[name].as_u64().unwrap_or_else(|| panic!("{name} in {}", self.0))
    }

    fn u32(&self, name: &str) -> u32 {
        self.u64(name).try_into().unwrap()
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        hex::decode(self.text(name)).unwrap()
    }

    fn hash(&self, name: &str) -> Hash {
        self.bytes(name).try_into().unwrap()
    }

    fn amount(&self, name: &str) -> Amount {
        Amount::from_be_bytes(self.hash(name))
    }

    fn list(&self, name: &str) -> &[Value] {
        self.0[name].as_array().unwrap()
    }

    fn hashes(&self, name: &str) -> Vec<Hash> {
        self.list(name).iter().map(|one| bytes_of(one).try_into().unwrap()).collect()
    }

    fn tree(&self) -> Value {
        let leaves = self.hashes("leaves");
        let tree = Tree::new(leaves.clone());
        let mut frontier = Frontier::default();
        leaves.iter().for_each(|leaf| frontier.append(*leaf).unwrap());
        let path = tree.prove(self.u64("first"), self.u64("count")).ok();
        json!({
            "root": hex::encode(tree.root()), "frontier_root": hex::encode(frontier.root()), "frontier": hex::encode(frontier.encode()),
            "path": path.map(|path| path.iter().map(hex::encode).collect::<Vec<_>>()),
        })
    }

    fn verify_range(&self) -> Value {
        let (leaves, path) = (self.hashes("leaves"), self.hashes("path"));
        json!(verify_range(&self.hash("root"), self.u64("total"), self.u64("first"), &leaves, &path).is_ok())
    }

    fn decode(&self) -> Value {
        fn again<T: Encode>(bytes: &[u8]) -> Value {
            json!(T::decode(bytes).ok().map(|value| hex::encode(value.encode())))
        }
        let bytes = self.bytes("bytes");
        match self.text("kind") {
            "claim" => again::<Claim>(&bytes),
            "segments" => again::<SegmentsOpening>(&bytes),
            "content" => again::<ContentOpening>(&bytes),
            "transcript" => again::<TranscriptOpening>(&bytes),
            "settled" => again::<SettledReceipt>(&bytes),
            "inclusion" => again::<Inclusion>(&bytes),
            "frontier" => again::<Frontier>(&bytes),
            "dispute" => again::<Dispute>(&bytes),
            "answer" => again::<ByteOpening>(&bytes),
            "question" => again::<Inquiry>(&bytes),
            "duplicate" => again::<Proof>(&bytes),
            other => panic!("unknown kind {other}"),
        }
    }

    fn content(&self) -> Value {
        let data = self.bytes("data");
        let opening = ContentOpening::prove(&content::tree(&data), &data, self.u64("offset"), self.u64("size")).ok();
        json!({ "root": hex::encode(Commitment::of(&data).root), "opening": opening.map(|one| hex::encode(one.encode())) })
    }

    fn commitment(&self) -> Commitment {
        Commitment { root: self.hash("root"), length: self.u64("length") }
    }

    fn content_open(&self) -> Value {
        let Ok(opening) = ContentOpening::decode(&self.bytes("opening")) else { return Value::Null };
        json!(opening.open(&self.commitment(), self.u64("offset"), self.u64("size")).ok().map(hex::encode))
    }

    fn transcript(&self) -> Value {
        let (data, key) = (self.bytes("data"), self.key());
        let Ok(commitment) = TranscriptCommitment::of(&data, &key) else { return Value::Null };
        let tree = transcript::tree(&data, &key).unwrap();
        let opening = TranscriptOpening::prove(&tree, &data, &key, self.u64("offset"), self.u64("size")).ok();
        json!({
            "key": hex::encode(key.0), "root": hex::encode(commitment.root),
            "opening": opening.map(|one| hex::encode(one.encode())),
        })
    }

    fn transcript_open(&self) -> Value {
        let Ok(opening) = TranscriptOpening::decode(&self.bytes("opening")) else { return Value::Null };
        let commitment = TranscriptCommitment { root: self.hash("root"), length: self.u32("length") };
        json!(opening.open(&commitment, self.u64("offset"), self.u64("size")).ok().map(hex::encode))
    }

    fn commit(&self) -> Value {
        let (author, salt) = (self.bytes("author"), self.hash("salt"));
        let commitment = self.commitment();
        let commit = ContributionCommit {
            chain_id: self.text("chain_id"),
            datanet: self.u64("datanet"),
            author: &author,
            commitment,
            salt,
        };
        json!({ "hash": commit.hash().ok().map(hex::encode), "can_be": commitment.check().is_ok() })
    }

    fn dispute_commit(&self) -> Value {
        let (disputant, dispute, salt) = (self.bytes("disputant"), self.bytes("dispute"), self.hash("salt"));
        let (chain_id, settlement) = (self.text("chain_id"), self.u64("settlement"));
        let commit = DisputeCommit { chain_id, settlement, disputant: &disputant, dispute: &dispute, salt };
        json!(commit.hash().ok().map(hex::encode))
    }

    fn review_commit(&self) -> Value {
        let flag = |name: &str| self.0[name].as_bool().unwrap();
        let (reviewer, salt) = (self.bytes("reviewer"), self.hash("salt"));
        let commit = ReviewCommit {
            chain_id: self.text("chain_id"),
            seq: self.u64("seq"),
            reviewer: &reviewer,
            accept: flag("accept"),
            score: self.u32("score"),
            commons: flag("commons"),
            salt,
        };
        json!(commit.hash().ok().map(hex::encode))
    }

    fn handle_commit(&self) -> Value {
        let (account, salt) = (self.bytes("account"), self.hash("salt"));
        let (chain_id, handle) = (self.text("chain_id"), self.text("handle"));
        let commit = HandleCommit { chain_id, account: &account, handle, salt };
        json!(commit.hash().ok().map(hex::encode))
    }

    fn receipt(&self) -> Value {
        let receipt = Receipt {
            index: self.u64("index"),
            model_version: self.u64("model_version"),
            corpus_height: self.u64("corpus_height"),
            prompt_len: self.u32("prompt_len"),
            transcript_len: self.u32("transcript_len"),
            transcript_root: self.hash("transcript_root"),
            fee: self.hash("fee"),
        };
        let (segment_count, segments_root) = (self.u32("segment_count"), self.hash("segments_root"));
        let settled = SettledReceipt { receipt, segment_count, segments_root };
        json!({
            "can_be": receipt.check().is_ok(), "windows": receipt.windows(),
            "leaf": hex::encode(receipt.leaf()), "encoded": hex::encode(receipt.encode()),
            "settled_leaf": hex::encode(settled.leaf()), "settled": hex::encode(settled.encode()),
        })
    }

    fn voucher(&self) -> Value {
        let voucher = Voucher {
            chain_id: self.text("chain_id"),
            session: self.u64("session"),
            deployment: self.u64("deployment"),
            count: self.u64("count"),
            cumulative_fee: self.hash("cumulative_fee"),
            receipts_root: self.hash("receipts_root"),
        };
        let holds = voucher.verify(&self.bytes("key"), &self.bytes("signature")).is_ok();
        json!({ "digest": voucher.digest().ok().map(hex::encode), "holds": holds })
    }

    fn accepted(&self) -> Vec<Accepted> {
        let one = |value: &Value| Accepted {
            seq: value[0].as_u64().unwrap(),
            commitment: Commitment {
                root: bytes_of(&value[1]).try_into().unwrap(),
                length: value[2].as_u64().unwrap(),
            },
        };
        self.list("accepted").iter().map(one).collect()
    }

    fn version(&self) -> Value {
        let leaves: Vec<Hash> = self.accepted().iter().map(Accepted::leaf).collect();
        let tree = Tree::new(leaves.clone());
        let version = VersionRoot { count: tree.count(), root: tree.root() };
        let inclusion = Inclusion::prove(&tree, self.u64("at")).ok();
        json!({
            "leaves": leaves.iter().map(hex::encode).collect::<Vec<_>>(), "root": hex::encode(version.root),
            "digest": hex::encode(version.digest(self.text("chain_id"), self.u64("datanet")).unwrap()),
            "inclusion": inclusion.map(|one| hex::encode(one.encode())),
        })
    }

    fn inclusion(&self) -> Value {
        let version = VersionRoot { count: self.u64("count"), root: self.hash("root") };
        let accepted = self.accepted();
        let proof = Inclusion::decode(&self.bytes("inclusion"));
        json!(proof.is_ok_and(|proof| proof.verify(&version, &accepted[0]).is_ok()))
    }

    fn pool(&self) -> Value {
        let weights = self.0["weights"].as_object().unwrap().iter();
        let weights = weights.map(|(seq, weight)| (seq.parse().unwrap(), weight.as_u64().unwrap())).collect();
        let Ok(split) = split_pool(self.amount("pool"), self.u64("total"), &weights) else { return Value::Null };
        let parts: BTreeMap<String, String> =
            split.parts.iter().map(|(seq, part)| (seq.to_string(), units(*part))).collect();
        let root = hex::encode(payout::tree(&split.parts).root());
        json!({ "parts": parts, "baseline": units(split.baseline), "rows_root": root })
    }

    fn cap(&self) -> Value {
        let capped = cap_baseline(self.amount("pool"), self.amount("baseline"), self.u32("cap"));
        json!(capped.ok().map(|(kept, rest)| [units(kept), units(rest)]))
    }

    fn split(&self) -> FeeSplit {
        let part = |name: &str| self.0["split"][name].as_u64().unwrap() as u32;
        FeeSplit {
            server: part("server"),
            platform: part("platform"),
            burnt: part("burnt"),
            model: part("model"),
            stakers: part("stakers"),
            contributors: part("contributors"),
            curators: part("curators"),
        }
    }

    fn fee(&self) -> Value {
        json!(self.split().divide(self.amount("fee")).ok().map(|divided| shares(&divided)))
    }
}

fn shares(s: &FeeShares) -> Value {
    json!({
        "server": units(s.server), "platform": units(s.platform), "burnt": units(s.burnt), "model": units(s.model),
        "stakers": units(s.stakers), "contributors": units(s.contributors), "curators": units(s.curators),
    })
}

fn bytes_of(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn units(amount: Amount) -> String {
    hex::encode(amount.to_be_bytes())
}
