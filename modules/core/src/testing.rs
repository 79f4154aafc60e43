//! What the modules' tests share: a chain in memory, driven as execution drives it. Behind the feature `testing`, which only dev-dependencies
//! switch on.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::Arc;

use openledger_proto::Any;
use openledger_store::{BlockState, MemSnapshot};
use prost::{Message, Name};

use crate::query::Status;
use crate::{Address, BlockInfo, Coins, Context, Error, Event, GasMeter, Mode, Module, Result, Router};

/// A chain of some modules in memory, without genesis.
pub struct Chain {
    /// The state.
    pub state: BlockState,
    /// The block that is executed.
    pub block: BlockInfo,
    /// The modules' messages and queries, and what a test adds.
    pub router: Router,
    checked: Vec<Box<dyn Module>>,
}

impl Chain {
    /// An empty chain at a block. The modules are registered, and after each message their invariants hold.
    pub fn new(block: BlockInfo, modules: Vec<Box<dyn Module>>) -> Self {
        let mut router = Router::default();
        modules.iter().for_each(|module| module.register(&mut router));
        Self { state: BlockState::new(Arc::new(MemSnapshot::default())), block, router, checked: modules }
    }

    /// Does something within the block.
    pub fn with<T>(&mut self, act: impl FnOnce(&mut Context) -> T) -> T {
        let Self { state, block, router, .. } = self;
        act(&mut Context::new(state, block, Mode::Deliver, GasMeter::infinite()).with_router(router))
    }

    /// Executes a message; its response, encoded, and its events. What a failed one changed is undone. The invariants hold afterwards
    /// either way.
    pub fn execute<M: Message + Name>(&mut self, msg: &M) -> Result<(Vec<u8>, Vec<Event>)> {
        let Self { state, block, router, checked } = self;
        let mut ctx = Context::new(state, block, Mode::Deliver, GasMeter::infinite()).with_router(router);
        let route = router.msg_route(&M::type_url()).unwrap();
        let point = ctx.checkpoint();
        let result = route.decode(&msg.encode_to_vec()).and_then(|msg| route.handle(&mut ctx, &msg));
        if result.is_err() {
            ctx.revert(point);
        }
        checked.iter().for_each(|module| module.check_invariants(&ctx).unwrap());
        result.map(|response| (response, ctx.take_events()))
    }

    /// Asks `/<service>/<method>`.
    pub fn ask<Resp: Message + Default>(
        &self,
        service: &str,
        method: &str,
        request: &impl Message,
    ) -> std::result::Result<Resp, Status> {
        let ctx = Context::query(&self.state, &self.block, GasMeter::infinite());
        let answer = self.router.answer(&ctx, &format!("/{service}/{method}"), &request.encode_to_vec());
        answer.map(|bytes| Resp::decode(bytes.as_slice()).unwrap())
    }

    /// Whether the gates let a type of message through.
    pub fn lets_through(&self, type_url: &str) -> bool {
        let ctx = Context::query(&self.state, &self.block, GasMeter::infinite());
        self.router.check_gates(&ctx, type_url).is_ok()
    }
}

/// Makes a type around [`Chain`] that is the test's own, so that it can add what its people do.
#[macro_export]
macro_rules! own_chain {
    ($of:vis $name:ident) => {
        $of struct $name($crate::testing::Chain);

        impl std::ops::Deref for $name {
            type Target = $crate::testing::Chain;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl std::ops::DerefMut for $name {
            fn deref_mut(&mut self) -> &mut Self::Target {
                &mut self.0
            }
        }
    };
}

/// An account's address: one byte, twenty times.
pub fn address(byte: u8) -> Address {
    Address::new([byte; 20]).unwrap()
}

/// The same as text.
pub fn text(byte: u8) -> String {
    address(byte).to_string()
}

/// Coins as they are written.
pub fn coins(text: &str) -> Coins {
    text.parse().unwrap()
}

/// A message within an `Any`.
pub fn pack<M: Message + Name>(msg: &M) -> Any {
    Any { type_url: M::type_url(), value: msg.encode_to_vec() }
}

/// By what clients know an error.
pub fn code(error: &Error) -> (&str, u32) {
    (error.codespace, error.code)
}

/// Events as `kind{key=value,…}`.
pub fn shown<'a>(events: impl IntoIterator<Item = &'a Event>) -> Vec<String> {
    let show = |event: &Event| {
        let attributes: Vec<String> = event.attributes.iter().map(|(key, value)| format!("{key}={value}")).collect();
        format!("{}{{{}}}", event.kind, attributes.join(","))
    };
    events.into_iter().map(show).collect()
}
