//! Disputes: no true claim is ever refuted, every other claim always is, and each refutation fits 4 KiB.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

mod support;

use openledger_provenance::audit::{audit, Finding};
use openledger_provenance::canonical::{canonical_claim, Class, Rank};
use openledger_provenance::claim::{Claim, Segment, SegmentsOpening};
use openledger_provenance::codec::{DecodeError, Encode};
use openledger_provenance::dispute::{
    BetterOwner, ByteOpening, Dispute, DisputeError, Question, Refutation, SourceOpening,
};
use openledger_provenance::prover::Prover;
use openledger_provenance::{reference, ECHO, MAX_DISPUTE_BYTES};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use support::{world, Settled, World};

fn verify(dispute: &Dispute, world: &World, settled: &Settled) -> Result<Refutation, DisputeError> {
    let read = Dispute::from_bytes(&dispute.encode()).unwrap();
    assert_eq!(read, *dispute);
    read.verify(&settled.settlement, |_, seq| world.info(seq))
}

/// A claim of the canonical owners in which some windows were given to somebody else.
fn mutated(world: &World, edits: &[(prop::sample::Index, u32, usize, u32)]) -> Claim {
    let canonical = canonical_claim(&world.transcript, world.prompt_len, &world.sources());
    let n = world.receipt(1).windows();
    let mut windows: Vec<Option<(u64, u32)>> =
        (0..n).map(|p| canonical.covering(p).ok().map(|(_, s)| (s.source, s.offset + (p - s.start)))).collect();
    for (at, len, who, offset) in edits {
        let at = at.index(windows.len().max(1)) as u32;
        let source = match who.checked_sub(2) {
            None if *who == 0 => None,
            None => Some(ECHO),
            Some(i) => world.documents.get(i).map(|d| d.0),
        };
        for i in 0..(*len).min(n.saturating_sub(at)) {
            windows[(at + i) as usize] = source.map(|source| (source, offset + i));
        }
    }
    let mut claim = Claim::default();
    for (p, window) in (0u32..).zip(windows) {
        let Some((source, offset)) = window else { continue };
        match claim.segments.last_mut() {
            Some(s) if s.source == source && s.end() == u64::from(p) && s.offset + s.count == offset => s.count += 1,
            _ => claim.segments.push(Segment { start: p, count: 1, source, offset }),
        }
    }
    claim
}

/// The windows at which a claim says something else than the plain rule, or names a place that does not hold the window.
fn deviates(world: &World, claim: &Claim) -> bool {
    let owners = reference::owners(&world.transcript, world.prompt_len, &world.sources());
    (0u32..).zip(owners).any(|(p, owner)| {
        let Ok((_, segment)) = claim.covering(p) else { return owner.is_some() };
        let held = match segment.source {
            ECHO => &world.transcript,
            seq => world.bytes(seq).unwrap(),
        };
        let window = |bytes: &[u8], at: usize| bytes[at..at + 32].to_vec();
        let ours = window(&world.transcript, (world.prompt_len + p) as usize);
        let theirs = window(held, (segment.offset + p - segment.start) as usize);
        owner.map(|o| o.source) != Some(segment.source) || ours != theirs
    })
}

fn edits() -> impl Strategy<Value = Vec<(prop::sample::Index, u32, usize, u32)>> {
    prop::collection::vec((any::<prop::sample::Index>(), 1u32..40, 0usize..7, 0u32..90), 1..3)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Completeness: what deviates is found and refuted; what does not is left alone.
    #[test]
    fn every_deviation_from_the_canonical_attribution_is_refuted(world in world(), edits in edits()) {
        let claim = mutated(&world, &edits);
        let receipt = world.receipt(12);
        if claim.check(&receipt, |seq| world.info(seq)).is_err() {
            return Ok(());
        }
        let settled = Settled::new(&world, &claim, 10, 5, 2);
        let prover = settled.prover(&world, &claim);
        let finding = audit(&world.transcript, world.prompt_len, &claim, &world.sources());
        prop_assert_eq!(finding.is_some(), deviates(&world, &claim));
        match finding {
            None => {}
            Some(Finding::False { segment, byte }) => {
                let bytes = world.bytes(claim.segments[segment as usize].source);
                let dispute = Dispute::False(prover.open_byte(segment, byte, bytes).unwrap());
                prop_assert_eq!(verify(&dispute, &world, &settled), Ok(Refutation::False { receipt: 12, segment, byte }));
            }
            Some(Finding::Better { window, owner }) => {
                let bytes = world.bytes(owner.source);
                let dispute = prover.open_better(window, owner.source, owner.offset, bytes).unwrap();
                let rank = world.info(owner.source).map_or(Rank::Echo, |info| Rank::of(info.class, owner.source));
                let claimed = claim.covering(window).ok().map(|(_, segment)| segment);
                let expected = Refutation::Better { receipt: 12, window, claimed, owner: rank };
                prop_assert_eq!(verify(&Dispute::Better(dispute), &world, &settled), Ok(expected));
            }
        }
    }

    /// Soundness, D1: every byte of every segment of a true claim agrees, and answers an open-or-lose challenge.
    #[test]
    fn no_byte_of_a_true_claim_is_false(world in world(), pick: prop::sample::Index, byte in 0u32..200) {
        let claim = canonical_claim(&world.transcript, world.prompt_len, &world.sources());
        if claim.segments.is_empty() {
            return Ok(());
        }
        let settled = Settled::new(&world, &claim, 10, 5, 4);
        let segment = pick.index(claim.segments.len()) as u32;
        let named = claim.segments[segment as usize];
        let byte = byte % named.span() as u32;
        let opening = settled.prover(&world, &claim).open_byte(segment, byte, world.bytes(named.source)).unwrap();
        let question = Question { receipt: 14, segment, byte };
        prop_assert_eq!(ByteOpening::from_bytes(&opening.encode()), Ok(opening.clone()));
        prop_assert_eq!(opening.verify_answer(&question, &settled.settlement, |_, seq| world.info(seq)), Ok(()));
        let other = Question { byte: byte + 1, ..question };
        prop_assert_eq!(opening.verify_answer(&other, &settled.settlement, |_, seq| world.info(seq)), Err(DisputeError::OtherQuestion));
        prop_assert_eq!(verify(&Dispute::False(opening), &world, &settled), Err(DisputeError::Agrees));
    }

    /// Soundness, D2: no place in any source, nor earlier in the transcript, beats a true claim.
    #[test]
    fn no_window_of_a_true_claim_has_a_better_owner(world in world(), pick: prop::sample::Index) {
        let claim = canonical_claim(&world.transcript, world.prompt_len, &world.sources());
        let n = world.receipt(1).windows();
        if n == 0 {
            return Ok(());
        }
        let window = pick.index(n as usize) as u32;
        let settled = Settled::new(&world, &claim, 1, 1, 0);
        let prover = settled.prover(&world, &claim);
        let texts = world.documents.iter().map(|d| (d.0, d.2.as_slice())).chain([(ECHO, world.transcript.as_slice())]);
        for (source, bytes) in texts {
            for offset in 0..bytes.len().saturating_sub(31) as u32 {
                let dispute = Dispute::Better(prover.open_better(window, source, offset, Some(bytes)).unwrap());
                let error = dispute.verify(&settled.settlement, |_, seq| world.info(seq)).unwrap_err();
                let expected = matches!(
                    error,
                    DisputeError::Differs | DisputeError::NotBetter { .. } | DisputeError::EchoNotBefore { .. }
                );
                prop_assert!(expected, "{:?}", error);
            }
        }
    }

    /// Whatever is changed in an opening against a true claim, nothing is refuted and nothing panics.
    #[test]
    fn forged_openings_never_refute_a_true_claim(world in world(), window: prop::sample::Index, flips in prop::collection::vec(any::<prop::sample::Index>(), 1..4)) {
        let claim = canonical_claim(&world.transcript, world.prompt_len, &world.sources());
        let settled = Settled::new(&world, &claim, 1, 3, 1);
        let n = settled.settled.receipt.windows();
        if n == 0 || world.documents.iter().all(|d| d.2.len() < 32) {
            return Ok(());
        }
        let prover = settled.prover(&world, &claim);
        let (source, _, bytes) = world.documents.iter().find(|d| d.2.len() >= 32).unwrap();
        let mut made = vec![Dispute::Better(prover.open_better(window.index(n as usize) as u32, *source, 0, Some(bytes)).unwrap())];
        if let Some(segment) = claim.segments.first() {
            made.push(Dispute::False(prover.open_byte(0, 0, world.bytes(segment.source)).unwrap()));
        }
        for dispute in made {
            let mut bytes = dispute.encode();
            for flip in &flips {
                let bit = flip.index(bytes.len() * 8);
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
            if let Ok(forged) = Dispute::from_bytes(&bytes) {
                prop_assert_eq!(forged.encode(), bytes);
                prop_assert!(forged.verify(&settled.settlement, |_, seq| world.info(seq)).is_err());
            }
        }
        for forged in misnamed(&world, &claim, &prover, window.index(n as usize) as u32) {
            prop_assert!(forged.verify(&settled.settlement, |_, seq| world.info(seq)).is_err());
        }
    }

    #[test]
    fn decoding_any_bytes_gives_a_dispute_or_an_error(kind in 0u8..4, bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let bytes = [vec![kind], bytes].concat();
        if let Ok(dispute) = Dispute::from_bytes(&bytes) {
            prop_assert_eq!(dispute.encode(), bytes);
        }
    }
}

/// Disputes that open one document, well formed, under the number of another: in place of the source of each segment, and as a witness of lower
/// rank for a window that the opened document holds.
fn misnamed(world: &World, claim: &Claim, prover: &Prover, window: u32) -> Vec<Dispute> {
    let mut made = Vec::new();
    for (of, _, other) in &world.documents {
        for (at, segment) in claim.segments.iter().enumerate().filter(|(_, segment)| segment.source != *of) {
            for byte in [0, segment.span() as u32 - 1] {
                made.extend(prover.open_byte(at as u32, byte, Some(other)).ok().map(Dispute::False));
            }
        }
        let start = (world.prompt_len + window) as usize;
        let held = world.transcript.get(start..start + 32).and_then(|w| other.windows(32).position(|held| held == w));
        let Some(offset) = held else { continue };
        let others = world.documents.iter().filter(|(named, ..)| named != of);
        let opened = others.map(|(named, ..)| prover.open_better(window, *named, offset as u32, Some(other)));
        made.extend(opened.flatten().map(Dispute::Better));
    }
    made
}

/// Nor are bytes of a document of the same length, at the same place, those of the one that is named.
#[test]
fn an_opening_of_another_document_of_the_same_length_refutes_nothing() {
    let text: Vec<u8> = (0u8..200).collect();
    let other: Vec<u8> = (0u8..100).rev().collect();
    let documents = vec![(3, Class::Contribution, other.clone()), (8, Class::Contribution, text[10..110].to_vec())];
    let world = World { prompt_len: 10, transcript: text, documents };
    let claim = canonical_claim(&world.transcript, world.prompt_len, &world.sources());
    assert_eq!(claim.segments.iter().map(|segment| segment.source).collect::<Vec<_>>(), [8]);
    let settled = Settled::new(&world, &claim, 1, 2, 1);
    let prover = settled.prover(&world, &claim);
    let differs = Dispute::False(prover.open_byte(0, 0, Some(&other)).unwrap());
    assert!(matches!(verify(&differs, &world, &settled), Err(DisputeError::Source(_))));
    let earlier = prover.open_better(0, 3, 0, world.bytes(8)).unwrap();
    assert!(matches!(verify(&Dispute::Better(earlier), &world, &settled), Err(DisputeError::Source(_))));
}

/// The random tests above are worth something only if they reach what they speak of.
#[test]
fn the_random_claims_reach_every_kind_of_finding() {
    let mut runner = TestRunner::deterministic();
    let (mut right, mut false_bytes, mut echoes, mut commons, mut authors) = (0, 0, 0, 0, 0);
    for _ in 0..600 {
        let (world, edits) = (world(), edits()).new_tree(&mut runner).unwrap().current();
        let claim = mutated(&world, &edits);
        if claim.check(&world.receipt(1), |seq| world.info(seq)).is_err() {
            continue;
        }
        match audit(&world.transcript, world.prompt_len, &claim, &world.sources()) {
            None => right += 1,
            Some(Finding::False { .. }) => false_bytes += 1,
            Some(Finding::Better { owner, .. }) => match world.info(owner.source).map(|info| info.class) {
                None => echoes += 1,
                Some(Class::Commons) => commons += 1,
                Some(Class::Contribution) => authors += 1,
            },
        }
    }
    let reached = [right, false_bytes, echoes, commons, authors];
    assert!(reached.iter().all(|count| *count >= 5), "{reached:?}");
}

/// The deepest trees that the limits allow, with the range in the middle of each, where its path is longest.
#[test]
fn the_largest_dispute_fits_its_limit() {
    let seq = u64::MAX;
    let mut content: Vec<u8> = (0..5u32 << 20).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let mut transcript: Vec<u8> = (0..65_536u32).map(|i| (i.wrapping_mul(40_503) >> 5 ^ i) as u8).collect();
    let (window, offset) = (32_768 - 16, (4 << 20) - 16);
    let shared = [7; 32];
    transcript[window..window + 32].copy_from_slice(&shared);
    content[offset..offset + 32].copy_from_slice(&shared);
    let world = World { prompt_len: 0, transcript, documents: vec![(seq, Class::Contribution, content)] };
    // One segment a window, none over the disputed one.
    let count = 65_505;
    let claim = Claim {
        segments: (0..count)
            .filter(|p| *p != window as u32)
            .map(|start| Segment { start, count: 1, source: seq, offset: (4 << 20) - 64 - start % 2 * 2 })
            .collect(),
    };
    let settled = Settled::new(&world, &claim, u64::MAX - 300, 256, 128);
    let info = world.info(seq);
    assert_eq!(claim.check(&settled.settled.receipt, |_| info), Ok(()));
    let prover = settled.prover(&world, &claim);
    let mut better = prover.open_better(window as u32, seq, offset as u32, world.bytes(seq)).unwrap();
    assert_eq!(better.segments.segments.len(), 2);
    // The neighbours that straddle the middle of the claim have the longest path; count it though the gap lies elsewhere.
    better.segments = SegmentsOpening::prove(&claim, 32_767, 2).unwrap();
    let size = Dispute::Better(better).encode().len();
    assert!(size <= MAX_DISPUTE_BYTES, "{size}");
    let better = prover.open_better(window as u32, seq, offset as u32, world.bytes(seq)).unwrap();
    assert!(verify(&Dispute::Better(better), &world, &settled).is_ok());
    // So does a false byte of the segment in the middle, and the answer to *open or lose*, which is the same without its first byte.
    let deepest = prover.open_byte(32_767, 0, world.bytes(seq)).unwrap();
    let of_source = match &deepest.source {
        SourceOpening::Content(opening) => opening.path.len(),
        SourceOpening::Echo(_) => 0,
    };
    assert_eq!((deepest.segment.path.len(), deepest.transcript.path.len(), of_source), (16, 8, 15));
    let falls = |byte: &u32| {
        let opened = Dispute::False(prover.open_byte(32_767, *byte, world.bytes(seq)).unwrap());
        assert!(opened.encode().len() <= MAX_DISPUTE_BYTES, "{}", opened.encode().len());
        verify(&opened, &world, &settled).is_ok()
    };
    assert!((0..32).any(|byte| falls(&byte)), "the source holds other bytes");
}

#[test]
fn a_dispute_over_its_limit_is_refused_before_it_is_read() {
    let error = DecodeError::TooLong { got: MAX_DISPUTE_BYTES + 1, limit: MAX_DISPUTE_BYTES };
    assert_eq!(Dispute::from_bytes(&vec![1; MAX_DISPUTE_BYTES + 1]), Err(error));
}

/// A world whose output holds one window of two sources, and a claim that gives it to the later one.
fn two_sources() -> (World, Claim) {
    let text: Vec<u8> = (0u8..200).collect();
    let documents = vec![
        (3, Class::Contribution, text[20..90].to_vec()),
        (8, Class::Contribution, text[10..150].to_vec()),
        (9, Class::Commons, text[100..140].to_vec()),
    ];
    let world = World { prompt_len: 10, transcript: text, documents };
    let claim = Claim { segments: vec![Segment { start: 0, count: 109, source: 8, offset: 0 }] };
    (world, claim)
}

fn better(world: &World, claim: &Claim, window: u32, source: u64, offset: u32) -> (BetterOwner, Settled) {
    let settled = Settled::new(world, claim, 1, 2, 1);
    let made = settled.prover(world, claim).open_better(window, source, offset, world.bytes(source)).unwrap();
    (made, settled)
}

#[test]
fn an_earlier_author_and_the_commons_are_better_than_a_later_author() {
    let (world, claim) = two_sources();
    for (window, source, offset, owner) in [(10, 3, 0, Rank::Contribution(3)), (90, 9, 0, Rank::Commons(9))] {
        let (dispute, settled) = better(&world, &claim, window, source, offset);
        let claimed = Some(claim.segments[0]);
        let expected = Refutation::Better { receipt: 2, window, claimed, owner };
        assert_eq!(verify(&Dispute::Better(dispute), &world, &settled), Ok(expected));
    }
}

#[test]
fn a_dispute_proves_nothing_outside_its_settlement_corpus_or_output() {
    let (world, claim) = two_sources();
    let (dispute, settled) = better(&world, &claim, 10, 3, 0);
    let dispute_at = |window| Dispute::Better(BetterOwner { window, ..dispute.clone() });
    let none = dispute_at(10).verify(&settled.settlement, |_, _| None);
    assert_eq!(none, Err(DisputeError::NotInCorpus(8)));
    let tombstoned = dispute_at(10).verify(&settled.settlement, |_, seq| world.info(seq).filter(|_| seq != 3));
    assert_eq!(tombstoned, Err(DisputeError::NotInCorpus(3)));
    let later = openledger_provenance::dispute::Settlement { first_index: 3, ..settled.settlement };
    let elsewhere = dispute_at(10).verify(&later, |_, seq| world.info(seq));
    assert_eq!(elsewhere, Err(DisputeError::OtherSettlement { index: 2, first: 3, count: 2 }));
    let beyond = dispute_at(159).verify(&settled.settlement, |_, seq| world.info(seq));
    assert_eq!(beyond, Err(DisputeError::NoSuchWindow { window: 159, windows: 159 }));
    assert!(matches!(
        verify(&dispute_at(120), &world, &settled),
        Err(DisputeError::Transcript(_) | DisputeError::Differs)
    ));
}

#[test]
fn neighbours_that_do_not_enclose_the_window_show_no_gap() {
    let (world, _) = two_sources();
    let at = |start| Segment { start, count: 2, source: 8, offset: start };
    let claim = Claim { segments: vec![at(20), at(40), at(60)] };
    let (good, settled) = better(&world, &claim, 30, 3, 20);
    assert!(verify(&Dispute::Better(good.clone()), &world, &settled).is_ok());
    for (first, count) in [(0, 1), (1, 1), (1, 2), (0, 3)] {
        let segments = SegmentsOpening::prove(&claim, first, count).unwrap();
        let dispute = Dispute::Better(BetterOwner { segments, ..good.clone() });
        assert!(matches!(verify(&dispute, &world, &settled), Err(DisputeError::NotAtWindow(_))), "{first} {count}");
    }
    // Before the first and after the last segment, and in a claim without any.
    for (window, claim) in [(15, &claim), (70, &claim), (30, &Claim::default())] {
        let offset = window - 10;
        let (source, offset) = if window < 40 { (3, offset) } else { (8, window) };
        let (dispute, settled) = better(&world, claim, window, source, offset);
        assert!(verify(&Dispute::Better(dispute), &world, &settled).is_ok(), "{window}");
    }
}

#[test]
fn an_opening_of_the_transcript_is_no_opening_of_a_contribution() {
    let (world, claim) = two_sources();
    let (dispute, settled) = better(&world, &claim, 10, 3, 0);
    let (echo, _) = better(&world, &claim, 10, ECHO, 0);
    let swapped = BetterOwner { witness: echo.witness, ..dispute };
    assert_eq!(verify(&Dispute::Better(swapped), &world, &settled), Err(DisputeError::SourceKind));
}

#[test]
fn a_segment_whose_source_differs_is_false_in_that_byte() {
    let (mut world, claim) = two_sources();
    world.documents[1].2[77] ^= 1;
    let settled = Settled::new(&world, &claim, 1, 2, 1);
    let prover = settled.prover(&world, &claim);
    let opening = |byte| prover.open_byte(0, byte, world.bytes(8)).unwrap();
    let open = |byte| Dispute::False(opening(byte));
    assert_eq!(verify(&open(77), &world, &settled), Ok(Refutation::False { receipt: 2, segment: 0, byte: 77 }));
    assert_eq!(verify(&open(76), &world, &settled), Err(DisputeError::Agrees));
    let opening = opening(77);
    let answer =
        opening.verify_answer(&Question { receipt: 2, segment: 0, byte: 77 }, &settled.settlement, |_, seq| {
            world.info(seq)
        });
    assert_eq!(answer, Err(DisputeError::Differs));
    let beyond = Dispute::False(ByteOpening { byte: 140, ..opening });
    assert_eq!(verify(&beyond, &world, &settled), Err(DisputeError::NoSuchByte { byte: 140, span: 140 }));
}

#[test]
fn at_every_border_of_chunks_a_lie_is_refuted_and_the_truth_is_not() {
    let text: Vec<u8> = (0..800u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    // Sources that end before, at and behind a border; outputs that begin everywhere in a chunk.
    for (length, prompt) in [(512usize, 0u32), (513, 1), (700, 224), (511, 255), (800, 256)] {
        let source = text[..length].to_vec();
        let transcript = [vec![b'?'; prompt as usize], source.clone()].concat();
        let documents = vec![(3, Class::Contribution, source.clone()), (8, Class::Contribution, source)];
        let mut world = World { prompt_len: prompt, transcript, documents };
        let windows = length as u32 - 31;
        let claim = |source| Claim { segments: vec![Segment { start: 0, count: windows, source, offset: 0 }] };
        for window in [0, 224, 225, 255, 256, windows - 1] {
            let (lie, settled) = better(&world, &claim(8), window, 3, window);
            assert!(
                verify(&Dispute::Better(lie), &world, &settled).is_ok(),
                "{length}: window {window} of the first author"
            );
            let (lie, settled) = better(&world, &claim(3), window, 8, window);
            assert!(verify(&Dispute::Better(lie), &world, &settled).is_err(), "{length}: the first author is the best");
        }
        let (claim, untouched) = (claim(8), world.documents[1].2.clone());
        for byte in [0, 255, 256, 257, length as u32 - 1] {
            let settled = Settled::new(&world, &claim, 1, 2, 1);
            let open = |world: &World| settled.prover(world, &claim).open_byte(0, byte, world.bytes(8)).unwrap();
            let truth = Dispute::False(open(&world));
            assert_eq!(verify(&truth, &world, &settled), Err(DisputeError::Agrees), "{length}: byte {byte}");
            world.documents[1].2[byte as usize] ^= 1;
            let refuted = verify(&Dispute::False(open(&world)), &world, &settled);
            assert_eq!(refuted, Ok(Refutation::False { receipt: 2, segment: 0, byte }), "{length}");
            world.documents[1].2 = untouched.clone();
        }
    }
}
