//! What the largest settlements, and each way to look behind claims, cost the chain: 64 receipts existence-checked (of 15 segments each: with
//! their openings, what 700 kB hold), 256 of 48 segments claims only; D1, D2, D3 asked and answered, a transcript demanded, one of
//! 64 KiB published, an undeclared source of 4,096 bytes, and a block that draws for 20 settlements. Eight authors of 100,000 bytes each. Execution alone, on a state in memory, undone
//! after each run; the median.
//!
//! `cargo bench -p openledger-attribution --bench settle`

#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::float_arithmetic
)]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::time::{Duration, Instant};

use common::{prose, text, Answer, World, DISPUTANT, OPEN, PAYER};
use openledger_core::{Context, GasMeter, Mode, Module, Router};
use openledger_proto::openledger::attribution::v1::{
    Check, MsgClaimUndeclared, MsgDemandOpeningResponse, MsgDemandTranscriptResponse,
};
use openledger_proto::openledger::datanet::v1::RightsKind;
use openledger_proto::{Message, Name};
use openledger_provenance::claim::{Claim, Segment};
use openledger_provenance::codec::Encode;
use openledger_provenance::dispute::Dispute;

const DOCUMENTS: usize = 8;
const DOCUMENT_BYTES: usize = 100_000;
/// Bytes that an answer takes from a document at a stretch.
const PIECE: usize = 45;
const K: usize = 32;
const RUNS: usize = 11;

fn main() {
    let documents: Vec<Vec<u8>> = (0..DOCUMENTS).map(|seed| prose(100 + seed as u64, DOCUMENT_BYTES)).collect();
    for (check, receipts, segments) in [(Check::Existence, 64, 15), (Check::ClaimsOnly, 256, 48)] {
        let mut world = World::with_documents(&[10], &documents);
        let mut answers = Vec::new();
        for number in 0..receipts {
            let (output, claim) = output(&documents, number, segments);
            let index = world.answers.len() as u64 + 1;
            let answer = world.make_answer(index, b"Tell me. ", &output, OPEN);
            world.answers.push(answer.clone());
            answers.push((answer, claim));
        }
        let claims: Vec<Claim> = answers.iter().map(|(_, claim)| claim.clone()).collect();
        let message = world.settle_msg(0, &claims, check);
        let (took, gas) = execute(&mut world, &message);
        println!(
            "{receipts} receipts of {segments} segments, {check:?}: {:.1} ms, {gas} gas, {} bytes",
            took.as_secs_f64() * 1000.0,
            message.encoded_len()
        );
    }
    dispute(&documents);
    openings(&documents);
    undeclared();
    draws(&documents);
}

fn report<M: Message + Name>(what: &str, world: &mut World, message: &M) {
    let (took, gas) = execute(world, message);
    println!("{what}: {:.3} ms, {gas} gas, {} bytes", took.as_secs_f64() * 1000.0, message.encoded_len());
}

/// Pieces of the documents in turn, and the claim that names them.
fn output(documents: &[Vec<u8>], number: usize, count: usize) -> (Vec<u8>, Claim) {
    let (mut output, mut segments) = (Vec::new(), Vec::new());
    for piece in 0..count {
        let document = (number + piece) % documents.len();
        let offset = (number * 7_919 + piece * 1_009) % (DOCUMENT_BYTES - PIECE);
        segments.push(Segment {
            start: output.len() as u32,
            count: (PIECE - K + 1) as u32,
            source: document as u64 + 1,
            offset: offset as u32,
        });
        output.extend_from_slice(&documents[document][offset..offset + PIECE]);
    }
    (output, Claim { segments })
}

/// A claim that passes over the first author, refuted.
fn dispute(documents: &[Vec<u8>]) {
    let mut world = World::with_documents(&[10], documents);
    let (output, mut claim) = output(documents, 0, 45);
    let answer: Answer = world.say(b"Tell me. ", &output);
    world.next_block();
    let first = claim.segments.remove(0);
    let settlement = world.settle_with(&answer, &claim, Check::Existence);
    let evidence = world.prove(&answer, &claim, |prover| {
        Dispute::Better(prover.open_better(0, first.source, first.offset, Some(&documents[0])).unwrap())
    });
    let dispute = world.commit(DISPUTANT, settlement, &evidence);
    world.next_block();
    let message = world.reveal_msg(DISPUTANT, dispute, &evidence);
    let (took, gas) = execute(&mut world, &message);
    println!("a D2 dispute: {:.3} ms, {gas} gas, {} bytes", took.as_secs_f64() * 1000.0, message.encoded_len());
}

/// A settlement with claims alone: one byte asked for and opened, a transcript of 64 KiB asked for and published, a lie refuted by D1.
fn openings(documents: &[Vec<u8>]) {
    let mut world = World::with_documents(&[10], documents);
    let (mut output, mut claim) = output(documents, 0, 48);
    output.extend(prose(9, 65_536 - 9 - output.len()));
    claim.segments[1].source = 1;
    let answer: Answer = world.make_answer(1, b"Tell me. ", &output, OPEN);
    world.answers.push(answer.clone());
    world.next_block();
    let settlement = world.settle_with(&answer, &claim, Check::ClaimsOnly);
    let settled = [(answer.clone(), claim.clone())];
    let ask = world.ask_opening(DISPUTANT, settlement, &settled, (0, 0, 20));
    report("D3, asked", &mut world, &ask);
    let demand = world.answer::<_, MsgDemandOpeningResponse>(&ask).unwrap().demand;
    let opened = world.answer_opening(demand, &settled, (0, 0, 20));
    report("D3, answered", &mut world, &opened);
    let ask = world.ask_transcript(PAYER, settlement, &settled, (0, 0));
    report("S-open, asked", &mut world, &ask);
    let demand = world.answer::<_, MsgDemandTranscriptResponse>(&ask).unwrap().demand;
    let publication = world.publish(demand, &settled, 0);
    report("S-open, published", &mut world, &publication);
    let evidence = world.prove(&answer, &claim, |p| Dispute::False(p.open_byte(1, 0, Some(&documents[0])).unwrap()));
    let dispute = world.commit(DISPUTANT, settlement, &evidence);
    world.next_block();
    let reveal = world.reveal_msg(DISPUTANT, dispute, &evidence);
    report("D1", &mut world, &reveal);
}

/// 4,096 bytes of an answer in a contribution of 100,000 that the model version does not declare.
fn undeclared() {
    let mut world = World::new();
    let hidden = prose(70, 100_000);
    world.contribute(31, &hidden, RightsKind::Own, false);
    let version = world.register_version(1, &[], 0);
    world.deployment = world.deploy(version);
    world.session = world.open_session(1_000 * OPEN);
    world.next_block();
    let mut answer = world.make_answer(1, b"?", &hidden[1_000..9_000], OPEN);
    answer.receipt.model_version = version;
    world.answers.push(answer.clone());
    world.next_block();
    let settlement = world.settle_with(&answer, &Claim::default(), Check::ClaimsOnly);
    let settled = [(answer, Claim::default())];
    let shown = world.with_prover(&settled, 0, |prover| prover.open_undeclared(100, 4_065, 1_100, &hidden).unwrap());
    let message = MsgClaimUndeclared {
        claimant: text(DISPUTANT),
        settlement,
        receipt: world.receipt_of(&settled, 0),
        segments: Vec::new(),
        start: 100,
        count: 4_065,
        contribution: 4,
        offset: 1_100,
        transcript: shown.transcript.encode(),
        source: shown.source.encode(),
        ..MsgClaimUndeclared::default()
    };
    report("an undeclared source", &mut world, &message);
}

/// The end of a block in which twenty settlements of 16 receipts are drawn for.
fn draws(documents: &[Vec<u8>]) {
    let mut world = World::with_documents(&[10], documents);
    world.bond_auditor(21);
    world.session = world.open_session(100_000 * OPEN);
    world.answers.clear();
    world.next_block();
    for _ in 0..20 {
        let first = world.answers.len();
        let claims: Vec<Claim> = (0..16)
            .map(|number| {
                let (output, claim) = output(documents, number, 4);
                let answer = world.make_answer(world.answers.len() as u64 + 1, b"?", &output, OPEN / 10);
                world.answers.push(answer);
                claim
            })
            .collect();
        let message = world.settle_msg(first, &claims, Check::ClaimsOnly);
        world.ok(&message);
    }
    world.seed_next_epoch(21);
    let keeper = world.keeper;
    let from = Instant::now();
    world.with(|ctx| keeper.end_block(ctx).unwrap());
    println!("the end of a block that draws for 20 settlements: {:.1} ms", from.elapsed().as_secs_f64() * 1000.0);
}

/// Validates and executes a message several times, undone each time; the median time, and the gas.
fn execute<M: Message + Name>(world: &mut World, message: &M) -> (Duration, u64) {
    let mut router = Router::default();
    world.keeper.register(&mut router);
    let route = router.msg_route(&M::type_url()).unwrap();
    let bytes = message.encode_to_vec();
    let mut took = Vec::new();
    let mut gas = 0;
    for _ in 0..RUNS {
        let mut ctx = Context::new(&mut world.state, &world.block, Mode::Deliver, GasMeter::infinite());
        let point = ctx.checkpoint();
        let from = Instant::now();
        let decoded = route.decode(&bytes).unwrap();
        route.handle(&mut ctx, &decoded).unwrap();
        took.push(from.elapsed());
        gas = ctx.gas().consumed();
        ctx.revert(point);
    }
    took.sort();
    (took[RUNS / 2], gas)
}
