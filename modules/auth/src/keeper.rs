//! Reading, making and changing accounts.
//!
//! Relies on nothing but the store `acc`. Guarantees: numbers are unique and never reused; an account at a module's address is a
//! module account with the permissions of [`MODULE_ACCOUNTS`](crate::permissions::MODULE_ACCOUNTS).

use openledger_core::{Address, Context, Result, SdkError};

use crate::account::{Account, Kind};
use crate::error::AuthError;
use crate::params::Params;
use crate::permissions::{self, ModuleAccess};
use crate::state::{Record, ACCOUNTS, NEXT_NUMBER, NUMBERS, PARAMS, STORE, VESTING};
use crate::vesting::Vesting;

/// The keeper of accounts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Auth;

impl Auth {
    /// The account at an address.
    pub fn account(&self, ctx: &Context, address: &Address) -> Result<Option<Account>> {
        let record = ACCOUNTS.may_load(&*ctx.kv(STORE), address.as_bytes())?;
        record.map(|record| self.with_vesting(ctx, address.clone(), record)).transpose()
    }

    /// The account of a record; what vests is read for vesting accounts alone.
    pub(crate) fn with_vesting(&self, ctx: &Context, address: Address, record: Record) -> Result<Account> {
        let vesting = if record.is_vesting() { self.vesting(ctx, &address)? } else { None };
        record.at(address, vesting)
    }

    /// What vests in an account; `None` where it is no vesting account or there is none.
    pub fn vesting(&self, ctx: &Context, address: &Address) -> Result<Option<Vesting>> {
        Ok(VESTING.may_load(&*ctx.kv(STORE), address.as_bytes())?)
    }

    /// Writes back what vests in a vesting account, e.g. after its delegations were tracked.
    pub fn save_vesting(&self, ctx: &mut Context, address: &Address, vesting: &Vesting) -> Result<()> {
        if !VESTING.has(&*ctx.kv(STORE), address.as_bytes()) {
            return Err(SdkError::Logic(format!("auth: {address} is no vesting account")).into());
        }
        VESTING.save(&mut ctx.kv_mut(STORE), address.as_bytes(), vesting)?;
        Ok(())
    }

    /// Makes a vesting account where there is no account yet; refuses an address that has one.
    pub fn create_vesting(&self, ctx: &mut Context, address: &Address, vesting: Vesting) -> Result<Account> {
        if self.has_account(ctx, address) {
            return Err(SdkError::InvalidRequest(format!("account {address} already exists")).into());
        }
        self.create(ctx, address.clone(), Kind::Vesting(Box::new(vesting)))
    }

    /// Whether there is an account at an address, without reading what is in it.
    pub fn has_account(&self, ctx: &Context, address: &Address) -> bool {
        ACCOUNTS.has(&*ctx.kv(STORE), address.as_bytes())
    }

    /// The address of the account with this number.
    pub fn address_of_number(&self, ctx: &Context, number: u64) -> Result<Option<Address>> {
        let bytes = NUMBERS.may_load(&*ctx.kv(STORE), number)?;
        Ok(bytes.map(|bytes| Address::new(bytes.as_slice())).transpose()?)
    }

    /// Writes an account back that was read or made here; its number does not change. What vests in it is written when the account
    /// is made and by [`Auth::save_vesting`].
    pub fn save(&self, ctx: &mut Context, account: &Account) -> Result<()> {
        ACCOUNTS.save(&mut ctx.kv_mut(STORE), account.address.as_bytes(), &Record::of(account))?;
        Ok(())
    }

    /// The account at an address, made with the next number where there is none.
    pub fn ensure(&self, ctx: &mut Context, address: &Address) -> Result<Account> {
        match self.account(ctx, address)? {
            Some(account) => Ok(account),
            None => {
                let kind = permissions::by_address(address).map_or(Kind::Base, kind_of);
                self.create(ctx, address.clone(), kind)
            }
        }
    }

    /// The account of a module of the table of permissions, made where there is none. A plain account at its address (made by a
    /// payment before the module was there) becomes the module's, and changed permissions are taken over.
    pub fn ensure_module(&self, ctx: &mut Context, name: &str) -> Result<Account> {
        let access = permissions::by_name(name)
            .ok_or_else(|| AuthError::ModuleAccount(format!("module account {name} does not exist")))?;
        let address = Address::module(name);
        let Some(mut account) = self.account(ctx, &address)? else {
            return self.create(ctx, address, kind_of(access));
        };
        let kind = kind_of(access);
        if account.kind != kind {
            account.kind = kind;
            VESTING.remove(&mut ctx.kv_mut(STORE), address.as_bytes());
            self.save(ctx, &account)?;
        }
        Ok(account)
    }

    /// The parameters; the defaults before genesis.
    pub fn params(&self, ctx: &Context) -> Result<Params> {
        Ok(PARAMS.may_load(&*ctx.kv(STORE))?.unwrap_or_default())
    }

    pub(crate) fn set_params(&self, ctx: &mut Context, params: &Params) -> Result<()> {
        PARAMS.save(&mut ctx.kv_mut(STORE), params)?;
        Ok(())
    }

    fn create(&self, ctx: &mut Context, address: Address, kind: Kind) -> Result<Account> {
        let number = NEXT_NUMBER.may_load(&*ctx.kv(STORE))?.unwrap_or_default();
        let account = Account { address, number, sequence: 0, key: None, kind };
        self.insert(ctx, &account)?;
        Ok(account)
    }

    /// Writes an account that is not there yet, with its number; the next number is greater than every one in use.
    pub(crate) fn insert(&self, ctx: &mut Context, account: &Account) -> Result<()> {
        let next = NEXT_NUMBER.may_load(&*ctx.kv(STORE))?.unwrap_or_default();
        let following = account
            .number
            .checked_add(1)
            .ok_or_else(|| SdkError::Logic(format!("account number {} leaves no next one", account.number)))?;
        let mut kv = ctx.kv_mut(STORE);
        NEXT_NUMBER.save(&mut kv, &next.max(following))?;
        NUMBERS.save(&mut kv, account.number, &account.address.as_bytes().into())?;
        if let Kind::Vesting(vesting) = &account.kind {
            VESTING.save(&mut kv, account.address.as_bytes(), vesting)?;
        }
        self.save(ctx, account)
    }
}

fn kind_of(access: &ModuleAccess) -> Kind {
    let permissions = access.permissions.iter().map(|permission| (*permission).to_string()).collect();
    Kind::Module { name: access.name.into(), permissions }
}
