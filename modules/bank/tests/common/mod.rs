//! A chain of auth and bank in memory, driven as execution drives it: messages through the router, undone if they fail.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::sync::Arc;

use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_core::{Address, BlockInfo, Coins, Context, Error, Event, GasMeter, Mode, Module, Router, Status};
use openledger_proto::{Message, Name};
use openledger_store::{BlockState, MemSnapshot};

pub const BANK: Bank = Bank { auth: Auth };

pub struct Chain {
    pub state: BlockState,
    block: BlockInfo,
    router: Router,
}

impl Chain {
    /// A new chain at which the accounts 1, 2, … hold what is given.
    pub fn new(balances: &[&str]) -> Self {
        let mut router = Router::default();
        Auth.register(&mut router);
        BANK.register(&mut router);
        let state = BlockState::new(Arc::new(MemSnapshot::default()));
        let mut chain = Self { state, block: BlockInfo { height: 1, ..BlockInfo::default() }, router };
        chain.with(|ctx| {
            Auth.init_genesis(ctx, &Auth.default_genesis()).unwrap();
            BANK.init_genesis(ctx, &BANK.default_genesis()).unwrap();
            for (coins, byte) in balances.iter().zip(1..) {
                BANK.credit_genesis(ctx, &address(byte), &coins.parse().unwrap()).unwrap();
                Auth.ensure(ctx, &address(byte)).unwrap();
            }
        });
        chain
    }

    /// What follows happens at this header time.
    pub fn at(&mut self, seconds: i64) {
        self.block.time_seconds = seconds;
    }

    pub fn with<T>(&mut self, act: impl FnOnce(&mut Context) -> T) -> T {
        act(&mut Context::new(&mut self.state, &self.block, Mode::Deliver, GasMeter::infinite()))
    }

    /// Executes a message; its events, or why it failed. The invariants hold afterwards either way.
    pub fn execute<M: Message + Name>(&mut self, msg: &M) -> Result<Vec<Event>, Error> {
        let Self { state, block, router } = self;
        let mut ctx = Context::new(state, block, Mode::Deliver, GasMeter::infinite());
        let route = router.msg_route(&M::type_url()).unwrap();
        let point = ctx.checkpoint();
        let result = route.decode(&msg.encode_to_vec()).and_then(|msg| route.handle(&mut ctx, &msg));
        if result.is_err() {
            ctx.revert(point);
        }
        BANK.check_invariants(&ctx).unwrap();
        Auth.check_invariants(&ctx).unwrap();
        result.map(|_| ctx.take_events())
    }

    pub fn ask<Resp: Message + Default>(&self, method: &str, request: &impl Message) -> Result<Resp, Status> {
        let ctx = Context::query(&self.state, &self.block, GasMeter::infinite());
        let path = format!("/cosmos.bank.v1beta1.Query/{method}");
        let answer = self.router.answer(&ctx, &path, &request.encode_to_vec());
        answer.map(|bytes| Resp::decode(bytes.as_slice()).unwrap())
    }

    pub fn balances(&mut self, byte: u8) -> String {
        self.with(|ctx| BANK.balances(ctx, &address(byte)).unwrap().to_string())
    }
}

pub fn address(byte: u8) -> Address {
    Address::new([byte; 20]).unwrap()
}

pub fn text(byte: u8) -> String {
    address(byte).to_string()
}

pub fn coins(text: &str) -> Coins {
    text.parse().unwrap()
}

/// Events as `kind{key=value,…}`.
pub fn shown(events: &[Event]) -> Vec<String> {
    let show = |event: &Event| {
        let attributes: Vec<String> = event.attributes.iter().map(|(key, value)| format!("{key}={value}")).collect();
        format!("{}{{{}}}", event.kind, attributes.join(","))
    };
    events.iter().map(show).collect()
}
