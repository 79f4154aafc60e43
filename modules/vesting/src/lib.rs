//! Messages that make vesting accounts: someone pays coins to a new account, which may spend them over time.
//!
//! | message | what vests when | file |
//! | --- | --- | --- |
//! | `cosmos.vesting.v1beta1.MsgCreateVestingAccount` | evenly from this block to an end, or all at the end | `msg/create_vesting_account.rs` |
//! | `cosmos.vesting.v1beta1.MsgCreatePeriodicVestingAccount` | parts at the ends of periods | `msg/create_periodic_vesting_account.rs` |
//! | `cosmos.vesting.v1beta1.MsgCreatePermanentLockedAccount` | nothing ever | `msg/create_permanent_locked_account.rs` |
//!
//! The accounts and their arithmetic are `openledger_auth::vesting`, the lock on their coins is bank's; so this module keeps nothing and
//! its genesis is empty. Queries: an account's is `cosmos.auth.v1beta1.Query/Account`, what it can spend
//! `cosmos.bank.v1beta1.Query/SpendableBalances`.
//!
//! Semantics: SDK v0.50 `x/auth/vesting`.

mod msg;

use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_core::{Context, Module, Result, Router, SdkError};
use openledger_proto::cosmos::vesting::v1beta1::{
    MsgCreatePeriodicVestingAccount, MsgCreatePermanentLockedAccount, MsgCreateVestingAccount,
};

/// The module's name.
pub const NAME: &str = "vesting";

/// What makes vesting accounts.
#[derive(Debug, Clone, Copy, Default)]
pub struct VestingAccounts {
    /// Accounts.
    pub auth: Auth,
    /// Balances.
    pub bank: Bank,
}

impl Module for VestingAccounts {
    fn name(&self) -> &'static str {
        NAME
    }

    fn register(&self, router: &mut Router) {
        router.msg::<MsgCreateVestingAccount, _>(NAME, self);
        router.msg::<MsgCreatePermanentLockedAccount, _>(NAME, self);
        router.msg::<MsgCreatePeriodicVestingAccount, _>(NAME, self);
    }

    fn genesis_type(&self) -> &'static str {
        "google.protobuf.Empty"
    }

    fn default_genesis(&self) -> Vec<u8> {
        Vec::new()
    }

    fn validate_genesis(&self, genesis: &[u8]) -> Result<()> {
        if genesis.is_empty() {
            return Ok(());
        }
        Err(SdkError::InvalidRequest("vesting genesis: it is empty; vesting accounts stand in auth's".into()).into())
    }

    fn init_genesis(&self, _ctx: &mut Context, genesis: &[u8]) -> Result<()> {
        self.validate_genesis(genesis)
    }

    fn export_genesis(&self, _ctx: &Context) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }
}
