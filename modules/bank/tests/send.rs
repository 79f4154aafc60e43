//! MsgSend.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use common::{address, coins, shown, text, Chain, BANK};
use openledger_auth::Auth;
use openledger_core::{Address, Error};
use openledger_proto::cosmos::bank::v1beta1::MsgSend;
use openledger_proto::cosmos::base::v1beta1::Coin;

const LARGEST: &str = "115792089237316195423570985008687907853269984665640564039457584007913129639935";

fn msg(from: String, to: String, amount: &[(&str, &str)]) -> MsgSend {
    let coin = |(amount, denom): &(&str, &str)| Coin { denom: (*denom).into(), amount: (*amount).into() };
    MsgSend { from_address: from, to_address: to, amount: amount.iter().map(coin).collect() }
}

fn refusal(chain: &mut Chain, msg: &MsgSend) -> (&'static str, u32, String) {
    let Error { codespace, code, message } = chain.execute(msg).unwrap_err();
    (codespace, code, message)
}

#[test]
fn coins_move_and_the_sdk_s_events_tell_of_it_in_order() {
    let mut chain = Chain::new(&["10aopen,3uatom"]);
    let events = chain.execute(&msg(text(1), text(2), &[("4", "aopen"), ("3", "uatom")])).unwrap();
    let (from, to) = (text(1), text(2));
    assert_eq!(
        shown(&events),
        [
            format!("coin_spent{{spender={from},amount=4aopen,3uatom}}"),
            format!("coin_received{{receiver={to},amount=4aopen,3uatom}}"),
            format!("transfer{{recipient={to},sender={from},amount=4aopen,3uatom}}"),
            format!("message{{sender={from}}}"),
        ]
    );
    assert_eq!((chain.balances(1), chain.balances(2)), ("6aopen".into(), "4aopen,3uatom".into()));
}

#[test]
fn a_recipient_that_is_new_gets_an_account() {
    let mut chain = Chain::new(&["10aopen"]);
    chain.execute(&msg(text(1), text(7), &[("1", "aopen")])).unwrap();
    assert!(chain.with(|ctx| Auth.has_account(ctx, &address(7))));
}

#[test]
fn sending_to_oneself_changes_nothing() {
    let mut chain = Chain::new(&["10aopen"]);
    chain.execute(&msg(text(1), text(1), &[("10", "aopen")])).unwrap();
    assert_eq!(chain.balances(1), "10aopen");
    assert_eq!(refusal(&mut chain, &msg(text(1), text(1), &[("11", "aopen")])).1, 5);
}

#[test]
fn the_largest_amount_can_be_sent_and_leaves_nothing() {
    let mut chain = Chain::new(&[&format!("{LARGEST}aopen")]);
    chain.execute(&msg(text(1), text(2), &[(LARGEST, "aopen")])).unwrap();
    assert_eq!((chain.balances(1), chain.balances(2)), (String::new(), format!("{LARGEST}aopen")));
}

#[test]
fn nobody_spends_more_than_they_have() {
    let mut chain = Chain::new(&["5aopen,9uatom"]);
    let error = refusal(&mut chain, &msg(text(1), text(2), &[("10", "aopen")]));
    assert_eq!(error, ("sdk", 5, "spendable balance 5aopen is smaller than 10aopen: insufficient funds".into()));
    let error = refusal(&mut chain, &msg(text(1), text(2), &[("1", "ibc/AB")]));
    assert_eq!(error, ("sdk", 5, "spendable balance 0ibc/AB is smaller than 1ibc/AB: insufficient funds".into()));
    // The first coin would do; nothing of it may have moved.
    assert_eq!(refusal(&mut chain, &msg(text(1), text(2), &[("5", "aopen"), ("10", "uatom")])).1, 5);
    assert_eq!((chain.balances(1), chain.balances(2)), ("5aopen,9uatom".into(), String::new()));
}

#[test]
fn coins_that_are_no_coins_are_refused_as_the_sdk_shows_them() {
    let mut chain = Chain::new(&["100aopen,100bopen"]);
    for (bad, shown) in [
        (&[][..], ""),
        (&[("0", "aopen")], "0aopen"),
        (&[("-1", "aopen")], "-1aopen"),
        (&[("1", "aopen"), ("1", "aopen")], "1aopen,1aopen"),
        (&[("1", "bopen"), ("1", "aopen")], "1bopen,1aopen"),
        (&[("1", "a")], "1a"),
        (&[("1", "1abc")], "11abc"),
        (&[("1", "a open")], "1a open"),
        (
            &[("115792089237316195423570985008687907853269984665640564039457584007913129639936", "aopen")],
            "115792089237316195423570985008687907853269984665640564039457584007913129639936aopen",
        ),
    ] {
        let error = refusal(&mut chain, &msg(text(1), text(2), bad));
        assert_eq!(error, ("sdk", 10, format!("{shown}: invalid coins")));
    }
}

#[test]
fn bad_addresses_are_refused_and_named() {
    let mut chain = Chain::new(&["10aopen"]);
    for (from, to, whose) in [
        (String::new(), text(2), "invalid from address"),
        (text(1), "open1qqqq".into(), "invalid to address"),
        (text(1), address(2).to_bech32("cosmos"), "invalid to address"),
    ] {
        let (codespace, code, message) = refusal(&mut chain, &msg(from, to, &[("1", "aopen")]));
        assert_eq!((codespace, code), ("sdk", 7));
        assert!(message.starts_with(whose) && message.ends_with(": invalid address"), "{message}");
    }
}

#[test]
fn module_accounts_do_not_receive_except_governance() {
    let mut chain = Chain::new(&["10aopen"]);
    for module in ["fee_collector", "attribution", "datanet", "model", "transfer"] {
        let to = Address::module(module).to_string();
        let error = refusal(&mut chain, &msg(text(1), to.clone(), &[("1", "aopen")]));
        assert_eq!(error, ("sdk", 4, format!("{to} is not allowed to receive funds: unauthorized")));
    }
    chain.execute(&msg(text(1), Address::module("gov").to_string(), &[("1", "aopen")])).unwrap();
}

#[test]
fn modules_send_to_people_and_to_each_other_but_not_to_a_module_as_if_it_were_one_of_the_people() {
    let mut chain = Chain::new(&["10aopen"]);
    chain.with(|ctx| {
        BANK.send_to_module(ctx, &address(1), "datanet", &coins("10aopen")).unwrap();
        BANK.send_between_modules(ctx, "datanet", "attribution", &coins("4aopen")).unwrap();
        BANK.send_from_module(ctx, "attribution", &address(2), &coins("1aopen")).unwrap();
        let blocked = Address::module("model");
        assert_eq!(BANK.send_from_module(ctx, "attribution", &blocked, &coins("1aopen")).unwrap_err().code, 4);
        assert!(BANK.send_to_module(ctx, &address(1), "nobody", &coins("1aopen")).is_err());
        assert_eq!(BANK.balances(ctx, &Address::module("datanet")).unwrap(), coins("6aopen"));
    });
    assert_eq!(chain.balances(2), "1aopen");
}
