//! Cases of duplicates: draws, proofs, verdicts.

use super::world::{bytes, info};
use super::Case;
use openledger_provenance::codec::Encode;
use openledger_provenance::content::Commitment;
use openledger_provenance::duplicate::{prove, region_start, Draw, DuplicateError, Proof, REGIONS};
use serde_json::{json, Value};

impl Case {
    pub fn duplicate_draw(&self) -> Value {
        let disputant = self.bytes("disputant");
        let draw = Draw {
            chain_id: self.text("chain_id"),
            dispute: self.u64("dispute"),
            seq: self.u64("seq"),
            disputant: &disputant,
            seconds: self.0["seconds"].as_i64().unwrap(),
            nanos: self.u32("nanos"),
        };
        let seed = draw.seed().unwrap();
        let starts: Result<Vec<u64>, _> = (0..REGIONS).map(|i| region_start(&seed, i, self.u64("length"))).collect();
        json!({ "seed": hex::encode(seed), "starts": starts.ok() })
    }

    /// The proof that the last document copies the others.
    pub fn duplicate_prove(&self) -> Value {
        let documents = self.documents();
        let (later, earlier) = documents.split_last().unwrap();
        let earlier: Vec<(u64, &[u8])> = earlier.iter().map(|(seq, _, bytes)| (*seq, bytes.as_slice())).collect();
        let proof = prove(&later.2, &self.hash("seed"), &earlier);
        json!(proof.ok().flatten().map(|proof| hex::encode(proof.encode())))
    }

    pub fn duplicate(&self) -> Value {
        let documents = self.documents();
        let later = Commitment::of(bytes(&documents, self.u64("seq")).unwrap());
        let Ok(proof) = Proof::decode(&self.bytes("bytes")) else { return Value::Null };
        let earlier = |seq| Ok::<_, DuplicateError>(info(&documents, seq).map(|info| info.commitment));
        let judged = proof.judge(&later, &self.hash("seed"), earlier);
        json!(judged.ok().map(|source| json!({ "source": source })))
    }
}
