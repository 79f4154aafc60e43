//! A chain of auth and bank in memory.

#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]

use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_core::testing;
use openledger_core::{BlockInfo, Error, Event, Module, Status};
use openledger_proto::{Message, Name};

pub use openledger_core::testing::{address, coins, shown, text};

pub const BANK: Bank = Bank { auth: Auth };

openledger_core::own_chain!(pub Chain);

impl Chain {
    /// A new chain at which the accounts 1, 2, … hold what is given.
    pub fn new(balances: &[&str]) -> Self {
        let block = BlockInfo { height: 1, ..BlockInfo::default() };
        let mut chain = Self(testing::Chain::new(block, vec![Box::new(Auth), Box::new(BANK)]));
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

    /// Executes a message; its events, or why it failed.
    pub fn execute<M: Message + Name>(&mut self, msg: &M) -> Result<Vec<Event>, Error> {
        self.0.execute(msg).map(|(_, events)| events)
    }

    pub fn ask<Resp: Message + Default>(&self, method: &str, request: &impl Message) -> Result<Resp, Status> {
        self.0.ask("cosmos.bank.v1beta1.Query", method, request)
    }

    pub fn balances(&mut self, byte: u8) -> String {
        self.with(|ctx| BANK.balances(ctx, &address(byte)).unwrap().to_string())
    }
}
