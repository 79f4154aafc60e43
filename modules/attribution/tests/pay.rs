//! Pay: when it moves, to whom, and how it is claimed; parameters; genesis.

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
use openledger_core::{Address, Module};
use openledger_proto::openledger::attribution::v1::*;
use openledger_proto::openledger::datanet::v1 as datanet;
use openledger_proto::Message;

fn claim_msg(claimant: u8) -> MsgClaim {
    MsgClaim { claimant: text(claimant), recipient: String::new() }
}

#[test]
fn authors_are_paid_after_window_and_reveals_and_claim_once() {
    let mut world = World::new();
    let settlement = world.settle_honestly();
    let rows = world.rows(settlement);
    world.blocks(WINDOW + REVEAL);
    assert_eq!(world.status(settlement), SettlementStatus::Pending);
    assert_eq!(world.code(&claim_msg(FIRST_AUTHOR)), ("attribution", 16), "not yet");
    world.next_block();
    assert_eq!(world.status(settlement), SettlementStatus::Paid);
    assert!(world.rows(settlement).is_empty(), "rows go, the root and the totals stay");
    assert_eq!(world.settlement(settlement).rounds[0].rows, 2);
    assert_eq!(world.bond().1, Uint256::zero());
    let before = world.balance(FIRST_AUTHOR);
    world.ok(&claim_msg(FIRST_AUTHOR));
    assert_eq!(world.balance(FIRST_AUTHOR), before + Uint256::from(rows[&1]));
    assert_eq!(world.code(&claim_msg(FIRST_AUTHOR)), ("attribution", 16), "double claim");
    let earnings: QueryEarningsResponse = world.ask("Earnings", &QueryEarningsRequest { contribution: 1 }).unwrap();
    let earnings = earnings.earnings.unwrap();
    assert_eq!((earnings.total, earnings.settlements), (rows[&1].to_string(), 1));
}

#[test]
fn pay_can_be_claimed_to_another_account_but_not_to_a_module() {
    let mut world = World::new();
    world.settle_honestly();
    world.blocks(WINDOW + REVEAL + 1);
    let to_module = MsgClaim { claimant: text(SERVER), recipient: Address::module("attribution").to_string() };
    assert!(world.execute(&to_module).is_err());
    let (owed, before) = (world.owed(SERVER), world.balance(OTHER));
    world.ok(&MsgClaim { claimant: text(SERVER), recipient: text(OTHER) });
    assert_eq!(world.balance(OTHER), before + owed);
    assert_eq!(world.code(&claim_msg(OTHER)), ("attribution", 16), "nothing is owed to who claims for nobody");
}

#[test]
fn a_custodial_contributions_pay_is_held() {
    let mut world = World::new();
    let seq = world.contribute(FIRST_AUTHOR + 3, &prose(8, 500), datanet::RightsKind::Custodial, false);
    pay_for(&mut world, seq, 300);
    let earnings: QueryEarningsResponse = world.ask("Earnings", &QueryEarningsRequest { contribution: seq }).unwrap();
    let earnings = earnings.earnings.unwrap();
    assert!(earnings.held != "0" && earnings.held == earnings.total);
    assert_eq!(world.owed(FIRST_AUTHOR + 3), Uint256::zero());
}

#[test]
fn a_datanets_commons_own_windows_and_pay_the_baseline() {
    let mut world = World::new();
    let seq = world.contribute(FIRST_AUTHOR + 3, &prose(8, 500), datanet::RightsKind::PublicDomain, true);
    let settlement = pay_for(&mut world, seq, 300);
    let round = &world.settlement(settlement).rounds[0];
    assert_eq!((round.rows, round.contributions.as_str()), (0, "0"));
}

#[test]
fn what_was_taken_back_while_the_window_was_open_goes_to_the_treasury() {
    let mut world = World::new();
    let settlement = world.settle_honestly();
    let before = world.settlement(settlement).rounds[0].clone();
    let row = world.rows(settlement)[&3];
    world.ok(&datanet::MsgWithdrawContribution { author: text(FIRST_AUTHOR + 2), seq: 3 });
    world.blocks(WINDOW + REVEAL + 1);
    assert_eq!(world.owed(FIRST_AUTHOR + 2), Uint256::zero());
    let after = world.settlement(settlement).rounds[0].clone();
    let (before, after): (u128, u128) = (before.treasury.parse().unwrap(), after.treasury.parse().unwrap());
    assert_eq!(after - before, row);
}

/// Freezes a new version, registers and deploys a model over it, and sells `len` bytes of `seq`; the paid settlement.
fn pay_for(world: &mut World, seq: u64, len: usize) -> u64 {
    use openledger_proto::openledger::model::v1 as model;
    world.ok(&datanet::MsgFreezeVersion { owner: text(OWNER), datanet_id: 1 });
    let version = world.register_version(2, &[], 0);
    let deploy = model::MsgDeploy {
        server: text(SERVER),
        model_version: version,
        endpoint: String::new(),
        base_price: OPEN.to_string(),
        byte_price: (OPEN / 100).to_string(),
        bond: coin(1_000 * OPEN),
        modes: vec![model::Mode::Public.into()],
    };
    world.deployment = world.answer::<_, model::MsgDeployResponse>(&deploy).unwrap().deployment;
    let early = world.open_session_msg(OPEN);
    assert_eq!(world.code(&early), ("attribution", 5), "answers only for what it attested");
    let corpus = Some(model::DatanetVersion { datanet: 1, version: 2 });
    world.ok(&model::MsgAttestCorpus { server: text(SERVER), deployment: world.deployment, corpus });
    world.session = world.open_session(100 * OPEN);
    world.next_block();
    let output = world.documents[&seq][..len].to_vec();
    let mut answer = world.say(b"?", &output);
    answer.receipt.model_version = version;
    world.answers = vec![answer.clone()];
    world.next_block();
    let claim = world.honest(&answer);
    let settlement = world.settle_with(&answer, &claim, Check::Existence);
    world.blocks(WINDOW + REVEAL + 1);
    assert_eq!(world.status(settlement), SettlementStatus::Paid);
    settlement
}

#[test]
fn rows_are_credited_a_bounded_number_a_block() {
    let mut world = World::new();
    let params = Params { rows_per_block: 1, ..demo_params() };
    world.ok(&MsgUpdateParams { authority: Address::module("gov").to_string(), params: Some(params) });
    let settlement = world.settle_honestly();
    world.blocks(WINDOW + REVEAL + 1);
    assert_eq!(world.status(settlement), SettlementStatus::Paying);
    assert_eq!(world.rows(settlement).len(), 1);
    world.blocks(2);
    assert_eq!(world.status(settlement), SettlementStatus::Paid);
}

#[test]
fn only_governance_changes_parameters_within_their_ranges_and_open_sessions_keep_theirs() {
    let mut world = World::new();
    let authority = Address::module("gov").to_string();
    let with = |change: fn(&mut Params)| {
        let mut params = demo_params();
        change(&mut params);
        MsgUpdateParams { authority: authority.clone(), params: Some(params) }
    };
    for msg in [
        with(|params| params.dispute_window = 0),
        with(|params| params.reveal_window = 1_001),
        with(|params| params.baseline_cap = 5_001),
        with(|params| params.rows_per_block = 0),
        with(|params| params.close_notice_seconds = 0),
        with(|params| params.session_idle_seconds = params.close_notice_seconds - 1),
        with(|params| params.session_idle_seconds = 31_536_001),
        with(|params| params.block_seconds = 0),
        with(|params| params.block_seconds = 61),
        with(|params| params.late_receipt_blocks = 0),
        with(|params| params.price_period_seconds = 9),
        with(|params| params.sealed_premium = 100_001),
        with(|params| params.split = None),
        with(|params| params.split.as_mut().unwrap().server += 1),
        with(|params| params.split.as_mut().unwrap().burnt = 199),
        with(|params| {
            let split = params.split.as_mut().unwrap();
            (split.contributors, split.server) = (999, split.server + split.contributors - 999);
        }),
    ] {
        assert_eq!(world.code(&msg), ("attribution", 17));
    }
    let mut stranger = with(|params| params.dispute_window = 50);
    stranger.authority = text(OTHER);
    assert_eq!(world.code(&stranger), ("gov", 13));
    let longer = with(|params| params.dispute_window = 50);
    assert_eq!(world.answer::<_, MsgUpdateParamsResponse>(&longer).unwrap().version, 2);
    let settlement = world.settle_honestly();
    assert_eq!(world.settlement(settlement).params_version, 1);
    world.blocks(WINDOW + REVEAL + 1);
    assert_eq!(world.status(settlement), SettlementStatus::Paid);
    let later = world.open_session(OPEN);
    let session: QuerySessionResponse = world.ask("Session", &QuerySessionRequest { id: later }).unwrap();
    assert_eq!(session.session.unwrap().params_version, 2);
}

#[test]
fn an_exported_genesis_is_taken_over_unchanged_in_every_state() {
    let mut world = World::new();
    let export = |world: &mut World| {
        let keeper = world.keeper;
        world.with(|ctx| keeper.export_genesis(ctx).unwrap())
    };
    let take_over = |world: &mut World, genesis: &[u8]| {
        let keeper = world.keeper;
        keeper.validate_genesis(genesis).unwrap();
        world.with(|ctx| {
            let keys: Vec<_> =
                ctx.kv("attribution").range(None, None, cosmwasm_std::Order::Ascending).map(|(key, _)| key).collect();
            for key in keys {
                cosmwasm_std::Storage::remove(&mut ctx.kv_mut("attribution"), &key);
            }
            keeper.init_genesis(ctx, genesis).unwrap();
        });
    };
    let settlement = world.settle_honestly();
    world.commit(DISPUTANT, settlement, b"something");
    for _ in 0..WINDOW + REVEAL + 3 {
        let genesis = export(&mut world);
        take_over(&mut world, &genesis);
        assert_eq!(export(&mut world), genesis);
        world.next_block();
    }
    assert_eq!(world.status(settlement), SettlementStatus::Paid);
}

#[test]
fn what_is_open_is_exported_and_taken_over_too() {
    let mut world = World::new();
    world.bond_auditor(21);
    let (settlement, settled) = world.settle_claims_only(3);
    let commit = world.commit_seed_msg(21, [1; 32]);
    world.ok(&commit);
    let ask = world.ask_opening(OTHER, settlement, &settled, (0, 0, 0));
    world.ok(&ask);
    let ask = world.ask_transcript(PAYER, settlement, &settled, (1, 0));
    let demand = world.answer::<_, MsgDemandTranscriptResponse>(&ask).unwrap().demand;
    let publication = world.publish(demand, &settled, 1);
    world.ok(&publication);
    let mut seen = [0usize; 5];
    for block in 0..40 {
        let keeper = world.keeper;
        let genesis = world.with(|ctx| keeper.export_genesis(ctx).unwrap());
        let state = GenesisState::decode(genesis.as_slice()).unwrap().audit.unwrap();
        for (seen, now) in seen.iter_mut().zip([
            state.demands.len(),
            state.openings.len(),
            state.auditors.len(),
            state.replacement_commits.len(),
            state.epoch.iter().len(),
        ]) {
            *seen = now.max(*seen);
        }
        keeper.validate_genesis(&genesis).unwrap();
        world.with(|ctx| {
            let keys: Vec<_> =
                ctx.kv("attribution").range(None, None, cosmwasm_std::Order::Ascending).map(|(key, _)| key).collect();
            for key in keys {
                cosmwasm_std::Storage::remove(&mut ctx.kv_mut("attribution"), &key);
            }
            keeper.init_genesis(ctx, &genesis).unwrap();
        });
        assert_eq!(world.with(|ctx| keeper.export_genesis(ctx).unwrap()), genesis, "block {block}");
        world.next_block();
        if world.status(settlement) == SettlementStatus::AwaitingReplacement && state.replacement_commits.is_empty() {
            let receipts =
                settled.iter().map(|(answer, claim)| world.claimed(answer, claim, Check::ClaimsOnly)).collect();
            let (check, salt) = (Check::ClaimsOnly.into(), SALT.to_vec());
            let msg = MsgReplaceClaim { maker: text(OTHER), settlement, receipts, check, number: 0, salt };
            let commit = world.replacement_commit(&msg, &settled);
            drop(world.execute(&commit));
        }
    }
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
    assert_eq!(world.status(settlement), SettlementStatus::Baselined);
}

#[test]
fn a_genesis_with_something_open_about_nothing_is_refused() {
    let mut world = World::new();
    let keeper = world.keeper;
    let genesis = world.with(|ctx| keeper.export_genesis(ctx).unwrap());
    let genesis = GenesisState::decode(genesis.as_slice()).unwrap();
    let refused = |change: &dyn Fn(&mut AuditState)| {
        let mut bad = genesis.clone();
        change(bad.audit.as_mut().unwrap());
        keeper.validate_genesis(&bad.encode_to_vec()).unwrap_err().code
    };
    let demand =
        Demand { id: 1, settlement: 9, kind: 1, challenger: text(OTHER), deposit: "0".into(), ..Default::default() };
    assert_eq!(refused(&|audit| audit.demands.push(demand.clone())), 18);
    assert_eq!(refused(&|audit| audit.demands.push(Demand { kind: 4, ..demand.clone() })), 18);
    assert_eq!(refused(&|audit| audit.openings.push(Openings { settlement: 9, ..Default::default() })), 18);
    assert_eq!(refused(&|audit| audit.openings.push(Openings { weights: vec![0; 9], ..Default::default() })), 18);
    assert_eq!(refused(&|audit| audit.epoch.as_mut().unwrap().blocks = 0), 18);
    let auditor = Auditor { address: text(OTHER), bond: "1".into(), ..Default::default() };
    assert_eq!(refused(&|audit| audit.auditors = vec![auditor.clone(), auditor.clone()]), 18);
    let mut richer = genesis.clone();
    richer.audit.as_mut().unwrap().auditors.push(auditor.clone());
    assert!(world.with(|ctx| keeper.init_genesis(ctx, &richer.encode_to_vec())).is_err(), "the module holds no bond");
}

#[test]
fn a_genesis_that_owes_more_than_it_holds_or_is_out_of_order_is_refused() {
    let mut world = World::new();
    let keeper = world.keeper;
    let genesis = world.with(|ctx| keeper.export_genesis(ctx).unwrap());
    let genesis = GenesisState::decode(genesis.as_slice()).unwrap();
    let mut richer = genesis.clone();
    richer.owed.push(Owed { address: text(OTHER), amount: "1".into() });
    assert!(world.with(|ctx| keeper.init_genesis(ctx, &richer.encode_to_vec())).is_err());
    let mut twice = genesis.clone();
    twice.sessions.push(twice.sessions[0].clone());
    assert!(keeper.validate_genesis(&twice.encode_to_vec()).is_err());
    let mut gap = genesis.clone();
    gap.params[0].version = 2;
    assert!(keeper.validate_genesis(&gap.encode_to_vec()).is_err());
    assert!(keeper.validate_genesis(&[0xff]).is_err());
    keeper.validate_genesis(&keeper.default_genesis()).unwrap();
}

#[test]
fn usage_and_lists_show_what_was_settled() {
    let mut world = World::new();
    let settlement = world.settle_honestly();
    let usage: QueryUsageResponse = world.ask("Usage", &QueryUsageRequest { model_version: 1 }).unwrap();
    let usage = usage.usage.unwrap();
    assert_eq!((usage.receipts, usage.output_bytes), (1, 395));
    for request in [
        QuerySettlementsRequest::default(),
        QuerySettlementsRequest { session: world.session, ..Default::default() },
        QuerySettlementsRequest { deployment: world.deployment, ..Default::default() },
    ] {
        let list: QuerySettlementsResponse = world.ask("Settlements", &request).unwrap();
        assert_eq!(list.settlements.iter().map(|one| one.id).collect::<Vec<_>>(), [settlement]);
    }
    let open: QuerySettlementResponse = world.ask("Settlement", &QuerySettlementRequest { id: settlement }).unwrap();
    assert!(open.disputable);
    let missing: Result<QuerySettlementResponse, _> = world.ask("Settlement", &QuerySettlementRequest { id: 9 });
    assert!(missing.is_err());
}

/// Brings in somebody else's work that names account 40 as its author, and sells of it.
fn custodial_pay(world: &mut World) -> (u64, Uint256) {
    let seq = world.contribute(FIRST_AUTHOR + 3, &prose(8, 500), datanet::RightsKind::Custodial, false);
    pay_for(world, seq, 300);
    let earnings: QueryEarningsResponse = world.ask("Earnings", &QueryEarningsRequest { contribution: seq }).unwrap();
    let held: Uint256 = earnings.earnings.unwrap().held.parse().unwrap();
    assert!(!held.is_zero());
    (seq, held)
}

#[test]
fn held_pay_goes_to_the_account_that_proves_that_it_is_its_own() {
    let mut world = World::new();
    let (seq, held) = custodial_pay(&mut world);
    let release = MsgReleaseHeld { sender: text(OTHER), contribution: seq };
    assert_eq!(world.code(&release).0, "attribution", "nobody has proven anything");
    world.ok(&datanet::MsgProveCustody { author: text(40), seq });
    let moved: MsgReleaseHeldResponse = world.answer(&release).unwrap();
    assert_eq!((moved.amount.parse::<Uint256>().unwrap(), moved.account), (held, text(40)));
    assert_eq!(world.owed(40), held);
    assert_eq!(world.code(&release).0, "attribution", "once");
    assert_eq!(world.owed(FIRST_AUTHOR + 3), Uint256::zero());
}

#[test]
fn held_pay_that_nobody_asks_for_in_the_hold_goes_to_the_baseline() {
    let mut world = World::new();
    let (seq, held) = custodial_pay(&mut world);
    let credited = |world: &mut World| {
        let keeper = world.keeper;
        world.with(|ctx| keeper.datanets.baseline(ctx, 1).unwrap().credited)
    };
    let before = credited(&mut world);
    world.block.time_seconds += 365 * 86_400 + 1;
    world.next_block();
    world.next_block();
    let earnings: QueryEarningsResponse = world.ask("Earnings", &QueryEarningsRequest { contribution: seq }).unwrap();
    assert_eq!(earnings.earnings.unwrap().held, "0");
    assert!(credited(&mut world) >= before + held);
}
