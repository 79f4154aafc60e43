//! Escrow, vouchers and what is known of their denominations.
//!
//! Relies on [`Bank`] for the money and on [`Channels`] for the packets. Guarantees: what is in escrow of a denomination is at least
//! what the totals say; a voucher exists only with its trace and metadata.
//!
//! Semantics: ibc-go v8 `modules/apps/transfer/keeper/{keeper,relay}.go`.

use cosmwasm_std::Uint256;
use ibc_proto::ibc::applications::transfer::v1::Params;
use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_core::{Address, Coin, Coins, Context, Error, Result, SdkError};
use openledger_proto::cosmos::bank::v1beta1::{DenomUnit, Metadata};

use crate::channels::Channels;
use crate::denom::{hash_text, Trace, VOUCHER_PREFIX};
use crate::error::TransferError;
use crate::state::{self, STORE};
use crate::{events, NAME};

/// The keeper of transfers.
#[derive(Debug, Clone, Copy)]
pub struct Transfer {
    /// Accounts.
    pub auth: Auth,
    /// Balances.
    pub bank: Bank,
    /// Where packets go.
    pub channels: &'static dyn Channels,
}

impl Transfer {
    /// Whether anything may be sent and received.
    pub fn params(&self, ctx: &Context) -> Result<Params> {
        state::params(&*ctx.kv(STORE))
    }

    /// The trace of a voucher, by its hash.
    pub fn trace(&self, ctx: &Context, hash: &[u8; 32]) -> Result<Option<Trace>> {
        state::trace(&*ctx.kv(STORE), hash)
    }

    /// How much of a denomination all channels hold.
    pub fn total_escrow(&self, ctx: &Context, denom: &str) -> Result<Uint256> {
        state::total_escrow(&*ctx.kv(STORE), denom)
    }

    /// The whole trace of a denomination of this chain: a voucher's, or the denomination itself.
    pub fn full_denom(&self, ctx: &Context, denom: &str) -> Result<String> {
        let Some(text) = denom.strip_prefix(VOUCHER_PREFIX) else { return Ok(denom.into()) };
        let hash = crate::denom::parse_hash(text).map_err(TransferError::InvalidDenom)?;
        match self.trace(ctx, &hash)? {
            Some(trace) => Ok(trace.full()),
            None => Err(TransferError::TraceNotFound(text.into()).into()),
        }
    }

    /// Takes tokens into a channel's escrow.
    pub(crate) fn lock(&self, ctx: &mut Context, from: &Address, escrow: &Address, token: &Coin) -> Result<()> {
        self.bank.send(ctx, from, escrow, &Coins::from(token.clone()))?;
        let total = self.total_escrow(ctx, &token.denom)?;
        let total = total.checked_add(token.amount).map_err(|_| beyond(token))?;
        state::set_total_escrow(&mut ctx.kv_mut(STORE), &token.denom, total);
        Ok(())
    }

    /// Gives tokens out of a channel's escrow. That there are too few of them is the counterparty's doing.
    pub(crate) fn unlock(&self, ctx: &mut Context, escrow: &Address, to: &Address, token: &Coin) -> Result<()> {
        self.bank.send(ctx, escrow, to, &Coins::from(token.clone())).map_err(|error| {
            error.context("unable to unescrow tokens, this may be caused by a malicious counterparty module or a bug")
        })?;
        // Anybody may give coins to an escrow account, and a chain may then send home more than was locked for it. Each escrow bounds what
        // leaves it; the total of all of them informs, and must not stop the returns and refunds of the other channels.
        let total = self.total_escrow(ctx, &token.denom)?.saturating_sub(token.amount);
        state::set_total_escrow(&mut ctx.kv_mut(STORE), &token.denom, total);
        Ok(())
    }

    /// Takes vouchers out of the world.
    pub(crate) fn burn(&self, ctx: &mut Context, from: &Address, token: &Coin) -> Result<()> {
        let coins = Coins::from(token.clone());
        self.bank.send_to_module(ctx, from, NAME, &coins)?;
        self.bank.burn(ctx, NAME, &coins)
    }

    /// Makes vouchers of this trace; what is not known of it yet is noted down.
    pub(crate) fn mint_traced(&self, ctx: &mut Context, to: &Address, trace: &Trace, amount: Uint256) -> Result<()> {
        let denom = trace.denom();
        if self.trace(ctx, &trace.hash())?.is_none() {
            state::set_trace(&mut ctx.kv_mut(STORE), trace);
        }
        if self.bank.metadata(ctx, &denom)?.is_none() {
            self.set_metadata(ctx, trace)?;
        }
        ctx.emit(events::trace(trace));
        let coins = Coins::from(Coin { denom, amount });
        self.bank.mint(ctx, NAME, &coins).map_err(|error| error.context("failed to mint IBC tokens"))?;
        self.bank
            .send_from_module(ctx, NAME, to, &coins)
            .map_err(|error| error.context(&format!("failed to send coins to receiver {to}")))
    }

    /// Makes vouchers again that were burnt when they were sent.
    pub(crate) fn mint_again(&self, ctx: &mut Context, to: &Address, token: &Coin) -> Result<()> {
        let coins = Coins::from(token.clone());
        self.bank.mint(ctx, NAME, &coins)?;
        self.bank.send_from_module(ctx, NAME, to, &coins)
    }

    /// Bank's metadata of a voucher, as ibc-go words them.
    pub(crate) fn set_metadata(&self, ctx: &mut Context, trace: &Trace) -> Result<()> {
        let full = trace.full();
        let unit = DenomUnit { denom: trace.base.clone(), exponent: 0, aliases: Vec::new() };
        self.bank.set_voucher_metadata(
            ctx,
            &Metadata {
                description: format!("IBC token from {full}"),
                denom_units: vec![unit],
                base: trace.denom(),
                name: format!("{full} IBC token"),
                display: full,
                symbol: trace.base.chars().map(upper).collect(),
                ..Metadata::default()
            },
        )
    }

    /// What must hold after every block: the escrow accounts hold at least what the totals say; every voucher has its trace.
    pub(crate) fn check(&self, ctx: &Context) -> Result<()> {
        let mut held = Coins::default();
        if let Some(port) = state::port(&*ctx.kv(STORE)) {
            for channel in self.channels.channels(ctx, &port)? {
                held = held.add(&self.bank.balances(ctx, &crate::address::escrow(&port, &channel))?)?;
            }
        }
        let totals = state::total_escrows(&*ctx.kv(STORE))?;
        if !held.covers(&totals) {
            return Err(broken(format!("{totals} should be in escrow, there are {held}")));
        }
        for trace in state::traces(&*ctx.kv(STORE))? {
            if self.bank.metadata(ctx, &trace.denom())?.is_none() {
                return Err(broken(format!("{} has no metadata", trace.full())));
            }
        }
        self.check_vouchers(ctx)
    }

    fn check_vouchers(&self, ctx: &Context) -> Result<()> {
        for denom in self.bank.denoms_with_prefix(ctx, VOUCHER_PREFIX)? {
            let hash = denom.strip_prefix(VOUCHER_PREFIX).and_then(|text| crate::denom::parse_hash(text).ok());
            // Coins of a genesis may be called otherwise after the prefix; no message makes such.
            let Some(hash) = hash else { continue };
            if self.trace(ctx, &hash)?.is_none() {
                return Err(broken(format!("there are {denom} without the trace {}", hash_text(&hash))));
            }
        }
        Ok(())
    }
}

/// A letter in upper case where that is one letter, as Go's `strings.ToUpper`.
fn upper(letter: char) -> char {
    let mut upper = letter.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}

/// Supply is checked to fit 256 bits before escrow is, so this is a fault of ours.
fn beyond(token: &Coin) -> Error {
    SdkError::Logic(format!("transfer: with {token} more the escrow's total exceeds 256 bits")).into()
}

fn broken(text: String) -> Error {
    SdkError::Logic(format!("transfer: {text}")).into()
}
