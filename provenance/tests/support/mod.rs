//! Random small worlds: a few phrases, cut and joined into a prompt, an output and sources, so that windows recur everywhere.

#![allow(dead_code, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

use openledger_provenance::canonical::{Class, Source};
use openledger_provenance::claim::{Claim, SourceInfo};
use openledger_provenance::content::Commitment;
use openledger_provenance::dispute::Settlement;
use openledger_provenance::merkle::Tree;
use openledger_provenance::prover::Prover;
use openledger_provenance::receipt::{Receipt, SettledReceipt};
use openledger_provenance::transcript::{ReceiptKey, TranscriptCommitment};
use proptest::prelude::*;

/// A transcript and the sources of its corpus.
#[derive(Debug, Clone)]
pub struct World {
    pub prompt_len: u32,
    pub transcript: Vec<u8>,
    /// Seq, class and bytes; seqs are not sorted and not contiguous.
    pub documents: Vec<(u64, Class, Vec<u8>)>,
}

impl World {
    pub fn sources(&self) -> Vec<Source<'_>> {
        self.documents.iter().map(|(seq, class, bytes)| Source { seq: *seq, class: *class, bytes }).collect()
    }

    pub fn bytes(&self, seq: u64) -> Option<&[u8]> {
        self.documents.iter().find(|(other, _, _)| *other == seq).map(|(_, _, bytes)| bytes.as_slice())
    }

    pub fn info(&self, seq: u64) -> Option<SourceInfo> {
        let (_, class, bytes) = self.documents.iter().find(|(other, _, _)| *other == seq)?;
        Some(SourceInfo { commitment: Commitment::of(bytes), class: *class })
    }

    pub fn receipt(&self, index: u64) -> Receipt {
        let commitment = TranscriptCommitment::of(&self.transcript, &key(index)).unwrap();
        Receipt {
            index,
            model_version: 3,
            corpus_height: 4,
            prompt_len: self.prompt_len,
            transcript_len: commitment.length,
            transcript_root: commitment.root,
            fee: [1; 32],
        }
    }
}

pub fn key(index: u64) -> ReceiptKey {
    ReceiptKey::derive(&[9; 32], index)
}

/// A settlement of `count` receipts from `first_index`, of which one carries the claim.
pub struct Settled {
    pub settlement: Settlement,
    pub settled: SettledReceipt,
    pub tree: Tree,
    pub place: u64,
}

impl Settled {
    pub fn new(world: &World, claim: &Claim, first_index: u64, count: u32, place: u32) -> Self {
        let settled = SettledReceipt {
            receipt: world.receipt(first_index + u64::from(place)),
            segment_count: claim.segments.len() as u32,
            segments_root: claim.segments_root(),
        };
        let mut leaves: Vec<_> = (0..count).map(|i| [i as u8; 32]).collect();
        leaves[place as usize] = settled.leaf();
        let tree = Tree::new(leaves);
        Self {
            settlement: Settlement { root: tree.root(), first_index, count },
            settled,
            tree,
            place: u64::from(place),
        }
    }

    pub fn prover<'a>(&'a self, world: &'a World, claim: &'a Claim) -> Prover<'a> {
        Prover {
            transcript: &world.transcript,
            key: key(self.settled.receipt.index),
            claim,
            settled: self.settled,
            settlement: &self.tree,
            place: self.place,
        }
    }
}

/// Texts of `0..=pieces` cuts from common phrases.
fn text(phrases: Vec<Vec<u8>>, pieces: usize) -> impl Strategy<Value = Vec<u8>> {
    let cut = (any::<prop::sample::Index>(), 0usize..30, 20usize..90);
    prop::collection::vec(cut, 0..=pieces).prop_map(move |cuts| {
        let mut text = Vec::new();
        for (which, from, len) in cuts {
            let phrase = &phrases[which.index(phrases.len())];
            let from = from.min(phrase.len());
            text.extend(&phrase[from..(from + len).min(phrase.len())]);
        }
        text
    })
}

/// Worlds over an alphabet of one to three letters.
pub fn world() -> impl Strategy<Value = World> {
    (1u8..4)
        .prop_flat_map(|letters| {
            let phrase = prop::collection::vec((0..letters).prop_map(|l| b'a' + l), 60..120);
            prop::collection::vec(phrase, 1..4)
        })
        .prop_flat_map(|phrases| {
            let document = (any::<bool>(), text(phrases.clone(), 5));
            let documents = prop::collection::vec(document, 0..5);
            let offset = any::<prop::sample::Index>();
            (text(phrases.clone(), 2), text(phrases, 6), documents, offset)
        })
        .prop_map(|(prompt, output, documents, rotation)| {
            let prompt_len = prompt.len() as u32;
            let transcript = [prompt, output].concat();
            let class = |commons| if commons { Class::Commons } else { Class::Contribution };
            let mut documents: Vec<_> =
                (0u64..).zip(documents).map(|(i, (commons, bytes))| (i * i * 3 + 1, class(commons), bytes)).collect();
            if !documents.is_empty() {
                let by = rotation.index(documents.len());
                documents.rotate_left(by);
            }
            World { prompt_len, transcript, documents }
        })
}
