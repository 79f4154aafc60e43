//! A chain of auth, bank, staking and distribution in memory, with two validators, driven as execution drives it.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;
use std::sync::Arc;

use openledger_auth::permissions::{FEE_COLLECTOR, NOT_BONDED_POOL};
use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_consensus::Consensus;
use openledger_core::address::VALOPER_PREFIX;
use openledger_core::comet::{LastCommit, Vote, VoteFlag};
use openledger_core::{Address, BlockInfo, Coins, Context, Dec, Error, Event, GasMeter, Mode, Module, Router, Status};
use openledger_distribution::Distribution;
use openledger_proto::{walker, Message, Name};
use openledger_staking::{Hooks, Staking};
use openledger_store::{BlockState, MemSnapshot};
use serde_json::{json, Value};

pub const BANK: Bank = Bank { auth: Auth };
pub static DISTRIBUTION: Distribution = Distribution { auth: Auth, bank: BANK, staking: staking(&[]) };
const HOOKS: Hooks = &[&DISTRIBUTION];
pub const STAKING: Staking = staking(HOOKS);
pub const OPEN: u128 = 1_000_000_000_000_000_000;
/// What each validator's operator delegates to it at genesis.
pub const SELF_STAKE: [u128; 2] = [100 * OPEN, 50 * OPEN];
/// Commission of the two validators.
pub const COMMISSION: [&str; 2] = ["0.100000000000000000", "0.250000000000000000"];

/// Their consensus keys; nobody signs with them.
const KEYS: [&str; 2] =
    ["AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=", "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="];

const fn staking(hooks: Hooks) -> Staking {
    Staking { auth: Auth, bank: BANK, consensus: Consensus, hooks }
}

pub struct Chain {
    pub state: BlockState,
    pub block: BlockInfo,
    router: Router,
    /// What came into the module, and what it paid: base units of aopen.
    pub collected: u128,
    pub paid: u128,
    /// What delegations were paid, by delegator and operator.
    pub earned: BTreeMap<(String, String), u128>,
}

impl Chain {
    /// Accounts 1 to 8 hold 10,000 OPEN each; 1 and 2 operate validators.
    pub fn new() -> Self {
        let mut router = Router::default();
        STAKING.register(&mut router);
        DISTRIBUTION.register(&mut router);
        let state = BlockState::new(Arc::new(MemSnapshot::default()));
        // The SDK's genesis is at height 0.
        let block = BlockInfo { height: 0, time_seconds: 1_800_000_000, ..BlockInfo::default() };
        let mut chain = Self { state, block, router, collected: 0, paid: 0, earned: BTreeMap::new() };
        chain.with(|ctx| {
            Auth.init_genesis(ctx, &Auth.default_genesis()).unwrap();
            BANK.init_genesis(ctx, &BANK.default_genesis()).unwrap();
            for byte in 1..=8 {
                BANK.credit_genesis(ctx, &address(byte), &coins(10_000 * OPEN)).unwrap();
                Auth.ensure(ctx, &address(byte)).unwrap();
            }
            let pool = Address::module(NOT_BONDED_POOL);
            BANK.credit_genesis(ctx, &pool, &coins(SELF_STAKE.iter().sum())).unwrap();
            DISTRIBUTION.init_genesis(ctx, &DISTRIBUTION.default_genesis()).unwrap();
            STAKING.init_genesis(ctx, &staking_genesis()).unwrap();
            ctx.take_events();
        });
        chain.block.height = 1;
        chain
    }

    pub fn with<T>(&mut self, act: impl FnOnce(&mut Context) -> T) -> T {
        let mut ctx = Context::new(&mut self.state, &self.block, Mode::Deliver, GasMeter::infinite());
        let result = act(&mut ctx);
        let events = ctx.take_events();
        self.account(&events);
        result
    }

    /// Counts what the module paid.
    fn account(&mut self, events: &[Event]) {
        for event in events.iter().filter(|event| event.kind == "withdraw_rewards") {
            let [(_, amount), (_, operator), (_, delegator)] = event.attributes.as_slice() else { panic!("{event:?}") };
            *self.earned.entry((delegator.clone(), operator.clone())).or_default() += base(&amount.parse().unwrap());
        }
        let module = Address::module("distribution").to_string();
        for event in events.iter().filter(|event| event.kind == "coin_spent") {
            let [(_, spender), (_, amount)] = event.attributes.as_slice() else { panic!("{event:?}") };
            if *spender == module {
                self.paid += base(&amount.parse().unwrap());
            }
        }
    }

    /// Executes a message; its events, or why it failed.
    pub fn execute<M: Message + Name>(&mut self, msg: &M) -> Result<Vec<Event>, Error> {
        let Self { state, block, router, .. } = self;
        let mut ctx = Context::new(state, block, Mode::Deliver, GasMeter::infinite());
        let route = router.msg_route(&M::type_url()).unwrap();
        let point = ctx.checkpoint();
        let result = route.decode(&msg.encode_to_vec()).and_then(|msg| route.handle(&mut ctx, &msg));
        if result.is_err() {
            ctx.revert(point);
        }
        let events = ctx.take_events();
        self.account(&events);
        result.map(|_| events)
    }

    /// Ends this block and begins the next one, in which `fees` of this one are shared out by the votes of all bonded validators. The
    /// invariants hold.
    pub fn next_block(&mut self, fees: u128) -> Vec<Event> {
        self.collected += fees;
        let votes = self.with(|ctx| {
            if fees > 0 {
                BANK.send_to_module(ctx, &address(8), FEE_COLLECTOR, &coins(fees)).unwrap();
            }
            STAKING.end_block(ctx).unwrap();
            let vote = |validator: openledger_staking::Validator| Vote {
                validator: validator.consensus_address().as_bytes().to_vec(),
                power: validator.consensus_power(),
                flag: VoteFlag::Commit,
            };
            STAKING.bonded_by_power(ctx).unwrap().into_iter().map(vote).collect()
        });
        self.begin(votes)
    }

    /// Begins the next block with these votes.
    pub fn begin(&mut self, votes: Vec<Vote>) -> Vec<Event> {
        self.block.height += 1;
        self.block.time_seconds += 5;
        self.block.last_commit = LastCommit { round: 0, votes };
        let mut ctx = Context::new(&mut self.state, &self.block, Mode::Deliver, GasMeter::infinite());
        DISTRIBUTION.begin_block(&mut ctx).unwrap();
        STAKING.begin_block(&mut ctx).unwrap();
        let events = ctx.take_events();
        self.check();
        events
    }

    pub fn check(&mut self) {
        self.with(|ctx| {
            DISTRIBUTION.check_invariants(ctx).unwrap();
            STAKING.check_invariants(ctx).unwrap();
            BANK.check_invariants(ctx).unwrap();
        });
    }

    pub fn slash(&mut self, validator: u8, fraction: &str) {
        let (height, fraction) = (self.block.height, fraction.parse::<Dec>().unwrap());
        self.with(|ctx| {
            let Some(slashed) = STAKING.validator(ctx, &address(validator)).unwrap() else { return };
            if slashed.is_unbonded() {
                return;
            }
            let power = slashed.potential_power();
            STAKING.slash(ctx, &slashed.consensus_address(), height, power, fraction).unwrap();
        });
    }

    pub fn ask<Resp: Message + Default>(&self, method: &str, request: &impl Message) -> Result<Resp, Status> {
        let ctx = Context::query(&self.state, &self.block, GasMeter::infinite());
        let path = format!("/cosmos.distribution.v1beta1.Query/{method}");
        let answer = self.router.answer(&ctx, &path, &request.encode_to_vec());
        answer.map(|bytes| Resp::decode(bytes.as_slice()).unwrap())
    }

    pub fn balance(&mut self, byte: u8) -> u128 {
        self.with(|ctx| base(&BANK.balances(ctx, &address(byte)).unwrap()))
    }
}

pub fn base(coins: &Coins) -> u128 {
    coins.amount_of("aopen").to_string().parse().unwrap()
}

pub fn address(byte: u8) -> Address {
    Address::new([byte; 20]).unwrap()
}

pub fn text(byte: u8) -> String {
    address(byte).to_string()
}

pub fn operator(byte: u8) -> String {
    address(byte).to_bech32(VALOPER_PREFIX)
}

pub fn coins(amount: u128) -> Coins {
    format!("{amount}aopen").parse().unwrap()
}

pub fn proto_coin(amount: u128) -> openledger_proto::cosmos::base::v1beta1::Coin {
    openledger_proto::cosmos::base::v1beta1::Coin { denom: "aopen".into(), amount: amount.to_string() }
}

fn staking_genesis() -> Vec<u8> {
    let validator = |index: usize| {
        let (byte, stake) = (u8::try_from(index + 1).unwrap(), SELF_STAKE[index]);
        json!({
            "operator_address": operator(byte),
            "consensus_pubkey": { "@type": "/cosmos.crypto.ed25519.PubKey", "key": KEYS[index] },
            "status": "BOND_STATUS_UNBONDED", "tokens": stake.to_string(), "delegator_shares": format!("{stake}.0"),
            "description": { "moniker": operator(byte) }, "unbonding_time": "1970-01-01T00:00:00Z",
            "commission": { "commission_rates": { "rate": COMMISSION[index], "max_rate": "1.0", "max_change_rate": "1.0" }, "update_time": "1970-01-01T00:00:00Z" },
            "min_self_delegation": "1",
        })
    };
    let delegation = |index: usize| {
        let byte = u8::try_from(index + 1).unwrap();
        let shares = format!("{}.0", SELF_STAKE[index]);
        json!({ "delegator_address": text(byte), "validator_address": operator(byte), "shares": shares })
    };
    let defaults = walker::to_json("cosmos.staking.v1beta1.GenesisState", &STAKING.default_genesis()).unwrap();
    let mut genesis: BTreeMap<String, Value> = serde_json::from_value(defaults).unwrap();
    genesis.insert("validators".into(), json!([validator(0), validator(1)]));
    genesis.insert("delegations".into(), json!([delegation(0), delegation(1)]));
    genesis.get_mut("params").unwrap()["unbonding_time"] = json!("30s");
    walker::from_json("cosmos.staking.v1beta1.GenesisState", &serde_json::to_value(genesis).unwrap()).unwrap()
}
