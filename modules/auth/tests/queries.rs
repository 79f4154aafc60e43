//! The queries, with the texts and codes that clients match on.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

use std::sync::Arc;

use openledger_auth::{Auth, Params};
use openledger_core::query::Code;
use openledger_core::{Address, BlockInfo, Context, GasMeter, Mode, Module, Router, Status};
use openledger_proto::cosmos::auth::v1beta1::*;
use openledger_proto::cosmos::base::query::v1beta1::PageRequest;
use openledger_proto::{Message, Name};
use openledger_store::{BlockState, MemSnapshot};

/// Asks a chain with the module accounts of genesis and the accounts 1, 2 and 3.
fn ask<Resp: Message + Default>(method: &str, request: &impl Message) -> Result<Resp, Status> {
    let mut router = Router::default();
    Auth.register(&mut router);
    let mut state = BlockState::new(Arc::new(MemSnapshot::default()));
    let block = BlockInfo::default();
    let mut ctx = Context::new(&mut state, &block, Mode::Deliver, GasMeter::infinite());
    Auth.init_genesis(&mut ctx, &Auth.default_genesis()).unwrap();
    for byte in 1..4 {
        Auth.ensure(&mut ctx, &address(byte)).unwrap();
    }
    drop(ctx);
    let ctx = Context::query(&state, &block, GasMeter::infinite());
    let path = format!("/cosmos.auth.v1beta1.Query/{method}");
    router.answer(&ctx, &path, &request.encode_to_vec()).map(|bytes| Resp::decode(bytes.as_slice()).unwrap())
}

fn address(byte: u8) -> Address {
    Address::new([byte; 20]).unwrap()
}

#[test]
fn an_account_is_answered_as_base_or_module_account() {
    let request = QueryAccountRequest { address: address(1).to_string() };
    let any = ask::<QueryAccountResponse>("Account", &request).unwrap().account.unwrap();
    assert_eq!(any.type_url, "/cosmos.auth.v1beta1.BaseAccount");
    let account = BaseAccount::decode(any.value.as_slice()).unwrap();
    assert_eq!((account.address, account.account_number), (address(1).to_string(), 11));

    let request = QueryModuleAccountByNameRequest { name: "gov".into() };
    let any = ask::<QueryModuleAccountByNameResponse>("ModuleAccountByName", &request).unwrap().account.unwrap();
    assert_eq!(any.type_url, ModuleAccount::type_url());
    let account = ModuleAccount::decode(any.value.as_slice()).unwrap();
    assert_eq!((account.name.as_str(), account.permissions), ("gov", vec!["burner".to_string()]));
}

#[test]
fn what_is_not_there_is_not_found_in_the_sdk_s_words() {
    let nobody = address(9).to_string();
    let error = ask::<QueryAccountResponse>("Account", &QueryAccountRequest { address: nobody.clone() }).unwrap_err();
    assert_eq!((error.code, error.message), (Code::NotFound, format!("account {nobody} not found")));
    let request = QueryAccountInfoRequest { address: nobody.clone() };
    let error = ask::<QueryAccountInfoResponse>("AccountInfo", &request).unwrap_err();
    assert_eq!((error.code, error.message), (Code::NotFound, format!("account {nobody} not found")));
    let request = QueryModuleAccountByNameRequest { name: "nobody".into() };
    let error = ask::<QueryModuleAccountByNameResponse>("ModuleAccountByName", &request).unwrap_err();
    assert_eq!((error.code, error.message.as_str()), (Code::NotFound, "account nobody not found"));
    let request = QueryAccountAddressByIdRequest { account_id: 99, ..Default::default() };
    let error = ask::<QueryAccountAddressByIdResponse>("AccountAddressByID", &request).unwrap_err();
    assert_eq!(error.message, "account address not found with account number 99");
    assert_eq!(error.code, Code::NotFound);
}

#[test]
fn bad_requests_are_invalid_arguments() {
    let account = |text: &str| ask::<QueryAccountResponse>("Account", &QueryAccountRequest { address: text.into() });
    for text in ["", "open1qqqq", "cosmos1vlad", &Address::module("gov").to_bech32("openvaloper")] {
        assert_eq!(account(text).unwrap_err().code, Code::InvalidArgument, "{text:?}");
    }
    #[allow(deprecated)]
    let request = QueryAccountAddressByIdRequest { id: 1, account_id: 0 };
    let error = ask::<QueryAccountAddressByIdResponse>("AccountAddressByID", &request).unwrap_err();
    assert_eq!(error.code, Code::InvalidArgument);
    let request = QueryModuleAccountByNameRequest { name: String::new() };
    let error = ask::<QueryModuleAccountByNameResponse>("ModuleAccountByName", &request).unwrap_err();
    assert_eq!(error.message, "module name is empty");
}

#[test]
fn accounts_are_paged_in_order_of_addresses() {
    let mut found = Vec::new();
    let mut key = Vec::new();
    loop {
        let pagination = PageRequest { key, limit: 2, ..Default::default() };
        let request = QueryAccountsRequest { pagination: Some(pagination) };
        let page = ask::<QueryAccountsResponse>("Accounts", &request).unwrap();
        found.extend(page.accounts);
        key = page.pagination.unwrap().next_key;
        if key.is_empty() {
            break;
        }
    }
    let all = ask::<QueryAccountsResponse>("Accounts", &QueryAccountsRequest { pagination: None }).unwrap();
    assert_eq!(found, all.accounts);
    assert_eq!((found.len(), all.pagination.unwrap().total), (14, 14));
    assert_eq!(BaseAccount::decode(found[0].value.as_slice()).unwrap().address, address(1).to_string());
}

#[test]
fn numbers_parameters_and_modules_are_answered() {
    let request = QueryAccountAddressByIdRequest { account_id: 12, ..Default::default() };
    let answer = ask::<QueryAccountAddressByIdResponse>("AccountAddressByID", &request).unwrap();
    assert_eq!(answer.account_address, address(2).to_string());
    let answer = ask::<QueryParamsResponse>("Params", &QueryParamsRequest {}).unwrap();
    assert_eq!(answer.params, Some(Params::default().to_proto()));
    let answer = ask::<QueryModuleAccountsResponse>("ModuleAccounts", &QueryModuleAccountsRequest {}).unwrap();
    let names = answer.accounts.iter().map(|any| ModuleAccount::decode(any.value.as_slice()).unwrap().name);
    assert_eq!(
        names.collect::<Vec<_>>(),
        [
            "attribution",
            "bonded_tokens_pool",
            "contributor",
            "datanet",
            "distribution",
            "fee_collector",
            "gov",
            "mint",
            "model",
            "not_bonded_tokens_pool",
            "transfer"
        ]
    );
}

#[test]
fn addresses_are_converted_both_ways() {
    let prefix = ask::<Bech32PrefixResponse>("Bech32Prefix", &Bech32PrefixRequest {}).unwrap().bech32_prefix;
    assert_eq!(prefix, "open");
    let request = AddressBytesToStringRequest { address_bytes: vec![1; 20] };
    let text = ask::<AddressBytesToStringResponse>("AddressBytesToString", &request).unwrap().address_string;
    assert_eq!(text, address(1).to_string());
    let request = AddressStringToBytesRequest { address_string: text };
    let bytes = ask::<AddressStringToBytesResponse>("AddressStringToBytes", &request).unwrap().address_bytes;
    assert_eq!(bytes, [1; 20]);
    for length in [0, 256] {
        let request = AddressBytesToStringRequest { address_bytes: vec![1; length] };
        assert!(ask::<AddressBytesToStringResponse>("AddressBytesToString", &request).is_err());
    }
    let request = AddressStringToBytesRequest { address_string: " ".into() };
    assert!(ask::<AddressStringToBytesResponse>("AddressStringToBytes", &request).is_err());
}
