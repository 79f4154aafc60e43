//! What can be asked of a claimant and answered, and whose unexplained text is shown: against random worlds.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod support;

use openledger_provenance::audit::{audit, Finding};
use openledger_provenance::canonical::{canonical_claim, Class};
use openledger_provenance::claim::{Claim, Segment};
use openledger_provenance::codec::{DecodeError, Encode};
use openledger_provenance::content::Commitment;
use openledger_provenance::dispute::{DisputeError, Question, SettledOpening};
use openledger_provenance::existence::check_transcript;
use openledger_provenance::inquiry::Inquiry;
use openledger_provenance::undeclared::UndeclaredError;
use openledger_provenance::MAX_DISPUTE_BYTES;
use proptest::prelude::*;
use support::{key, world, Settled, World};

fn bytes_of(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..len).map(|_| next()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// D3: whatever is asked about a true claim is answered by whoever holds the bytes, and the transcript can be published.
    #[test]
    fn every_question_about_a_true_claim_has_an_answer(world in world(), pick: prop::sample::Index, byte in 0u32..300) {
        let claim = canonical_claim(&world.transcript, world.prompt_len, &world.sources());
        let settled = Settled::new(&world, &claim, 10, 5, 4);
        let prover = settled.prover(&world, &claim);
        let receipt = SettledOpening::from_bytes(&prover.open_settled().unwrap().encode()).unwrap();
        let opened = receipt.open(&settled.settlement).unwrap().receipt;
        prop_assert_eq!(check_transcript(&opened, &world.transcript, &key(14)), Ok(()));
        if claim.segments.is_empty() {
            return Ok(());
        }
        let segment = pick.index(claim.segments.len()) as u32;
        let named = claim.segments[segment as usize];
        let byte = byte % named.span() as u32;
        let asked = Inquiry::from_bytes(&prover.inquire(segment, byte).unwrap().encode()).unwrap();
        let question = asked.question(&settled.settlement).unwrap();
        prop_assert_eq!(question, Question { receipt: 14, segment, byte });
        let answer = prover.open_byte(segment, byte, world.bytes(named.source)).unwrap();
        prop_assert_eq!(answer.verify_answer(&question, &settled.settlement, |_, seq| world.info(seq)), Ok(()));
        let beyond = prover.inquire(segment, named.span() as u32).unwrap().question(&settled.settlement);
        prop_assert_eq!(beyond, Err(DisputeError::NoSuchByte { byte: named.span() as u32, span: named.span() }));
    }

    /// D3: a byte that a source lacks is asked for and cannot be opened.
    #[test]
    fn a_false_byte_has_no_answer(world in world(), pick: prop::sample::Index, shift in 1u32..40) {
        let mut claim = canonical_claim(&world.transcript, world.prompt_len, &world.sources());
        if claim.segments.is_empty() {
            return Ok(());
        }
        let at = pick.index(claim.segments.len());
        claim.segments[at].offset += shift;
        if claim.check(&world.receipt(14), |seq| world.info(seq)).is_err() {
            return Ok(());
        }
        let Some(Finding::False { segment, byte }) = audit(&world.transcript, world.prompt_len, &claim, &world.sources()) else {
            return Ok(());
        };
        let settled = Settled::new(&world, &claim, 10, 5, 4);
        let prover = settled.prover(&world, &claim);
        let question = prover.inquire(segment, byte).unwrap().question(&settled.settlement).unwrap();
        let answer = prover.open_byte(segment, byte, world.bytes(claim.segments[segment as usize].source)).unwrap();
        let found = answer.verify_answer(&question, &settled.settlement, |_, seq| world.info(seq));
        prop_assert_eq!(found, Err(DisputeError::Differs));
    }

    /// Whatever is changed in a question, it asks for nothing that is not there.
    #[test]
    fn forged_questions_ask_for_nothing(world in world(), flip: prop::sample::Index, noise in prop::collection::vec(any::<u8>(), 0..300)) {
        let claim = canonical_claim(&world.transcript, world.prompt_len, &world.sources());
        if let Ok(read) = Inquiry::from_bytes(&noise) {
            prop_assert_eq!(read.encode(), noise);
        }
        if claim.segments.is_empty() {
            return Ok(());
        }
        let settled = Settled::new(&world, &claim, 1, 3, 1);
        let mut bytes = settled.prover(&world, &claim).inquire(0, 0).unwrap().encode();
        let bit = flip.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let Ok(forged) = Inquiry::from_bytes(&bytes) else { return Ok(()) };
        if let Ok(question) = forged.question(&settled.settlement) {
            // Only the byte is the asker's own to say.
            prop_assert_eq!((question.receipt, question.segment), (2, 0));
            prop_assert!(u64::from(question.byte) < claim.segments[0].span());
        }
    }

    /// Any stretch of an undeclared document that the answer repeats is shown; a stretch moved by one byte is not.
    #[test]
    fn unexplained_text_is_shown_where_it_stands_and_nowhere_else(
        seed in 1u64..1_000, prompt in 0usize..300, before in 0usize..300, from in 0usize..400, len in 256usize..900, flip: prop::sample::Index,
    ) {
        let hidden = bytes_of(seed, from + len + 50);
        let transcript = [bytes_of(seed + 5_000, prompt + before), hidden[from..from + len].to_vec(), bytes_of(seed + 9_000, 40)].concat();
        let world = World { prompt_len: prompt as u32, transcript, documents: Vec::new() };
        let claim = Claim::default();
        let settled = Settled::new(&world, &claim, 1, 1, 0);
        let (start, count, offset) = (before as u32, len as u32 - 31, from as u32);
        let shown = settled.prover(&world, &claim).open_undeclared(start, count, offset, &hidden).unwrap();
        let (receipt, commitment) = (settled.settled.receipt, Commitment::of(&hidden));
        prop_assert_eq!(shown.verify(&receipt, &claim, &commitment), Ok(()));
        let moved = settled.prover(&world, &claim).open_undeclared(start, count, offset + 1, &hidden).unwrap();
        prop_assert_eq!(moved.verify(&receipt, &claim, &commitment), Err(UndeclaredError::Differs));
        let other = Commitment::of(&bytes_of(seed + 1, hidden.len()));
        prop_assert!(matches!(shown.verify(&receipt, &claim, &other), Err(UndeclaredError::Source(_))));
        let owned = Claim { segments: vec![Segment { start: start + count - 1, count: 1, source: 4, offset: 0 }] };
        prop_assert_eq!(shown.verify(&receipt, &owned, &commitment), Err(UndeclaredError::Owned(0)));
        let mut damaged = shown.clone();
        let at = flip.index(damaged.source.bytes.len());
        damaged.source.bytes[at] ^= 1;
        prop_assert!(damaged.verify(&receipt, &claim, &commitment).is_err());
    }
}

#[test]
fn a_question_over_its_limit_is_refused_before_it_is_read() {
    let error = DecodeError::TooLong { got: MAX_DISPUTE_BYTES + 1, limit: MAX_DISPUTE_BYTES };
    assert_eq!(Inquiry::from_bytes(&vec![1; MAX_DISPUTE_BYTES + 1]), Err(error.clone()));
    assert_eq!(SettledOpening::from_bytes(&vec![1; MAX_DISPUTE_BYTES + 1]), Err(error));
}

#[test]
fn a_showing_has_256_to_4096_bytes_of_the_output() {
    let hidden = bytes_of(3, 9_000);
    let world = World {
        prompt_len: 0,
        transcript: hidden[..8_000].to_vec(),
        documents: vec![(4, Class::Contribution, vec![])],
    };
    let claim = Claim::default();
    let settled = Settled::new(&world, &claim, 1, 1, 0);
    let (receipt, commitment) = (settled.settled.receipt, Commitment::of(&hidden));
    let verdict = |start: u32, count: u32| {
        let shown = settled.prover(&world, &claim).open_undeclared(start, count, start, &hidden).unwrap();
        shown.verify(&receipt, &claim, &commitment)
    };
    assert_eq!(verdict(0, 225), Ok(()));
    assert_eq!(verdict(256, 4_065), Ok(()));
    assert_eq!(verdict(7_744, 225), Ok(()), "the last bytes");
    assert_eq!(verdict(0, 224), Err(UndeclaredError::Size(224)));
    assert_eq!(verdict(0, 4_066), Err(UndeclaredError::Size(4_066)));
    let shown = settled.prover(&world, &claim).open_undeclared(0, 225, 0, &hidden).unwrap();
    let beyond = openledger_provenance::undeclared::UndeclaredSource { start: 7_745, ..shown };
    let windows = receipt.windows();
    assert_eq!(
        beyond.verify(&receipt, &claim, &commitment),
        Err(UndeclaredError::BeyondOutput { start: 7_745, count: 225, windows })
    );
}
