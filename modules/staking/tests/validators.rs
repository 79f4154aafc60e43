//! Creating and editing validators, with the SDK's checks, codes, events and hooks.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use common::*;
use openledger_core::Error;
use openledger_proto::cosmos::crypto::secp256k1;
use openledger_proto::cosmos::staking::v1beta1::*;
use openledger_proto::{Any, Message, Name};
use openledger_staking::{key_to_any, StakingHooks, DO_NOT_MODIFY};

static RECORDER: Recorder = Recorder::new();
static HOOKS: [&dyn StakingHooks; 1] = [&RECORDER];

#[test]
fn a_new_validator_delegates_to_itself_and_enters_the_set_with_the_block() {
    let mut chain = Chain::with_hooks(&HOOKS);
    let events = chain.execute(&create(1, 10 * OPEN)).unwrap();
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["coin_spent", "coin_received", "create_validator"]);
    assert_eq!(attribute(&events, "create_validator", "validator"), operator(1));
    assert_eq!(attribute(&events, "create_validator", "amount"), "10000000000000000000aopen");
    assert!(chain.validator(1).is_unbonded());
    assert_eq!(RECORDER.take(), ["created 1", "delegation 1-1", "delegated 1-1"]);

    let (updates, events) = chain.next(1);
    assert_eq!((updates.len(), updates[0].power), (1, 10));
    assert_eq!(updates[0].key, key(1));
    assert!(chain.validator(1).is_bonded());
    assert_eq!(RECORDER.take(), ["bonded 1"]);
    // Its tokens went to the bonded pool, and nobody is told twice.
    assert_eq!(attribute(&events, "transfer", "amount"), "10000000000000000000aopen");
    assert_eq!(chain.next(1), (vec![], vec![]));
}

type Change = fn(&mut MsgCreateValidator);

#[test]
fn what_is_wrong_with_a_new_validator_has_the_sdk_s_code() {
    let cases: &[(&str, u32, &str, Change)] = &[
        ("staking", 39, "empty validator public key", |msg| msg.pubkey = None),
        ("sdk", 7, "invalid validator address", |msg| msg.validator_address = text(1)),
        ("sdk", 18, "invalid delegation amount", |msg| msg.value = None),
        ("sdk", 18, "invalid delegation amount", |msg| msg.value = Some(coin(0))),
        ("sdk", 18, "invalid coin denomination: got bopen", |msg| msg.value.as_mut().unwrap().denom = "bopen".into()),
        ("sdk", 18, "empty description", |msg| msg.description = None),
        ("sdk", 18, "empty commission", |msg| msg.commission = None),
        ("sdk", 18, "minimum self delegation must be", |msg| msg.min_self_delegation = "0".into()),
        ("sdk", 18, "minimum self delegation must be", |msg| msg.min_self_delegation = "-1".into()),
        ("staking", 16, "minimum self delegation", |msg| msg.min_self_delegation = (11 * OPEN).to_string()),
        ("sdk", 18, "invalid moniker length; got: 71, max: 70", |msg| {
            msg.description.as_mut().unwrap().moniker = "m".repeat(71);
        }),
        ("staking", 9, "positive", |msg| rates(msg).max_rate = dec("-0.1")),
        ("staking", 10, "100%", |msg| rates(msg).max_rate = dec("1.000000000000000001")),
        ("staking", 9, "positive", |msg| rates(msg).rate = dec("-0.1")),
        ("staking", 11, "max rate", |msg| rates(msg).rate = dec("0.21")),
        ("staking", 13, "change rate", |msg| rates(msg).max_change_rate = dec("-0.1")),
        ("staking", 14, "change rate", |msg| rates(msg).max_change_rate = dec("0.21")),
        ("staking", 40, "less than minimum rate of 0.050000000000000000", |msg| rates(msg).rate = dec("0.04")),
        ("staking", 6, "got: secp256k1, expected: [\"ed25519\"]", |msg| {
            let mut bytes = vec![2];
            bytes.extend([7; 32]);
            let value = secp256k1::PubKey { key: bytes }.encode_to_vec();
            msg.pubkey = Some(Any { type_url: secp256k1::PubKey::type_url(), value });
        }),
    ];
    for (codespace, code, text, change) in cases {
        let mut chain = Chain::new();
        chain.params(|params| params.min_commission_rate = dec("0.05"));
        let mut msg = create(1, 10 * OPEN);
        change(&mut msg);
        let Error { codespace: space, code: got, message } = chain.execute(&msg).unwrap_err();
        assert_eq!((space, got), (*codespace, *code), "{message}");
        assert!(message.contains(text), "{message} without {text}");
    }
}

fn rates(msg: &mut MsgCreateValidator) -> &mut CommissionRates {
    msg.commission.as_mut().unwrap()
}

#[test]
fn an_operator_and_a_key_make_one_validator() {
    let mut chain = Chain::new();
    chain.create(1, OPEN);
    assert_eq!(code(chain.execute(&create(1, OPEN))), 4);
    let stolen = MsgCreateValidator { pubkey: Some(key_to_any(&key(1))), ..create(2, OPEN) };
    assert_eq!(code(chain.execute(&stolen)), 5);
}

fn edit(byte: u8) -> MsgEditValidator {
    let keep = || DO_NOT_MODIFY.to_string();
    MsgEditValidator {
        description: Some(Description {
            moniker: keep(),
            identity: keep(),
            website: "https://example.org".into(),
            security_contact: keep(),
            details: keep(),
        }),
        validator_address: operator(byte),
        commission_rate: String::new(),
        min_self_delegation: String::new(),
    }
}

#[test]
fn an_edit_changes_what_it_names() {
    let mut chain = Chain::new();
    chain.create(1, 10 * OPEN);
    chain.next(86_400);
    let msg = MsgEditValidator { commission_rate: dec("0.15"), min_self_delegation: "5".into(), ..edit(1) };
    let events = chain.execute(&msg).unwrap();
    assert_eq!(attribute(&events, "edit_validator", "min_self_delegation"), "5");
    let validator = chain.validator(1);
    assert_eq!(
        (validator.description.moniker.as_str(), validator.description.website.as_str()),
        ("v1", "https://example.org")
    );
    assert_eq!(validator.commission.rate, "0.15".parse().unwrap());
    assert_eq!(validator.commission.update_time.seconds, chain.block.time_seconds);
    assert_eq!(validator.min_self_delegation.to_string(), "5");
}

#[test]
fn a_wrong_edit_has_the_sdk_s_code() {
    let rate = |text: &str| MsgEditValidator { commission_rate: dec(text), ..edit(1) };
    let least = |text: &str| MsgEditValidator { min_self_delegation: text.into(), ..edit(1) };
    let mut chain = Chain::new();
    chain.create(1, OPEN);
    assert_eq!(code(chain.execute(&rate("0.11"))), 12, "changed at its creation");
    chain.next(86_399);
    assert_eq!(code(chain.execute(&rate("0.11"))), 12, "a second too early");
    chain.next(1);
    assert_eq!(code(chain.execute(&rate("0.21"))), 11);
    assert_eq!(code(chain.execute(&rate("0.16"))), 15);
    assert_eq!(code(chain.execute(&least("1"))), 17);
    assert_eq!(code(chain.execute(&least(&(2 * OPEN).to_string()))), 16);
    assert_eq!(code(chain.execute(&edit(2))), 3);
    for (msg, text) in [
        (rate("1.1"), "between 0 and 1"),
        (rate("-0.1"), "between 0 and 1"),
        (least("0"), "positive integer"),
        (MsgEditValidator { description: None, ..edit(1) }, "empty description"),
    ] {
        let error = chain.execute(&msg).unwrap_err();
        assert_eq!((error.codespace, error.code), ("sdk", 18));
        assert!(error.message.contains(text), "{error}");
    }
    // A rate may fall by any step.
    chain.execute(&rate("0")).unwrap();
}

#[test]
fn parameters_are_changed_by_the_authority_alone_and_checked() {
    let mut chain = Chain::new();
    let params = chain.ask::<QueryParamsResponse>("Params", &QueryParamsRequest {}).unwrap().params;
    let other = MsgUpdateParams { authority: text(1), params: params.clone() };
    let error = chain.execute(&other).unwrap_err();
    assert_eq!((error.codespace, error.code), ("gov", 13));
    let changes: &[fn(&mut Params)] = &[
        |params| params.unbonding_time = None,
        |params| params.unbonding_time.as_mut().unwrap().seconds = -1,
        |params| params.max_validators = 0,
        |params| params.max_entries = 0,
        |params| params.bond_denom = " ".into(),
        |params| params.bond_denom = "1".into(),
        |params| params.min_commission_rate = String::new(),
        |params| params.min_commission_rate = dec("-0.1"),
        |params| params.min_commission_rate = dec("1.1"),
    ];
    for change in changes {
        let mut params = params.clone().unwrap();
        change(&mut params);
        let authority = openledger_auth::authority().to_string();
        assert!(chain.execute(&MsgUpdateParams { authority, params: Some(params.clone()) }).is_err(), "{params:?}");
    }
}
