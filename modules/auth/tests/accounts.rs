//! How accounts come to be, how module accounts differ, and what genesis keeps of them.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

use std::sync::Arc;

use openledger_auth::permissions::MODULE_ACCOUNTS;
use openledger_auth::{Account, Auth, Kind, Params, PublicKey};
use openledger_core::{Address, BlockInfo, Context, GasMeter, Mode, Module};
use openledger_proto::cosmos::auth::v1beta1::{BaseAccount, GenesisState, ModuleAccount};
use openledger_proto::{Any, Message, Name};
use openledger_store::{BlockState, MemSnapshot};
use proptest::prelude::*;

fn with_context<T>(test: impl FnOnce(&mut Context) -> T) -> T {
    let mut state = BlockState::new(Arc::new(MemSnapshot::default()));
    let block = BlockInfo { height: 1, ..BlockInfo::default() };
    test(&mut Context::new(&mut state, &block, Mode::Deliver, GasMeter::infinite()))
}

fn address(byte: u8) -> Address {
    Address::new([byte; 20]).unwrap()
}

fn base(byte: u8, number: u64) -> Any {
    let account = BaseAccount { address: address(byte).to_string(), account_number: number, ..Default::default() };
    Any { type_url: BaseAccount::type_url(), value: account.encode_to_vec() }
}

fn genesis(accounts: Vec<Any>) -> Vec<u8> {
    GenesisState { params: Some(Params::default().to_proto()), accounts }.encode_to_vec()
}

fn numbers(ctx: &Context, bytes: &[u8]) -> Vec<u64> {
    bytes.iter().map(|byte| Auth.account(ctx, &address(*byte)).unwrap().unwrap().number).collect()
}

#[test]
fn accounts_are_numbered_in_order_of_creation_and_made_once() {
    with_context(|ctx| {
        assert_eq!(Auth.account(ctx, &address(1)).unwrap(), None);
        assert_eq!(Auth.ensure(ctx, &address(1)).unwrap().number, 0);
        assert_eq!(Auth.ensure(ctx, &address(2)).unwrap().number, 1);
        assert_eq!(Auth.ensure(ctx, &address(1)).unwrap().number, 0);
        assert!(Auth.has_account(ctx, &address(2)) && !Auth.has_account(ctx, &address(3)));
        assert_eq!(Auth.address_of_number(ctx, 1).unwrap(), Some(address(2)));
        assert_eq!(Auth.address_of_number(ctx, 2).unwrap(), None);
        Auth.check_invariants(ctx).unwrap();
    });
}

#[test]
fn a_saved_account_keeps_its_key_and_sequence() {
    with_context(|ctx| {
        let key = PublicKey::Secp256k1(vec![2; 33].into());
        let mut account = Auth.ensure(ctx, &key.address()).unwrap();
        account.sequence = u64::MAX;
        account.key = Some(key);
        Auth.save(ctx, &account).unwrap();
        assert_eq!(Auth.account(ctx, &account.address).unwrap(), Some(account));
    });
}

#[test]
fn a_payment_to_a_module_s_address_makes_the_module_s_account() {
    with_context(|ctx| {
        let made = Auth.ensure(ctx, &Address::module("gov")).unwrap();
        assert_eq!(made.kind, Kind::Module { name: "gov".into(), permissions: vec!["burner".into()] });
        assert_eq!(Auth.ensure_module(ctx, "gov").unwrap(), made);
    });
}

#[test]
fn a_plain_account_at_a_module_s_address_becomes_the_module_s_and_keeps_its_number() {
    with_context(|ctx| {
        let address = Address::module("datanet");
        let plain = Account { address, number: 0, sequence: 0, key: None, kind: Kind::Base };
        Auth.ensure(ctx, &plain.address).unwrap();
        Auth.save(ctx, &plain).unwrap();
        let module = Auth.ensure_module(ctx, "datanet").unwrap();
        assert!(matches!(&module.kind, Kind::Module { name, .. } if name == "datanet"));
        assert_eq!(module.number, plain.number);
        assert_eq!(Auth.account(ctx, &plain.address).unwrap(), Some(module));
    });
}

#[test]
fn a_module_that_is_not_in_the_table_has_no_account() {
    with_context(|ctx| {
        let error = Auth.ensure_module(ctx, "nobody").unwrap_err();
        assert_eq!((error.codespace, error.code), ("auth", 4));
    });
}

#[test]
fn genesis_makes_every_module_account_and_survives_export_and_import() {
    let key = PublicKey::Secp256k1(vec![3; 33].into());
    let signer = BaseAccount {
        address: key.address().to_string(),
        pub_key: Some(key.to_any()),
        account_number: 41,
        sequence: 7,
    };
    let signer = Any { type_url: BaseAccount::type_url(), value: signer.encode_to_vec() };
    let exported = with_context(|ctx| {
        Auth.init_genesis(ctx, &genesis(vec![base(1, 0), signer])).unwrap();
        for access in MODULE_ACCOUNTS {
            assert!(Auth.has_account(ctx, &Address::module(access.name)), "{}", access.name);
        }
        assert_eq!(Auth.ensure(ctx, &address(9)).unwrap().number, 42 + MODULE_ACCOUNTS.len() as u64);
        Auth.check_invariants(ctx).unwrap();
        Auth.export_genesis(ctx).unwrap()
    });
    with_context(|ctx| {
        Auth.validate_genesis(&exported).unwrap();
        Auth.init_genesis(ctx, &exported).unwrap();
        assert_eq!(Auth.export_genesis(ctx).unwrap(), exported);
        let signer = Auth.account(ctx, &key.address()).unwrap().unwrap();
        assert_eq!((signer.number, signer.sequence, signer.key), (41, 7, Some(key)));
        Auth.check_invariants(ctx).unwrap();
    });
}

#[test]
fn account_numbers_that_occur_twice_get_the_lowest_free_ones() {
    with_context(|ctx| {
        let accounts = vec![base(1, 0), base(2, 0), base(3, 5), base(4, 0), base(5, 5), base(6, 1)];
        Auth.init_genesis(ctx, &genesis(accounts)).unwrap();
        // 0, 5 and 1 are taken by who came first; the others with 0 come before the other with 5.
        assert_eq!(numbers(ctx, &[1, 2, 3, 4, 5, 6]), [0, 2, 5, 3, 4, 1]);
        assert_eq!(Auth.account(ctx, &Address::module("fee_collector")).unwrap().unwrap().number, 6);
    });
}

#[test]
fn a_genesis_that_contradicts_itself_is_refused() {
    let module = |address: Address, name: &str| {
        let base_account = Some(BaseAccount { address: address.to_string(), ..Default::default() });
        let module = ModuleAccount { base_account, name: name.into(), permissions: vec![] };
        Any { type_url: ModuleAccount::type_url(), value: module.encode_to_vec() }
    };
    let stolen = BaseAccount {
        address: address(1).to_string(),
        pub_key: Some(PublicKey::Secp256k1(vec![2; 33].into()).to_any()),
        ..Default::default()
    };
    let stolen = Any { type_url: BaseAccount::type_url(), value: stolen.encode_to_vec() };
    let nameless = BaseAccount::default();
    let nameless = Any { type_url: BaseAccount::type_url(), value: nameless.encode_to_vec() };
    let unknown = Any { type_url: "/cosmos.nft.v1beta1.Account".into(), value: vec![] };
    for (accounts, why) in [
        (vec![base(1, 0), base(1, 1)], "duplicate account found"),
        (vec![module(address(1), "gov")], "cannot be derived from the module name"),
        (vec![module(Address::module(" "), " ")], "cannot be blank"),
        (vec![stolen], "account address and pubkey address do not match"),
        (vec![nameless], "empty address"),
        (vec![unknown], "cosmos.nft.v1beta1.Account"),
    ] {
        let error = Auth.validate_genesis(&genesis(accounts.clone())).unwrap_err();
        assert!(error.message.contains(why), "{error} should say {why}");
        with_context(|ctx| assert!(Auth.init_genesis(ctx, &genesis(accounts)).is_err()));
    }
    assert!(Auth.validate_genesis(b"\xff").is_err());
    assert!(Auth.validate_genesis(b"").is_err());
    Auth.validate_genesis(&Auth.default_genesis()).unwrap();
}

#[test]
fn the_largest_account_number_is_refused_as_it_leaves_no_next_one() {
    with_context(|ctx| {
        let error = Auth.init_genesis(ctx, &genesis(vec![base(1, u64::MAX)])).unwrap_err();
        assert!(error.message.contains("leaves no next one"), "{error}");
    });
}

proptest! {
    #[test]
    fn any_numbers_are_made_unique_and_no_unique_one_is_changed(given in prop::collection::vec(0u64..12, 0..12)) {
        with_context(|ctx| {
            let accounts = given.iter().zip(1u8..).map(|(number, byte)| base(byte, *number)).collect();
            Auth.init_genesis(ctx, &genesis(accounts)).unwrap();
            Auth.check_invariants(ctx).unwrap();
            let bytes: Vec<u8> = (1..=given.len() as u8).collect();
            let got = numbers(ctx, &bytes);
            for (index, number) in given.iter().enumerate() {
                if !given[..index].contains(number) {
                    assert_eq!(got[index], *number);
                }
            }
        });
    }

    #[test]
    fn no_bytes_make_genesis_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Auth.validate_genesis(&bytes);
    }
}
