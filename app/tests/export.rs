//! Exports: a chain that goes on from one is the one that it was; one that begins at height zero has paid everybody.

#![allow(
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "tests fail by panicking"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use common::{app_state, coin, draft, pack, person, unborn, Net, Person, ACCOUNTS, GENESIS_TIME, START};
use openledger_core::address::VALOPER_PREFIX;
use openledger_core::{Address, ConsensusKey, Context, Dec, GasMeter, Result};
use openledger_proto::cosmos::authz::v1beta1::{GenericAuthorization, Grant, MsgGrant};
use openledger_proto::cosmos::distribution::v1beta1 as distribution;
use openledger_proto::cosmos::feegrant::v1beta1::{BasicAllowance, MsgGrantAllowance};
use openledger_proto::cosmos::gov::v1::MsgSubmitProposal;
use openledger_proto::cosmos::staking::v1beta1::*;
use openledger_proto::cosmos::tx::v1beta1::Tx;
use openledger_proto::openledger::contributor::v1::MsgSetProfile;
use openledger_proto::tendermint::abci::Validator as AbciValidator;
use openledger_proto::tendermint::abci::{
    CommitInfo, Misbehavior, MisbehaviorType, RequestFinalizeBlock, RequestInitChain, ValidatorUpdate, VoteInfo,
};
use openledger_proto::{walker, Any, Message, Name, Timestamp};
use openledger_staking::key_to_any;
use serde_json::{json, Map, Value};
use sha2::{Digest, Sha256};

const OPEN: u128 = 1_000_000_000_000_000_000;
/// Who operates a validator, with which consensus key and stake.
const VALIDATORS: [(usize, u8, u128); 3] = [(0, 1, 10), (3, 2, 20), (4, 3, 30)];
/// Who delegates to them.
const DELEGATOR: usize = 1;

fn operator(index: usize) -> Address {
    person(index).address()
}

fn operator_text(index: usize) -> String {
    operator(index).to_bech32(VALOPER_PREFIX)
}

fn dec(text: &str) -> String {
    text.parse::<Dec>().unwrap().to_proto()
}

fn gen_tx((index, byte, open): (usize, u8, u128)) -> Value {
    let mut signer = person(index);
    signer.number = 0;
    let create = pack(&MsgCreateValidator {
        description: Some(Description { moniker: format!("v{byte}"), ..Description::default() }),
        commission: Some(CommissionRates { rate: dec("0.1"), max_rate: dec("0.2"), max_change_rate: dec("0.01") }),
        min_self_delegation: "1".into(),
        validator_address: operator_text(index),
        pubkey: Some(key_to_any(&ConsensusKey::Ed25519(vec![byte; 32]))),
        value: Some(coin(open * OPEN)),
        ..MsgCreateValidator::default()
    });
    let tx = draft(vec![create], &[(&signer, 0)]).sign();
    walker::to_json(&Tx::full_name(), &tx).unwrap()
}

fn cons_address(byte: u8) -> Bytes {
    Sha256::digest([byte; 32])[..20].to_vec().into()
}

/// The next block of a chain whose validators all signed the one before.
fn request(net: &Net, txs: Vec<Bytes>) -> RequestFinalizeBlock {
    let votes = VALIDATORS.iter().map(|(_, byte, open)| VoteInfo {
        validator: Some(AbciValidator { address: cons_address(*byte), power: i64::try_from(*open).unwrap() }),
        block_id_flag: 2,
    });
    let decided_last_commit = Some(CommitInfo { round: 0, votes: votes.collect() });
    RequestFinalizeBlock { decided_last_commit, proposer_address: cons_address(1), ..net.request(txs) }
}

fn run(net: &Net, txs: Vec<Bytes>) {
    let count = txs.len();
    let response = net.execute(request(net, txs));
    assert_eq!(response.tx_results.len(), count);
    response.tx_results.iter().for_each(|result| assert_eq!(result.code, 0, "{}", result.log));
}

/// A transaction that pays a fee to the stakers.
fn paid(net: &Net, who: &Person, messages: Vec<Any>) -> Bytes {
    draft(messages, &[(who, net.sequence(who))]).gas(1_000_000).fee(777_777_777_777).sign()
}

fn delegate(index: usize, open: u128) -> Any {
    pack(&MsgDelegate {
        delegator_address: person(DELEGATOR).address().to_string(),
        validator_address: operator_text(index),
        amount: Some(coin(open * OPEN)),
    })
}

/// A chain with validators, delegations on their way, a validator that was slashed, and rewards that nobody has taken.
fn used() -> Net {
    let mut state = app_state();
    for balance in state["bank"]["balances"].as_array_mut().unwrap() {
        balance["coins"][0]["amount"] = json!((START + 1_000 * OPEN).to_string());
    }
    state["genutil"]["gen_txs"] = VALIDATORS.into_iter().map(gen_tx).collect();
    let net = unborn(|_| {});
    net.app.chain().init_chain(&init(&state, 1)).unwrap();
    run(&net, vec![]);
    let bob = person(DELEGATOR);
    let (delegator_address, amount) = (bob.address().to_string(), Some(coin(2 * OPEN)));
    run(&net, vec![paid(&net, &bob, vec![delegate(0, 7), delegate(3, 11), delegate(4, 13)])]);
    run(&net, vec![paid(&net, &person(2), vec![person(2).send(&bob, 5)])]);
    let undelegate = pack(&MsgUndelegate {
        delegator_address: delegator_address.clone(),
        validator_address: operator_text(4),
        amount: amount.clone(),
    });
    let redelegate = pack(&MsgBeginRedelegate {
        delegator_address,
        validator_src_address: operator_text(4),
        validator_dst_address: operator_text(0),
        amount,
    });
    run(&net, vec![paid(&net, &bob, vec![undelegate, redelegate])]);
    let double_sign = Misbehavior {
        r#type: MisbehaviorType::DuplicateVote.into(),
        validator: Some(AbciValidator { address: cons_address(2), power: 31 }),
        height: 3,
        time: Some(Timestamp { seconds: GENESIS_TIME + 15, nanos: 0 }),
        total_voting_power: 91,
    };
    net.execute(RequestFinalizeBlock { misbehavior: vec![double_sign], ..request(&net, vec![]) });
    let carol = person(5);
    let others = vec![
        pack(&MsgSubmitProposal {
            proposer: carol.address().to_string(),
            title: "A proposal".into(),
            summary: "That waits".into(),
            metadata: "of no meaning".into(),
            initial_deposit: vec![coin(3 * OPEN)],
            ..MsgSubmitProposal::default()
        }),
        pack(&MsgGrant {
            granter: carol.address().to_string(),
            grantee: bob.address().to_string(),
            grant: Some(Grant {
                authorization: Some(pack(&GenericAuthorization { msg: "/cosmos.bank.v1beta1.MsgSend".into() })),
                expiration: Some(Timestamp { seconds: GENESIS_TIME + 1_000, nanos: 0 }),
            }),
        }),
        pack(&MsgGrantAllowance {
            granter: carol.address().to_string(),
            grantee: bob.address().to_string(),
            allowance: Some(pack(&BasicAllowance { spend_limit: vec![coin(9)], expiration: None })),
        }),
    ];
    run(&net, vec![paid(&net, &carol, others)]);
    (0..3).for_each(|_| run(&net, vec![paid(&net, &person(2), vec![person(2).send(&bob, 5)])]));
    run(&net, vec![]);
    net
}

fn init(state: &Map<String, Value>, initial_height: i64) -> RequestInitChain {
    let app_state_bytes = serde_json::to_vec(state).unwrap().into();
    RequestInitChain { app_state_bytes, initial_height, ..common::genesis() }
}

/// The genesis of a chain that begins at height zero.
fn zero_height(net: &Net, allowed: Option<&BTreeSet<Address>>) -> Result<Map<String, Value>> {
    let (mut state, block) = net.app.state_at(0).unwrap();
    net.app.runtime().begin_anew(&mut state, &block, allowed)?;
    let runtime = net.app.runtime();
    let mut genesis = runtime.export_genesis(&Context::query(&state, &block, GasMeter::infinite()))?;
    openledger_app::runtime::begin_unused_anew(&mut genesis, &runtime.default_genesis()?)?;
    Ok(genesis)
}

/// A chain that begins with a genesis, and the validators that CometBFT was told.
fn begun(state: &Map<String, Value>, initial_height: i64) -> (Net, Vec<ValidatorUpdate>) {
    let net = unborn(|_| {});
    let told = net.app.chain().init_chain(&init(state, initial_height)).unwrap().validators;
    (net, told)
}

fn ask<Resp: Message + Default>(net: &Net, method: &str, request: &impl Message) -> Resp {
    let path = format!("/cosmos.distribution.v1beta1.Query/{method}");
    let answer = net.query(&path, request.encode_to_vec(), 0, false);
    assert_eq!(answer.code, 0, "{}", answer.log);
    Resp::decode(answer.value).unwrap()
}

/// What an account is owed, in whole units: rewards of each delegation, and its commission.
fn owed(net: &Net, index: usize) -> u128 {
    let whole = |coins: &[openledger_proto::cosmos::base::v1beta1::DecCoin]| -> u128 {
        let units = |coin: &openledger_proto::cosmos::base::v1beta1::DecCoin| {
            Dec::from_proto(&coin.amount).unwrap().truncate_int().unwrap().to_string().parse::<u128>().unwrap()
        };
        coins.iter().map(units).sum()
    };
    let request =
        distribution::QueryDelegationTotalRewardsRequest { delegator_address: person(index).address().to_string() };
    let rewards: distribution::QueryDelegationTotalRewardsResponse = ask(net, "DelegationTotalRewards", &request);
    let mut owed = rewards.rewards.iter().map(|rewards| whole(&rewards.reward)).sum();
    if VALIDATORS.iter().any(|(operator, ..)| *operator == index) {
        let request = distribution::QueryValidatorCommissionRequest { validator_address: operator_text(index) };
        let commission: distribution::QueryValidatorCommissionResponse = ask(net, "ValidatorCommission", &request);
        owed += whole(&commission.commission.unwrap().commission);
    }
    owed
}

#[test]
fn a_chain_that_goes_on_from_an_export_is_the_one_that_was_exported() {
    let net = used();
    let (dana, profile) = (person(6), |text: &str| {
        pack(&MsgSetProfile {
            account: person(6).address().to_string(),
            about: text.into(),
            ..MsgSetProfile::default()
        })
    });
    run(&net, vec![paid(&net, &dana, vec![profile("who I am")])]);
    let exported = net.app.export().unwrap();
    let (other, told) = begun(&exported, net.height() + 1);
    assert_eq!(told.len(), 2, "the one that signed twice is out of the set");
    assert_eq!(other.app.export().unwrap(), exported);
    // So it is after the same next blocks, although the first chain has a past and the other one none.
    let mut height = net.height();
    for text in ["and", "what", "I did"] {
        height += 1;
        let tx = paid(&net, &dana, vec![profile(text)]);
        let block = |net: &Net| RequestFinalizeBlock {
            height,
            time: Some(Timestamp { seconds: GENESIS_TIME + 5 * height, nanos: 0 }),
            ..request(net, vec![tx.clone()])
        };
        for net in [&net, &other] {
            assert_eq!(net.execute(block(net)).tx_results[0].code, 0);
        }
        assert_eq!(other.app.export().unwrap(), net.app.export().unwrap(), "at height {height}");
    }
}

#[test]
fn a_chain_that_begins_at_height_zero_has_paid_what_was_owed_and_counts_from_there() {
    let net = used();
    let before: Vec<(u128, u128)> =
        (0..ACCOUNTS).map(|index| (net.balance(&operator(index)), owed(&net, index))).collect();
    assert!([0, 1, 3, 4].iter().all(|index| before[*index].1 > 1_000_000), "{before:?}");
    let app_hash = net.app_hash();
    let genesis = zero_height(&net, None).unwrap();
    assert_eq!(net.app_hash(), app_hash, "the chain itself is not changed");

    // No height of the old chain is left where the new one would read it.
    let staking = &genesis["staking"];
    let entries = ["unbonding_delegations", "redelegations"].map(|kind| &staking[kind][0]["entries"][0]);
    assert_eq!(entries[0]["creation_height"], "0");
    assert_eq!(entries[1]["creation_height"], "0");
    assert!(staking["validators"].as_array().unwrap().iter().all(|validator| validator["unbonding_height"] == "0"));
    let infos = genesis["slashing"]["signing_infos"].as_array().unwrap();
    assert!(infos.len() == 3 && infos.iter().all(|info| info["validator_signing_info"]["start_height"] == "0"));
    let distribution = &genesis["distribution"];
    assert_eq!(distribution["validator_slash_events"], json!([]));
    assert!(distribution["outstanding_rewards"]
        .as_array()
        .unwrap()
        .iter()
        .all(|one| one["outstanding_rewards"] == json!([])));
    let starts = distribution["delegator_starting_infos"].as_array().unwrap();
    assert!(starts.len() == 6 && starts.iter().all(|start| start["starting_info"]["height"] == "0"));

    let (next, mut told) = begun(&genesis, 1);
    told.sort_by_key(|update| update.power);
    // 10 and 7 and 2 that came over; 30 and 13 less the 4 that left.
    assert_eq!(told.iter().map(|update| update.power).collect::<Vec<_>>(), [19, 39]);
    let genesis_again = next.app.export().unwrap();
    assert_eq!(genesis_again, genesis);
    run(&next, vec![]);
    for (index, (balance, owed)) in before.iter().enumerate() {
        assert_eq!(next.balance(&operator(index)), balance + owed, "{index}");
    }
    // Rewards are counted anew, and can be taken.
    for _ in 0..3 {
        run(&next, vec![paid(&next, &person(2), vec![person(2).send(&person(5), 5)])]);
    }
    run(&next, vec![]);
    assert!(owed(&next, DELEGATOR) > 1_000_000);
    let withdraw = pack(&distribution::MsgWithdrawDelegatorReward {
        delegator_address: person(DELEGATOR).address().to_string(),
        validator_address: operator_text(0),
    });
    run(&next, vec![paid(&next, &person(DELEGATOR), vec![withdraw])]);
}

#[test]
fn the_supply_of_a_chain_that_begins_at_height_zero_is_what_it_was() {
    let net = used();
    let supply = |state: &Map<String, Value>| state["bank"]["supply"].clone();
    assert_eq!(supply(&zero_height(&net, None).unwrap()), supply(&net.app.export().unwrap()));
}

#[test]
fn validators_that_are_not_allowed_go_to_jail_and_somebody_must_be_left() {
    let net = used();
    let genesis = zero_height(&net, Some(&BTreeSet::from([operator(4)]))).unwrap();
    let validators = genesis["staking"]["validators"].as_array().unwrap();
    let by_operator: BTreeMap<&str, &Value> =
        validators.iter().map(|validator| (validator["operator_address"].as_str().unwrap(), validator)).collect();
    for (index, jailed, status) in
        [(0, true, "BOND_STATUS_UNBONDING"), (3, true, "BOND_STATUS_UNBONDING"), (4, false, "BOND_STATUS_BONDED")]
    {
        let validator = by_operator[operator_text(index).as_str()];
        assert_eq!((&validator["jailed"], &validator["status"]), (&json!(jailed), &json!(status)), "{index}");
        assert_eq!(validator["unbonding_height"], "0");
    }
    let (next, told) = begun(&genesis, 1);
    assert_eq!(told.iter().map(|update| update.power).collect::<Vec<_>>(), [39]);
    next.block(vec![]);
    next.block(vec![]);
    // Who is in jail for ever, or nobody's.
    let error = zero_height(&net, Some(&BTreeSet::from([operator(3)]))).unwrap_err();
    assert!(error.message.contains("none is out of jail"), "{error}");
    let error = zero_height(&net, Some(&BTreeSet::from([operator(7)]))).unwrap_err();
    assert!(error.message.contains(&format!("no validator {}", operator_text(7))), "{error}");
}

#[test]
fn a_chain_on_which_somebody_made_a_profile_does_not_begin_at_height_zero() {
    let net = used();
    let profile = MsgSetProfile { account: person(6).address().to_string(), about: "me".into(), ..Default::default() };
    run(&net, vec![paid(&net, &person(6), vec![pack(&profile)])]);
    let error = zero_height(&net, None).unwrap_err();
    assert!(error.message.contains("the state of contributor holds heights"), "{error}");
}
