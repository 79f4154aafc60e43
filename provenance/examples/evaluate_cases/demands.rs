//! Cases of demands, seeds, draws, replacements and undeclared sources.

use super::world::info;
use super::{bytes_of, Case};
use openledger_provenance::amount::Amount;
use openledger_provenance::codec::Encode;
use openledger_provenance::commit::ReplacementCommit;
use openledger_provenance::content::ContentOpening;
use openledger_provenance::dispute::SettledOpening;
use openledger_provenance::inquiry::Inquiry;
use openledger_provenance::sampling::{epoch_seed, running_weights, Draw, SeedCommit};
use openledger_provenance::transcript::TranscriptOpening;
use openledger_provenance::undeclared::UndeclaredSource;
use openledger_provenance::Hash;
use serde_json::{json, Value};

impl Case {
    pub fn question(&self) -> Value {
        let bytes = self.bytes("bytes");
        let settlement = self.settlement();
        if self.0["transcript"].as_bool().unwrap() {
            let Ok(opening) = SettledOpening::from_bytes(&bytes) else { return Value::Null };
            return json!(opening.open(&settlement).ok().map(|settled| settled.receipt.index));
        }
        let Ok(inquiry) = Inquiry::from_bytes(&bytes) else { return Value::Null };
        json!(inquiry.question(&settlement).ok().map(|asked| (asked.receipt, asked.segment, asked.byte)))
    }

    pub fn open_question(&self) -> Value {
        let (segment, byte) = (self.u32("segment"), self.u32("byte"));
        self.opened(|prover| prover.inquire(segment, byte))
    }

    pub fn seed(&self) -> Value {
        let reveals: Vec<(Vec<u8>, Hash)> =
            self.list("reveals").iter().map(|one| (bytes_of(&one[0]), bytes_of(&one[1]).try_into().unwrap())).collect();
        let epoch = self.u64("epoch");
        let seed = epoch_seed(epoch, reveals.iter().map(|(auditor, value)| (auditor.as_slice(), *value)));
        let chain_id = self.text("chain_id");
        let commit = |(auditor, value): &(Vec<u8>, Hash)| {
            hex::encode(SeedCommit { chain_id, epoch, auditor, value: *value }.hash().unwrap())
        };
        json!({ "seed": seed.unwrap().map(hex::encode), "commits": reveals.iter().map(commit).collect::<Vec<_>>() })
    }

    pub fn draw(&self) -> Value {
        let pools: Vec<Amount> = self.hashes("pools").into_iter().map(Amount::from_be_bytes).collect();
        let Some(sums) = running_weights(&pools) else { return Value::Null };
        let draw = Draw { seed: self.hash("seed"), settlement: self.u64("settlement"), round: self.u32("round") };
        json!({ "sums": sums, "places": draw.places(self.u32("k"), &sums) })
    }

    pub fn replacement(&self) -> Value {
        let maker = self.bytes("maker");
        let commit = ReplacementCommit {
            chain_id: self.text("chain_id"),
            settlement: self.u64("settlement"),
            round: self.u32("round"),
            maker: &maker,
            check: self.u32("check"),
            root: self.hash("root"),
            salt: self.hash("salt"),
        };
        json!(commit.hash().ok().map(hex::encode))
    }

    pub fn undeclared(&self) -> Value {
        let (documents, seq) = (self.documents(), self.u64("contribution"));
        let (Ok(transcript), Ok(source)) =
            (TranscriptOpening::decode(&self.bytes("transcript")), ContentOpening::decode(&self.bytes("source")))
        else {
            return json!(false);
        };
        let (start, count, offset) = (self.u32("start"), self.u32("count"), self.u32("offset"));
        let shown = UndeclaredSource { start, count, offset, transcript, source };
        let commitment = info(&documents, seq).unwrap().commitment;
        json!(shown.verify(&self.answered(), &self.segments(), &commitment).is_ok())
    }
}
