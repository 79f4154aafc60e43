//! Any sequence of sessions, settlements, disputes, demands, samples, replacements, undeclared sources and claims conserves money: after each
//! step and each block the till, counted anew, is what the module holds, every lock is a settlement's, everything open is counted and
//! queued, and the supply has shrunk by what was burnt.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::*;
use openledger_proto::openledger::attribution::v1::*;
use openledger_proto::openledger::datanet::v1::RightsKind;
use openledger_provenance::claim::Claim;
use openledger_provenance::codec::Encode;
use openledger_provenance::dispute::Dispute as Evidence;
use proptest::prelude::*;

/// Who answers with claims alone, and honestly.
const HONEST_ALONE: u8 = 3;

/// One thing that somebody does; what it needs and does not find makes it fail, and failing changes nothing.
#[derive(Debug, Clone)]
enum Step {
    Blocks(u64),
    TopUp(u128),
    Notice,
    Close(u8),
    /// Settles an answer: honestly, passing the first author over, with a lie, honestly with claims alone.
    Settle(u8),
    /// Disputes settlement `.0` by the evidence that fits it, or (`.1`) by one that does not; reveals unless `.2`.
    Dispute(u8, bool, bool),
    /// Replaces the claims of a settlement, honestly or with the ones that were false; only commits where `.2`.
    Replace(u8, bool, bool),
    /// Demands an opening, or a transcript.
    Demand(u8, bool),
    /// Whoever has to answers everything that is open about a settlement, as far as its claims allow.
    Answer(u8),
    Undeclared(u8, u32),
    Bond(u8),
    Unbond(u8),
    CommitSeed(u8),
    RevealSeed(u8),
    Claim(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let auditor = || prop::sample::select(vec![21u8, 22, 23]);
    prop_oneof![
        5 => (1u64..6).prop_map(Step::Blocks),
        1 => (1u128..OPEN).prop_map(Step::TopUp),
        1 => Just(Step::Notice),
        1 => prop::sample::select(vec![PAYER, SERVER, OTHER]).prop_map(Step::Close),
        5 => (0u8..4).prop_map(Step::Settle),
        4 => (0u8..8, prop::bool::weighted(0.3), prop::bool::weighted(0.2)).prop_map(|(s, w, h)| Step::Dispute(s, w, h)),
        3 => (0u8..8, any::<bool>(), prop::bool::weighted(0.2)).prop_map(|(s, honest, only)| Step::Replace(s, honest, only)),
        4 => (0u8..8, any::<bool>()).prop_map(|(s, transcript)| Step::Demand(s, transcript)),
        4 => (0u8..8).prop_map(Step::Answer),
        2 => (0u8..8, 132u32..140).prop_map(|(s, start)| Step::Undeclared(s, start)),
        1 => auditor().prop_map(Step::Bond),
        1 => auditor().prop_map(Step::Unbond),
        2 => auditor().prop_map(Step::CommitSeed),
        2 => auditor().prop_map(Step::RevealSeed),
        2 => prop::sample::select(vec![SERVER, DISPUTANT, OTHER, FIRST_AUTHOR, FIRST_AUTHOR + 2, MODEL_OWNER, 31]).prop_map(Step::Claim),
    ]
}

/// What the test knows of a settlement.
struct Known {
    id: u64,
    answer: Answer,
    claim: Claim,
    kind: u8,
}

impl Known {
    fn is_honest(&self) -> bool {
        matches!(self.kind, 0 | HONEST_ALONE)
    }

    fn settled(&self) -> [(Answer, Claim); 1] {
        [(self.answer.clone(), self.claim.clone())]
    }
}

/// A world with a contribution that the model version does not declare.
fn world() -> World {
    let mut world = World::new();
    world.contribute(31, &prose(99, 700), RightsKind::Own, false);
    let version = world.register_version(1, &[], 0);
    assert_eq!(version, 2);
    world.deployment = world.deploy(version);
    world.session = world.open_session(1_000 * OPEN);
    world.next_block();
    world
}

fn say(world: &mut World) -> Answer {
    let output = [&world.documents[&1][100..232], &prose(99, 300)[..], &world.documents[&3][50..213]].concat();
    let mut answer = world.make_answer(world.answers.len() as u64 + 1, b"?", &output, 2 * OPEN);
    answer.receipt.model_version = 2;
    world.answers.push(answer.clone());
    answer
}

fn claim_of(world: &World, answer: &Answer, kind: u8) -> Claim {
    let mut claim = match kind {
        1 => world.claim_from(answer, &[2, 3]),
        _ => world.claim_from(answer, &[1, 2, 3]),
    };
    if kind == 2 {
        claim.segments[0].source = 3;
    }
    claim
}

fn evidence(world: &World, known: &Known, wrong: bool) -> Vec<u8> {
    let document = |seq: u64| world.documents[&seq].clone();
    if wrong || known.is_honest() {
        return b"nothing of the kind".to_vec();
    }
    world.prove(&known.answer, &known.claim, |prover| match known.kind {
        1 => Evidence::Better(prover.open_better(0, 1, 100, Some(&document(1))).unwrap()),
        _ => Evidence::False(prover.open_byte(0, 0, Some(&document(3))).unwrap()),
    })
}

fn replace(world: &mut World, one: &mut Known, honest: bool, only: bool) {
    let claim = if honest { claim_of(world, &one.answer, 0) } else { one.claim.clone() };
    let receipts = vec![world.claimed(&one.answer, &claim, Check::ClaimsOnly)];
    let (check, salt) = (Check::ClaimsOnly.into(), SALT.to_vec());
    let mut msg = MsgReplaceClaim { maker: text(OTHER), settlement: one.id, receipts, check, number: 0, salt };
    let commit = world.replacement_commit(&msg, &[(one.answer.clone(), claim.clone())]);
    let Ok(committed) = world.answer::<_, MsgCommitReplacementResponse>(&commit) else { return };
    msg.number = committed.number;
    world.next_block();
    if !only && world.execute(&msg).is_ok() {
        one.claim = claim;
        if honest {
            one.kind = HONEST_ALONE;
        }
    }
}

fn answer_all(world: &mut World, one: &Known) {
    let claimant = world.settlement(one.id).rounds.last().unwrap().maker.clone();
    for demand in world.demands(one.id) {
        if demand.kind() == DemandKind::Opening {
            let answer = world.answer_opening(demand.id, &one.settled(), (0, demand.segment, demand.byte));
            let answered = world.execute(&MsgAnswerOpening { claimant: claimant.clone(), ..answer });
            assert!(answered.is_err() || one.kind != 2 || demand.segment != 0, "a lie was opened");
        } else {
            let publication = world.publish(demand.id, &one.settled(), 0);
            world.ok(&MsgPublishTranscript { claimant: claimant.clone(), ..publication });
        }
    }
}

fn show(world: &mut World, one: &Known, start: u32) {
    let shown = world.with_prover(&one.settled(), 0, |prover| {
        prover.open_undeclared(start, 240, start - 132, &world.documents[&4]).unwrap()
    });
    let segment = |s: &openledger_provenance::claim::Segment| Segment {
        start: s.start,
        count: s.count,
        source: s.source,
        offset: s.offset,
    };
    let msg = MsgClaimUndeclared {
        claimant: text(OTHER),
        settlement: one.id,
        receipt: world.receipt_of(&one.settled(), 0),
        segments: one.claim.segments.iter().map(segment).collect(),
        start,
        count: 240,
        contribution: 4,
        offset: start - 132,
        transcript: shown.transcript.encode(),
        source: shown.source.encode(),
        credits: Vec::new(),
    };
    drop(world.execute(&msg));
}

fn act(world: &mut World, known: &mut Vec<Known>, step: Step) {
    let session = world.session;
    match step {
        Step::Blocks(count) => world.blocks(count),
        Step::TopUp(amount) => {
            drop(world.execute(&MsgTopUpSession { payer: text(PAYER), session, amount: coin(amount) }))
        }
        Step::Notice => drop(world.execute(&MsgNoticeClose { payer: text(PAYER), session })),
        Step::Close(sender) => drop(world.execute(&MsgCloseSession { sender: text(sender), session })),
        Step::Settle(kind) => {
            let answer = say(world);
            world.next_block();
            let claim = claim_of(world, &answer, kind);
            let check = if kind < 2 { Check::Existence } else { Check::ClaimsOnly };
            let msg = world.settle_msg(world.answers.len() - 1, std::slice::from_ref(&claim), check);
            match world.answer::<_, MsgSettleResponse>(&msg) {
                Ok(response) => known.push(Known { id: response.settlement, answer, claim, kind }),
                Err(_) => drop(world.answers.pop()),
            }
        }
        Step::Dispute(which, wrong, hide) => {
            let Some(one) = known.get(usize::from(which)) else { return };
            let evidence = evidence(world, one, wrong);
            let commit = world.commit_msg(DISPUTANT, one.id, &evidence);
            let Ok(committed) = world.answer::<_, MsgCommitDisputeResponse>(&commit) else { return };
            world.next_block();
            if !hide {
                let valid = world.reveal(DISPUTANT, committed.dispute, &evidence).valid;
                assert!(!valid || (!one.is_honest() && !wrong), "an honest claim was refuted");
            }
        }
        Step::Replace(which, honest, only) => {
            let Some(one) = known.get_mut(usize::from(which)) else { return };
            replace(world, one, honest, only);
        }
        Step::Demand(which, transcript) => {
            let Some(one) = known.get(usize::from(which)) else { return };
            if transcript {
                let ask = world.ask_transcript(PAYER, one.id, &one.settled(), (0, 0));
                drop(world.execute(&ask));
            } else {
                let ask = world.ask_opening(OTHER, one.id, &one.settled(), (0, 0, u32::from(which)));
                drop(world.execute(&ask));
            }
        }
        Step::Answer(which) => {
            let Some(one) = known.get(usize::from(which)) else { return };
            answer_all(world, one);
        }
        Step::Undeclared(which, start) => {
            let Some(one) = known.get(usize::from(which)) else { return };
            show(world, one, start);
        }
        Step::Bond(auditor) => drop(world.execute(&MsgBondAuditor { auditor: text(auditor) })),
        Step::Unbond(auditor) => drop(world.execute(&MsgUnbondAuditor { auditor: text(auditor) })),
        Step::CommitSeed(auditor) => {
            let msg = world.commit_seed_msg(auditor, [auditor; 32]);
            drop(world.execute(&msg));
        }
        Step::RevealSeed(auditor) => {
            let msg = world.reveal_seed_msg(auditor, [auditor; 32]);
            drop(world.execute(&msg));
        }
        Step::Claim(claimant) => drop(world.execute(&MsgClaim { claimant: text(claimant), recipient: String::new() })),
    }
}

/// Whether a round of a settlement fell because something stayed closed.
fn stayed_closed(world: &World, settlement: u64) -> bool {
    let request = QueryDisputesRequest { settlement, pagination: None };
    let disputes = world.ask::<QueryDisputesResponse>("Disputes", &request).unwrap().disputes;
    disputes.iter().any(|dispute| dispute.bond == "0" && dispute.status() != DisputeStatus::Rejected)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 60, ..ProptestConfig::default() })]
    #[test]
    fn money_is_conserved_whatever_happens(steps in prop::collection::vec(step(), 1..32)) {
        let mut world = world();
        let mut known = Vec::new();
        for step in steps {
            act(&mut world, &mut known, step);
        }
        // Left alone, everything comes to its end, and honest claims are paid unless something stayed closed.
        world.blocks(3 * (5 * EPOCH + WINDOW + 10 * REVEAL + 2 * ANSWER));
        for one in &known {
            let status = world.status(one.id);
            prop_assert!(matches!(status, SettlementStatus::Paid | SettlementStatus::Baselined));
            prop_assert!(!one.is_honest() || status == SettlementStatus::Paid || stayed_closed(&world, one.id));
            prop_assert_eq!(world.openings(one.id), Openings { settlement: one.id, ..Default::default() });
        }
        let solvency: QuerySolvencyResponse = world.ask("Solvency", &QuerySolvencyRequest {}).unwrap();
        let totals = solvency.totals.unwrap();
        let rest = [totals.pools, totals.dispute_bonds, totals.replacements, totals.demands];
        prop_assert_eq!(rest.each_ref().map(String::as_str), ["0"; 4]);
        prop_assert_eq!(solvency.owed, solvency.held);
    }
}
