//! Invariants on a running chain: the node's own check every so many blocks, and the query.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::*;
use openledger_app::abci::AbciApplication as _;
use openledger_app::services::{self, node, Comet};
use openledger_proto::openledger::base::v1::{QueryInvariantsRequest, QueryInvariantsResponse};
use openledger_proto::Message;
use tendermint_abci::Application as _;

#[test]
fn a_broken_invariant_stops_the_node_at_the_next_check_and_nothing_of_that_block_is_kept() {
    let net = net_with(|config| config.inv_check_period = 4);
    let ann = person(0);
    net.block(vec![]);
    // Height 3 breaks it; nobody looks until height 4.
    net.app.finalize_block(net.request(vec![draft(vec![ann.vote(BREAKS)], &[(&ann, 0)]).sign()]));
    net.app.commit();
    assert_eq!(net.height(), 3);
    let error = net.app.try_finalize_block(net.request(vec![])).unwrap_err();
    assert!(error.contains("at height 4, an invariant of odd is broken: the last vote broke it"), "{error}");
    assert!(error.contains("inv-check-period"), "{error}");
    assert_eq!(net.height(), 3);
    // Also on a guess, whose error is the block's.
    let block = net.request(vec![]);
    assert!(net.propose(&block));
    assert!(net.app.try_finalize_block(block).is_err());
}

#[test]
fn without_a_period_and_at_other_heights_nothing_is_checked() {
    for period in [0, 100] {
        let net = net_with(|config| config.inv_check_period = period);
        let ann = person(0);
        net.app.finalize_block(net.request(vec![draft(vec![ann.vote(BREAKS)], &[(&ann, 0)]).sign()]));
        net.app.commit();
        assert_eq!(net.height(), 2);
    }
}

fn ask(net: &Net, module: &str, height: i64) -> openledger_proto::tendermint::abci::ResponseQuery {
    let request = QueryInvariantsRequest { module: module.into() };
    net.query("/openledger.base.v1.Query/Invariants", request.encode_to_vec(), height, false)
}

#[test]
fn the_query_says_which_module_is_broken_and_at_which_height() {
    let net = net_with(|_| {});
    services::open(net.app.chain(), Comet::absent(), node::Settings::default());
    let ann = person(0);
    net.app.finalize_block(net.request(vec![draft(vec![ann.vote(BREAKS)], &[(&ann, 0)]).sign()]));
    net.app.commit();
    let read = |module, height| QueryInvariantsResponse::decode(ask(&net, module, height).value).unwrap();
    let all = read("", 0);
    assert!(all.broken && all.height == 2, "{all:?}");
    let broken: Vec<_> = all.modules.iter().filter(|module| module.broken).collect();
    assert_eq!(broken.len(), 1, "{all:?}");
    assert_eq!((broken[0].module.as_str(), broken[0].text.contains("the last vote broke it")), ("odd", true));
    assert!(all.modules.iter().any(|module| module.module == "bank"));
    let before = read("", 1);
    assert!(!before.broken && before.height == 1, "{before:?}");
    let bank = read("bank", 0);
    assert_eq!((bank.broken, bank.modules.len()), (false, 1));
    assert!(ask(&net, "nothing", 0).log.contains("there is no module \"nothing\""));
}

#[test]
fn the_query_is_held_to_the_gas_of_a_query() {
    let net = net_with(|config| config.query_gas_limit = 1_000);
    services::open(net.app.chain(), Comet::absent(), node::Settings::default());
    let answer = ask(&net, "", 0);
    assert_ne!(answer.code, 0, "{answer:?}");
    assert!(answer.log.contains("out of gas"), "{}", answer.log);
}
