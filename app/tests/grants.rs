//! What one account may do with another's leave, through whole transactions: fees paid by a granter, messages executed by a grantee,
//! coins that vest, and messages that are switched off.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::*;
use openledger_core::{Address, Time, BASE_DENOM};
use openledger_proto::cosmos::authz::v1beta1::{GenericAuthorization, Grant, MsgExec, MsgGrant};
use openledger_proto::cosmos::bank::v1beta1::{MsgSend, QuerySpendableBalancesRequest, QuerySpendableBalancesResponse};
use openledger_proto::cosmos::circuit::v1::{MsgResetCircuitBreaker, MsgTripCircuitBreaker};
use openledger_proto::cosmos::feegrant::v1beta1::{AllowedMsgAllowance, BasicAllowance, MsgGrantAllowance};
use openledger_proto::cosmos::vesting::v1beta1::MsgCreateVestingAccount;
use openledger_proto::openledger::contributor::v1::{MsgSetProfile, QueryProfileRequest, QueryProfileResponse};
use openledger_proto::tendermint::abci::{RequestInitChain, ResponseQuery};
use openledger_proto::{Any, Message, Name};
use serde_json::json;
use tendermint_abci::Application as _;

fn text(person: &Person) -> String {
    person.address().to_string()
}

fn allow(granter: &Person, grantee: &Person, limit: u128) -> Any {
    let basic = BasicAllowance { spend_limit: vec![coin(limit)], expiration: None };
    let sends = AllowedMsgAllowance { allowance: Some(pack(&basic)), allowed_messages: vec![MsgSend::type_url()] };
    pack(&MsgGrantAllowance { granter: text(granter), grantee: text(grantee), allowance: Some(pack(&sends)) })
}

fn may(granter: &Person, grantee: &Person, msg: String) -> Any {
    let authorization = Some(pack(&GenericAuthorization { msg }));
    let grant = Some(Grant { authorization, expiration: None });
    pack(&MsgGrant { granter: text(granter), grantee: text(grantee), grant })
}

fn answer<M: Message + Default>(response: &ResponseQuery) -> M {
    assert_eq!(response.code, 0, "{}", response.log);
    M::decode(response.value.clone()).unwrap()
}

#[test]
fn a_fee_is_paid_by_a_granter_up_to_what_it_allowed_and_for_the_messages_it_allowed() {
    let net = net();
    let (ann, bob, cal) = (person(0), person(1), person(2));
    let by_bob = |draft: &mut Draft| draft.fee.granter = text(&person(1));
    let send = |sequence, fee| draft(vec![ann.send(&cal, 10)], &[(&ann, sequence)]).fee(fee).with(by_bob).sign();
    let refused = net.deliver(send(0, 5));
    let why = format!("{} does not allow to pay fees for {}: fee-grant not found: not found", text(&bob), text(&ann));
    assert_eq!((refused.code, refused.log), (38, why));
    assert_eq!(net.deliver(draft(vec![allow(&bob, &ann, 12)], &[(&bob, 0)]).sign()).code, 0);

    assert_eq!(net.check(send(0, 5)).code, 0, "CheckTx takes it");
    let result = net.deliver(send(0, 5));
    assert_eq!((result.code, result.log.as_str()), (0, ""));
    assert_eq!((net.balance(&ann.address()), net.balance(&bob.address())), (START - 10, START - 5));
    assert_eq!(attribute(&result, "tx", "fee_payer"), Some(text(&bob)));
    assert_eq!(attribute(&result, "use_feegrant", "granter"), Some(text(&bob)));

    let other = draft(vec![may(&ann, &cal, MsgSend::type_url())], &[(&ann, 1)]).fee(5).with(by_bob).sign();
    let refused = net.check(other.clone());
    assert_eq!((refused.codespace.as_str(), refused.code), ("feegrant", 7));
    assert_eq!(net.deliver(other).code, 7);
    let refused = net.deliver(send(1, 8));
    assert_eq!((refused.codespace.as_str(), refused.code), ("feegrant", 2));
    assert_eq!(net.balance(&bob.address()), START - 5, "what is refused costs nothing");

    // A message that fails costs the granter its fee; the allowance is used up and gone.
    let poor = draft(vec![ann.send(&cal, START)], &[(&ann, 1)]).fee(7).with(by_bob).sign();
    assert_eq!(net.deliver(poor).code, 5);
    assert_eq!((net.balance(&bob.address()), net.sequence(&ann)), (START - 12, 2));
    assert_eq!(net.deliver(send(2, 1)).code, 38);
}

#[test]
fn nobody_needs_an_allowance_from_themselves_and_a_granter_is_an_address() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let own = |draft: &mut Draft| draft.fee.granter = text(&person(0));
    let result = net.deliver(draft(vec![ann.send(&bob, 10)], &[(&ann, 0)]).fee(5).with(own).sign());
    assert_eq!((result.code, net.balance(&ann.address())), (0, START - 15));
    let nobody = |draft: &mut Draft| draft.fee.granter = "cosmos1nobody".into();
    let result = net.deliver(draft(vec![ann.send(&bob, 10)], &[(&ann, 1)]).fee(5).with(nobody).sign());
    assert_eq!(result.code, 7, "{}", result.log);
}

#[test]
fn a_message_of_the_mission_is_executed_by_whom_its_signer_lets() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let profile = MsgSetProfile { account: text(&ann), name: "Ann".into(), ..Default::default() };
    let exec = |sequence| {
        let msgs = vec![pack(&profile)];
        draft(vec![pack(&MsgExec { grantee: text(&bob), msgs })], &[(&bob, sequence)]).sign()
    };
    let refused = net.deliver(exec(0));
    assert_eq!((refused.codespace.as_str(), refused.code), ("authz", 2));
    assert_eq!(net.deliver(draft(vec![may(&ann, &bob, MsgSetProfile::type_url())], &[(&ann, 0)]).sign()).code, 0);
    let result = net.deliver(exec(1));
    assert_eq!((result.code, result.log.as_str()), (0, ""));
    let request = QueryProfileRequest { address: text(&ann) }.encode_to_vec();
    let found: QueryProfileResponse = answer(&net.query("/openledger.contributor.v1.Query/Profile", request, 0, false));
    assert_eq!(found.profile.unwrap().name, "Ann");
}

#[test]
fn coins_of_a_new_account_vest_with_the_time_of_blocks() {
    let net = net();
    let (ann, eve) = (person(0), person(20));
    let end_time = GENESIS_TIME + 1_000_000;
    let amount = vec![coin(100_000)];
    let create =
        MsgCreateVestingAccount { from_address: text(&ann), to_address: text(&eve), amount, end_time, delayed: true };
    assert_eq!(net.deliver(draft(vec![pack(&create)], &[(&ann, 0)]).sign()).code, 0);
    let spendable = || {
        let request = QuerySpendableBalancesRequest { address: text(&eve), pagination: None }.encode_to_vec();
        let path = "/cosmos.bank.v1beta1.Query/SpendableBalances";
        let found: QuerySpendableBalancesResponse = answer(&net.query(path, request, 0, false));
        found.balances[0].amount.clone()
    };
    assert_eq!(spendable(), "0");
    // Locked coins pay no fees.
    let number = net.deliver(draft(vec![ann.send(&eve, 50)], &[(&ann, 1)]).sign());
    assert_eq!((number.code, spendable().as_str()), (0, "50"));
    let (number, mut eve) = (net.number(&eve), eve.clone());
    eve.number = number;
    let send = |sequence, fee| draft(vec![eve.send(&ann, 1)], &[(&eve, sequence)]).fee(fee).sign();
    assert_eq!(net.check(send(0, 51)).code, 5);
    assert_eq!(net.deliver(send(0, 49)).code, 0);
    assert_eq!(spendable(), "0");
    let mut late = net.request(vec![send(1, 99_999)]);
    late.time = Some(Time { seconds: end_time, nanos: 0 }.to_proto());
    assert_eq!(net.execute(late).tx_results[0].code, 0);
    assert_eq!(net.balance(&eve.address()), 0);
}

/// A chain at which `admin` may switch messages off.
fn guarded(admin: &Address) -> Net {
    let net = unborn(|_| {});
    let mut state = app_state();
    state["circuit"]["account_permissions"] =
        json!([{"address": admin.to_string(), "permissions": {"level": "LEVEL_SUPER_ADMIN", "limit_type_urls": []}}]);
    let app_state_bytes = serde_json::to_vec(&state).unwrap().into();
    net.app.init_chain(RequestInitChain { app_state_bytes, ..genesis() });
    net.block(vec![]);
    net
}

#[test]
fn what_is_switched_off_is_refused_by_checks_and_blocks_and_within_other_messages() {
    let (ann, bob) = (person(0), person(1));
    let net = guarded(&ann.address());
    let urls = vec![MsgSend::type_url()];
    let trip = MsgTripCircuitBreaker { authority: text(&ann), msg_type_urls: urls.clone() };
    assert_eq!(net.deliver(draft(vec![pack(&trip)], &[(&ann, 0)]).sign()).code, 0);

    let send = draft(vec![bob.send(&ann, 1)], &[(&bob, 0)]).fee(5).sign();
    let refused = net.check(send.clone());
    let why = format!("circuit breaker disables execution of this message: {}", MsgSend::type_url());
    assert_eq!((refused.codespace.as_str(), refused.code, refused.log), ("circuit", 2, why));
    assert_eq!(net.deliver(send.clone()).code, 2);
    assert_eq!((net.balance(&bob.address()), net.sequence(&bob)), (START, 0), "it costs nothing");
    let inner = MsgExec { grantee: text(&bob), msgs: vec![bob.send(&ann, 1)] };
    let refused = net.deliver(draft(vec![pack(&inner)], &[(&bob, 0)]).fee(5).sign());
    assert_eq!((refused.codespace.as_str(), refused.code), ("circuit", 2));

    let reset = MsgResetCircuitBreaker { authority: text(&ann), msg_type_urls: urls };
    assert_eq!(net.deliver(draft(vec![pack(&reset)], &[(&ann, 1)]).sign()).code, 0);
    let again = draft(vec![bob.send(&ann, 1)], &[(&bob, 1)]).fee(5).sign();
    assert_eq!(net.deliver(again).code, 0);
}

#[test]
fn a_genesis_holds_vesting_accounts_and_gives_them_back() {
    let net = unborn(|_| {});
    let mut state = app_state();
    let base = state["auth"]["accounts"][3].clone();
    let mut base = base.as_object().unwrap().clone();
    base.remove("@type");
    let coins = |amount: u128| json!([{"denom": BASE_DENOM, "amount": amount.to_string()}]);
    state["auth"]["accounts"][3] = json!({
        "@type": "/cosmos.vesting.v1beta1.PeriodicVestingAccount",
        "base_vesting_account": {
            "base_account": base, "original_vesting": coins(900), "delegated_free": [], "delegated_vesting": [],
            "end_time": (GENESIS_TIME + 30).to_string()
        },
        "start_time": GENESIS_TIME.to_string(),
        "vesting_periods": [
            {"length": "10", "amount": coins(300)}, {"length": "20", "amount": coins(600)}
        ]
    });
    let app_state_bytes = serde_json::to_vec(&state).unwrap().into();
    net.app.init_chain(RequestInitChain { app_state_bytes, ..genesis() });
    net.block(vec![]);
    let eve = person(3);
    assert_eq!(net.number(&eve), 3);
    let send = |amount, sequence| draft(vec![eve.send(&person(0), amount)], &[(&eve, sequence)]).sign();
    assert_eq!(net.deliver(send(START - 299, 0)).code, 5);
    let exported = net.app.export().unwrap();
    let accounts = exported["auth"]["accounts"].as_array().unwrap();
    let mut found =
        accounts.iter().find(|account| account.pointer(ADDRESS) == Some(&json!(text(&eve)))).unwrap().clone();
    // Its first transaction gave it a key and a sequence.
    let base = &mut found["base_vesting_account"]["base_account"];
    assert_eq!(base["sequence"], "1");
    base["sequence"] = "0".into();
    base["pub_key"] = serde_json::Value::Null;
    assert_eq!(found, state["auth"]["accounts"][3]);
}

const ADDRESS: &str = "/base_vesting_account/base_account/address";
