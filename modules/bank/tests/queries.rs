//! The queries, with the texts and codes that clients match on.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use common::{address, text, Chain, BANK};
use openledger_core::query::Code;
use openledger_core::Module;
use openledger_proto::cosmos::bank::v1beta1::*;
use openledger_proto::cosmos::base::query::v1beta1::PageRequest;
use openledger_proto::cosmos::base::v1beta1::Coin;
use openledger_proto::Message;

fn chain() -> Chain {
    let mut chain = Chain::new(&["5aopen,1ibc/AB,7uatom", "9aopen", "2uatom"]);
    let unit = |denom: &str, exponent| DenomUnit { denom: denom.into(), exponent, aliases: vec![] };
    let metadata = Metadata {
        base: "aopen".into(),
        display: "open".into(),
        name: "OpenLedger".into(),
        symbol: "OPEN".into(),
        denom_units: vec![unit("aopen", 0), unit("open", 18)],
        ..Default::default()
    };
    let send_enabled = vec![
        SendEnabled { denom: "aopen".into(), enabled: true },
        SendEnabled { denom: "uatom".into(), enabled: false },
    ];
    let genesis = GenesisState {
        params: Some(Params { default_send_enabled: true, ..Default::default() }),
        send_enabled,
        ..Default::default()
    };
    chain.with(|ctx| {
        BANK.init_genesis(ctx, &genesis.encode_to_vec()).unwrap();
        BANK.set_metadata(ctx, &metadata).unwrap();
        assert!(BANK.set_metadata(ctx, &Metadata { symbol: String::new(), ..metadata }).is_err());
    });
    chain
}

fn coin(amount: u32, denom: &str) -> Coin {
    Coin { denom: denom.into(), amount: amount.to_string() }
}

fn page(key: Vec<u8>, limit: u64) -> Option<PageRequest> {
    Some(PageRequest { key, limit, ..Default::default() })
}

#[test]
fn a_balance_is_answered_and_is_zero_where_there_is_none() {
    let chain = chain();
    for (denom, amount) in [("aopen", 5), ("never", 0)] {
        let request = QueryBalanceRequest { address: text(1), denom: denom.into() };
        let answer = chain.ask::<QueryBalanceResponse>("Balance", &request).unwrap();
        assert_eq!(answer.balance, Some(coin(amount, denom)));
        let request = QuerySpendableBalanceByDenomRequest { address: text(1), denom: denom.into() };
        let answer = chain.ask::<QuerySpendableBalanceByDenomResponse>("SpendableBalanceByDenom", &request).unwrap();
        assert_eq!(answer.balance, Some(coin(amount, denom)));
        let request = QuerySupplyOfRequest { denom: denom.into() };
        let answer = chain.ask::<QuerySupplyOfResponse>("SupplyOf", &request).unwrap();
        assert_eq!(answer.amount, Some(coin(if amount == 0 { 0 } else { 14 }, denom)));
    }
}

#[test]
fn all_balances_come_in_pages_or_under_their_display_names() {
    let chain = chain();
    let ask = |pagination, resolve_denom| {
        let request = QueryAllBalancesRequest { address: text(1), pagination, resolve_denom };
        chain.ask::<QueryAllBalancesResponse>("AllBalances", &request).unwrap()
    };
    let first = ask(page(vec![], 2), false);
    assert_eq!(first.balances, [coin(5, "aopen"), coin(1, "ibc/AB")]);
    let next = first.pagination.unwrap().next_key;
    assert_eq!(next, b"uatom");
    let second = ask(page(next, 2), false);
    assert_eq!((second.balances, second.pagination.unwrap().next_key.len()), (vec![coin(7, "uatom")], 0));
    let resolved = ask(None, true);
    assert_eq!(resolved.balances[0], coin(5, "open"));
    assert_eq!(resolved.pagination.unwrap().total, 3);
    let request = QuerySpendableBalancesRequest { address: text(1), pagination: None };
    let spendable = chain.ask::<QuerySpendableBalancesResponse>("SpendableBalances", &request).unwrap();
    assert_eq!(spendable.balances, [coin(5, "aopen"), coin(1, "ibc/AB"), coin(7, "uatom")]);
}

#[test]
fn the_total_supply_is_paged() {
    let chain = chain();
    let request = QueryTotalSupplyRequest { pagination: None };
    let answer = chain.ask::<QueryTotalSupplyResponse>("TotalSupply", &request).unwrap();
    assert_eq!(answer.supply, [coin(14, "aopen"), coin(1, "ibc/AB"), coin(9, "uatom")]);
    let request = QueryTotalSupplyRequest { pagination: page(b"ibc/AB".to_vec(), 1) };
    let answer = chain.ask::<QueryTotalSupplyResponse>("TotalSupply", &request).unwrap();
    assert_eq!(answer.supply, [coin(1, "ibc/AB")]);
}

#[test]
fn the_holders_of_a_denomination_come_in_pages_and_vanish_with_their_coins() {
    let mut chain = chain();
    let owners = |chain: &Chain, pagination| {
        let request = QueryDenomOwnersRequest { denom: "aopen".into(), pagination };
        chain.ask::<QueryDenomOwnersResponse>("DenomOwners", &request).unwrap()
    };
    let first = owners(&chain, page(vec![], 1));
    assert_eq!(first.denom_owners, [DenomOwner { address: text(1), balance: Some(coin(5, "aopen")) }]);
    let next = first.pagination.unwrap().next_key;
    let second = owners(&chain, page(next, 1));
    assert_eq!(second.denom_owners, [DenomOwner { address: text(2), balance: Some(coin(9, "aopen")) }]);
    chain.with(|ctx| BANK.send(ctx, &address(1), &address(2), &common::coins("5aopen")).unwrap());
    let request = QueryDenomOwnersByQueryRequest { denom: "aopen".into(), pagination: None };
    let left = chain.ask::<QueryDenomOwnersByQueryResponse>("DenomOwnersByQuery", &request).unwrap();
    assert_eq!(left.denom_owners, [DenomOwner { address: text(2), balance: Some(coin(14, "aopen")) }]);
}

#[test]
fn metadata_are_answered_by_name_by_query_string_and_all_together() {
    let chain = chain();
    let request = QueryDenomMetadataRequest { denom: "aopen".into() };
    let metadata = chain.ask::<QueryDenomMetadataResponse>("DenomMetadata", &request).unwrap().metadata.unwrap();
    assert_eq!(metadata.symbol, "OPEN");
    let request = QueryDenomMetadataByQueryStringRequest { denom: "aopen".into() };
    let answer = chain.ask::<QueryDenomMetadataByQueryStringResponse>("DenomMetadataByQueryString", &request);
    assert_eq!(answer.unwrap().metadata.unwrap(), metadata);
    let request = QueryDenomsMetadataRequest { pagination: None };
    let all = chain.ask::<QueryDenomsMetadataResponse>("DenomsMetadata", &request).unwrap();
    assert_eq!(all.metadatas, [metadata]);
    let request = QueryDenomMetadataRequest { denom: "uatom".into() };
    let error = chain.ask::<QueryDenomMetadataResponse>("DenomMetadata", &request).unwrap_err();
    assert_eq!((error.code, error.message.as_str()), (Code::NotFound, "client metadata for denom uatom"));
}

#[test]
fn what_may_be_sent_is_answered_for_some_or_for_all() {
    let chain = chain();
    let ask = |denoms: &[&str]| {
        let denoms = denoms.iter().map(|denom| (*denom).into()).collect();
        let request = QuerySendEnabledRequest { denoms, pagination: None };
        chain.ask::<QuerySendEnabledResponse>("SendEnabled", &request).unwrap()
    };
    let some = ask(&["uatom", "never"]);
    assert_eq!(some.send_enabled, [SendEnabled { denom: "uatom".into(), enabled: false }]);
    assert_eq!(some.pagination, None);
    let all = ask(&[]);
    assert_eq!((all.send_enabled.len(), all.pagination.unwrap().total), (2, 2));
}

#[test]
fn bad_addresses_and_denominations_are_invalid_arguments() {
    let chain = chain();
    let balance = |address: &str, denom: &str| {
        let request = QueryBalanceRequest { address: address.into(), denom: denom.into() };
        chain.ask::<QueryBalanceResponse>("Balance", &request).unwrap_err()
    };
    assert_eq!(balance(&text(1), "1").message, "invalid denom: 1");
    assert_eq!(balance(&text(1), "").code, Code::InvalidArgument);
    let error = balance("open1qqqq", "aopen");
    assert!(error.code == Code::InvalidArgument && error.message.starts_with("invalid address: "), "{error}");
    let request = QueryAllBalancesRequest {
        address: text(1),
        pagination: Some(PageRequest { key: b"aopen".to_vec(), offset: 1, ..Default::default() }),
        resolve_denom: false,
    };
    let error = chain.ask::<QueryAllBalancesResponse>("AllBalances", &request).unwrap_err();
    assert_eq!(error.code, Code::InvalidArgument);
}
