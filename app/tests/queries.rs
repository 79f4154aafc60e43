//! Queries through ABCI: methods, keys with proofs, simulation, heights, errors as clients know them.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::*;
use openledger_core::query::Code;
use openledger_core::Status;
use openledger_proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountRequest, QueryAccountResponse};
use openledger_proto::cosmos::bank::v1beta1::{QueryBalanceRequest, QueryBalanceResponse};
use openledger_proto::cosmos::tx::v1beta1::TxRaw;
use openledger_proto::Message;
use openledger_store::Pruning;
use std::sync::Arc;

const BALANCE: &str = "/cosmos.bank.v1beta1.Query/Balance";
const ACCOUNT: &str = "/cosmos.auth.v1beta1.Query/Account";

fn balance_of(person: &Person) -> Vec<u8> {
    QueryBalanceRequest { address: person.address().to_string(), denom: "aopen".into() }.encode_to_vec()
}

fn amount(value: &[u8]) -> u128 {
    QueryBalanceResponse::decode(value).unwrap().balance.unwrap().amount.parse().unwrap()
}

#[test]
fn a_method_is_answered_at_the_height_asked_for() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    net.deliver(draft(vec![ann.send(&bob, 10)], &[(&ann, 0)]).sign());
    let latest = net.query(BALANCE, balance_of(&bob), 0, false);
    assert_eq!((latest.code, latest.height, amount(&latest.value)), (0, 2, START + 10));
    let before = net.query(BALANCE, balance_of(&bob), 1, false);
    assert_eq!((before.code, before.height, amount(&before.value)), (0, 1, START));
    let (value, height) = net.app.answer(BALANCE, &balance_of(&bob), 0).unwrap();
    assert_eq!((amount(&value), height), (START + 10, 2));

    let account =
        net.query(ACCOUNT, QueryAccountRequest { address: ann.address().to_string() }.encode_to_vec(), 0, false);
    let account = QueryAccountResponse::decode(account.value).unwrap().account.unwrap();
    assert_eq!(account.type_url, "/cosmos.auth.v1beta1.BaseAccount");
    assert_eq!(BaseAccount::decode(account.value.as_slice()).unwrap().sequence, 1);
}

#[test]
fn errors_have_the_codes_and_texts_that_clients_look_for() {
    let net = net();
    let ask = |address: String| net.query(ACCOUNT, QueryAccountRequest { address }.encode_to_vec(), 0, false);
    let missing = ask(person(99).address().to_string());
    assert_eq!((missing.code, missing.codespace.as_str(), missing.height), (22, "sdk", 1));
    assert!(missing.log.starts_with("rpc error: code = NotFound desc = "), "{}", missing.log);
    assert!(missing.log.ends_with(": key not found"), "{}", missing.log);
    let wrong = ask("nonsense".into());
    assert_eq!(wrong.code, 18, "{}", wrong.log);
    assert!(wrong.log.starts_with("rpc error: code = InvalidArgument"), "{}", wrong.log);
    assert_eq!(net.query(ACCOUNT, vec![0xff], 0, false).code, 18);
    for path in ["/cosmos.params.v1beta1.Query/Params", "custom/bank/all", "nonsense", "/", ""] {
        assert_eq!(net.query(path, "", 0, false).code, 6, "{path}");
    }
    assert_eq!(net.query("/cosmos.tx.v1beta1.Service/BroadcastTx", "", 0, false).code, 18);
}

#[test]
fn heights_that_are_not_there_are_refused() {
    let net = net();
    let future = net.query(BALANCE, balance_of(&person(0)), 9, false);
    let text = "cannot query with height in the future; please provide a valid height: invalid height";
    assert_eq!((future.code, future.log.as_str()), (26, text));
    assert_eq!(net.query(BALANCE, balance_of(&person(0)), -1, false).code, 18);
    let unborn = unborn(|_| {});
    let early = unborn.query(BALANCE, balance_of(&person(0)), 0, false);
    let text = "openledger is not ready; please wait for first block: invalid height";
    assert_eq!((early.code, early.log.as_str()), (26, text));
    let refused = net.app.answer(BALANCE, &balance_of(&person(0)), 9).unwrap_err();
    let text =
        "codespace sdk code 26: invalid height: cannot query with height in the future; please provide a valid height";
    assert_eq!((refused.code, refused.message.as_str()), (Code::Unknown, text));
}

#[test]
fn heights_that_were_pruned_are_refused_and_those_kept_are_answered() {
    let net = net_with(|config| config.pruning = Pruning::EVERYTHING);
    let (ann, bob) = (person(0), person(1));
    for sequence in 0..9 {
        net.deliver(draft(vec![ann.send(&bob, 10)], &[(&ann, sequence)]).sign());
    }
    assert_eq!(net.app.latest().height, 10);
    for height in [8, 9, 10] {
        let kept = net.query(BALANCE, balance_of(&bob), height, false);
        assert_eq!((kept.code, kept.height, amount(&kept.value)), (0, height, START + 10 * (height as u128 - 1)));
        assert_eq!(net.query("/store/odd/key", "last", height, true).code, 0);
    }
    let pruned = net.query(BALANCE, balance_of(&bob), 7, false);
    let why = "failed to load state at height 7; version mismatch on immutable IAVL tree; version does not exist. Version has either \
               been pruned, or is for a future block height (latest height: 10)";
    assert_eq!((pruned.code, pruned.log), (18, format!("{why}: invalid request")));
    let refused = net.app.answer(BALANCE, &balance_of(&bob), 7).unwrap_err();
    assert_eq!(
        (refused.code, refused.message),
        (Code::Unknown, format!("codespace sdk code 18: invalid request: {why}"))
    );
    let key = net.query("/store/odd/key", "last", 7, true);
    let why = "proof is unexpectedly empty; ensure height has not been pruned: invalid request";
    assert_eq!((key.codespace.as_str(), key.code, key.log.as_str()), ("store", 7, why));
    assert_eq!(net.query("/store/odd/key", "last", 11, false).log, "version does not exist: invalid request");
}

#[test]
fn a_key_is_read_with_its_proof_and_a_missing_one_is_proven_absent() {
    let net = net();
    let refused = net.query("/store/odd/key", "last", 0, true);
    assert_eq!(refused.code, 18, "{}", refused.log);
    net.block(vec![]);
    net.block(vec![]);
    for path in ["/store/odd/key", "store/odd/key"] {
        let found = net.query(path, "last", 2, true);
        assert_eq!((found.code, found.height, found.value.as_ref()), (0, 2, b"genesis".as_slice()));
        assert_eq!(found.key.as_ref(), b"last");
        let ops = found.proof_ops.unwrap().ops;
        let kinds: Vec<_> = ops.iter().map(|op| (op.r#type.as_str(), op.key.as_slice())).collect();
        assert_eq!(kinds, [("ics23:iavl", b"last".as_slice()), ("ics23:simple", b"odd")]);
    }
    let absent = net.query("/store/odd/key", "nothing", 0, true);
    assert_eq!((absent.code, absent.value.len(), absent.height), (0, 0, 3));
    assert_eq!(absent.proof_ops.unwrap().ops.len(), 2);
    assert!(net.query("/store/odd/key", "last", 0, false).proof_ops.is_none());
    assert_eq!(net.query("/store/none/key", "last", 0, false).code, 6);
    assert_eq!(net.query("/store/odd/key", "", 0, false).code, 2);
    assert_eq!(net.query("/store/odd/subspace", "last", 0, false).code, 6);
}

#[test]
fn simulation_needs_no_signature_and_changes_nothing() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let signed = draft(vec![ann.send(&bob, 10)], &[(&ann, 0)]).fee(5).sign();
    let mut raw = TxRaw::decode(signed.clone()).unwrap();
    raw.signatures = vec![vec![]];
    let unsigned: bytes::Bytes = raw.encode_to_vec().into();
    let estimate = net.app.simulate(&unsigned);
    assert!(estimate.result.is_ok(), "{estimate:?}");
    assert_eq!(net.sequence(&ann), 0);
    assert_eq!(net.check(signed.clone()).code, 0);
    let used = u64::try_from(net.deliver(signed).gas_used).unwrap();
    assert!(estimate.gas_used >= used && estimate.gas_used < used + 2_000, "{} {used}", estimate.gas_used);

    // The sequence is checked all the same, as the SDK does.
    let failed = net.query("/app/simulate", unsigned, 0, false);
    assert_eq!(failed.code, 32);
    let simulated = net.query("app/simulate", draft(vec![ann.send(&bob, 1)], &[(&ann, 1)]).sign(), 0, false);
    assert_eq!(simulated.code, 0, "{}", simulated.log);
    let json: serde_json::Value = serde_json::from_slice(&simulated.value).unwrap();
    assert!(json["gas_info"]["gas_used"].is_string(), "{json}");
    assert_eq!(json["result"]["msg_responses"][0]["@type"], "/cosmos.bank.v1beta1.MsgSendResponse");
}

#[test]
fn a_simulation_that_never_ends_runs_out_of_the_node_s_gas() {
    let net = net_with(|config| config.query_gas_limit = 1_000_000);
    let ann = person(0);
    let error = net.app.simulate(&draft(vec![ann.vote(2)], &[(&ann, 0)]).sign()).result.unwrap_err();
    assert_eq!(error.code, 11);
    let net = net_with(|config| config.query_gas_limit = 500);
    let costly = net.query(BALANCE, balance_of(&ann), 0, false);
    assert!(costly.log.contains("ResourceExhausted") && costly.log.contains("out of gas"), "{}", costly.log);
}

#[test]
fn a_panic_in_a_query_is_its_error_alone() {
    let net = net();
    let panicked = net.query("/odd.Query/Panic", "", 0, false);
    assert_eq!(panicked.code, 6);
    assert!(panicked.log.starts_with("rpc error: code = Internal"), "{}", panicked.log);
    assert_eq!(net.query(BALANCE, balance_of(&person(0)), 0, false).code, 0);
}

#[test]
fn services_are_added_after_the_chain_is_made() {
    let net = net();
    let chain = Arc::downgrade(net.app.chain());
    net.app.add_service(
        "/test.Service/Echo",
        Arc::new(move |request: &[u8], height| {
            let chain = chain.upgrade().ok_or_else(|| Status::internal("gone"))?;
            if request.is_empty() {
                return Err(Status::not_found("tx not found"));
            }
            Ok([request, &chain.latest().height.to_be_bytes(), &height.to_be_bytes()].concat())
        }),
    );
    let answer = net.query("/test.Service/Echo", "hi", 0, false);
    assert_eq!(answer.value.as_ref(), [b"hi".as_slice(), &1u64.to_be_bytes(), &0u64.to_be_bytes()].concat());
    assert_eq!(answer.height, 1);
    let missing = net.query("/test.Service/Echo", "", 0, false);
    assert_eq!(
        (missing.code, missing.log.as_str()),
        (22, "rpc error: code = NotFound desc = tx not found: key not found")
    );
    assert_eq!(net.app.service_paths(), ["/test.Service/Echo"]);
}

#[test]
fn the_version_is_told() {
    let net = net();
    let answer = net.query("/app/version", "", 0, false);
    assert_eq!((answer.value.as_ref(), answer.height), (env!("CARGO_PKG_VERSION").as_bytes(), 1));
    let info = tendermint_abci::Application::info(&net.app, Default::default());
    assert_eq!((info.data.as_str(), info.app_version), ("openledger", 0));
}
