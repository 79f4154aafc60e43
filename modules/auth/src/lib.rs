//! Accounts: who may sign, with which key, number and sequence; and which modules hold money.
//!
//! | message | what | file |
//! | --- | --- | --- |
//! | `cosmos.auth.v1beta1.MsgUpdateParams` | the authority replaces the parameters | `msg/update_params.rs` |
//!
//! Queries (`query.rs`): all of `cosmos.auth.v1beta1.Query`. Keys: [`state`]. Genesis: `cosmos.auth.v1beta1.GenesisState`.
//!
//! Invariants: each account's number leads back to its address, is unique and below the next number; what vests is kept for the
//! vesting accounts and no others. What the coins of vesting accounts may do stands in [`vesting`] and in the module `bank`.
//!
//! Semantics: SDK v0.50 `x/auth`. Sequences and keys are advanced by the ante handler, which uses [`Auth::account`] and
//! [`Auth::save`].

mod account;
mod authority;
mod error;
mod genesis;
mod keeper;
mod key;
mod msg;
mod params;
pub mod permissions;
mod query;
pub mod state;
pub mod vesting;

pub use account::{Account, Kind};
pub use authority::{authority, check_authority, InvalidSigner, GOV_MODULE};
pub use error::AuthError;
pub use keeper::Auth;
pub use key::PublicKey;
pub use params::Params;

use cosmwasm_std::Order;
use openledger_core::{Context, Module, Result, Router, SdkError};
use openledger_proto::cosmos::auth::v1beta1::{GenesisState, MsgUpdateParams};
use openledger_proto::{Message, Name};
use openledger_store::StoreName;

use crate::state::{ACCOUNTS, NEXT_NUMBER, NUMBERS, STORE, VESTING};

/// The module's name.
pub const NAME: &str = "auth";

impl Module for Auth {
    fn name(&self) -> &'static str {
        NAME
    }

    fn store(&self) -> Option<StoreName> {
        Some(STORE)
    }

    fn register(&self, router: &mut Router) {
        router.msg::<MsgUpdateParams, _>(NAME, self);
        query::register(*self, router);
    }

    fn genesis_type(&self) -> &'static str {
        "cosmos.auth.v1beta1.GenesisState"
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
        Ok(genesis::export(self, ctx)?.encode_to_vec())
    }

    fn check_invariants(&self, ctx: &Context) -> Result<()> {
        let kv = ctx.kv(STORE);
        let next = NEXT_NUMBER.may_load(&*kv)?.unwrap_or_default();
        let mut accounts = 0u64;
        for entry in NUMBERS.range(&*kv, None, None, Order::Ascending) {
            let (number, address) = entry?;
            let found = ACCOUNTS.may_load(&*kv, address.as_slice())?;
            if number >= next || found.is_none_or(|record| record.number() != number) {
                return Err(SdkError::Logic(format!("auth: number {number} does not lead to its account")).into());
            }
            accounts = accounts.saturating_add(1);
        }
        let stored =
            ACCOUNTS.keys_raw(&*kv, None, None, Order::Ascending).fold(0u64, |count, _| count.saturating_add(1));
        if stored != accounts {
            return Err(SdkError::Logic(format!("auth: {stored} accounts but {accounts} numbers")).into());
        }
        for entry in ACCOUNTS.range(&*kv, None, None, Order::Ascending) {
            let (address, record) = entry?;
            if record.is_vesting() != VESTING.has(&*kv, &address) {
                return Err(SdkError::Logic(format!("auth: account {record:?} and what vests do not agree")).into());
            }
        }
        let vesting = VESTING.keys_raw(&*kv, None, None, Order::Ascending);
        if vesting.into_iter().any(|address| !ACCOUNTS.has(&*kv, &address)) {
            return Err(SdkError::Logic("auth: coins vest where there is no account".into()).into());
        }
        Ok(())
    }
}
