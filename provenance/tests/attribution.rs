//! The canonical attribution: the indexed form against the plain rule, and the claim that states it.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

mod support;

use openledger_provenance::audit::audit;
use openledger_provenance::canonical::{canonical_claim, owners, Class, Source};
use openledger_provenance::claim::{Claim, ClaimError, Segment, Weights};
use openledger_provenance::codec::Encode;
use openledger_provenance::content::{tree, ContentOpening};
use openledger_provenance::existence::{check_segments, check_transcript, ExistenceError};
use openledger_provenance::transcript::ReceiptKey;
use openledger_provenance::{reference, ECHO};
use proptest::prelude::*;
use support::{key, world, World};

const TEXT: &[u8] = b"The quick brown fox jumps over the lazy dog, and the dog does not mind it in the least.";

fn segment(start: u32, count: u32, source: u64, offset: u32) -> Segment {
    Segment { start, count, source, offset }
}

fn claim_of(prompt: &[u8], output: &[u8], sources: &[(u64, Class, &[u8])]) -> Vec<Segment> {
    let sources: Vec<Source> =
        sources.iter().map(|(seq, class, bytes)| Source { seq: *seq, class: *class, bytes }).collect();
    canonical_claim(&[prompt, output].concat(), prompt.len() as u32, &sources).segments
}

/// Openings of every segment that names a contribution.
fn openings(world: &World, claim: &Claim) -> Vec<ContentOpening> {
    let named = claim.segments.iter().filter(|s| s.source != ECHO);
    named
        .map(|s| {
            let bytes = world.bytes(s.source).unwrap();
            ContentOpening::prove(&tree(bytes), bytes, u64::from(s.offset), s.span()).unwrap()
        })
        .collect()
}

fn exists(world: &World, claim: &Claim, openings: &[ContentOpening]) -> Result<(), ExistenceError> {
    let commitment_of = |seq| world.info(seq).map(|info| info.commitment);
    check_segments(&world.receipt(1), &world.transcript, claim, openings, commitment_of)
}

#[test]
fn the_first_author_of_a_text_owns_it_whoever_copies_it() {
    let copy = [b"\n", TEXT].concat();
    let n = TEXT.len() as u32 - 31;
    let sources = [(9, Class::Contribution, copy.as_slice()), (5, Class::Contribution, TEXT)];
    assert_eq!(claim_of(b"", TEXT, &sources), [segment(0, n, 5, 0)]);
}

#[test]
fn the_chains_commons_come_before_every_author() {
    let sources = [(5, Class::Contribution, TEXT), (900, Class::Commons, &TEXT[10..60])];
    assert_eq!(
        claim_of(b"", TEXT, &sources),
        [segment(0, 10, 5, 0), segment(10, 19, 900, 0), segment(29, TEXT.len() as u32 - 60, 5, 29)]
    );
}

#[test]
fn the_prompts_words_and_repetitions_pay_nobody() {
    let output = [TEXT, TEXT].concat();
    let sources = [(5, Class::Contribution, TEXT)];
    let n = TEXT.len() as u32 - 31;
    assert_eq!(claim_of(TEXT, TEXT, &sources), [segment(0, n, ECHO, 0)]);
    // Windows over the seam of two copies are nobody's; the second copy repeats the first.
    assert_eq!(claim_of(b"", &output, &sources), [segment(0, n, 5, 0), segment(TEXT.len() as u32, n, ECHO, 0)]);
}

#[test]
fn a_window_across_prompt_and_output_is_not_the_outputs() {
    let sources = [(5, Class::Contribution, TEXT)];
    let n = TEXT.len() as u32 - 40 - 31;
    assert_eq!(claim_of(&TEXT[..40], &TEXT[40..], &sources), [segment(0, n, 5, 40)]);
}

#[test]
fn an_echo_may_overlap_its_own_place() {
    let output = [b'a'; 40];
    assert_eq!(claim_of(b"", &output, &[]), [segment(1, 8, ECHO, 0)]);
}

#[test]
fn a_window_is_never_across_two_documents() {
    let (left, right) = TEXT.split_at(31);
    let output = [left, &right[..31]].concat();
    assert_eq!(claim_of(b"", &output, &[(1, Class::Contribution, left), (2, Class::Contribution, &right[..31])]), []);
}

#[test]
fn an_output_shorter_than_a_window_has_no_owner() {
    let sources = [(5, Class::Contribution, TEXT)];
    assert_eq!(claim_of(b"", &TEXT[..31], &sources), []);
    assert_eq!(claim_of(b"", &TEXT[..32], &sources), [segment(0, 1, 5, 0)]);
}

#[test]
fn a_claim_is_refused_for_what_needs_no_bytes() {
    let bytes = vec![b'x'; 100];
    let transcript: Vec<u8> = (0u8..150).collect();
    let world = World { prompt_len: 50, transcript, documents: vec![(5, Class::Contribution, bytes)] };
    let check =
        |segments: &[Segment]| Claim { segments: segments.to_vec() }.check(&world.receipt(1), |seq| world.info(seq));
    let good = segment(0, 69, 5, 0);
    assert_eq!(check(&[good]), Ok(()));
    assert_eq!(check(&[segment(0, 0, 5, 0)]), Err(ClaimError::Empty { index: 0 }));
    assert_eq!(
        check(&[segment(0, 2, 5, 0), segment(1, 1, 5, 9)]),
        Err(ClaimError::Order { index: 1, start: 1, end: 2 })
    );
    assert_eq!(check(&[segment(0, 2, 5, 0), segment(2, 1, 5, 2)]), Err(ClaimError::Unmerged { index: 1 }));
    assert_eq!(check(&[segment(0, 2, 5, 0), segment(2, 1, 5, 3)]), Ok(()));
    assert_eq!(check(&[segment(1, 69, 5, 0)]), Err(ClaimError::BeyondOutput { index: 0, end: 70, windows: 69 }));
    assert!(matches!(check(&[segment(1, u32::MAX, 5, 0)]), Err(ClaimError::BeyondOutput { .. })));
    assert_eq!(check(&[segment(0, 1, 6, 0)]), Err(ClaimError::NotInCorpus { index: 0, source_seq: 6 }));
    let beyond = ClaimError::BeyondSource { index: 0, source_seq: 5, end: 101, length: 100 };
    assert_eq!(check(&[segment(0, 69, 5, 1)]), Err(beyond));
    assert_eq!(check(&[segment(7, 9, ECHO, 56)]), Ok(()));
    assert_eq!(check(&[segment(7, 9, ECHO, 57)]), Err(ClaimError::EchoNotBefore { index: 0, offset: 57, place: 57 }));
}

proptest! {
    #[test]
    fn the_indexed_owners_are_those_of_the_plain_rule(world in world()) {
        let plain = reference::owners(&world.transcript, world.prompt_len, &world.sources());
        prop_assert_eq!(owners(&world.transcript, world.prompt_len, &world.sources()), plain);
    }

    #[test]
    fn the_canonical_claim_states_each_windows_owner_and_nothing_else(world in world()) {
        let sources = world.sources();
        let plain = reference::owners(&world.transcript, world.prompt_len, &sources);
        let claim = canonical_claim(&world.transcript, world.prompt_len, &sources);
        let receipt = world.receipt(1);
        prop_assert_eq!(claim.check(&receipt, |seq| world.info(seq)), Ok(()));
        prop_assert_eq!(Claim::decode(&claim.encode()), Ok(claim.clone()));
        prop_assert_eq!(audit(&world.transcript, world.prompt_len, &claim, &sources), None);

        let mut weights = Weights::default();
        for (p, owner) in (0u32..).zip(&plain) {
            let claimed = claim.covering(p).ok().map(|(_, segment)| segment.source);
            prop_assert_eq!(claimed, owner.map(|owner| owner.source));
            match claimed {
                None => weights.none += 1,
                Some(ECHO) => weights.echo += 1,
                Some(seq) => *weights.sources.entry(seq).or_default() += 1,
            }
        }
        prop_assert_eq!(claim.weights(receipt.windows()), weights);
    }

    #[test]
    fn the_canonical_claim_does_not_depend_on_the_order_in_which_sources_are_held(world in world()) {
        let claim = canonical_claim(&world.transcript, world.prompt_len, &world.sources());
        let mut reversed = world.sources();
        reversed.reverse();
        prop_assert_eq!(canonical_claim(&world.transcript, world.prompt_len, &reversed), claim);
    }

    #[test]
    fn openings_prove_every_segment_and_none_that_is_moved(world in world(), pick: prop::sample::Index, by in 1u32..5) {
        let claim = canonical_claim(&world.transcript, world.prompt_len, &world.sources());
        let proofs = openings(&world, &claim);
        prop_assert_eq!(check_transcript(&world.receipt(1), &world.transcript, &key(1)), Ok(()));
        prop_assert_eq!(exists(&world, &claim, &proofs), Ok(()));
        if claim.segments.is_empty() {
            return Ok(());
        }
        let mut moved = claim.clone();
        let at = pick.index(moved.segments.len());
        moved.segments[at].offset += by;
        if moved.check(&world.receipt(1), |seq| world.info(seq)).is_ok() {
            let segment = moved.segments[at];
            let held = match segment.source {
                ECHO => &world.transcript,
                seq => world.bytes(seq).unwrap(),
            };
            let from = |at: u64| at as usize..(at + segment.span()) as usize;
            let same = held[from(u64::from(segment.offset))] == world.transcript[from(segment.place(world.prompt_len))];
            prop_assert_eq!(exists(&world, &moved, &openings(&world, &moved)).is_ok(), same);
        }
    }

    #[test]
    fn decoding_any_bytes_gives_a_claim_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(claim) = Claim::decode(&bytes) {
            prop_assert_eq!(claim.encode(), bytes);
        }
    }

    #[test]
    fn any_segments_are_checked_and_weighed_without_a_panic(
        segments in prop::collection::vec(any::<(u32, u32, u64, u32)>(), 0..6), windows: u32, world in world(),
    ) {
        let segments = segments.into_iter().map(|(s, c, q, o)| segment(s, c, q, o)).collect();
        let claim = Claim { segments };
        let _ = claim.check(&world.receipt(1), |seq| world.info(seq));
        let _ = claim.weights(windows);
        let _ = claim.covering(windows);
        prop_assert!(exists(&world, &claim, &[]).is_err() || claim.segments.is_empty());
    }
}

#[test]
fn another_transcript_or_key_is_not_the_receipts() {
    let world = World { prompt_len: 3, transcript: TEXT.to_vec(), documents: vec![] };
    let receipt = world.receipt(1);
    assert_eq!(check_transcript(&receipt, TEXT, &key(1)), Ok(()));
    assert_eq!(check_transcript(&receipt, &TEXT[1..], &key(1)), Err(ExistenceError::Transcript));
    assert_eq!(check_transcript(&receipt, TEXT, &ReceiptKey([0; 32])), Err(ExistenceError::Transcript));
    assert_eq!(check_transcript(&receipt, &[0; 70_000], &key(1)), Err(ExistenceError::Transcript));
}

#[test]
fn each_segment_that_names_a_contribution_has_exactly_one_opening() {
    let world =
        World { prompt_len: 0, transcript: TEXT.to_vec(), documents: vec![(5, Class::Contribution, TEXT.to_vec())] };
    let claim = canonical_claim(&world.transcript, 0, &world.sources());
    let one = openings(&world, &claim);
    assert_eq!(exists(&world, &claim, &[]), Err(ExistenceError::OpeningCount { expected: 1, got: 0 }));
    let two = [one.clone(), one].concat();
    assert_eq!(exists(&world, &claim, &two), Err(ExistenceError::OpeningCount { expected: 1, got: 2 }));
}
