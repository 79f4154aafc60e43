//! A chain of auth, bank and this module, in memory: messages go through the router, as transactions do, and are undone if they fail.

use std::sync::Arc;

use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_contributor::Contributors;
use openledger_core::{
    Address, BlockInfo, Coin, Context, Error, GasMeter, Handle, Mode, Module, Router, Status, BASE_DENOM,
};
use openledger_proto::{Message, Name};
use openledger_store::{BlockState, MemSnapshot};

/// Chain id of the tests.
pub const CHAIN_ID: &str = "openledger-test";
/// One OPEN.
pub const OPEN: u128 = 1_000_000_000_000_000_000;
/// What each of the accounts 1 to 9 has at first.
pub const PURSE: u128 = 100 * OPEN;

pub struct Chain {
    state: BlockState,
    pub block: BlockInfo,
    router: Router,
}

impl Chain {
    pub fn new() -> Self {
        Self::of(&Contributors::default().default_genesis()).unwrap()
    }

    pub fn of(genesis: &[u8]) -> Result<Self, Error> {
        let mut router = Router::default();
        Contributors::default().register(&mut router);
        let state = BlockState::new(Arc::new(MemSnapshot::default()));
        let block = BlockInfo { chain_id: CHAIN_ID.into(), height: 1, time_seconds: 1_000, ..BlockInfo::default() };
        let mut chain = Self { state, block, router };
        let mut ctx = chain.ctx();
        Auth.init_genesis(&mut ctx, &Auth.default_genesis())?;
        Bank::default().init_genesis(&mut ctx, &Bank::default().default_genesis())?;
        for who in 1..10 {
            Bank::default().credit_genesis(&mut ctx, &account(who), &Coin::base(PURSE).into())?;
        }
        Contributors::default().init_genesis(&mut chain.ctx(), genesis)?;
        Ok(chain)
    }

    pub fn ctx(&mut self) -> Context<'_> {
        Context::new(&mut self.state, &self.block, Mode::Deliver, GasMeter::infinite())
    }

    pub fn deliver<M>(&mut self, msg: &M) -> Result<<Contributors as Handle<M>>::Response, Error>
    where
        M: Message + Name + Default,
        Contributors: Handle<M>,
        <Contributors as Handle<M>>::Response: Default,
    {
        let checkpoint = self.state.checkpoint();
        let mut ctx = Context::new(&mut self.state, &self.block, Mode::Deliver, GasMeter::infinite());
        let route = self.router.msg_route(&M::type_url()).unwrap();
        let result = route.decode(&msg.encode_to_vec()).and_then(|msg| route.handle(&mut ctx, &msg));
        if result.is_err() {
            self.state.revert(checkpoint);
        }
        let ctx = self.ctx();
        for module in [&Auth as &dyn Module, &Bank::default(), &Contributors::default()] {
            module.check_invariants(&ctx).unwrap();
        }
        result.map(|bytes| Message::decode(bytes.as_slice()).unwrap())
    }

    /// What an account has, in base units.
    pub fn balance(&mut self, who: u8) -> u128 {
        let balance = Bank::default().balance(&self.ctx(), &account(who), BASE_DENOM).unwrap();
        balance.to_string().parse().unwrap()
    }

    /// How many base units there are.
    pub fn supply(&mut self) -> u128 {
        Bank::default().supply(&self.ctx(), BASE_DENOM).unwrap().to_string().parse().unwrap()
    }

    /// Blocks of one second pass.
    pub fn pass(&mut self, blocks: u64) {
        self.block.height += blocks;
        self.block.time_seconds += blocks as i64;
    }

    pub fn query<Req: Message, Resp: Message + Default>(&self, method: &str, request: &Req) -> Result<Resp, Status> {
        let ctx = Context::query(&self.state, &self.block, GasMeter::infinite());
        let path = format!("/openledger.contributor.v1.Query/{method}");
        let answer = self.router.answer(&ctx, &path, &request.encode_to_vec())?;
        Ok(Resp::decode(answer.as_slice()).unwrap())
    }
}

/// The code of an error of this module.
pub fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> u32 {
    let error = result.unwrap_err();
    assert_eq!(error.codespace, "contributor", "{error}");
    error.code
}

pub fn account(n: u8) -> Address {
    Address::new([n; 20]).unwrap()
}
