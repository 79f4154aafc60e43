//! Open or lose, and publish or lose: who may ask what and when, what answers, and what becomes of a maker of claims that does not.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::*;
use cosmwasm_std::Uint256;
use openledger_proto::openledger::attribution::v1::*;
use openledger_proto::openledger::datanet::v1::RightsKind;
use openledger_proto::openledger::model::v1 as model;
use openledger_provenance::claim::Claim;

fn asked(world: &mut World, msg: &MsgDemandOpening) -> MsgDemandOpeningResponse {
    world.answer(msg).unwrap()
}

fn amount(text: &str) -> Uint256 {
    text.parse().unwrap()
}

#[test]
fn an_answer_in_time_earns_the_deposit_and_the_claims_stand() {
    let mut world = World::new();
    let (settlement, settled) = world.settle_claims_only(3);
    let ask = world.ask_opening(OTHER, settlement, &settled, (1, 0, 40));
    let before = world.balance(OTHER);
    let demand = asked(&mut world, &ask);
    assert_eq!(world.balance(OTHER), before - amount(&demand.deposit));
    assert_eq!(world.demands(settlement)[0].receipt, 2);
    world.blocks(ANSWER);
    let server = world.owed(SERVER);
    let answer = world.answer_opening(demand.demand, &settled, (1, 0, 40));
    world.ok(&answer);
    assert_eq!(world.owed(SERVER) - server, amount(&demand.deposit));
    assert!(world.demands(settlement).is_empty());
    assert_eq!(world.code(&answer), ("attribution", 2), "once");
    world.blocks(5 * EPOCH + REVEAL + 2);
    assert_eq!(world.status(settlement), SettlementStatus::Paid);
}

#[test]
fn no_answer_by_the_deadline_makes_the_claims_false_and_the_challenger_has_the_bounty() {
    let mut world = World::new();
    let (settlement, settled) = world.settle_claims_only(2);
    let bond = amount(&world.settlement(settlement).rounds[0].bond);
    let ask = world.ask_opening(OTHER, settlement, &settled, (0, 1, 0));
    let demand = asked(&mut world, &ask);
    world.blocks(ANSWER);
    assert_eq!(world.status(settlement), SettlementStatus::Pending);
    world.next_block();
    assert_eq!(world.status(settlement), SettlementStatus::False);
    let answer = world.answer_opening(demand.demand, &settled, (0, 1, 0));
    assert_eq!(world.code(&answer), ("attribution", 2));
    let dispute = world.dispute_of(demand.demand);
    assert_eq!(dispute.status(), DisputeStatus::Valid);
    assert!(dispute.finding.contains("byte 0 of segment 1"), "{}", dispute.finding);
    let (_, locked) = world.bond();
    assert_eq!(locked, bond);
    // Earlier commits could be revealed up to here.
    world.next_block();
    assert_eq!(world.status(settlement), SettlementStatus::AwaitingReplacement);
    assert_eq!(world.owed(OTHER), amount(&demand.deposit) + bond / Uint256::from(4u8));
    assert_eq!(world.bond().1, Uint256::zero());
}

#[test]
fn an_answer_of_another_question_or_of_other_bytes_is_refused_and_can_be_given_again() {
    let mut world = World::new();
    let (settlement, settled) = world.settle_claims_only(2);
    let ask = world.ask_opening(OTHER, settlement, &settled, (0, 0, 5));
    let demand = asked(&mut world, &ask).demand;
    for question in [(1, 0, 5), (0, 1, 5), (0, 0, 6)] {
        let other = world.answer_opening(demand, &settled, question);
        assert_eq!(world.code(&other), ("attribution", 19), "{question:?}");
    }
    let good = world.answer_opening(demand, &settled, (0, 0, 5));
    let stranger = MsgAnswerOpening { claimant: text(PAYER), ..good.clone() };
    assert_eq!(world.code(&stranger), ("attribution", 3));
    for answer in [Vec::new(), good.answer[..good.answer.len() - 1].to_vec(), [good.answer.as_slice(), &[0]].concat()] {
        assert_eq!(world.code(&MsgAnswerOpening { answer, ..good.clone() }), ("attribution", 19));
    }
    let long = MsgAnswerOpening { answer: vec![0; 4_097], ..good.clone() };
    assert_eq!(world.code(&long), ("attribution", 12));
    let transcript = world.publish(demand, &settled, 0);
    assert_eq!(world.code(&transcript), ("attribution", 19), "the demand asks for a byte");
    world.ok(&good);
}

#[test]
fn a_lie_cannot_be_opened() {
    let mut world = World::new();
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let mut claim = world.honest(&answer);
    claim.segments[0].source = 3;
    let settlement = world.settle_with(&answer, &claim, Check::ClaimsOnly);
    let settled = [(answer, claim)];
    let ask = world.ask_opening(OTHER, settlement, &settled, (0, 0, 0));
    let demand = asked(&mut world, &ask).demand;
    let lie = world.answer_opening(demand, &settled, (0, 0, 0));
    let (_, code, message) = world.refused(&lie);
    assert_eq!((code, message.as_str()), (19, "the bytes differ: the source does not hold them"));
    world.blocks(ANSWER + 1);
    assert_eq!(world.status(settlement), SettlementStatus::False);
}

#[test]
fn a_question_about_what_was_not_settled_is_refused() {
    let mut world = World::new();
    let (settlement, settled) = world.settle_claims_only(2);
    let (second, _) = world.settle_claims_only(1);
    let good = world.ask_opening(OTHER, settlement, &settled, (1, 0, 0));
    let elsewhere = MsgDemandOpening { settlement: second, ..good.clone() };
    assert_eq!(world.code(&elsewhere), ("attribution", 19));
    let mut changed = settled.clone();
    changed[1].1.segments[0].offset += 1;
    let forged = world.ask_opening(OTHER, settlement, &changed, (1, 0, 0));
    assert_eq!(world.code(&forged), ("attribution", 19));
    let span = settled[1].1.segments[0].span() as u32;
    let beyond = world.ask_opening(OTHER, settlement, &settled, (1, 0, span));
    assert_eq!(world.code(&beyond), ("attribution", 19));
    let last = world.ask_opening(OTHER, settlement, &settled, (1, 0, span - 1));
    world.ok(&last);
    for question in [Vec::new(), good.question[1..].to_vec(), vec![0xff; 200]] {
        assert_eq!(world.code(&MsgDemandOpening { question, ..good.clone() }), ("attribution", 19));
    }
    assert_eq!(world.code(&MsgDemandOpening { question: vec![0; 4_097], ..good.clone() }), ("attribution", 12));
    assert_eq!(world.code(&MsgDemandOpening { settlement: 99, ..good.clone() }), ("attribution", 2));
    let poor = MsgDemandOpening { challenger: text(200), ..good };
    assert_eq!(world.code(&poor), ("sdk", 5));
}

#[test]
fn claims_that_were_opened_on_arrival_are_not_asked_about_again() {
    let mut world = World::new();
    let settlement = world.settle_honestly();
    let settled = [(world.answers[0].clone(), world.honest(&world.answers[0]))];
    let ask = world.ask_opening(OTHER, settlement, &settled, (0, 0, 0));
    assert_eq!(world.code(&ask), ("attribution", 19));
    let ask = world.ask_transcript(PAYER, settlement, &settled, (0, 0));
    assert_eq!(world.code(&ask), ("attribution", 19));
}

#[test]
fn nobody_asks_after_the_window_and_nothing_is_paid_while_an_answer_is_due() {
    let mut world = World::new();
    let (settlement, settled) = world.settle_claims_only(1);
    world.blocks(WINDOW - 1);
    let ask = world.ask_opening(OTHER, settlement, &settled, (0, 0, 0));
    world.ok(&ask);
    world.next_block();
    let late = world.ask_opening(OTHER, settlement, &settled, (0, 0, 1));
    assert_eq!(world.code(&late), ("attribution", 14));
    world.blocks(ANSWER);
    assert_eq!(world.status(settlement), SettlementStatus::False, "not paid");
}

#[test]
fn a_payer_or_an_author_of_the_corpus_makes_a_server_publish_and_pays_for_it() {
    let mut world = World::new();
    let (settlement, settled) = world.settle_claims_only(3);
    let by_payer = world.ask_transcript(PAYER, settlement, &settled, (0, 0));
    let by_author = world.ask_transcript(FIRST_AUTHOR, settlement, &settled, (1, 1));
    let first: MsgDemandTranscriptResponse = world.answer(&by_payer).unwrap();
    let second: MsgDemandTranscriptResponse = world.answer(&by_author).unwrap();
    assert_eq!(world.code(&by_payer), ("attribution", 19), "it is asked for");
    let stranger = world.ask_transcript(OTHER, settlement, &settled, (2, 0));
    assert_eq!(world.code(&stranger), ("attribution", 3));
    let not_his = world.ask_transcript(OTHER, settlement, &settled, (2, 1));
    assert_eq!(world.code(&not_his), ("attribution", 3));
    let nothing = world.ask_transcript(OTHER, settlement, &settled, (2, 77));
    assert_eq!(world.code(&nothing), ("attribution", 2));
    let server = world.owed(SERVER);
    let publication = world.publish(first.demand, &settled, 0);
    world.ok(&publication);
    assert_eq!(world.owed(SERVER) - server, amount(&first.deposit));
    assert_eq!(world.code(&by_payer), ("attribution", 19), "it is published");
    assert_eq!(world.openings(settlement).published, [0b001]);
    let other = world.publish(second.demand, &settled, 0);
    assert_eq!(world.code(&other), ("attribution", 19), "another receipt's");
    world.blocks(ANSWER + 1);
    assert_eq!(world.status(settlement), SettlementStatus::False);
    let dispute = world.dispute_of(second.demand);
    assert_eq!(dispute.disputant, text(FIRST_AUTHOR));
    assert!(dispute.finding.contains("was not published"), "{}", dispute.finding);
}

#[test]
fn an_author_whose_work_the_model_did_not_declare_may_not_ask() {
    let mut world = World::new();
    let outside = world.contribute(30, &prose(30, 400), RightsKind::Own, false);
    let (settlement, settled) = world.settle_claims_only(1);
    let ask = world.ask_transcript(30, settlement, &settled, (0, outside));
    assert_eq!(world.code(&ask), ("attribution", 19));
}

#[test]
fn words_or_a_key_that_are_not_the_receipt_s_publish_nothing() {
    let mut world = World::new();
    let (settlement, settled) = world.settle_claims_only(2);
    let ask = world.ask_transcript(PAYER, settlement, &settled, (0, 0));
    let demand = world.answer::<_, MsgDemandTranscriptResponse>(&ask).unwrap().demand;
    let good = world.publish(demand, &settled, 0);
    let mut word = good.clone();
    word.transcript[3] ^= 1;
    let mut shorter = good.clone();
    shorter.transcript.pop();
    let mut key = good.clone();
    key.receipt_key[0] ^= 1;
    let empty = MsgPublishTranscript { transcript: Vec::new(), ..good.clone() };
    for bad in [word, shorter, key, empty] {
        assert_eq!(world.code(&bad), ("attribution", 19));
    }
    let long = MsgPublishTranscript { transcript: vec![0; 65_537], ..good.clone() };
    assert_eq!(world.code(&long), ("attribution", 12));
    let short_key = MsgPublishTranscript { receipt_key: vec![0; 31], ..good.clone() };
    assert_eq!(world.code(&short_key), ("sdk", 18));
    let stranger = MsgPublishTranscript { claimant: text(PAYER), ..good.clone() };
    assert_eq!(world.code(&stranger), ("attribution", 3));
    let byte = MsgAnswerOpening { answer: Vec::new(), ..world.answer_opening(demand, &settled, (0, 0, 0)) };
    assert_eq!(world.code(&byte), ("attribution", 19), "the demand asks for a transcript");
    world.ok(&good);
}

#[test]
fn a_transcript_of_64_kibibytes_is_published() {
    let mut world = World::new();
    let output = prose(77, 65_536 - 1);
    let answer = world.make_answer(1, b"?", &output, OPEN);
    world.answers.push(answer.clone());
    world.next_block();
    let settlement = world.settle_with(&answer, &Claim::default(), Check::ClaimsOnly);
    let settled = [(answer, Claim::default())];
    let ask = world.ask_transcript(PAYER, settlement, &settled, (0, 0));
    let demand = world.answer::<_, MsgDemandTranscriptResponse>(&ask).unwrap().demand;
    let publication = world.publish(demand, &settled, 0);
    assert_eq!(publication.transcript.len(), 65_536);
    world.ok(&publication);
}

#[test]
fn in_a_sealed_session_the_payer_alone_asks_for_bytes_and_nobody_for_words() {
    let mut world = World::new();
    let deploy = model::MsgDeploy {
        server: text(SERVER),
        model_version: 1,
        endpoint: "http://localhost".into(),
        base_price: OPEN.to_string(),
        byte_price: (OPEN / 100).to_string(),
        bond: coin(1_000 * OPEN),
        modes: vec![model::Mode::Public.into(), model::Mode::Sealed.into()],
    };
    world.deployment = world.answer::<_, model::MsgDeployResponse>(&deploy).unwrap().deployment;
    let corpus = Some(model::DatanetVersion { datanet: 1, version: 1 });
    world.ok(&model::MsgAttestCorpus { server: text(SERVER), deployment: world.deployment, corpus });
    let dear = (10 * OPEN).to_string();
    let open = MsgOpenSession {
        mode: model::Mode::Sealed.into(),
        max_base_price: dear.clone(),
        max_byte_price: dear,
        ..world.open_session_msg(100 * OPEN)
    };
    world.session = world.answer::<_, MsgOpenSessionResponse>(&open).unwrap().session;
    world.next_block();
    let (settlement, settled) = world.settle_claims_only(1);
    assert_eq!(world.openings(settlement).sampling(), SamplingStatus::Unspecified, "not drawn");
    let stranger = world.ask_opening(OTHER, settlement, &settled, (0, 0, 0));
    assert_eq!(world.code(&stranger), ("attribution", 3));
    for asks in [(PAYER, (0, 0)), (FIRST_AUTHOR, (0, 1))] {
        let words = world.ask_transcript(asks.0, settlement, &settled, asks.1);
        assert_eq!(world.code(&words), ("attribution", 19));
    }
    let ask = world.ask_opening(PAYER, settlement, &settled, (0, 0, 0));
    let demand = asked(&mut world, &ask).demand;
    let answer = world.answer_opening(demand, &settled, (0, 0, 0));
    world.ok(&answer);
}

#[test]
fn after_a_publication_there_is_time_to_dispute_what_it_shows() {
    let mut world = World::new();
    let (settlement, settled) = world.settle_claims_only(1);
    world.blocks(WINDOW - 1);
    let ask = world.ask_transcript(PAYER, settlement, &settled, (0, 0));
    let demand = world.answer::<_, MsgDemandTranscriptResponse>(&ask).unwrap().demand;
    world.blocks(ANSWER);
    let publication = world.publish(demand, &settled, 0);
    world.ok(&publication);
    assert_eq!(world.openings(settlement).disputable_until, world.block.height + ANSWER);
    world.blocks(ANSWER);
    world.commit(DISPUTANT, settlement, b"something");
}

#[test]
fn the_earliest_of_disputes_and_demands_has_the_bounty_and_the_rest_is_void() {
    let mut world = World::new();
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let mut claim = world.honest(&answer);
    claim.segments[0].source = 3;
    let settlement = world.settle_with(&answer, &claim, Check::ClaimsOnly);
    let settled = [(answer.clone(), claim.clone())];
    let bounty = amount(&world.settlement(settlement).rounds[0].bond) / Uint256::from(4u8);
    // First a demand, then a dispute, then another demand.
    let ask = world.ask_opening(OTHER, settlement, &settled, (0, 0, 0));
    let first = asked(&mut world, &ask);
    let third = world.documents[&3].clone();
    let evidence = world.prove(&answer, &claim, |prover| {
        openledger_provenance::dispute::Dispute::False(prover.open_byte(0, 0, Some(&third)).unwrap())
    });
    let dispute = world.commit(DISPUTANT, settlement, &evidence);
    let ask = world.ask_opening(PAYER, settlement, &settled, (0, 0, 1));
    let payer = world.balance(PAYER);
    let void = asked(&mut world, &ask);
    world.next_block();
    assert!(world.reveal(DISPUTANT, dispute, &evidence).valid);
    world.blocks(REVEAL);
    assert_eq!(world.status(settlement), SettlementStatus::AwaitingReplacement);
    assert_eq!(world.owed(OTHER), bounty + amount(&first.deposit), "its demand was there before the dispute's commit");
    assert_eq!(world.owed(DISPUTANT), Uint256::from(10 * OPEN), "valid, but not first");
    assert_eq!(world.owed(PAYER), amount(&void.deposit));
    assert_eq!(world.balance(PAYER), payer - amount(&void.deposit));
    assert!(world.demands(settlement).is_empty());
}
