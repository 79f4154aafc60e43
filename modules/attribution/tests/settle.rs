//! Settlements: what a voucher turns into, and what no voucher does.

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
use openledger_core::{Address, Coin};
use openledger_proto::openledger::attribution::v1::*;
use openledger_proto::openledger::datanet::v1 as datanet;
use openledger_proto::openledger::model::v1 as model;
use openledger_provenance::claim::{Claim, Segment};
use openledger_provenance::voucher::Voucher as Signed;

const FEE: u128 = OPEN + (OPEN / 100) * 395;

#[test]
fn an_honest_settlement_divides_the_fee_and_names_the_first_author() {
    let mut world = World::new();
    let (collector, supply) = (Address::module("fee_collector"), world.burnt);
    let settlement = world.settle_honestly();
    let pool = FEE * 4_000 / 10_000;
    let settled = world.settlement(settlement);
    assert_eq!((settled.fees, settled.pool), (FEE.to_string(), pool.to_string()));
    assert_eq!(world.burnt - supply, Uint256::from(FEE * 200 / 10_000));
    assert_eq!(world.owed(SERVER), Uint256::from(FEE * 3_000 / 10_000));
    assert_eq!(world.owed(MODEL_OWNER), Uint256::from(FEE * 1_500 / 10_000));
    let keeper = world.keeper;
    let (stakers, platform) = world.with(|ctx| {
        let stakers = keeper.bank.balance(ctx, &collector, "aopen").unwrap();
        (stakers, keeper.owed(ctx, &Address::module("gov")).unwrap())
    });
    assert_eq!(stakers, Uint256::from(FEE * 500 / 10_000));
    assert_eq!(platform, Uint256::from(FEE * 300 / 10_000));
    // 364 windows: 101 of the first, 132 of the third contribution; the second has the first's bytes too and gets nothing. Floors leave
    // two units; the remainders are 220/364, 356/364 and the baseline's 152/364, so the contributions have one each.
    let rows = world.rows(settlement);
    assert_eq!(rows, [(1, pool * 101 / 364 + 1), (3, pool * 132 / 364 + 1)].into_iter().collect());
    assert_eq!([101, 132, 131].map(|windows| pool * windows % 364), [220, 356, 152]);
    let round = &settled.rounds[0];
    let (baseline, treasury): (u128, u128) = (round.baseline.parse().unwrap(), round.treasury.parse().unwrap());
    assert_eq!(baseline, pool / 5, "the baseline is capped at 20 %");
    assert_eq!(rows.values().sum::<u128>() + baseline + treasury, pool);
    assert_eq!(world.bond().1, Uint256::from(2 * pool), "twice the pool is locked");
}

#[test]
fn the_curators_share_goes_to_the_datanets_treasury() {
    let mut world = World::new();
    let keeper = world.keeper;
    let treasury = |world: &mut World| world.with(|ctx| keeper.datanets.treasury(ctx, 1).unwrap().owed().unwrap());
    let before = treasury(&mut world);
    world.settle_honestly();
    assert_eq!(treasury(&mut world) - before, Uint256::from(FEE * 500 / 10_000));
}

#[test]
fn ancestors_share_in_the_models_part() {
    let mut world = World::new();
    world.ok(&model::MsgRegisterModel { owner: text(OTHER), name: "Elder".into(), description: String::new() });
    let parent = world.register_version_of(OTHER, 2, 1, &[], 2_000);
    let child = world.register_version(1, &[parent], 0);
    world.deployment = world.deploy(child);
    world.session = world.open_session(100 * OPEN);
    let mut answer = world.say(b"?", &world.two_authors());
    answer.receipt.model_version = child;
    answer.receipt.corpus_height = world.block.height;
    world.answers = vec![answer.clone()];
    world.next_block();
    let claim = world.honest(&answer);
    world.settle_with(&answer, &claim, Check::Existence);
    let share = FEE * 1_500 / 10_000;
    assert_eq!(world.owed(OTHER), Uint256::from(share / 5));
    assert_eq!(world.owed(MODEL_OWNER), Uint256::from(share - share / 5));
}

#[test]
fn vouchers_of_another_key_chain_session_or_deployment_are_refused() {
    let mut world = World::new();
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let claim = world.honest(&answer);
    let good = world.settle_msg(0, &[claim], Check::Existence);
    let (root, fee): ([u8; 32], _) = (answer.receipt.leaf(), answer.receipt.fee);
    let signed = Signed {
        chain_id: CHAIN_ID,
        session: world.session,
        deployment: world.deployment,
        count: 1,
        cumulative_fee: fee,
        receipts_root: root,
    };
    assert_eq!(Some(world.sign(&signed)), good.voucher);
    for forged in [
        Signed { chain_id: "openledger-test-2", ..signed },
        Signed { session: 2, ..signed },
        Signed { deployment: 2, ..signed },
    ] {
        let msg = MsgSettle { voucher: Some(world.sign(&forged)), ..good.clone() };
        assert_eq!(world.code(&msg), ("attribution", 8));
    }
    let own = std::mem::replace(&mut world.voucher_key, k256::ecdsa::SigningKey::from_slice(&[43; 32]).unwrap());
    let msg = MsgSettle { voucher: Some(world.sign(&signed)), ..good.clone() };
    assert_eq!(world.code(&msg), ("attribution", 8));
    world.voucher_key = own;
    let mut short = good.clone();
    short.voucher.as_mut().unwrap().signature.pop();
    assert_eq!(world.code(&short), ("attribution", 8));
    world.ok(&good);
}

#[test]
fn the_high_s_form_of_a_signature_is_refused() {
    let mut world = World::new();
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let mut msg = world.settle_msg(0, &[world.honest(&answer)], Check::Existence);
    let voucher = msg.voucher.as_mut().unwrap();
    let low = k256::ecdsa::Signature::from_slice(&voucher.signature).unwrap();
    let (r, s) = low.split_scalars();
    voucher.signature = k256::ecdsa::Signature::from_scalars(r, -s).unwrap().to_bytes().to_vec();
    assert_eq!(world.code(&msg), ("attribution", 8));
}

#[test]
fn a_voucher_settles_once_and_a_lower_count_never() {
    let mut world = World::new();
    world.settle_honestly();
    let again = world.settle_msg(0, &[world.honest(&world.answers[0].clone())], Check::Existence);
    assert_eq!(world.code(&again), ("attribution", 8), "double settle");
    world.settle_honestly();
    let first = world.answers[..1].to_vec();
    let lower = MsgSettle { voucher: Some(world.voucher(world.session, &first)), ..again };
    assert_eq!(world.code(&lower), ("attribution", 8), "lower count");
    let third = world.settle_honestly();
    assert_eq!(world.settlement(third).first_receipt, 3);
}

#[test]
fn receipts_that_do_not_sum_to_the_voucher_or_are_not_its_own_are_refused() {
    let mut world = World::new();
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let claim = world.honest(&answer);
    let good = world.settle_msg(0, &[claim], Check::Existence);
    let mut signed = Signed {
        chain_id: CHAIN_ID,
        session: world.session,
        deployment: world.deployment,
        count: 1,
        cumulative_fee: Uint256::from(FEE + 1).to_be_bytes(),
        receipts_root: answer.receipt.leaf(),
    };
    let msg = MsgSettle { voucher: Some(world.sign(&signed)), ..good.clone() };
    assert_eq!(world.code(&msg), ("attribution", 8), "a sum that the receipts do not have");
    signed.cumulative_fee = answer.receipt.fee;
    signed.receipts_root = [3; 32];
    let msg = MsgSettle { voucher: Some(world.sign(&signed)), ..good.clone() };
    assert_eq!(world.code(&msg), ("attribution", 8), "another root");
    let mut other = good.clone();
    other.receipts[0].receipt.as_mut().unwrap().prompt_len = 0;
    assert!(world.execute(&other).is_err(), "another receipt");
    let stranger = MsgSettle { server: text(OTHER), ..good.clone() };
    assert_eq!(world.code(&stranger), ("model", 3));
    let none = MsgSettle { receipts: Vec::new(), ..good.clone() };
    assert_eq!(world.code(&none), ("attribution", 12));
    world.ok(&good);
}

/// Settles one answer whose receipt was changed before the payer signed.
fn settle_changed(world: &mut World, change: impl FnOnce(&mut Answer)) -> (&'static str, u32) {
    let mut answer = world.make_answer(1, b"?", &world.two_authors(), FEE);
    change(&mut answer);
    world.answers = vec![answer.clone()];
    world.next_block();
    let claim = world.honest(&answer);
    let msg = world.settle_msg(0, &[claim], Check::Existence);
    world.code(&msg)
}

#[test]
fn a_fee_above_the_pinned_price_is_refused_even_if_the_payer_signed_it() {
    let mut world = World::new();
    let fee = Uint256::from(FEE + 1).to_be_bytes();
    assert_eq!(settle_changed(&mut world, |answer| answer.receipt.fee = fee), ("attribution", 9));
    let most = Uint256::MAX.to_be_bytes();
    assert_eq!(settle_changed(&mut world, |answer| answer.receipt.fee = most), ("attribution", 9));
}

#[test]
fn receipts_of_another_model_place_or_height_are_refused() {
    let mut world = World::new();
    let refused = ("attribution", 9);
    assert_eq!(settle_changed(&mut world, |answer| answer.receipt.model_version = 2), refused);
    assert_eq!(settle_changed(&mut world, |answer| answer.receipt.index = 2), refused);
    assert_eq!(settle_changed(&mut world, |answer| answer.receipt.corpus_height = 1), refused, "before the opening");
    let now = world.block.height + 1;
    assert_eq!(settle_changed(&mut world, |answer| answer.receipt.corpus_height = now), refused, "not committed yet");
}

#[test]
fn a_deposit_never_pays_more_than_it_holds() {
    let mut world = World::new();
    world.session = world.open_session(FEE - 1);
    let answer = world.say(b"?", &world.two_authors());
    world.answers[0].receipt.corpus_height = world.block.height;
    world.next_block();
    let claim = world.honest(&answer);
    let msg = world.settle_msg(0, &[claim], Check::Existence);
    assert_eq!(world.code(&msg), ("attribution", 8));
    world.ok(&MsgTopUpSession { payer: text(PAYER), session: world.session, amount: coin(1) });
    world.ok(&msg);
}

#[test]
fn a_receipt_without_fee_or_windows_settles_and_moves_nothing() {
    let mut world = World::new();
    world.answers = vec![world.make_answer(1, b"a prompt", b"", 0)];
    world.next_block();
    let msg = world.settle_msg(0, &[Claim::default()], Check::Existence);
    let settlement = world.answer::<_, MsgSettleResponse>(&msg).unwrap().settlement;
    assert_eq!(world.settlement(settlement).pool, "0");
    world.blocks(WINDOW + REVEAL + 1);
    assert_eq!(world.status(settlement), SettlementStatus::Paid);
}

#[test]
fn an_author_whose_text_lacks_the_bytes_is_refused_on_arrival() {
    let mut world = World::new();
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let mut claim = world.honest(&answer);
    claim.segments[0].source = 3;
    let msg = world.settle_msg(0, &[claim], Check::Existence);
    assert_eq!(world.code(&msg), ("attribution", 11));
}

#[test]
fn openings_that_are_missing_of_other_bytes_or_too_many_are_refused() {
    let mut world = World::new();
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let good = world.settle_msg(0, &[world.honest(&answer)], Check::Existence);
    let changed = |change: fn(&mut ClaimedReceipt)| {
        let mut msg = good.clone();
        change(&mut msg.receipts[0]);
        msg
    };
    for msg in [
        changed(|receipt| drop(receipt.openings.pop())),
        changed(|receipt| receipt.openings.push(receipt.openings[0].clone())),
        changed(|receipt| receipt.openings.swap(0, 1)),
        changed(|receipt| receipt.openings[0].push(0)),
        changed(|receipt| receipt.transcript[0] ^= 1),
        changed(|receipt| receipt.receipt_key[0] ^= 1),
        MsgSettle { check: Check::ClaimsOnly.into(), ..good.clone() },
    ] {
        assert_eq!(world.code(&msg), ("attribution", 11));
    }
    assert_eq!(world.code(&MsgSettle { check: 0, ..good.clone() }), ("attribution", 4));
    world.ok(&good);
}

#[test]
fn claims_out_of_order_outside_the_output_or_of_foreign_sources_are_refused_without_bytes() {
    let mut world = World::new();
    world.say(b"?", &world.two_authors());
    world.next_block();
    let outside = world.contribute(FIRST_AUTHOR + 3, &prose(4, 400), datanet::RightsKind::Own, false);
    let segment = |start, count, source, offset| Segment { start, count, source, offset };
    for segments in [
        vec![segment(0, 0, 1, 0)],
        vec![segment(50, 10, 1, 0), segment(0, 10, 1, 0)],
        vec![segment(0, 10, 1, 0), segment(5, 10, 1, 100)],
        vec![segment(360, 100, 1, 0)],
        vec![segment(0, 10, 1, 590)],
        vec![segment(0, 10, 0, 1)],
        vec![segment(0, 10, outside, 0)],
        vec![segment(0, 10, 999, 0)],
        vec![segment(0, u32::MAX, u64::MAX, u32::MAX)],
    ] {
        let msg = world.settle_msg(0, &[Claim { segments }], Check::ClaimsOnly);
        assert_eq!(world.code(&msg), ("attribution", 10));
    }
}

#[test]
fn a_batch_is_limited_in_receipts_and_bytes() {
    let mut world = World::new();
    for _ in 0..65 {
        world.say(b"?", b"short");
    }
    world.next_block();
    let claims = vec![Claim::default(); 65];
    let msg = world.settle_msg(0, &claims, Check::Existence);
    assert_eq!(world.code(&msg), ("attribution", 12));
    let mut heavy = world.settle_msg(0, &claims[..1], Check::ClaimsOnly);
    heavy.receipts[0].segments = vec![Default::default(); 400_000];
    assert_eq!(world.code(&heavy), ("attribution", 12));
    let msg = world.settle_msg(0, &claims, Check::ClaimsOnly);
    world.ok(&msg);
}

#[test]
fn nothing_settles_that_the_free_bond_does_not_cover() {
    let mut world = World::new();
    let (bond, _) = world.bond();
    let amount = Some(Coin::base(bond - Uint256::from(OPEN)).to_proto());
    world.ok(&model::MsgBeginUnbond { server: text(SERVER), deployment: world.deployment, amount });
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let msg = world.settle_msg(0, &[world.honest(&answer)], Check::Existence);
    assert_eq!(world.code(&msg), ("model", 8));
    world.ok(&model::MsgTopUpBond { server: text(SERVER), deployment: world.deployment, amount: coin(10 * OPEN) });
    world.ok(&msg);
    let (bond, locked) = world.bond();
    let locked = Some(Coin::base(bond - locked + Uint256::one()).to_proto());
    let unbond = model::MsgBeginUnbond { server: text(SERVER), deployment: world.deployment, amount: locked };
    assert_eq!(world.code(&unbond), ("model", 8), "what is locked stays");
}

#[test]
fn a_closed_session_settles_nothing() {
    let mut world = World::new();
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let msg = world.settle_msg(0, &[world.honest(&answer)], Check::Existence);
    world.ok(&MsgCloseSession { sender: text(SERVER), session: world.session });
    assert_eq!(world.code(&msg), ("attribution", 7));
}

#[test]
fn corpus_heights_never_fall_within_a_batch_nor_from_one_settlement_to_the_next() {
    let mut world = World::new();
    world.blocks(3);
    let now = world.block.height;
    let settle = |world: &mut World, heights: &[u64]| {
        let first = world.answers.len();
        for height in heights {
            let mut answer = world.say(b"?", &world.two_authors());
            answer.receipt.corpus_height = *height;
            *world.answers.last_mut().unwrap() = answer;
        }
        let claims: Vec<_> = world.answers[first..].iter().map(|answer| world.honest(answer)).collect();
        let msg = world.settle_msg(first, &claims, Check::Existence);
        let settled = world.execute(&msg).map(|_| ()).map_err(|error| (error.codespace, error.code, error.message));
        if settled.is_err() {
            world.answers.truncate(first);
        }
        settled
    };
    let refused = |result: Result<(), (&str, u32, String)>, height: u64, from: u64| {
        let (codespace, code, text) = result.unwrap_err();
        assert_eq!((codespace, code), ("attribution", 9));
        assert!(text.contains(&format!("its corpus height {height} is not in {from} .. {now}")), "{text}");
    };
    refused(settle(&mut world, &[now - 1, now - 2]), now - 2, now - 1);
    refused(settle(&mut world, &[now - 2, now - 1, now - 2]), now - 2, now - 1);
    assert_eq!(settle(&mut world, &[now - 3, now - 2, now - 2]), Ok(()));
    refused(settle(&mut world, &[now - 3]), now - 3, now - 2);
    assert_eq!(settle(&mut world, &[now - 2, now - 1]), Ok(()));
    refused(settle(&mut world, &[now - 2]), now - 2, now - 1);
}
