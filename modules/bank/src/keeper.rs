//! Reading and moving coins.
//!
//! Relies on [`Auth`] for the accounts of recipients and for what vests. Guarantees: no balance goes below zero or above 256 bits,
//! vesting coins leave an account for staking alone and deposits leave governance's not at all before [`Bank::unlock_deposits`], whoever
//! signs and by whatever grant, no coin is created or lost but by [`Bank::mint`], [`Bank::burn`] and genesis, and
//! the supply of each denomination is the sum of its balances.
//!
//! Semantics and order of events: SDK v0.50 `x/bank/keeper/{send,keeper,view}.go`.

use cosmwasm_std::{Order, Uint256};
use openledger_auth::{permissions, Auth, GOV_MODULE};
use openledger_core::query::prefix_end;
use openledger_core::{Address, Coin, Coins, Context, Result, SdkError};
use openledger_proto::cosmos::bank::v1beta1::Metadata;

use crate::error::BankError;
use crate::events;
use crate::state::{self, STORE};

/// The keeper of balances and supply.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bank {
    /// Accounts.
    pub auth: Auth,
}

/// A coin moves between accounts and nothing else changes hands.
impl Bank {
    /// Sends coins, unconditionally: whether a transaction may is for [`Bank::check_send_enabled`] and [`Bank::is_blocked`]. Makes
    /// the recipient's account. Events: `coin_spent`, `coin_received`, `transfer`, `message`.
    pub fn send(&self, ctx: &mut Context, from: &Address, to: &Address, coins: &Coins) -> Result<()> {
        self.debit(ctx, from, coins)?;
        self.credit(ctx, to, coins)?;
        self.ensure_account(ctx, to)?;
        // A check for the mempool, whose fee this is, tells nobody: the texts need not be made.
        if !ctx.tells_events() {
            return Ok(());
        }
        let (from, to, amount) = (from.to_string(), to.to_string(), coins.to_string());
        ctx.emit(events::coin_spent(&from, &amount));
        ctx.emit(events::coin_received(&to, &amount));
        ctx.emit(events::transfer(&to, &from, &amount));
        ctx.emit(events::message(&from));
        Ok(())
    }

    /// Sends coins to the account of a module of the table of permissions.
    pub fn send_to_module(&self, ctx: &mut Context, from: &Address, module: &str, coins: &Coins) -> Result<()> {
        let to = self.auth.ensure_module(ctx, module)?.address;
        self.send(ctx, from, &to, coins)
    }

    /// Sends coins of a module; refuses recipients that transactions may not send to.
    pub fn send_from_module(&self, ctx: &mut Context, module: &str, to: &Address, coins: &Coins) -> Result<()> {
        self.check_not_blocked(to)?;
        self.send(ctx, &Address::module(module), to, coins)
    }

    /// Sends coins from one module to another.
    pub fn send_between_modules(&self, ctx: &mut Context, from: &str, to: &str, coins: &Coins) -> Result<()> {
        self.send_to_module(ctx, &Address::module(from), to, coins)
    }

    /// Puts coins that are staked into a module that has the permission `staking`; locked coins too. Events: `coin_spent`,
    /// `coin_received`.
    pub fn delegate(&self, ctx: &mut Context, from: &Address, module: &str, coins: &Coins) -> Result<()> {
        permissions::check_permission(module, permissions::STAKING)?;
        let to = self.auth.ensure_module(ctx, module)?.address;
        self.debit_delegated(ctx, from, coins)?;
        self.credit(ctx, &to, coins)?;
        let amount = coins.to_string();
        ctx.emit(events::coin_spent(&from.to_string(), &amount));
        ctx.emit(events::coin_received(&to.to_string(), &amount));
        Ok(())
    }

    /// Gives staked coins back. Events: `coin_spent`, `coin_received`.
    pub fn undelegate(&self, ctx: &mut Context, module: &str, to: &Address, coins: &Coins) -> Result<()> {
        permissions::check_permission(module, permissions::STAKING)?;
        let from = self.auth.ensure_module(ctx, module)?.address;
        self.debit(ctx, &from, coins)?;
        match self.auth.vesting(ctx, to)? {
            Some(mut vesting) => {
                vesting.track_undelegation(coins)?;
                self.auth.save_vesting(ctx, to, &vesting)?;
            }
            None => self.check_tracked(ctx, "undelegation", to)?,
        }
        self.credit(ctx, to, coins)?;
        let amount = coins.to_string();
        ctx.emit(events::coin_spent(&from.to_string(), &amount));
        ctx.emit(events::coin_received(&to.to_string(), &amount));
        Ok(())
    }

    /// Takes coins to be staked, vesting ones too, and notes in a vesting account how much of them was vesting. Deposits are not staked.
    fn debit_delegated(&self, ctx: &mut Context, from: &Address, coins: &Coins) -> Result<()> {
        let deposits = self.deposits_in(ctx, from)?;
        let mut balances = Vec::new();
        for coin in coins.iter() {
            let balance = Coin { denom: coin.denom.clone(), amount: self.balance(ctx, from, &coin.denom)? };
            let rest = balance.amount.checked_sub(coin.amount).ok();
            let rest = rest.filter(|rest| *rest >= deposits.amount_of(&coin.denom)).ok_or_else(|| {
                SdkError::InsufficientFunds(format!("failed to delegate; {balance} is smaller than {coins}"))
            })?;
            state::set_balance(&mut ctx.kv_mut(STORE), from, &coin.denom, rest);
            balances.push(balance);
        }
        let Some(mut vesting) = self.auth.vesting(ctx, from)? else {
            return self.check_tracked(ctx, "delegation", from);
        };
        vesting.track_delegation(ctx.block().time_seconds, &Coins::sum(balances)?, coins)?;
        self.auth.save_vesting(ctx, from, &vesting)
    }

    /// Refuses to stake for an address without an account, as the SDK does where it looks for what vests in it.
    fn check_tracked(&self, ctx: &Context, what: &str, address: &Address) -> Result<()> {
        if self.auth.has_account(ctx, address) {
            return Ok(());
        }
        let text = format!("failed to track {what}: account {address} does not exist");
        Err(SdkError::UnknownAddress(text).into())
    }

    /// Takes what `coins` says from one account and gives each recipient their part; the parts sum to `coins` (checked by the
    /// message). Events: `coin_spent`, `message`, then `coin_received` and `transfer` for each.
    pub(crate) fn send_many(
        &self,
        ctx: &mut Context,
        from: &Address,
        coins: &Coins,
        outputs: &[(Address, Coins)],
    ) -> Result<()> {
        self.debit(ctx, from, coins)?;
        let from = from.to_string();
        ctx.emit(events::coin_spent(&from, &coins.to_string()));
        ctx.emit(events::message(&from));
        for (to, coins) in outputs {
            self.credit(ctx, to, coins)?;
            let (text, amount) = (to.to_string(), coins.to_string());
            ctx.emit(events::coin_received(&text, &amount));
            ctx.emit(events::transfer_output(&text, &amount));
            self.ensure_account(ctx, to)?;
        }
        Ok(())
    }

    fn ensure_account(&self, ctx: &mut Context, address: &Address) -> Result<()> {
        if !self.auth.has_account(ctx, address) {
            self.auth.ensure(ctx, address)?;
        }
        Ok(())
    }

    /// Takes coins that are not locked (SDK `subUnlockedCoins`).
    fn debit(&self, ctx: &mut Context, from: &Address, coins: &Coins) -> Result<()> {
        let locked = self.locked(ctx, from)?;
        for coin in coins.iter() {
            let (denom, balance) = (&coin.denom, self.balance(ctx, from, &coin.denom)?);
            let locked = locked.amount_of(denom);
            let spendable = balance.checked_sub(locked).map_err(|_| {
                let text = format!("locked amount exceeds account balance funds: {locked}{denom} > {balance}{denom}");
                SdkError::InsufficientFunds(text)
            })?;
            if spendable < coin.amount {
                let text = format!("spendable balance {spendable}{denom} is smaller than {coin}");
                return Err(SdkError::InsufficientFunds(text).into());
            }
            let rest = balance.saturating_sub(coin.amount);
            state::set_balance(&mut ctx.kv_mut(STORE), from, &coin.denom, rest);
        }
        Ok(())
    }

    fn credit(&self, ctx: &mut Context, to: &Address, coins: &Coins) -> Result<()> {
        for coin in coins.iter() {
            let balance = self.balance(ctx, to, &coin.denom)?;
            let sum = balance.checked_add(coin.amount).map_err(|_| too_many(coin))?;
            state::set_balance(&mut ctx.kv_mut(STORE), to, &coin.denom, sum);
        }
        Ok(())
    }
}

/// The deposits on proposals lie in the account of governance, which signs messages, grants others to sign them and pays fees as anybody:
/// unlike the SDK's, it cannot spend what it owes.
impl Bank {
    /// From now on so much more of the governance account is deposits.
    pub fn lock_deposits(&self, ctx: &mut Context, coins: &Coins) -> Result<()> {
        let deposits = self.deposits(ctx)?;
        for coin in coins.iter() {
            let sum = deposits.amount_of(&coin.denom).checked_add(coin.amount).map_err(|_| too_many(coin))?;
            state::set_deposits(&mut ctx.kv_mut(STORE), &coin.denom, sum);
        }
        Ok(())
    }

    /// So much of the governance account is no longer deposits, and may leave it.
    pub fn unlock_deposits(&self, ctx: &mut Context, coins: &Coins) -> Result<()> {
        let deposits = self.deposits(ctx)?;
        for coin in coins.iter() {
            // Governance's invariant tells where the two differ: no reason to stop the chain at the end of a proposal.
            let rest = deposits.amount_of(&coin.denom).saturating_sub(coin.amount);
            state::set_deposits(&mut ctx.kv_mut(STORE), &coin.denom, rest);
        }
        Ok(())
    }

    /// What of the governance account is deposits.
    pub fn deposits(&self, ctx: &Context) -> Result<Coins> {
        let kv = ctx.kv(STORE);
        let range = kv.range(Some(&[state::DEPOSITS]), Some(&[state::DEPOSITS.saturating_add(1)]), Order::Ascending);
        let coins = range.map(|(key, value)| {
            let denom = state::denom_of(key.get(1..).unwrap_or_default())?;
            Ok(Coin { denom, amount: state::read_amount(&value)? })
        });
        Ok(Coins::sum(coins.collect::<Result<Vec<_>>>()?)?)
    }

    /// What of an account is deposits: of all accounts governance's alone has any.
    fn deposits_in(&self, ctx: &Context, address: &Address) -> Result<Coins> {
        match permissions::by_address(address) {
            Some(access) if access.name == GOV_MODULE => self.deposits(ctx),
            _ => Ok(Coins::default()),
        }
    }
}

/// Coins come into being and go.
impl Bank {
    /// Creates coins in the account of a module that has the permission `minter`. Events: `coin_received`, `coinbase`.
    pub fn mint(&self, ctx: &mut Context, module: &str, coins: &Coins) -> Result<()> {
        permissions::check_permission(module, permissions::MINTER)?;
        let minter = self.auth.ensure_module(ctx, module)?.address;
        self.credit(ctx, &minter, coins)?;
        self.raise_supply(ctx, coins)?;
        let (minter, amount) = (minter.to_string(), coins.to_string());
        ctx.emit(events::coin_received(&minter, &amount));
        ctx.emit(events::coinbase(&minter, &amount));
        Ok(())
    }

    /// Destroys coins of a module that has the permission `burner`. Events: `coin_spent`, `burn`.
    pub fn burn(&self, ctx: &mut Context, module: &str, coins: &Coins) -> Result<()> {
        permissions::check_permission(module, permissions::BURNER)?;
        let burner = Address::module(module);
        self.debit(ctx, &burner, coins)?;
        for coin in coins.iter() {
            let rest = self.supply(ctx, &coin.denom)?.checked_sub(coin.amount);
            let rest = rest.map_err(|_| SdkError::Logic(format!("supply is smaller than the burnt {coin}")))?;
            state::set_supply(&mut ctx.kv_mut(STORE), &coin.denom, rest);
        }
        let (burner, amount) = (burner.to_string(), coins.to_string());
        ctx.emit(events::coin_spent(&burner, &amount));
        ctx.emit(events::burn(&burner, &amount));
        Ok(())
    }

    /// Gives coins to an account at genesis, raising the supply; no events.
    pub fn credit_genesis(&self, ctx: &mut Context, to: &Address, coins: &Coins) -> Result<()> {
        self.raise_supply(ctx, coins)?;
        self.credit(ctx, to, coins)
    }

    fn raise_supply(&self, ctx: &mut Context, coins: &Coins) -> Result<()> {
        for coin in coins.iter() {
            let sum = self.supply(ctx, &coin.denom)?.checked_add(coin.amount).map_err(|_| too_many(coin))?;
            state::set_supply(&mut ctx.kv_mut(STORE), &coin.denom, sum);
        }
        Ok(())
    }
}

/// What there is.
impl Bank {
    /// The balance of one denomination.
    pub fn balance(&self, ctx: &Context, address: &Address, denom: &str) -> Result<Uint256> {
        state::amount_at(&*ctx.kv(STORE), &state::balance_key(address, denom))
    }

    /// All balances of an account.
    pub fn balances(&self, ctx: &Context, address: &Address) -> Result<Coins> {
        let prefix = state::account_prefix(address);
        let kv = ctx.kv(STORE);
        let coins = kv.range(Some(&prefix), prefix_end(&prefix).as_deref(), Order::Ascending).map(|(key, value)| {
            let denom = state::denom_of(key.get(prefix.len()..).unwrap_or_default())?;
            Ok(Coin { denom, amount: state::read_amount(&value)? })
        });
        Ok(Coins::sum(coins.collect::<Result<Vec<_>>>()?)?)
    }

    /// What of an account's coins is locked now: nothing, unless it is a vesting account, or governance's, which holds deposits. No other
    /// module's is, which costs no look.
    pub fn locked(&self, ctx: &Context, address: &Address) -> Result<Coins> {
        if permissions::by_address(address).is_some() {
            return self.deposits_in(ctx, address);
        }
        let vesting = self.auth.vesting(ctx, address)?;
        vesting.map_or_else(|| Ok(Coins::default()), |vesting| vesting.locked(ctx.block().time_seconds))
    }

    /// What an account may spend: its balances but for what is locked. Where more of some denomination is locked than is there (after
    /// slashing), nothing at all, as in the SDK.
    pub fn spendable(&self, ctx: &Context, address: &Address) -> Result<Coins> {
        let (balances, locked) = (self.balances(ctx, address)?, self.locked(ctx, address)?);
        Ok(balances.sub(&locked).unwrap_or_default())
    }

    /// How much of a denomination there is.
    pub fn supply(&self, ctx: &Context, denom: &str) -> Result<Uint256> {
        state::amount_at(&*ctx.kv(STORE), &state::supply_key(denom))
    }

    /// The metadata of a denomination.
    pub fn metadata(&self, ctx: &Context, denom: &str) -> Result<Option<Metadata>> {
        state::metadata(&*ctx.kv(STORE), denom)
    }

    /// Sets the metadata of their base denomination, checked as in genesis.
    pub fn set_metadata(&self, ctx: &mut Context, metadata: &Metadata) -> Result<()> {
        crate::metadata::check(metadata)?;
        state::set_metadata(&mut ctx.kv_mut(STORE), metadata);
        Ok(())
    }

    /// Sets the metadata of a voucher of another chain's token, whose units are called as they are there.
    pub fn set_voucher_metadata(&self, ctx: &mut Context, metadata: &Metadata) -> Result<()> {
        crate::metadata::check_in_genesis(metadata)?;
        state::set_metadata(&mut ctx.kv_mut(STORE), metadata);
        Ok(())
    }

    /// The denominations with this prefix of which there are any, in order; for checks of invariants.
    pub fn denoms_with_prefix(&self, ctx: &Context, prefix: &str) -> Result<Vec<String>> {
        let prefix = state::supply_key(prefix);
        let kv = ctx.kv(STORE);
        let entries = kv.range(Some(&prefix), prefix_end(&prefix).as_deref(), Order::Ascending);
        entries.map(|(key, _)| state::denom_of(key.get(1..).unwrap_or_default())).collect()
    }
}

/// What transactions may do.
impl Bank {
    /// Whether transactions may not send to this address: a module's account, except governance's.
    pub fn is_blocked(&self, address: &Address) -> bool {
        permissions::is_blocked(address)
    }

    /// Refuses a recipient that transactions may not send to.
    pub fn check_not_blocked(&self, address: &Address) -> Result<()> {
        if self.is_blocked(address) {
            return Err(SdkError::Unauthorized(format!("{address} is not allowed to receive funds")).into());
        }
        Ok(())
    }

    /// Whether transactions may send a denomination.
    pub fn is_send_enabled(&self, ctx: &Context, denom: &str) -> Result<bool> {
        let kv = ctx.kv(STORE);
        match state::send_enabled(&*kv, denom)? {
            Some(enabled) => Ok(enabled),
            None => state::default_send_enabled(&*kv),
        }
    }

    /// Refuses coins of which some may not be sent by transactions.
    pub fn check_send_enabled(&self, ctx: &Context, coins: &Coins) -> Result<()> {
        let kv = ctx.kv(STORE);
        let default = state::default_send_enabled(&*kv)?;
        for coin in coins.iter() {
            if !state::send_enabled(&*kv, &coin.denom)?.unwrap_or(default) {
                return Err(BankError::SendDisabled(coin.denom.clone()).into());
            }
        }
        Ok(())
    }
}

/// Supply is checked to fit 256 bits before balances are, so only a faulty genesis or mint gets here.
fn too_many(coin: &Coin) -> SdkError {
    SdkError::InvalidCoins(format!("with {coin} more there would be more than 256 bits of it"))
}
