//! Panics: of a handler, a query, a check or a simulation they are errors of it alone; of a block they end the process.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::mpsc;
use std::time::Duration;

use common::*;
use openledger_app::abci::{Address, Options, Server};
use openledger_proto::tendermint::abci::{request, response, Request, RequestFinalizeBlock, Response};
use openledger_proto::Message;
use tendermint_abci::Application as _;

/// SDK `errors.ErrPanic`.
const PANIC: (u32, &str) = (111_222, "undefined");

#[test]
fn a_panic_in_a_handler_is_an_error_of_its_transaction_alone() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let panics = draft(vec![ann.send(&bob, 10), ann.vote(1)], &[(&ann, 0)]).fee(5).sign();
    let decodes = draft(vec![bob.vote(101)], &[(&bob, 0)]).sign();
    let after = draft(vec![ann.send(&bob, 1)], &[(&ann, 1)]).sign();
    let results = net.block(vec![panics, decodes, after]).tx_results;
    assert_eq!(results.iter().map(|result| result.code).collect::<Vec<_>>(), [PANIC.0, PANIC.0, 0]);
    assert_eq!(results[0].codespace, PANIC.1);
    // Where the panic happened and what it said differs from node to node, and is in no result.
    assert!(!results[0].log.contains("0x") && !results[0].log.contains("differs"), "{}", results[0].log);
    // The fee and the sequence stay, the send before the panic is undone, the next transaction counts.
    assert_eq!(net.balance(&ann.address()), START - 6);
    assert_eq!((net.sequence(&ann), net.sequence(&bob)), (2, 0));
    assert_eq!(net.query("store/odd/key", "last", 0, false).value.as_ref(), b"genesis");
}

#[test]
fn a_panic_in_checktx_and_in_a_simulation_is_an_error_of_it_alone() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let refused = net.check(draft(vec![ann.vote(101)], &[(&ann, 0)]).sign());
    assert_eq!((refused.code, refused.codespace.as_str()), PANIC);
    assert_eq!(net.check(draft(vec![ann.send(&bob, 1)], &[(&ann, 0)]).sign()).code, 0);

    let panics = draft(vec![ann.send(&bob, 10), ann.vote(1)], &[(&ann, 1)]).sign();
    let error = net.app.simulate(&panics).result.unwrap_err();
    assert_eq!((error.code, error.codespace), PANIC);
    let error = net.app.simulate(&draft(vec![ann.vote(101)], &[(&ann, 1)]).sign()).result.unwrap_err();
    assert_eq!((error.code, error.codespace), PANIC);
    // Its changes are undone, and what CheckTx let in is still there.
    let simulated = net.app.simulate(&draft(vec![ann.send(&bob, START)], &[(&ann, 1)]).sign());
    assert!(simulated.result.is_ok(), "{:?}", simulated.result);
    assert_eq!(net.check(draft(vec![ann.send(&bob, 1)], &[(&ann, 1)]).sign()).code, 0);
}

#[test]
fn a_panic_in_a_query_is_an_error_of_it_alone() {
    let net = net();
    let answer = net.query("/odd.Query/Panic", "", 0, false);
    assert_eq!((answer.code, answer.codespace.as_str()), (6, "sdk"));
    assert!(answer.log.contains("code = Internal") && !answer.log.contains("in a query"), "{}", answer.log);
    assert_eq!(net.query("app/version", "", 0, false).code, 0);
    net.app.chain().add_service("/odd.Service/Panic", std::sync::Arc::new(|_, _| panic!("in a service")));
    assert_eq!(net.query("/odd.Service/Panic", "", 0, false).code, 6);
}

fn unwinds(net: &Net, block: &RequestFinalizeBlock) -> String {
    let payload = catch_unwind(AssertUnwindSafe(|| net.app.finalize_block(block.clone()))).unwrap_err();
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap()
}

#[test]
fn a_panic_in_begin_or_end_block_unwinds_from_finalize_block_and_from_no_guess() {
    for (vote, place) in [(PANIC_IN_BEGIN, "begin"), (PANIC_IN_END, "end")] {
        let net = net();
        let ann = person(0);
        let mut block = net.request(vec![draft(vec![ann.vote(vote)], &[(&ann, 0)]).sign()]);
        if vote == PANIC_IN_BEGIN {
            net.execute(block);
            block = net.request(vec![]);
        }
        let before = (net.height(), net.app_hash());
        // The proposal is as good as any: nobody can tell before executing it. Only who decides on it meets the panic.
        assert!(net.propose(&block));
        let mut other = net.request(vec![]);
        other.hash = vec![1; 32].into();
        assert!(net.propose(&other) && net.propose(&block));
        assert_eq!(unwinds(&net, &block), format!("in {place} block, as asked"));
        // Without a guess it is the same, and nothing was committed.
        assert_eq!(unwinds(&net, &block), format!("in {place} block, as asked"));
        assert_eq!((net.height(), net.app_hash()), before);
    }
}

#[test]
fn a_block_that_panics_is_told_to_cometbft_and_ends_the_process() {
    let net = net();
    let ann = person(0);
    let block = net.request(vec![draft(vec![ann.vote(PANIC_IN_END)], &[(&ann, 0)]).sign()]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("abci.sock");
    let (sender, fatal) = mpsc::channel();
    let server = Server::start(net.app.clone(), &Address::Unix(path.clone()), Options::default(), move |reason| {
        sender.send(reason).unwrap();
    })
    .unwrap();
    let mut stream = UnixStream::connect(&path).unwrap();
    let request = Request { value: Some(request::Value::FinalizeBlock(block)) };
    stream.write_all(&request.encode_length_delimited_to_vec()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let Some(response::Value::Exception(exception)) =
        Response::decode_length_delimited(answer.as_slice()).unwrap().value
    else {
        panic!("no exception")
    };
    assert_eq!(exception.error, "FinalizeBlock panicked: in end block, as asked");
    // The node ends on this call (`node/run.rs`).
    assert_eq!(fatal.recv_timeout(Duration::from_secs(5)).unwrap(), exception.error);
    server.stop(Duration::from_secs(1));
}
