//! MsgMultiSend.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use common::{shown, text, Chain};
use openledger_core::{Address, Error};
use openledger_proto::cosmos::bank::v1beta1::{Input, MsgMultiSend, Output};
use openledger_proto::cosmos::base::v1beta1::Coin;

fn coin(text: &str) -> Vec<Coin> {
    if text == "0aopen" {
        return vec![Coin { denom: "aopen".into(), amount: "0".into() }];
    }
    text.parse::<openledger_core::Coins>().unwrap().to_proto()
}

fn msg(inputs: &[(u8, &str)], outputs: &[(u8, &str)]) -> MsgMultiSend {
    MsgMultiSend {
        inputs: inputs.iter().map(|(who, what)| Input { address: text(*who), coins: coin(what) }).collect(),
        outputs: outputs.iter().map(|(who, what)| Output { address: text(*who), coins: coin(what) }).collect(),
    }
}

fn refusal(chain: &mut Chain, msg: &MsgMultiSend) -> (&'static str, u32, String) {
    let Error { codespace, code, message } = chain.execute(msg).unwrap_err();
    (codespace, code, message)
}

#[test]
fn one_sender_pays_several_and_the_events_follow_the_outputs() {
    let mut chain = Chain::new(&["10aopen,2uatom"]);
    let events = chain.execute(&msg(&[(1, "7aopen,2uatom")], &[(2, "3aopen"), (3, "4aopen,2uatom")])).unwrap();
    let (from, two, three) = (text(1), text(2), text(3));
    assert_eq!(
        shown(&events),
        [
            format!("coin_spent{{spender={from},amount=7aopen,2uatom}}"),
            format!("message{{sender={from}}}"),
            format!("coin_received{{receiver={two},amount=3aopen}}"),
            format!("transfer{{recipient={two},amount=3aopen}}"),
            format!("coin_received{{receiver={three},amount=4aopen,2uatom}}"),
            format!("transfer{{recipient={three},amount=4aopen,2uatom}}"),
        ]
    );
    assert_eq!(chain.balances(1), "3aopen");
    assert_eq!((chain.balances(2), chain.balances(3)), ("3aopen".into(), "4aopen,2uatom".into()));
}

#[test]
fn the_same_recipient_twice_and_the_sender_among_them_are_paid_in_order() {
    let mut chain = Chain::new(&["10aopen"]);
    chain.execute(&msg(&[(1, "10aopen")], &[(2, "1aopen"), (1, "5aopen"), (2, "4aopen")])).unwrap();
    assert_eq!((chain.balances(1), chain.balances(2)), ("5aopen".into(), "5aopen".into()));
}

#[test]
fn sums_that_differ_are_refused() {
    let mut chain = Chain::new(&["10aopen,10uatom"]);
    for outputs in [&[(2, "4aopen")][..], &[(2, "6aopen")], &[(2, "5uatom")], &[(2, "5aopen"), (3, "1uatom")]] {
        let error = refusal(&mut chain, &msg(&[(1, "5aopen")], outputs));
        assert_eq!(error, ("bank", 4, "sum inputs != sum outputs".into()));
    }
}

#[test]
fn outputs_that_sum_to_more_than_256_bits_are_refused() {
    let mut chain = Chain::new(&["10aopen"]);
    let largest = "115792089237316195423570985008687907853269984665640564039457584007913129639935aopen";
    let error = refusal(&mut chain, &msg(&[(1, "9aopen")], &[(2, largest), (3, "10aopen")]));
    assert_eq!((error.0, error.1), ("sdk", 10));
}

#[test]
fn there_is_exactly_one_sender_and_at_least_one_recipient() {
    let mut chain = Chain::new(&["10aopen", "10aopen"]);
    assert_eq!(refusal(&mut chain, &msg(&[], &[(2, "1aopen")])).1, 2);
    assert_eq!(refusal(&mut chain, &msg(&[(1, "1aopen")], &[])).1, 3);
    assert_eq!(refusal(&mut chain, &msg(&[(1, "1aopen"), (2, "1aopen")], &[(3, "2aopen")])).1, 9);
}

#[test]
fn zero_coins_bad_addresses_and_blocked_recipients_are_refused() {
    let mut chain = Chain::new(&["10aopen"]);
    assert_eq!(refusal(&mut chain, &msg(&[(1, "0aopen")], &[(2, "0aopen")])).1, 10);
    assert_eq!(refusal(&mut chain, &msg(&[(1, "1aopen")], &[(2, "1aopen"), (3, "0aopen")])).1, 10);
    let mut bad = msg(&[(1, "1aopen")], &[(2, "1aopen")]);
    bad.outputs[0].address = "open1".into();
    let error = refusal(&mut chain, &bad);
    assert!(error.1 == 7 && error.2.starts_with("invalid output address"), "{error:?}");
    bad.inputs[0].address = String::new();
    assert!(refusal(&mut chain, &bad).2.starts_with("invalid input address"));
    let mut blocked = msg(&[(1, "2aopen")], &[(2, "1aopen"), (3, "1aopen")]);
    blocked.outputs[1].address = Address::module("model").to_string();
    assert_eq!(refusal(&mut chain, &blocked).1, 4);
    assert_eq!(chain.balances(2), "");
}

#[test]
fn nobody_gives_more_than_they_have() {
    let mut chain = Chain::new(&["5aopen"]);
    let error = refusal(&mut chain, &msg(&[(1, "6aopen")], &[(2, "6aopen")]));
    assert_eq!(error, ("sdk", 5, "spendable balance 5aopen is smaller than 6aopen: insufficient funds".into()));
}
