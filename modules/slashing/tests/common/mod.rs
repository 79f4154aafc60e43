//! A chain of auth, bank, consensus, staking and slashing in memory: validators are made by messages, and blocks come with votes.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::sync::Arc;

use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_consensus::{consensus_address, Consensus};
use openledger_core::address::{VALCONS_PREFIX, VALOPER_PREFIX};
use openledger_core::comet::{LastCommit, Vote, VoteFlag};
use openledger_core::{
    Address, BlockInfo, ConsensusKey, Context, Error, Event, GasMeter, Mode, Module, Router, Status,
};
use openledger_proto::cosmos::base::v1beta1::Coin;
use openledger_proto::cosmos::crypto::ed25519;
use openledger_proto::cosmos::slashing::v1beta1::MsgUnjail;
use openledger_proto::cosmos::staking::v1beta1::{CommissionRates, Description, MsgCreateValidator, MsgUndelegate};
use openledger_proto::{Any, Message, Name};
use openledger_slashing::{Params, SigningInfo, Slashing};
use openledger_staking::{Staking, StakingHooks, Validator};
use openledger_store::{BlockState, MemSnapshot};

const BANK: Bank = Bank { auth: Auth };
/// What slashing reads of staking as a hook: no hooks of its own.
const READER: Staking = Staking { auth: Auth, bank: BANK, consensus: Consensus, hooks: &[] };
static HOOK: Slashing = Slashing { staking: READER };
static HOOKS: [&dyn StakingHooks; 1] = [&HOOK];

pub const STAKING: Staking = Staking { auth: Auth, bank: BANK, consensus: Consensus, hooks: &HOOKS };
pub const SLASHING: Slashing = Slashing { staking: STAKING };

/// Seconds between blocks.
pub const BLOCK_SECONDS: i64 = 5;
const ONE_OPEN: u128 = 1_000_000_000_000_000_000;

pub struct Chain {
    state: BlockState,
    pub block: BlockInfo,
    router: Router,
    validators: u8,
}

impl Chain {
    /// A chain with the validators 1, 2, …, each with 100 OPEN of its own, bonded at height 1, under these parameters.
    pub fn new(validators: u8, params: Params) -> Self {
        let mut router = Router::default();
        let modules: [&dyn Module; 5] = [&Auth, &BANK, &Consensus, &STAKING, &SLASHING];
        modules.iter().for_each(|module| module.register(&mut router));
        let block = BlockInfo { height: 1, time_seconds: 1_000_000, ..BlockInfo::default() };
        let state = BlockState::new(Arc::new(MemSnapshot::default()));
        let mut chain = Self { state, block, router, validators };
        chain.with(|ctx| {
            Consensus.init(ctx, None, &[]).unwrap();
            for who in 1..=validators {
                BANK.auth.ensure(ctx, &operator(who)).unwrap();
                BANK.credit_genesis(ctx, &operator(who), &format!("{}aopen", 1_000 * ONE_OPEN).parse().unwrap())
                    .unwrap();
            }
            for module in modules {
                module.init_genesis(ctx, &module.default_genesis()).unwrap();
            }
        });
        chain.set_params(params);
        for who in 1..=validators {
            chain.execute(&create(who)).unwrap();
        }
        chain.end();
        chain
    }

    pub fn set_params(&mut self, params: Params) {
        use openledger_proto::cosmos::slashing::v1beta1::MsgUpdateParams;
        let authority = openledger_auth::authority().to_string();
        self.execute(&MsgUpdateParams { authority, params: Some(params.to_proto()) }).unwrap();
    }

    pub fn with<T>(&mut self, act: impl FnOnce(&mut Context) -> T) -> T {
        act(&mut Context::new(&mut self.state, &self.block, Mode::Deliver, GasMeter::infinite()))
    }

    /// An operator registers a key with less than one unit of power: it is never in staking's set.
    pub fn register(&mut self, who: u8) {
        self.with(|ctx| {
            BANK.auth.ensure(ctx, &operator(who)).unwrap();
            BANK.credit_genesis(ctx, &operator(who), &"1aopen".parse().unwrap()).unwrap();
        });
        let value = Some(Coin { denom: "aopen".into(), amount: "1".into() });
        self.execute(&MsgCreateValidator { min_self_delegation: "1".into(), value, ..create(who) }).unwrap();
        self.end();
    }

    fn end(&mut self) {
        self.with(|ctx| {
            STAKING.end_block(ctx).unwrap();
            STAKING.check_invariants(ctx).unwrap();
            SLASHING.check_invariants(ctx).unwrap();
        });
    }

    /// One block, in which these votes on the one before stand; the events of its beginning.
    pub fn vote(&mut self, votes: Vec<Vote>) -> Vec<Event> {
        self.block.height += 1;
        self.block.time_seconds += BLOCK_SECONDS;
        self.block.last_commit = LastCommit { round: 0, votes };
        let events = self.with(|ctx| {
            SLASHING.begin_block(ctx).unwrap();
            ctx.take_events()
        });
        self.end();
        events
    }

    /// One block in which all validators voted on the one before, but not these.
    pub fn block_without(&mut self, absent: &[u8]) -> Vec<Event> {
        let flag = |who| if absent.contains(&who) { VoteFlag::Absent } else { VoteFlag::Commit };
        self.vote((1..=self.validators).map(|who| vote(who, flag(who))).collect())
    }

    pub fn skip(&mut self, seconds: i64) {
        self.block.time_seconds += seconds;
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
        result.map(|_| ctx.take_events())
    }

    pub fn unjail(&mut self, who: u8) -> Result<(), Error> {
        let executed = self.execute(&MsgUnjail { validator_addr: operator_text(who) }).map(drop);
        self.end();
        executed
    }

    /// Takes OPEN of its own from a validator's stake.
    pub fn undelegate(&mut self, who: u8, open: u128) {
        let (delegator_address, validator_address) = (operator(who).to_string(), operator_text(who));
        self.execute(&MsgUndelegate { delegator_address, validator_address, amount: Some(coin(open)) }).unwrap();
        self.end();
    }

    pub fn ask<Resp: Message + Default>(&self, method: &str, request: &impl Message) -> Result<Resp, Status> {
        let ctx = Context::query(&self.state, &self.block, GasMeter::infinite());
        let path = format!("/cosmos.slashing.v1beta1.Query/{method}");
        let answer = self.router.answer(&ctx, &path, &request.encode_to_vec());
        answer.map(|bytes| Resp::decode(bytes.as_slice()).unwrap())
    }

    pub fn info(&mut self, who: u8) -> SigningInfo {
        self.with(|ctx| SLASHING.signing_info(ctx, &cons(who)).unwrap().unwrap())
    }

    pub fn validator(&mut self, who: u8) -> Validator {
        self.with(|ctx| STAKING.validator(ctx, &operator(who)).unwrap().unwrap())
    }
}

pub fn create(who: u8) -> MsgCreateValidator {
    let ConsensusKey::Ed25519(key) = key(who) else { panic!("all are ed25519") };
    let one = "1000000000000000000".to_string();
    #[allow(deprecated)]
    MsgCreateValidator {
        description: Some(Description { moniker: format!("v{who}"), ..Description::default() }),
        commission: Some(CommissionRates { rate: "0".into(), max_rate: one.clone(), max_change_rate: one }),
        min_self_delegation: (50 * ONE_OPEN).to_string(),
        delegator_address: String::new(),
        validator_address: operator_text(who),
        pubkey: Some(Any { type_url: ed25519::PubKey::type_url(), value: ed25519::PubKey { key }.encode_to_vec() }),
        value: Some(coin(100)),
    }
}

pub fn coin(open: u128) -> Coin {
    Coin { denom: "aopen".into(), amount: (open * ONE_OPEN).to_string() }
}

pub fn vote(who: u8, flag: VoteFlag) -> Vote {
    Vote { validator: cons(who).as_bytes().to_vec(), power: 100, flag }
}

pub fn key(who: u8) -> ConsensusKey {
    ConsensusKey::Ed25519(vec![who; 32])
}

pub fn cons(who: u8) -> Address {
    consensus_address(&key(who))
}

pub fn cons_text(who: u8) -> String {
    cons(who).to_bech32(VALCONS_PREFIX)
}

pub fn operator(who: u8) -> Address {
    Address::new([who; 20]).unwrap()
}

pub fn operator_text(who: u8) -> String {
    operator(who).to_bech32(VALOPER_PREFIX)
}

/// A window of ten blocks, of which five have to be signed; a minute of jail.
pub fn short() -> Params {
    Params { signed_blocks_window: 10, downtime_jail_nanos: 60_000_000_000, ..Params::default() }
}

/// Events of these kinds as `kind{key=value,…}`.
pub fn shown(events: &[Event], kinds: &[&str]) -> Vec<String> {
    let show = |event: &Event| {
        let attributes: Vec<String> = event.attributes.iter().map(|(key, value)| format!("{key}={value}")).collect();
        format!("{}{{{}}}", event.kind, attributes.join(","))
    };
    events.iter().filter(|event| kinds.contains(&event.kind.as_str())).map(show).collect()
}
