//! Nodes agree on blocks of stakers, voters and grants too, with votes and misbehaviour of the validators that there are.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use std::cell::RefCell;
use std::collections::BTreeMap;

use bytes::Bytes;
use common::heavily::heavily;
use common::stake::{create, operator, rich_state, OPEN};
use common::*;
use openledger_proto::cosmos::authz::v1beta1::{GenericAuthorization, Grant, MsgExec, MsgGrant};
use openledger_proto::cosmos::distribution::v1beta1::{
    MsgFundCommunityPool, MsgSetWithdrawAddress, MsgWithdrawDelegatorReward, MsgWithdrawValidatorCommission,
};
use openledger_proto::cosmos::feegrant::v1beta1::{BasicAllowance, MsgGrantAllowance};
use openledger_proto::cosmos::gov::v1::{MsgDeposit, MsgSubmitProposal, MsgVote};
use openledger_proto::cosmos::slashing::v1beta1::MsgUnjail;
use openledger_proto::cosmos::staking::v1beta1::{
    MsgBeginRedelegate, MsgCancelUnbondingDelegation, MsgDelegate, MsgUndelegate,
};
use openledger_proto::cosmos::vesting::v1beta1::MsgCreateVestingAccount;
use openledger_proto::tendermint::abci::{
    CommitInfo, Misbehavior, RequestFinalizeBlock, RequestInitChain, Validator, VoteInfo,
};
use openledger_proto::Any;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use tendermint_abci::Application as _;

/// The first of the people are validators, of the consensus keys 1, 2, …
const VALIDATORS: usize = 3;
const KINDS: usize = 16;
/// Kinds that mostly succeed, so that a run in which one never does is no test.
const COMMON: [usize; 9] = [0, 1, 2, 3, 4, 5, 6, 9, 11];

/// Who does what, with whom, about how much.
type Act = (usize, usize, usize, u128);

#[derive(Debug, Clone)]
struct Plan {
    acts: Vec<Act>,
    flags: Vec<i32>,
    guilty: Option<usize>,
    optimistic: bool,
}

fn plan() -> impl Strategy<Value = Plan> {
    let act = (0..ACCOUNTS, 0..KINDS, 0..ACCOUNTS, 1u128..3 * OPEN);
    let acts = prop::collection::vec(act, 4..20);
    let flags = prop::collection::vec(prop_oneof![5 => Just(2), 1 => Just(1)], VALIDATORS);
    (acts, flags, prop::option::weighted(0.15, 1..VALIDATORS), any::<bool>())
        .prop_map(|(acts, flags, guilty, optimistic)| Plan { acts, flags, guilty, optimistic })
}

fn message((from, kind, other, amount): Act) -> Any {
    let (person, friend) = (person(from), common::person(other));
    let (me, them) = (person.address().to_string(), friend.address().to_string());
    let validator = |index: usize| operator(&common::person(index % VALIDATORS));
    let (one, another) = (validator(other), validator(other + 1));
    let coins = vec![coin(amount)];
    match kind {
        0 => pack(&MsgDelegate { delegator_address: me, validator_address: one, amount: Some(coin(amount)) }),
        1 => pack(&MsgUndelegate { delegator_address: me, validator_address: one, amount: Some(coin(amount / 4)) }),
        2 => pack(&MsgBeginRedelegate {
            delegator_address: me,
            validator_src_address: one,
            validator_dst_address: another,
            amount: Some(coin(amount / 4)),
        }),
        3 => pack(&MsgWithdrawDelegatorReward { delegator_address: me, validator_address: one }),
        4 => pack(&MsgSetWithdrawAddress { delegator_address: me, withdraw_address: them }),
        5 => pack(&MsgFundCommunityPool { amount: coins, depositor: me }),
        6 => pack(&MsgSubmitProposal {
            initial_deposit: coins,
            proposer: me,
            metadata: "a proposal".into(),
            title: "a proposal".into(),
            summary: "that asks for nothing".into(),
            ..MsgSubmitProposal::default()
        }),
        7 => pack(&MsgVote { proposal_id: 1 + other as u64 % 3, voter: me, option: 1, metadata: String::new() }),
        8 => pack(&MsgDeposit { proposal_id: 1 + other as u64 % 3, depositor: me, amount: coins }),
        9 => {
            let sending = GenericAuthorization { msg: "/cosmos.bank.v1beta1.MsgSend".into() };
            let grant = Some(Grant { authorization: Some(pack(&sending)), expiration: None });
            pack(&MsgGrant { granter: me, grantee: them, grant })
        }
        10 => pack(&MsgExec { grantee: me, msgs: vec![friend.send(&person, amount / 100)] }),
        11 => {
            let allowance = Some(pack(&BasicAllowance::default()));
            pack(&MsgGrantAllowance { granter: me, grantee: them, allowance })
        }
        12 => pack(&MsgWithdrawValidatorCommission { validator_address: operator(&person) }),
        13 => pack(&MsgUnjail { validator_addr: operator(&person) }),
        14 => pack(&MsgCancelUnbondingDelegation {
            delegator_address: me,
            validator_address: one,
            amount: Some(coin(amount / 9)),
            creation_height: 2 + (amount % 3) as i64,
        }),
        _ => pack(&MsgCreateVestingAccount {
            from_address: me,
            to_address: common::person(ACCOUNTS + other).address().to_string(),
            amount: coins,
            end_time: GENESIS_TIME + 20,
            delayed: amount % 2 == 0,
        }),
    }
}

fn consensus(index: usize) -> Option<Validator> {
    let address = Sha256::digest([1 + index as u8; 32])[..20].to_vec().into();
    Some(Validator { address, power: 10 })
}

fn request(net: &Net, plan: &Plan) -> RequestFinalizeBlock {
    let mut ahead = [0; ACCOUNTS];
    let mut sign = |act: &Act| -> Bytes {
        let sender = person(act.0);
        ahead[act.0] += 1;
        let sequence = net.sequence(&sender) + ahead[act.0] - 1;
        draft(vec![message(*act)], &[(&sender, sequence)]).gas(1_000_000).fee(1_000).sign()
    };
    let votes = plan.flags.iter().enumerate();
    let votes = votes.map(|(index, flag)| VoteInfo { validator: consensus(index), block_id_flag: *flag }).collect();
    let block = net.request(plan.acts.iter().map(&mut sign).collect());
    let misbehavior = plan.guilty.map(|index| Misbehavior {
        r#type: 1,
        validator: consensus(index),
        height: block.height - 1,
        time: block.time,
        total_voting_power: 30,
    });
    RequestFinalizeBlock {
        proposer_address: consensus(0).unwrap().address,
        decided_last_commit: Some(CommitInfo { round: 0, votes }),
        misbehavior: misbehavior.into_iter().collect(),
        ..block
    }
}

/// A chain of three validators, of ten OPEN each.
fn validated(threads: usize, optimistic: bool) -> Net {
    let net = unborn(|config| {
        config.threads = threads;
        config.optimistic_execution = optimistic;
    });
    let state = serde_json::to_vec(&rich_state()).unwrap().into();
    net.app.init_chain(RequestInitChain { app_state_bytes: state, ..genesis() });
    net.block(vec![]);
    let created = (0..VALIDATORS).map(|index| {
        let person = person(index);
        draft(vec![create(&person, 1 + index as u8, 10)], &[(&person, 0)]).gas(1_000_000).sign()
    });
    let response = net.block(created.collect());
    assert!(response.tx_results.iter().all(|result| result.code == 0), "{:?}", response.tx_results);
    assert_eq!(response.validator_updates.len(), VALIDATORS);
    net
}

#[test]
fn any_blocks_of_stakers_voters_and_grants_have_equal_results_whatever_the_threads_and_the_guesses() {
    let done = RefCell::new(BTreeMap::<usize, usize>::new());
    heavily(8, &prop::collection::vec(plan(), 2..6), |plans| {
        let (plain, many) = (validated(1, false), validated(4, true));
        prop_assert_eq!(plain.app_hash(), many.app_hash());
        for plan in &plans {
            let block = request(&plain, plan);
            if plan.optimistic {
                many.propose(&block);
            }
            let response = plain.execute(block.clone());
            prop_assert_eq!(&response, &many.execute(block));
            prop_assert_eq!(plain.app_hash(), many.app_hash());
            for ((_, kind, ..), result) in plan.acts.iter().zip(&response.tx_results) {
                *done.borrow_mut().entry(*kind).or_default() += usize::from(result.code == 0);
            }
        }
        Ok(())
    });
    let done = done.into_inner();
    for kind in COMMON {
        assert!(done.get(&kind).is_some_and(|times| *times > 0), "none of kind {kind} ever succeeded: {done:?}");
    }
}
