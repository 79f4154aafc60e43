//! Bounds: what a settlement leaves, how many rows a block pays, what a claim of pay costs, and the least and greatest amounts.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::*;
use cosmwasm_std::{Order, Uint256};
use openledger_core::{Address, Coin, Context, GasMeter, Mode};
use openledger_proto::openledger::attribution::v1::*;
use openledger_proto::openledger::datanet::v1 as datanet;
use openledger_proto::openledger::model::v1 as model;
use openledger_proto::{Message, Name};
use openledger_provenance::claim::{Claim, Segment};
use openledger_provenance::commit::ContributionCommit;
use openledger_provenance::content::Commitment;

const FEE: u128 = OPEN + (OPEN / 100) * 395;

/// Keys of the stores that a settlement writes to, by store and the name of their map or item.
fn keys(world: &mut World) -> std::collections::BTreeMap<String, usize> {
    let mut count = std::collections::BTreeMap::new();
    for store in ["attribution", "contributor", "datanet", "model"] {
        world.with(|ctx| {
            for (key, _) in ctx.kv(store).range(None, None, Order::Ascending) {
                let length = usize::from(u16::from_be_bytes([key[0], key[1]]));
                let name = key.get(2..2 + length).filter(|_| length < 64).unwrap_or(&key);
                *count.entry(format!("{store}/{}", String::from_utf8_lossy(name))).or_default() += 1;
            }
        });
    }
    count
}

#[test]
fn a_settlement_leaves_a_root_and_totals_and_nothing_by_receipt() {
    let mut world = World::new();
    let settle = |world: &mut World, receipts: usize| {
        let first = world.answers.len();
        for _ in 0..receipts {
            world.say(b"?", &world.two_authors());
        }
        world.next_block();
        let claims: Vec<_> = world.answers[first..].iter().map(|answer| world.honest(answer)).collect();
        let msg = world.settle_msg(first, &claims, Check::Existence);
        world.ok(&msg);
        world.blocks(WINDOW + REVEAL + 1);
    };
    settle(&mut world, 1);
    let before = keys(&mut world);
    settle(&mut world, 40);
    let after = keys(&mut world);
    for (name, count) in &after {
        let had = before.get(name).copied().unwrap_or_default();
        let may_grow = match name.as_str() {
            "attribution/settlements"
            | "attribution/settlements_by_session"
            | "attribution/settlements_by_deployment" => 1,
            // One a block, up to 1,001.
            "attribution/horizons" => usize::MAX,
            // One period of the last thirty, by model version and by deployment.
            "attribution/prices" => 2,
            // That the server settled and was paid, and that each of the two authors was paid.
            "contributor/entries" | "contributor/by_role" | "contributor/by_object" => 4,
            "contributor/by_datanet" => 2,
            _ => 0,
        };
        assert!(count - had <= may_grow, "{name}: {had} keys became {count}");
    }
    for gone in ["rows", "rows_left", "due"] {
        assert_eq!(after.get(&format!("attribution/{gone}")), None, "{gone}");
    }
}

/// Executes without the invariants, which count everything anew.
fn quick<M: Message + Name>(world: &mut World, msg: &M) -> (Vec<u8>, u64) {
    let mut ctx = Context::new(&mut world.state, &world.block, Mode::Deliver, GasMeter::infinite());
    let route = world.router.msg_route(&M::type_url()).unwrap();
    let msg = route.decode(&msg.encode_to_vec()).unwrap();
    let response = route.handle(&mut ctx, &msg).unwrap();
    let gas = ctx.gas().consumed();
    let burns = ctx.take_events();
    for event in burns.iter().filter(|event| event.kind == "burn") {
        let amount = &event.attributes.iter().find(|(key, _)| key == "amount").unwrap().1;
        world.burnt += amount.parse::<openledger_core::Coins>().unwrap().amount_of("aopen");
    }
    (response, gas)
}

/// Contributions of 32 bytes each, all by one author, and a session with a deployment whose corpus they are; the least seq.
fn many_contributions(world: &mut World, count: u64) -> u64 {
    let author = FIRST_AUTHOR + 20;
    let who = address(author);
    let mut first = 0;
    let document = |number: u64| format!("{number:032}").into_bytes();
    for number in 0..count {
        let commitment = Commitment::of(&document(number));
        let commit =
            ContributionCommit { chain_id: CHAIN_ID, datanet: 1, author: who.as_bytes(), commitment, salt: SALT };
        let commit = commit.hash().unwrap().to_vec();
        let msg = datanet::MsgCommitContribution { author: text(author), datanet_id: 1, commit };
        let seq = datanet::MsgCommitContributionResponse::decode(quick(world, &msg).0.as_slice()).unwrap().seq;
        first = if number == 0 { seq } else { first };
    }
    world.next_block();
    for number in 0..count {
        let commitment = Commitment::of(&document(number));
        let reveal = datanet::MsgRevealContribution {
            author: text(author),
            seq: first + number,
            root: commitment.root.to_vec(),
            length: commitment.length,
            salt: SALT.to_vec(),
            rights: Some(datanet::Rights { kind: datanet::RightsKind::Own.into(), ..datanet::Rights::default() }),
            location: "https://example.org".into(),
            media_type: "text/plain".into(),
            ..datanet::MsgRevealContribution::default()
        };
        quick(world, &reveal);
        let review = datanet::MsgReviewContribution {
            reviewer: text(OWNER),
            seq: first + number,
            accept: true,
            score: 10_000,
            ..datanet::MsgReviewContribution::default()
        };
        quick(world, &review);
    }
    world.ok(&datanet::MsgFreezeVersion { owner: text(OWNER), datanet_id: 1 });
    let version = world.register_version(2, &[], 0);
    let deploy = model::MsgDeploy {
        server: text(SERVER),
        model_version: version,
        endpoint: String::new(),
        base_price: OPEN.to_string(),
        byte_price: (OPEN / 100).to_string(),
        bond: coin(10_000 * OPEN),
        modes: vec![model::Mode::Public.into()],
    };
    world.deployment = world.answer::<_, model::MsgDeployResponse>(&deploy).unwrap().deployment;
    let corpus = Some(model::DatanetVersion { datanet: 1, version: 2 });
    world.ok(&model::MsgAttestCorpus { server: text(SERVER), deployment: world.deployment, corpus });
    world.session = world.open_session(2_000 * OPEN);
    first
}

/// Settles as many receipts as `count` rows of a window each need, 40 a receipt; the settlement.
fn settle_rows(world: &mut World, first: u64, count: u64) -> u64 {
    world.next_block();
    let version = world.with(|ctx| openledger_model::Models::default().version(ctx, 2)).unwrap().unwrap().id;
    let (mut claims, mut seq) = (Vec::new(), first);
    world.answers.clear();
    while seq < first + count {
        let rows = (first + count - seq).min(40);
        let index = world.answers.len() as u64 + 1;
        let mut answer = world.make_answer(index, b"?", &[b'x'; 71], OPEN + OPEN / 2);
        answer.receipt.model_version = version;
        world.answers.push(answer);
        let one = |start: u64| Segment { start: start as u32, count: 1, source: seq + start, offset: 0 };
        claims.push(Claim { segments: (0..rows).map(one).collect() });
        seq += rows;
    }
    world.next_block();
    let msg = world.settle_msg(0, &claims, Check::ClaimsOnly);
    world.answer::<_, MsgSettleResponse>(&msg).unwrap().settlement
}

/// Claims alone are sampled first, so their payment may wait for an epoch or three.
fn until_paid(world: &mut World, settlement: u64) {
    for _ in 0..60 {
        if world.status(settlement) == SettlementStatus::Paid {
            return;
        }
        world.next_block();
    }
    panic!("settlement {settlement} was not paid");
}

/// The gas of the author's claim of all that is owed.
fn claim_gas(world: &mut World) -> u64 {
    quick(world, &MsgClaim { claimant: text(FIRST_AUTHOR + 20), recipient: String::new() }).1
}

#[test]
fn ten_thousand_rows_are_paid_five_hundred_a_block_and_a_claim_costs_no_more_than_with_ten() {
    let mut few = World::new();
    let first = many_contributions(&mut few, 10);
    let settlement = settle_rows(&mut few, first, 10);
    until_paid(&mut few, settlement);
    let least = claim_gas(&mut few);

    let mut world = World::new();
    let count = 10_000;
    let first = many_contributions(&mut world, count);
    let settlement = settle_rows(&mut world, first, count);
    assert_eq!(u64::from(world.settlement(settlement).rounds[0].rows), count);
    while world.status(settlement) == SettlementStatus::Pending {
        world.next_block_unchecked(0);
    }
    let per_block = u64::from(demo_params().rows_per_block);
    for block in 1..=count / per_block {
        assert_eq!(world.status(settlement), SettlementStatus::Paying);
        let left = keys(&mut world).get("attribution/rows").copied().unwrap_or_default() as u64;
        assert_eq!(left, count - block * per_block, "after {block} blocks");
        world.next_block_unchecked(0);
    }
    assert_eq!(world.status(settlement), SettlementStatus::Paid);
    let most = claim_gas(&mut world);
    // One number is read, one removed, one balance moved: only its decimal places differ.
    assert!(most.abs_diff(least) * 50 < least, "{least} gas with 10 contributions, {most} with 10,000");
    world.next_block();
}

/// A deployment with this price for an answer and nothing for its bytes, and a session with it of this deposit.
fn deploy_at(world: &mut World, price: Uint256, bond: Uint256, deposit: Uint256) {
    let deploy = model::MsgDeploy {
        server: text(SERVER),
        model_version: 1,
        endpoint: String::new(),
        base_price: price.to_string(),
        byte_price: "0".into(),
        bond: Some(Coin::base(bond).to_proto()),
        modes: vec![model::Mode::Public.into()],
    };
    world.deployment = world.answer::<_, model::MsgDeployResponse>(&deploy).unwrap().deployment;
    let corpus = Some(model::DatanetVersion { datanet: 1, version: 1 });
    world.ok(&model::MsgAttestCorpus { server: text(SERVER), deployment: world.deployment, corpus });
    let open = MsgOpenSession {
        deposit: Some(Coin::base(deposit).to_proto()),
        max_base_price: price.to_string(),
        ..world.open_session_msg(1)
    };
    world.session = world.answer::<_, MsgOpenSessionResponse>(&open).unwrap().session;
    world.next_block();
}

/// Settles one answer of this fee; the settlement, paid.
fn settle_fee(world: &mut World, fee: Uint256) -> Settlement {
    let mut answer = world.make_answer(1, b"?", &world.two_authors(), 0);
    answer.receipt.fee = fee.to_be_bytes();
    world.answers = vec![answer.clone()];
    world.next_block();
    let claim = world.honest(&answer);
    let id = world.settle_with(&answer, &claim, Check::Existence);
    world.blocks(WINDOW + REVEAL + 1);
    assert_eq!(world.status(id), SettlementStatus::Paid);
    world.settlement(id)
}

#[test]
fn the_least_and_the_greatest_fees_divide_to_the_unit_out_of_deposits_of_two_to_the_255() {
    let huge = Uint256::one() << 255;
    // The model module takes no price over 128 bits.
    let most = Uint256::from(u128::MAX);
    for fee in [Uint256::zero(), Uint256::one(), most] {
        let mut world = World::new();
        let keeper = world.keeper;
        let bond = Uint256::from(1_000 * OPEN) + most;
        let purses = [(PAYER, huge), (SERVER, bond)];
        world.with(|ctx| {
            for (who, amount) in purses {
                keeper.bank.credit_genesis(ctx, &address(who), &Coin::base(amount).into()).unwrap();
            }
        });
        world.supply += huge + bond;
        deploy_at(&mut world, fee, bond, huge);
        let burnt = world.burnt;
        let settled = settle_fee(&mut world, fee);
        assert_eq!(settled.fees, fee.to_string());
        let least = (fee + Uint256::from(49u64)) / Uint256::from(50u64);
        assert!(world.burnt - burnt >= least.min(fee), "two hundredths at least, rounded up");
        for claimant in [SERVER, MODEL_OWNER, FIRST_AUTHOR, FIRST_AUTHOR + 2] {
            drop(world.execute(&MsgClaim { claimant: text(claimant), recipient: String::new() }));
        }
        let before = world.balance(PAYER);
        world.ok(&MsgCloseSession { sender: text(SERVER), session: world.session });
        assert_eq!(world.balance(PAYER), before + (huge - fee));
    }
}

#[test]
fn deposits_prices_and_limits_beyond_what_exists_are_refused() {
    let mut world = World::new();
    let huge = (Uint256::one() << 255).to_string();
    let deposit = Some(Coin::base(Uint256::one() << 255).to_proto());
    let open = MsgOpenSession { deposit: deposit.clone(), ..world.open_session_msg(1) };
    assert_eq!(world.code(&open), ("sdk", 5));
    let top_up = MsgTopUpSession { payer: text(PAYER), session: world.session, amount: deposit };
    assert_eq!(world.code(&top_up), ("sdk", 5));
    let generous = MsgOpenSession { max_base_price: huge.clone(), max_byte_price: huge, ..world.open_session_msg(1) };
    let opened: MsgOpenSessionResponse = world.answer(&generous).unwrap();
    assert_eq!(opened.base_price, OPEN.to_string(), "what is asked is pinned, not what would be paid");
}

#[test]
fn fees_shifted_between_receipts_are_not_what_the_payer_signed_for() {
    let mut world = World::new();
    for _ in 0..2 {
        world.say(b"?", &world.two_authors());
    }
    world.next_block();
    let claims: Vec<_> = world.answers.iter().map(|answer| world.honest(answer)).collect();
    let mut msg = world.settle_msg(0, &claims, Check::Existence);
    let fee = |msg: &mut MsgSettle, place: usize, fee: u128| {
        msg.receipts[place].receipt.as_mut().unwrap().fee = fee.to_string();
    };
    fee(&mut msg, 0, FEE - 1);
    fee(&mut msg, 1, FEE + 1);
    assert_eq!(world.code(&msg), ("attribution", 9), "above the price");
    let mut cheaper = world.answers.clone();
    for (answer, fee) in cheaper.iter_mut().zip([FEE - 2, FEE - 1]) {
        answer.receipt.fee = Uint256::from(fee).to_be_bytes();
    }
    world.answers = cheaper;
    let mut msg = world.settle_msg(0, &claims, Check::Existence);
    fee(&mut msg, 0, FEE - 1);
    fee(&mut msg, 1, FEE - 2);
    assert_eq!(world.code(&msg), ("attribution", 8), "the sum is right, the leaves are not");
}

#[test]
fn a_payer_that_withholds_its_last_voucher_pays_for_what_it_signed_and_no_more() {
    let mut world = World::new();
    world.settle_honestly();
    // A second answer, for which the payer never signs: the server has nothing to settle it by.
    world.say(b"?", &world.two_authors());
    world.next_block();
    let claims = [world.honest(&world.answers[1].clone())];
    let mut msg = world.settle_msg(1, &claims, Check::Existence);
    let first = world.answers[..1].to_vec();
    msg.voucher = Some(world.voucher(world.session, &first));
    assert_eq!(world.code(&msg), ("attribution", 8), "the old voucher does not count it");
    let before = world.balance(PAYER);
    world.ok(&MsgNoticeClose { payer: text(PAYER), session: world.session });
    world.blocks(NOTICE as u64);
    world.ok(&MsgCloseSession { sender: text(PAYER), session: world.session });
    assert_eq!(world.balance(PAYER), before + Uint256::from(1_000 * OPEN - FEE));
    let late = world.settle_msg(1, &claims, Check::Existence);
    assert_eq!(world.code(&late), ("attribution", 7), "nor after closing");
}

#[test]
fn rules_changed_under_an_open_session_leave_its_terms() {
    let mut world = World::new();
    let authority = Address::module("gov").to_string();
    let mut params = demo_params();
    let split = params.split.as_mut().unwrap();
    (split.server, split.contributors) = (6_000, 1_000);
    params.session_idle_seconds = 11;
    world.ok(&MsgUpdateParams { authority, params: Some(params) });
    world.blocks(12);
    let settlement = world.settle_honestly();
    assert_eq!(world.settlement(settlement).pool, (FEE * 4_000 / 10_000).to_string());
}
