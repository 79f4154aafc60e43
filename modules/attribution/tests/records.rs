//! Sealed sessions, deployments' records and settled prices.

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
use openledger_proto::openledger::model::v1 as model;

const FEE: u128 = OPEN + (OPEN / 100) * 395;

fn record(world: &World) -> DeploymentRecord {
    let request = QueryDeploymentRecordRequest { deployment: world.deployment };
    world.ask::<QueryDeploymentRecordResponse>("DeploymentRecord", &request).unwrap().record.unwrap()
}

#[test]
fn a_sealed_session_costs_the_premium_settles_claims_alone_and_is_shown_as_payer_checked() {
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
    let public = world.open_session_msg(100 * OPEN);
    assert_eq!(world.code(&MsgOpenSession { mode: 2, ..public }), ("attribution", 5), "public alone");
    world.deployment = world.answer::<_, model::MsgDeployResponse>(&deploy).unwrap().deployment;
    let corpus = Some(model::DatanetVersion { datanet: 1, version: 1 });
    world.ok(&model::MsgAttestCorpus { server: text(SERVER), deployment: world.deployment, corpus });
    let mut open = MsgOpenSession { mode: model::Mode::Sealed.into(), ..world.open_session_msg(100 * OPEN) };
    assert_eq!(world.code(&open), ("attribution", 6), "the premium is over the payer's limit");
    (open.max_base_price, open.max_byte_price) = ((OPEN * 5 / 4).to_string(), (OPEN / 80).to_string());
    let opened: MsgOpenSessionResponse = world.answer(&open).unwrap();
    assert_eq!((opened.base_price, opened.byte_price), ((OPEN * 5 / 4).to_string(), (OPEN / 80).to_string()));
    world.session = opened.session;
    let mut answer = world.say(b"?", &world.two_authors());
    answer.receipt.corpus_height = world.block.height;
    world.answers = vec![answer.clone()];
    world.next_block();
    let claim = world.honest(&answer);
    let published = world.settle_msg(0, std::slice::from_ref(&claim), Check::Existence);
    assert_eq!(world.code(&published), ("attribution", 4), "the transcript is its payer's");
    let alone = world.settle_msg(0, &[claim], Check::ClaimsOnly);
    let id = world.answer::<_, MsgSettleResponse>(&alone).unwrap().settlement;
    let shown: QuerySettlementResponse = world.ask("Settlement", &QuerySettlementRequest { id }).unwrap();
    assert_eq!(shown.assurance(), Assurance::Sealed);
    let shown: QuerySessionResponse = world.ask("Session", &QuerySessionRequest { id: world.session }).unwrap();
    assert_eq!(shown.assurance(), Assurance::Sealed);
    let shown: QuerySessionResponse = world.ask("Session", &QuerySessionRequest { id: 1 }).unwrap();
    assert_eq!(shown.assurance(), Assurance::Public);
}

#[test]
fn late_receipts_and_sessions_without_any_are_counted_by_deployment() {
    let mut world = World::new();
    let answer = world.say(b"?", &world.two_authors());
    world.blocks(demo_params().late_receipt_blocks + 1);
    let claim = world.honest(&answer);
    world.settle_with(&answer, &claim, Check::Existence);
    world.settle_honestly();
    let idle = world.open_session(OPEN);
    world.ok(&MsgCloseSession { sender: text(SERVER), session: idle });
    world.ok(&MsgCloseSession { sender: text(SERVER), session: world.session });
    let record = record(&world);
    assert_eq!((record.settlements, record.receipts, record.late_receipts), (2, 2, 1));
    assert_eq!((record.unsettled_sessions, record.expired_sessions), (1, 0));
    assert_eq!(record.fees, (2 * FEE).to_string());
}

#[test]
fn settled_prices_are_kept_by_period_for_model_version_and_deployment_thirty_periods_long() {
    let mut world = World::new();
    let ask = |world: &World, model_version, deployment| {
        let request = QuerySettledPricesRequest { model_version, deployment };
        let answer: Result<QuerySettledPricesResponse, _> = world.ask("SettledPrices", &request);
        answer.map(|answer| answer.prices)
    };
    let period = demo_params().price_period_seconds as i64;
    world.settle_honestly();
    world.settle_honestly();
    let first = world.block.time_seconds / period * period;
    let prices = ask(&world, 1, 0).unwrap();
    assert_eq!(prices, ask(&world, 0, 1).unwrap());
    assert_eq!(prices.iter().map(|price| (price.start, price.receipts)).collect::<Vec<_>>(), [(first, 2)]);
    assert_eq!((prices[0].output_bytes, prices[0].fees.clone()), (2 * 395, (2 * FEE).to_string()));
    world.block.time_seconds += 7 * period;
    world.settle_honestly();
    let starts: Vec<_> = ask(&world, 1, 0).unwrap().iter().map(|price| price.start).collect();
    assert_eq!(starts, [first + 7 * period, first], "the last first");
    world.block.time_seconds += 23 * period;
    world.settle_honestly();
    let starts: Vec<_> = ask(&world, 1, 0).unwrap().iter().map(|price| price.start).collect();
    assert_eq!(starts, [first + 30 * period, first + 7 * period], "the first period's slot has the last one");
    assert_eq!(ask(&world, 2, 0).unwrap(), []);
    assert!(ask(&world, 1, 1).is_err() && ask(&world, 0, 0).is_err());
}
