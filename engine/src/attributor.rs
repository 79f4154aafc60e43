//! The canonical attribution of an output over an [`Index`]: who owns each window, and the claim that says so.
//!
//! The rules are `openledger-provenance`'s; this is their form for large corpora, one binary search a window instead of one pass
//! over every source. Tests hold it against the plain form.

use std::collections::HashMap;

use openledger_provenance::canonical::{claim_from_owners, Owner};
use openledger_provenance::claim::Claim;
use openledger_provenance::{ECHO, WINDOW_BYTES};

use crate::index::Index;

const WINDOW: usize = WINDOW_BYTES as usize;

/// The owner of each window of the output in `transcript` (prompt and output); `None` is NONE.
pub fn owners(index: &Index, transcript: &[u8], prompt_len: usize) -> Vec<Option<Owner>> {
    let mut first_start: HashMap<&[u8], u32> = HashMap::with_capacity(transcript.len());
    let mut owners = Vec::new();
    for (start, window) in (0u32..).zip(transcript.windows(WINDOW)) {
        let first = *first_start.entry(window).or_insert(start);
        if (start as usize) < prompt_len {
            continue;
        }
        owners.push(if first < start {
            Some(Owner { source: ECHO, offset: first })
        } else {
            let window = window.try_into().ok();
            window
                .and_then(|window| index.owner(window))
                .and_then(|(source, offset)| Some(Owner { source, offset: u32::try_from(offset).ok()? }))
        });
    }
    owners
}

/// The canonical claim for a transcript over the index's documents.
pub fn claim(index: &Index, transcript: &[u8], prompt_len: u32) -> Claim {
    let owners = owners(index, transcript, prompt_len as usize);
    claim_from_owners(transcript, prompt_len, &owners, |seq| index.document(seq))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Document;
    use openledger_provenance::canonical::{canonical_claim, Class, Source};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_claim_over_an_index_is_the_canonical_one(
            texts in prop::collection::vec((prop::collection::vec(0u8..2, 20..120), any::<bool>()), 0..5),
            cuts in prop::collection::vec((0usize..5, 0usize..80, 1usize..60), 0..6),
            prompt_len in 0usize..80,
        ) {
            let documents: Vec<Document> = texts.iter().zip(1..)
                .map(|((bytes, commons), seq)| Document { seq, commons: *commons, bytes: bytes.clone() }).collect();
            // A transcript of pieces of the documents, so that windows match, echo and overlap.
            let mut transcript = Vec::new();
            for (document, from, length) in cuts {
                if let Some(document) = documents.get(document) {
                    let from = from.min(document.bytes.len());
                    transcript.extend_from_slice(&document.bytes[from..document.bytes.len().min(from + length)]);
                }
            }
            let prompt_len = prompt_len.min(transcript.len()) as u32;
            let sources: Vec<Source> = documents.iter().map(|document| Source {
                seq: document.seq,
                class: if document.commons { Class::Commons } else { Class::Contribution },
                bytes: &document.bytes,
            }).collect();
            let plain = canonical_claim(&transcript, prompt_len, &sources);
            let index = Index::build(documents.clone()).unwrap();
            prop_assert_eq!(claim(&index, &transcript, prompt_len), plain);
        }
    }
}
