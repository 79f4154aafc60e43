//! MsgSetSendEnabled and MsgUpdateParams: what the authority lets transactions send.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use common::{text, Chain};
use openledger_auth::authority;
use openledger_core::Error;
use openledger_proto::cosmos::bank::v1beta1::*;
use openledger_proto::cosmos::base::v1beta1::Coin;

fn send(denom: &str) -> MsgSend {
    let amount = vec![Coin { denom: denom.into(), amount: "1".into() }];
    MsgSend { from_address: text(1), to_address: text(2), amount }
}

fn set(entries: &[(&str, bool)], use_default_for: &[&str]) -> MsgSetSendEnabled {
    let entry = |(denom, enabled): &(&str, bool)| SendEnabled { denom: (*denom).into(), enabled: *enabled };
    MsgSetSendEnabled {
        authority: authority().to_string(),
        send_enabled: entries.iter().map(entry).collect(),
        use_default_for: use_default_for.iter().map(|denom| (*denom).into()).collect(),
    }
}

fn by_default(enabled: bool) -> MsgUpdateParams {
    let params = Params { default_send_enabled: enabled, ..Default::default() };
    MsgUpdateParams { authority: authority().to_string(), params: Some(params) }
}

fn disabled(denom: &str) -> Error {
    let message = format!("{denom} transfers are currently disabled: send transactions are disabled");
    Error { codespace: "bank", code: 5, message }
}

#[test]
fn what_is_set_for_a_denomination_overrides_the_default_until_it_is_forgotten() {
    let mut chain = Chain::new(&["9aopen,9uatom"]);
    chain.execute(&set(&[("aopen", false)], &[])).unwrap();
    assert_eq!(chain.execute(&send("aopen")).unwrap_err(), disabled("aopen"));
    chain.execute(&send("uatom")).unwrap();

    chain.execute(&by_default(false)).unwrap();
    chain.execute(&set(&[("aopen", true)], &[])).unwrap();
    chain.execute(&send("aopen")).unwrap();
    assert_eq!(chain.execute(&send("uatom")).unwrap_err(), disabled("uatom"));

    chain.execute(&set(&[], &["aopen", "never-set"])).unwrap();
    assert_eq!(chain.execute(&send("aopen")).unwrap_err(), disabled("aopen"));
    let params = chain.ask::<QueryParamsResponse>("Params", &QueryParamsRequest {}).unwrap().params.unwrap();
    assert!(!params.default_send_enabled);
}

#[test]
fn a_multi_send_of_what_may_not_be_sent_is_refused() {
    let mut chain = Chain::new(&["9aopen"]);
    chain.execute(&by_default(false)).unwrap();
    let coins = send("aopen").amount;
    let inputs = vec![Input { address: text(1), coins: coins.clone() }];
    let outputs = vec![Output { address: text(2), coins }];
    assert_eq!(chain.execute(&MsgMultiSend { inputs, outputs }).unwrap_err(), disabled("aopen"));
}

#[test]
fn only_the_authority_decides() {
    let mut chain = Chain::new(&["9aopen"]);
    let other = text(1);
    let error = chain.execute(&MsgSetSendEnabled { authority: other.clone(), ..set(&[], &[]) }).unwrap_err();
    assert_eq!((error.codespace, error.code), ("gov", 13));
    let error = chain.execute(&MsgUpdateParams { authority: other, ..by_default(false) }).unwrap_err();
    assert_eq!((error.codespace, error.code), ("gov", 13));
    chain.execute(&send("aopen")).unwrap();
}

#[test]
fn contradicting_or_invalid_entries_are_refused() {
    let mut chain = Chain::new(&[]);
    for (msg, text) in [
        (
            set(&[("aopen", true), ("aopen", false)], &[]),
            "duplicate denom entries found for \"aopen\": invalid request",
        ),
        (set(&[("1", true)], &[]), "invalid SendEnabled denom \"1\": invalid denom: 1: invalid request"),
        (set(&[], &["1"]), "invalid UseDefaultFor denom \"1\": invalid denom: 1: invalid request"),
    ] {
        let error = chain.execute(&msg).unwrap_err();
        assert_eq!((error.codespace, error.code, error.message.as_str()), ("sdk", 18, text));
    }
}

#[test]
#[allow(deprecated)]
fn parameters_that_are_missing_or_use_the_retired_list_are_refused() {
    let mut chain = Chain::new(&[]);
    assert!(chain.execute(&MsgUpdateParams { params: None, ..by_default(true) }).is_err());
    let send_enabled = vec![SendEnabled { denom: "aopen".into(), enabled: true }];
    let params = Some(Params { send_enabled, default_send_enabled: true });
    let error = chain.execute(&MsgUpdateParams { params, ..by_default(true) }).unwrap_err();
    assert_eq!(error.message, "use of send_enabled in params is no longer supported");
}
