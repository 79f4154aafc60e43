//! Random steps: who sends what, who votes, who misbehaves, how much time passes.
//!
//! Messages are drawn so that most of them mean something in the state they meet, and some do not: too much, twice, of strangers.

use std::fmt;

use anyhow::{Context, Result};
use openledger_client::tx::TxBuilder;
use openledger_client::Key;
use openledger_core::Coins;
use openledger_proto::tendermint::abci::{CommitInfo, Misbehavior, Validator, VoteInfo};
use openledger_proto::{walker, Any, Timestamp};
use serde_json::{json, Value};

use super::abci::Block;
use super::compare::View;
use super::genesis::{consensus_key, operator};
use super::random::Random;
use super::side::OURS;
use super::validators::Validators;
use super::{governance, grants, key, translate, ACCOUNTS, CHAIN_ID, FUNDED};

/// CometBFT's `BlockIDFlag`s.
const ABSENT: i32 = 1;
const COMMIT: i32 = 2;
/// CometBFT's `MisbehaviorType` of who signs twice.
const DUPLICATE_VOTE: i32 = 1;

/// A transaction: who signs, the fee, one message or more as JSON with our addresses.
#[derive(Debug, Clone)]
pub struct Tx {
    /// The account that signs.
    pub signer: usize,
    fee: String,
    /// The account that shall pay the fee in its stead.
    granter: Option<usize>,
    messages: Vec<Value>,
}

impl fmt::Display for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "account {} pays {} (for it: {:?}): {}",
            self.signer,
            self.fee,
            self.granter,
            Value::from(self.messages.clone())
        )
    }
}

impl Tx {
    /// The type of the first message, without its package.
    pub fn kind(&self) -> &str {
        let name = self.messages.first().and_then(|message| message["@type"].as_str()).unwrap_or_default();
        name.rsplit('.').next().unwrap_or_default()
    }

    /// Whether it has a message of a module.
    fn is_of(&self, module: &str) -> bool {
        let of = |message: &Value| message["@type"].as_str().and_then(|name| name.split('.').nth(1)) == Some(module);
        self.messages.iter().any(of)
    }

    /// The transaction as a side with this prefix takes it.
    pub fn signed(&self, key: &Key, number: u64, sequence: u64, prefix: &str, gas_limit: u64) -> Result<Vec<u8>> {
        let messages = self.messages.iter().map(|message| {
            let mut message = message.clone();
            translate(&mut message, OURS, prefix);
            let type_url = message.as_object_mut().and_then(|fields| fields.remove("@type"));
            let type_url = type_url.as_ref().and_then(Value::as_str).context("a message without a type")?.to_string();
            let value = walker::from_json(type_url.trim_start_matches('/'), &message)?;
            Ok(Any { type_url, value })
        });
        let fee: Coins = self.fee.parse()?;
        let fee_granter =
            self.granter.map_or_else(String::new, |granter| super::key(granter).address().to_bech32(prefix));
        let messages = messages.collect::<Result<_>>()?;
        let builder = TxBuilder { messages, gas_limit, fee, fee_granter, ..TxBuilder::default() };
        Ok(builder.sign(CHAIN_ID, &[(key, number, sequence)])?)
    }
}

/// A block before it is signed for a side.
#[derive(Debug, Clone)]
pub struct Step {
    /// Header time, seconds since 1970.
    pub time: i64,
    /// The transactions.
    pub txs: Vec<Tx>,
    height: i64,
    proposer: Vec<u8>,
    commit: CommitInfo,
    misbehavior: Vec<Misbehavior>,
}

impl Step {
    /// Draws a block for this height.
    pub fn draw(random: &mut Random, height: i64, before: i64, validators: &Validators, view: &View) -> Self {
        let spans: &[i64] = if random.once_in(12) { &[60, 130, 600] } else { &[1, 5, 6, 7] };
        let time = before + random.pick(spans);
        let set = validators.at(height);
        // Where all are jailed or have unbonded there is nobody left to propose, and both sides must go on alike all the same.
        let proposers: Vec<&Vec<u8>> = set.keys().collect();
        let proposer = if proposers.is_empty() { Vec::new() } else { (*random.pick(&proposers)).clone() };
        // A validator is out for long stretches, so that some miss enough to be jailed: which one changes every 15 blocks. The first of
        // the set is always there, so that not all are jailed for it.
        let first = if height > 1 { validators.at(height - 1).keys().next() } else { None };
        let votes = (height > 1).then(|| validators.at(height - 1)).into_iter().flatten().map(|(address, power)| {
            let out = Some(address) != first && usize::from(address[0]) % 5 == (height as usize / 15) % 7;
            let missed = Some(address) != first && random.once_in(30);
            let flag = if out || missed { ABSENT } else { COMMIT };
            let validator = Some(Validator { address: address.clone().into(), power: *power });
            VoteInfo { validator, block_id_flag: flag }
        });
        let commit = CommitInfo { round: 0, votes: votes.collect() };
        let misbehavior = misbehaviour(random, height, time, validators);
        let count = random.below(6);
        let first = random.below(ACCOUNTS);
        let mut signers: Vec<usize> = (0..count).map(|index| (first + index) % ACCOUNTS).collect();
        // Those whom a message has to make first sign in vain, which is tried now and then.
        signers.retain(|signer| view.exists.contains(signer) || random.once_in(10));
        let txs = signers.into_iter().map(|signer| tx(random, signer, view)).collect();
        Self { time, txs, height, proposer, commit, misbehavior }
    }

    /// The same without what modules do that one side does not have: their messages, and without slashing absence and misbehaviour.
    pub fn without(mut self, missing: &[&str]) -> Self {
        self.txs.retain(|tx| !missing.iter().any(|module| tx.is_of(module)));
        if missing.contains(&"slashing") {
            self.misbehavior.clear();
            self.commit.votes.iter_mut().for_each(|vote| vote.block_id_flag = COMMIT);
        }
        self
    }

    /// The block with the transactions as they are signed for a side.
    pub fn block(&self, txs: Vec<Vec<u8>>) -> Block {
        Block {
            height: self.height,
            time: self.time,
            proposer: self.proposer.clone(),
            commit: self.commit.clone(),
            misbehavior: self.misbehavior.clone(),
            txs,
        }
    }
}

/// Now and then one of several validators signed twice, in one of the last blocks.
fn misbehaviour(random: &mut Random, height: i64, time: i64, validators: &Validators) -> Vec<Misbehavior> {
    if height < 10 || !random.once_in(40) {
        return Vec::new();
    }
    let at = height - 1 - random.below(5) as i64;
    let set = validators.at(at);
    if set.len() < 3 {
        return Vec::new();
    }
    let all: Vec<(&Vec<u8>, &i64)> = set.iter().collect();
    let (address, power) = *random.pick(&all);
    vec![Misbehavior {
        r#type: DUPLICATE_VOTE,
        validator: Some(Validator { address: address.clone().into(), power: *power }),
        height: at,
        time: Some(Timestamp { seconds: time - 10, nanos: 0 }),
        total_voting_power: set.values().sum(),
    }]
}

fn tx(random: &mut Random, signer: usize, view: &View) -> Tx {
    let fee = match random.below(5) {
        0 => String::new(),
        1 => format!("{}aopen,{}uatom", random.amount(15), random.amount(4)),
        _ => format!("{}aopen", random.amount(18)),
    };
    let granter = random.once_in(10).then(|| random.below(FUNDED));
    let count = if random.once_in(5) { 2 } else { 1 };
    Tx { signer, fee, granter, messages: (0..count).map(|_| message(random, signer, view)).collect() }
}

pub(super) fn message(random: &mut Random, signer: usize, view: &View) -> Value {
    let me = key(signer).address().to_string();
    let own = operator(&key(signer));
    let jailed =
        view.validators.iter().any(|validator| validator["operator_address"] == *own && validator["jailed"] == true);
    if jailed && random.once_in(2) {
        return json!({ "@type": "/cosmos.slashing.v1beta1.MsgUnjail", "validator_addr": own });
    }
    if !governance::own_open(&me, view).is_empty() && random.once_in(3) {
        return governance::cancel(random, &me, view);
    }
    match random.below(34) {
        0..=2 => bank(random, &me),
        3..=7 => delegate(random, &me, view),
        8..=11 => undelegate(random, signer, &me, view),
        12..=13 => redelegate(random, signer, &me, view),
        14 => cancel(random, signer, &me, view),
        15..=16 => json!({
            "@type": "/cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward",
            "delegator_address": me, "validator_address": delegated_to(random, signer, view),
        }),
        17 => json!({
            "@type": "/cosmos.distribution.v1beta1.MsgWithdrawValidatorCommission",
            "validator_address": operator(&key(signer)),
        }),
        18 => json!({
            "@type": "/cosmos.distribution.v1beta1.MsgSetWithdrawAddress",
            "delegator_address": me, "withdraw_address": key(random.below(ACCOUNTS)).address().to_string(),
        }),
        19 => json!({
            "@type": "/cosmos.distribution.v1beta1.MsgFundCommunityPool", "depositor": me, "amount": [coin(random, 18)],
        }),
        20 => json!({
            "@type": "/cosmos.distribution.v1beta1.MsgDepositValidatorRewardsPool",
            "depositor": me, "validator_address": any_validator(random, view), "amount": [coin(random, 19)],
        }),
        21 => create(random, signer, &me),
        22 => edit(random, signer),
        23 => governance::propose(random, &me),
        24 => governance::deposit(random, &me, view),
        25..=26 => governance::vote(random, &me, view),
        27 => governance::cancel(random, &me, view),
        28..=30 => grants::authz(random, signer, &me, view),
        31 => grants::feegrant(random, &me, view.time),
        32 => grants::vesting(random, &me, view.time),
        _ => json!({ "@type": "/cosmos.slashing.v1beta1.MsgUnjail", "validator_addr": operator(&key(signer)) }),
    }
}

pub(super) fn coin(random: &mut Random, digits: usize) -> Value {
    json!({ "denom": "aopen", "amount": random.amount(digits) })
}

/// Up to 20 digits: an account has 10^21.
fn stake(random: &mut Random) -> Value {
    coin(random, 20)
}

pub(super) fn any_validator(random: &mut Random, view: &View) -> Value {
    if view.validators.is_empty() || random.once_in(20) {
        return operator(&key(random.below(ACCOUNTS))).into();
    }
    random.pick(&view.validators)["operator_address"].clone()
}

fn delegation<'a>(random: &mut Random, signer: usize, view: &'a View) -> Option<&'a Value> {
    let own = &view.delegations[signer];
    (!own.is_empty() && !random.once_in(20)).then(|| random.pick(own))
}

fn delegated_to(random: &mut Random, signer: usize, view: &View) -> Value {
    match delegation(random, signer, view) {
        Some(delegation) => delegation["delegation"]["validator_address"].clone(),
        None => any_validator(random, view),
    }
}

/// A part of a delegation, all of it, or anything.
fn part(random: &mut Random, delegation: Option<&Value>) -> Value {
    let whole = delegation.and_then(|delegation| delegation["balance"]["amount"].as_str()).unwrap_or("1");
    match random.below(4) {
        0 => json!({ "denom": "aopen", "amount": whole }),
        1 if whole.len() > 1 => json!({ "denom": "aopen", "amount": &whole[..whole.len() - 1] }),
        _ => stake(random),
    }
}

fn bank(random: &mut Random, me: &str) -> Value {
    let to = key(random.below(ACCOUNTS)).address().to_string();
    json!({ "@type": "/cosmos.bank.v1beta1.MsgSend", "from_address": me, "to_address": to, "amount": [coin(random, 22)] })
}

fn delegate(random: &mut Random, me: &str, view: &View) -> Value {
    json!({
        "@type": "/cosmos.staking.v1beta1.MsgDelegate",
        "delegator_address": me, "validator_address": any_validator(random, view), "amount": stake(random),
    })
}

fn undelegate(random: &mut Random, signer: usize, me: &str, view: &View) -> Value {
    let delegation = delegation(random, signer, view);
    let from =
        delegation.map_or_else(|| any_validator(random, view), |own| own["delegation"]["validator_address"].clone());
    json!({
        "@type": "/cosmos.staking.v1beta1.MsgUndelegate",
        "delegator_address": me, "validator_address": from, "amount": part(random, delegation),
    })
}

fn redelegate(random: &mut Random, signer: usize, me: &str, view: &View) -> Value {
    let delegation = delegation(random, signer, view);
    let from =
        delegation.map_or_else(|| any_validator(random, view), |own| own["delegation"]["validator_address"].clone());
    json!({
        "@type": "/cosmos.staking.v1beta1.MsgBeginRedelegate",
        "delegator_address": me, "validator_src_address": from, "validator_dst_address": any_validator(random, view),
        "amount": part(random, delegation),
    })
}

fn cancel(random: &mut Random, signer: usize, me: &str, view: &View) -> Value {
    let unbondings = &view.unbondings[signer];
    if unbondings.is_empty() {
        return undelegate(random, signer, me, view);
    }
    let unbonding = random.pick(unbondings);
    let entry = unbonding["entries"].as_array().and_then(|entries| entries.first()).cloned().unwrap_or_default();
    let amount = match random.below(3) {
        0 => stake(random),
        _ => json!({ "denom": "aopen", "amount": entry["balance"] }),
    };
    json!({
        "@type": "/cosmos.staking.v1beta1.MsgCancelUnbondingDelegation",
        "delegator_address": me, "validator_address": unbonding["validator_address"], "amount": amount,
        "creation_height": entry["creation_height"],
    })
}

fn create(random: &mut Random, signer: usize, me: &str) -> Value {
    json!({
        "@type": "/cosmos.staking.v1beta1.MsgCreateValidator",
        "description": { "moniker": format!("late {signer}") },
        "commission": { "rate": random.fraction(), "max_rate": "1.0", "max_change_rate": "0.5" },
        "min_self_delegation": "1",
        "delegator_address": me,
        "validator_address": operator(&key(signer)),
        "pubkey": { "@type": "/cosmos.crypto.ed25519.PubKey", "key": consensus_key(signer) },
        "value": { "denom": "aopen", "amount": format!("{}{}", 1 + random.below(9), random.amount(19)) },
    })
}

fn edit(random: &mut Random, signer: usize) -> Value {
    json!({
        "@type": "/cosmos.staking.v1beta1.MsgEditValidator",
        "description": {
            "moniker": format!("edited {}", random.below(100)), "identity": "[do-not-modify]", "website": "[do-not-modify]",
            "security_contact": "[do-not-modify]", "details": "[do-not-modify]",
        },
        "validator_address": operator(&key(signer)),
        "commission_rate": if random.once_in(2) { json!(random.fraction()) } else { Value::Null },
        "min_self_delegation": if random.once_in(3) { json!(random.amount(20)) } else { Value::Null },
    })
}
