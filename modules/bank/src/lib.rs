//! Coins: who holds how many, how they move, and how many there are.
//!
//! | message | what | file |
//! | --- | --- | --- |
//! | `cosmos.bank.v1beta1.MsgSend` | one account sends to another | `msg/send.rs` |
//! | `cosmos.bank.v1beta1.MsgMultiSend` | one account sends to several | `msg/multi_send.rs` |
//! | `cosmos.bank.v1beta1.MsgSetSendEnabled` | the authority says what may be sent | `msg/set_send_enabled.rs` |
//! | `cosmos.bank.v1beta1.MsgUpdateParams` | the authority says so by default | `msg/update_params.rs` |
//!
//! Queries (`query.rs`): all of `cosmos.bank.v1beta1.Query`. Keys: [`state`]. Genesis: `cosmos.bank.v1beta1.GenesisState`.
//!
//! Invariants: the supply of each denomination is the sum of its balances; no balance is zero in state; each balance has its
//! entry in the index of holders and each entry its balance.
//!
//! Semantics: SDK v0.50 `x/bank`.

mod error;
mod events;
mod genesis;
mod keeper;
mod metadata;
mod msg;
mod params;
mod query;
pub mod state;

pub use error::BankError;
pub use keeper::Bank;

use openledger_core::{Coin, Coins, Context, Module, Result, Router, SdkError};
use openledger_proto::cosmos::bank::v1beta1::{
    GenesisState, MsgMultiSend, MsgSend, MsgSetSendEnabled, MsgUpdateParams,
};
use openledger_proto::{Message, Name};
use openledger_store::StoreName;

use crate::state::STORE;

/// The module's name.
pub const NAME: &str = "bank";

impl Module for Bank {
    fn name(&self) -> &'static str {
        NAME
    }

    fn store(&self) -> Option<StoreName> {
        Some(STORE)
    }

    fn register(&self, router: &mut Router) {
        router.msg::<MsgSend, _>(NAME, self);
        router.msg::<MsgMultiSend, _>(NAME, self);
        router.msg::<MsgSetSendEnabled, _>(NAME, self);
        router.msg::<MsgUpdateParams, _>(NAME, self);
        query::register(*self, router);
    }

    fn genesis_type(&self) -> &'static str {
        "cosmos.bank.v1beta1.GenesisState"
    }

    fn default_genesis(&self) -> Vec<u8> {
        debug_assert_eq!(self.genesis_type(), GenesisState::full_name());
        genesis::default().encode_to_vec()
    }

    fn validate_genesis(&self, genesis: &[u8]) -> Result<()> {
        genesis::read(genesis).map(|_| ())
    }

    fn init_genesis(&self, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
        genesis::init(self, ctx, genesis)
    }

    fn export_genesis(&self, ctx: &Context) -> Result<Vec<u8>> {
        Ok(genesis::export(ctx)?.encode_to_vec())
    }

    fn check_invariants(&self, ctx: &Context) -> Result<()> {
        let kv = ctx.kv(STORE);
        let (mut held, mut balances) = (Vec::new(), 0usize);
        genesis::for_each_balance(ctx, |address, coin| {
            if coin.amount.is_zero() || kv.get(&state::holder_key(&coin.denom, &address)).is_none() {
                return Err(broken(format!("{address} has {coin}, zero or not in the index")));
            }
            balances = balances.saturating_add(1);
            held.push(coin);
            Ok(())
        })?;
        let held = Coins::sum(held)?;
        let supply = genesis::under(ctx, state::SUPPLY, |denom, value| {
            Ok(Coin { denom: state::denom_of(denom)?, amount: state::read_amount(value)? })
        })?;
        let supply = Coins::sum(supply)?;
        if supply != held {
            return Err(broken(format!("supply is {supply} but balances sum to {held}")));
        }
        let holders = genesis::under(ctx, state::HOLDERS, |_, _| Ok(()))?.len();
        if holders != balances {
            return Err(broken(format!("{balances} balances but {holders} holders")));
        }
        Ok(())
    }
}

fn broken(text: String) -> openledger_core::Error {
    SdkError::Logic(format!("bank: {text}")).into()
}
