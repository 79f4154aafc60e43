//! A chain of this module alone, in memory: messages go through the router, as transactions do, and are undone if they fail.

use std::sync::Arc;

use openledger_contributor::Contributors;
use openledger_core::{Address, BlockInfo, Context, Error, GasMeter, Handle, Mode, Module, Router, Status};
use openledger_proto::{Message, Name};
use openledger_store::{BlockState, MemSnapshot};

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
        let block = BlockInfo { height: 1, time_seconds: 1_000, ..BlockInfo::default() };
        let mut chain = Self { state, block, router };
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
        Contributors::default().check_invariants(&self.ctx()).unwrap();
        result.map(|bytes| Message::decode(bytes.as_slice()).unwrap())
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
