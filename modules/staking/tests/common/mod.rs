//! A chain of auth, bank, consensus and staking in memory: messages, blocks with begin and end, invariants after each step.

#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]

use std::ops::{Deref, DerefMut};
use std::sync::Mutex;

use cosmwasm_std::Uint256;
use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_consensus::Consensus;
use openledger_core::address::{VALCONS_PREFIX, VALOPER_PREFIX};
use openledger_core::testing;
use openledger_core::{
    Address, BlockInfo, ConsensusKey, Context, Dec, Error, Event, Module, Result, Status, ValidatorUpdate,
};
use openledger_proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use openledger_proto::cosmos::staking::v1beta1::*;
use openledger_proto::{Message, Name};
use openledger_staking::{key_to_any, Staking, StakingHooks};

pub use openledger_core::testing::{address, text};

pub const BANK: Bank = Bank { auth: Auth };
/// One OPEN.
pub const OPEN: u128 = 1_000_000_000_000_000_000;
/// The unbonding time of the tests.
pub const UNBONDING: i64 = 1_000;

/// Writes down what it is told.
#[derive(Debug)]
pub struct Recorder(Mutex<Vec<String>>);

impl Recorder {
    pub const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn note(&self, text: String) -> Result<()> {
        self.0.lock().unwrap().push(text);
        Ok(())
    }
}

fn first(address: &Address) -> u8 {
    address.as_bytes()[0]
}

impl StakingHooks for Recorder {
    fn after_validator_created(&self, _: &mut Context, operator: &Address) -> Result<()> {
        self.note(format!("created {}", first(operator)))
    }
    fn before_validator_modified(&self, _: &mut Context, operator: &Address) -> Result<()> {
        self.note(format!("modified {}", first(operator)))
    }
    fn after_validator_removed(&self, _: &mut Context, _: &Address, operator: &Address) -> Result<()> {
        self.note(format!("removed {}", first(operator)))
    }
    fn after_validator_bonded(&self, _: &mut Context, _: &Address, operator: &Address) -> Result<()> {
        self.note(format!("bonded {}", first(operator)))
    }
    fn after_validator_begin_unbonding(&self, _: &mut Context, _: &Address, operator: &Address) -> Result<()> {
        self.note(format!("unbonding {}", first(operator)))
    }
    fn before_delegation_created(&self, _: &mut Context, who: &Address, operator: &Address) -> Result<()> {
        self.note(format!("delegation {}-{}", first(who), first(operator)))
    }
    fn before_delegation_shares_modified(&self, _: &mut Context, who: &Address, operator: &Address) -> Result<()> {
        self.note(format!("shares {}-{}", first(who), first(operator)))
    }
    fn before_delegation_removed(&self, _: &mut Context, who: &Address, operator: &Address) -> Result<()> {
        self.note(format!("undelegated {}-{}", first(who), first(operator)))
    }
    fn after_delegation_modified(&self, _: &mut Context, who: &Address, operator: &Address) -> Result<()> {
        self.note(format!("delegated {}-{}", first(who), first(operator)))
    }
    fn before_validator_slashed(&self, _: &mut Context, operator: &Address, fraction: Dec) -> Result<()> {
        self.note(format!("slashed {} {fraction}", first(operator)))
    }
    fn after_unbonding_initiated(&self, _: &mut Context, id: u64) -> Result<()> {
        self.note(format!("initiated {id}"))
    }
}

pub struct Chain {
    chain: testing::Chain,
    pub staking: Staking,
}

impl Deref for Chain {
    type Target = testing::Chain;

    fn deref(&self) -> &Self::Target {
        &self.chain
    }
}

impl DerefMut for Chain {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.chain
    }
}

impl Chain {
    /// A chain on which accounts 1 to 9 hold a million OPEN each.
    pub fn new() -> Self {
        Self::with_hooks(&[])
    }

    pub fn with_hooks(hooks: &'static [&'static dyn StakingHooks]) -> Self {
        let staking = Staking { auth: Auth, bank: BANK, consensus: Consensus, hooks };
        let block = BlockInfo { chain_id: "test".into(), height: 1, time_seconds: 1_000_000, ..BlockInfo::default() };
        let mut chain = Self { chain: testing::Chain::new(block, vec![Box::new(BANK), Box::new(staking)]), staking };
        chain.with(|ctx| {
            Auth.init_genesis(ctx, &Auth.default_genesis()).unwrap();
            BANK.init_genesis(ctx, &BANK.default_genesis()).unwrap();
            Consensus.init(ctx, None, &[]).unwrap();
            for byte in 1..=9 {
                let coins = format!("{}aopen", 1_000_000 * OPEN).parse().unwrap();
                BANK.credit_genesis(ctx, &address(byte), &coins).unwrap();
                Auth.ensure(ctx, &address(byte)).unwrap();
            }
            let mut genesis = GenesisState::decode(staking.default_genesis().as_slice()).unwrap();
            let params = genesis.params.as_mut().unwrap();
            params.unbonding_time.as_mut().unwrap().seconds = UNBONDING;
            staking.init_genesis(ctx, &genesis.encode_to_vec()).unwrap();
        });
        chain
    }

    pub fn params(&mut self, change: impl FnOnce(&mut Params)) {
        let mut params = self.with(|ctx| Staking::default().params(ctx).unwrap()).to_proto();
        change(&mut params);
        let authority = openledger_auth::authority().to_string();
        self.execute(&MsgUpdateParams { authority, params: Some(params) }).unwrap();
    }

    /// Executes a message; its events, or why it failed.
    pub fn execute<M: Message + Name>(&mut self, msg: &M) -> Result<Vec<Event>, Error> {
        self.chain.execute(msg).map(|(_, events)| events)
    }

    /// Ends this block and begins one so many seconds later; what CometBFT is told, and the events of the end.
    pub fn next(&mut self, seconds: i64) -> (Vec<ValidatorUpdate>, Vec<Event>) {
        let staking = self.staking;
        let ended = self.with(|ctx| {
            let updates = staking.end_block(ctx).unwrap();
            staking.check_invariants(ctx).unwrap();
            BANK.check_invariants(ctx).unwrap();
            (updates, ctx.take_events())
        });
        self.block.height += 1;
        self.block.time_seconds += seconds;
        self.with(|ctx| staking.begin_block(ctx).unwrap());
        ended
    }

    pub fn ask<Resp: Message + Default>(&self, method: &str, request: &impl Message) -> Result<Resp, Status> {
        self.chain.ask("cosmos.staking.v1beta1.Query", method, request)
    }

    pub fn balance(&mut self, byte: u8) -> u128 {
        let balance = self.with(|ctx| BANK.balance(ctx, &address(byte), "aopen").unwrap());
        balance.to_string().parse().unwrap()
    }

    pub fn supply(&mut self) -> Uint256 {
        self.with(|ctx| BANK.supply(ctx, "aopen").unwrap())
    }

    pub fn validator(&mut self, byte: u8) -> openledger_staking::Validator {
        let staking = self.staking;
        self.with(|ctx| staking.validator(ctx, &address(byte)).unwrap().unwrap())
    }

    pub fn shares(&mut self, delegator: u8, validator: u8) -> Dec {
        let staking = self.staking;
        let delegation = self.with(|ctx| staking.delegation(ctx, &address(delegator), &address(validator)).unwrap());
        delegation.map_or(Dec::ZERO, |delegation| delegation.shares)
    }

    pub fn slash(&mut self, validator: u8, height: u64, power: u64, fraction: &str) -> Result<Uint256> {
        let (staking, cons) = (self.staking, self.cons(validator));
        let fraction = fraction.parse().unwrap();
        self.with(|ctx| staking.slash(ctx, &cons, height, power, fraction))
    }

    pub fn jail(&mut self, validator: u8) -> Result<()> {
        let (staking, cons) = (self.staking, self.cons(validator));
        self.with(|ctx| staking.jail(ctx, &cons))
    }

    pub fn unjail(&mut self, validator: u8) -> Result<()> {
        let (staking, cons) = (self.staking, self.cons(validator));
        self.with(|ctx| staking.unjail(ctx, &cons))
    }

    pub fn cons(&mut self, validator: u8) -> Address {
        openledger_consensus::consensus_address(&key(validator))
    }

    /// Creates validator `byte` with so much self-delegation.
    pub fn create(&mut self, byte: u8, amount: u128) {
        self.execute(&create(byte, amount)).unwrap();
    }

    pub fn delegate(&mut self, delegator: u8, validator: u8, amount: u128) -> Result<Vec<Event>> {
        let (delegator_address, validator_address) = (text(delegator), operator(validator));
        self.execute(&MsgDelegate { delegator_address, validator_address, amount: Some(coin(amount)) })
    }

    pub fn undelegate(&mut self, delegator: u8, validator: u8, amount: u128) -> Result<Vec<Event>> {
        let (delegator_address, validator_address) = (text(delegator), operator(validator));
        self.execute(&MsgUndelegate { delegator_address, validator_address, amount: Some(coin(amount)) })
    }

    pub fn redelegate(&mut self, delegator: u8, from: u8, to: u8, amount: u128) -> Result<Vec<Event>> {
        self.execute(&MsgBeginRedelegate {
            delegator_address: text(delegator),
            validator_src_address: operator(from),
            validator_dst_address: operator(to),
            amount: Some(coin(amount)),
        })
    }

    pub fn cancel(&mut self, delegator: u8, validator: u8, amount: u128, height: u64) -> Result<Vec<Event>> {
        self.execute(&MsgCancelUnbondingDelegation {
            delegator_address: text(delegator),
            validator_address: operator(validator),
            amount: Some(coin(amount)),
            creation_height: height.try_into().unwrap(),
        })
    }
}

pub fn create(byte: u8, amount: u128) -> MsgCreateValidator {
    #[allow(deprecated)]
    MsgCreateValidator {
        description: Some(Description { moniker: format!("v{byte}"), ..Description::default() }),
        commission: Some(CommissionRates { rate: dec("0.1"), max_rate: dec("0.2"), max_change_rate: dec("0.05") }),
        min_self_delegation: "1".into(),
        delegator_address: String::new(),
        validator_address: operator(byte),
        pubkey: Some(key_to_any(&key(byte))),
        value: Some(coin(amount)),
    }
}

pub fn key(byte: u8) -> ConsensusKey {
    ConsensusKey::Ed25519(vec![byte; 32])
}

pub fn operator(byte: u8) -> String {
    address(byte).to_bech32(VALOPER_PREFIX)
}

pub fn cons_text(byte: u8) -> String {
    openledger_consensus::consensus_address(&key(byte)).to_bech32(VALCONS_PREFIX)
}

pub fn coin(amount: u128) -> ProtoCoin {
    ProtoCoin { denom: "aopen".into(), amount: amount.to_string() }
}

/// Protobuf's form of a decimal.
pub fn dec(text: &str) -> String {
    text.parse::<Dec>().unwrap().to_proto()
}

/// An attribute of the only event of a kind.
pub fn attribute(events: &[Event], kind: &str, key: &str) -> String {
    let event = events.iter().find(|event| event.kind == kind).unwrap();
    event.attributes.iter().find(|(name, _)| name == key).unwrap().1.clone()
}

/// The code of a failure of the module's.
pub fn code<T: std::fmt::Debug>(result: Result<T>) -> u32 {
    let error = result.unwrap_err();
    assert_eq!(error.codespace, "staking", "{error}");
    error.code
}
