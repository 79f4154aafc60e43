//! Statements: what an account was paid, summed by calendar year (UTC, by header time) and kind of income.
//!
//! Other modules tell of each payment with [`Contributors::record_income`]; a line is one value in state however many payments it
//! sums. The chain's own money alone (`aopen`), in base units.

use cosmwasm_std::Uint256;
use openledger_core::{wire, Address, Context, Result, SdkError};
use openledger_proto::openledger::contributor::v1::{IncomeKind, StatementLine};
use serde::{Deserialize, Serialize};

use crate::calendar::year_of;
use crate::keeper::{byte, Contributors};
use crate::state::{STATEMENTS, STORE};

/// A line as it is stored: account, year and kind are the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Base units.
    pub amount: Uint256,
    /// In how many payments.
    pub count: u64,
    /// Height of the first.
    pub first_height: u64,
    /// Header time of the first.
    pub first_seconds: i64,
    /// Height of the last.
    pub last_height: u64,
    /// Header time of the last.
    pub last_seconds: i64,
}

impl Line {
    /// What is wrong with a line of this year, where anything is.
    pub(crate) fn check(&self, year: u16) -> std::result::Result<(), String> {
        if self.amount.is_zero() || self.count == 0 {
            return Err("a line is of one payment at least, and of a positive amount".into());
        }
        if self.first_height > self.last_height || self.first_seconds > self.last_seconds {
            return Err("the first payment comes after the last".into());
        }
        if [self.first_seconds, self.last_seconds].map(year_of) != [year; 2] {
            return Err("the payments are of another year".into());
        }
        Ok(())
    }

    /// The protobuf form.
    pub fn to_proto(&self, account: &Address, year: u16, kind: u8) -> StatementLine {
        StatementLine {
            address: account.to_string(),
            year: year.into(),
            kind: kind.into(),
            amount: self.amount.to_string(),
            count: self.count,
            first_height: self.first_height,
            first_seconds: self.first_seconds,
            last_height: self.last_height,
            last_seconds: self.last_seconds,
        }
    }
}

impl Contributors {
    /// Adds a payment of base units to the account's statement of the block's year. Nothing paid is no payment.
    pub fn record_income(&self, ctx: &mut Context, account: &Address, kind: IncomeKind, amount: Uint256) -> Result<()> {
        if amount.is_zero() {
            return Ok(());
        }
        let (height, seconds) = (ctx.height(), ctx.block().time_seconds);
        let key = (account.as_bytes(), year_of(seconds), byte(kind as i32)?);
        let line = match STATEMENTS.may_load(&*ctx.kv(STORE), key)? {
            None => Line {
                amount,
                count: 1,
                first_height: height,
                first_seconds: seconds,
                last_height: height,
                last_seconds: seconds,
            },
            Some(line) => Line {
                amount: wire::add(line.amount, amount)?,
                count: line.count.checked_add(1).ok_or_else(|| SdkError::Logic("a statement is full".into()))?,
                last_height: height,
                last_seconds: seconds,
                ..line
            },
        };
        STATEMENTS.save(&mut ctx.kv_mut(STORE), key, &line)?;
        Ok(())
    }
}
