//! The sorts of allowances, and which fees each accepts.
//!
//! Source: `cosmossdk.io/x/feegrant` v0.1.1, `basic_fee.go`, `periodic_fee.go`, `filtered_fee.go`.

use std::collections::BTreeSet;
use std::time::Duration;

use openledger_core::time::Time;
use openledger_core::{Coins, Context, Result, SdkError};
use serde::{Deserialize, Serialize};

use crate::error::FeegrantError;

/// Gas for each message type that an allowance names, and for each message that is looked up among them.
const GAS_PER_MESSAGE: u64 = 10;

/// What a grantee may spend on fees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allowance {
    /// So much in all.
    Basic(Basic),
    /// So much in each period, and so much in all.
    Periodic(Periodic),
    /// Another allowance, for some messages alone.
    AllowedMsg {
        /// The other.
        allowance: Box<Allowance>,
        /// Type URLs of the messages that may be in a transaction.
        allowed_messages: Vec<String>,
    },
}

/// A limit in all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basic {
    /// What is left; no coins for no limit.
    pub spend_limit: Coins,
    /// From when on it cannot be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiration: Option<Time>,
}

/// A limit in each period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Periodic {
    /// The limit in all.
    pub basic: Basic,
    /// How long a period lasts.
    pub period: Duration,
    /// What may be spent in each.
    pub period_spend_limit: Coins,
    /// What is left of it in this one.
    pub period_can_spend: Coins,
    /// When the next one begins.
    pub period_reset: Time,
}

/// What becomes of an allowance that paid a fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// It is kept, with what is left.
    Kept,
    /// It is used up.
    UsedUp,
}

impl Allowance {
    /// Pays a fee of a transaction with these messages (type URLs), or says why not.
    pub(crate) fn accept(&mut self, ctx: &Context, fee: &Coins, messages: &[&str]) -> Result<After> {
        match self {
            Self::Basic(basic) => basic.accept(Time::now(ctx), fee),
            Self::Periodic(periodic) => periodic.accept(Time::now(ctx), fee),
            Self::AllowedMsg { allowance, allowed_messages } => {
                let most = allowed_messages.len().saturating_add(messages.len());
                let most = u64::try_from(most).unwrap_or(u64::MAX);
                ctx.gas().consume(GAS_PER_MESSAGE.saturating_mul(most), "check msg");
                let allowed: BTreeSet<&str> = allowed_messages.iter().map(AsRef::as_ref).collect();
                if messages.iter().any(|message| !allowed.contains(message)) {
                    let text = "message does not exist in allowed messages";
                    return Err(FeegrantError::MessageNotAllowed(text.into()).into());
                }
                allowance.accept(ctx, fee, messages)
            }
        }
    }

    /// Until when it can be used; `None` for ever.
    pub fn expiration(&self) -> Option<Time> {
        match self {
            Self::Basic(basic) => basic.expiration,
            Self::Periodic(periodic) => periodic.basic.expiration,
            Self::AllowedMsg { allowance, .. } => allowance.expiration(),
        }
    }

    /// Refuses an allowance that makes no sense. That coins are sorted, distinct and positive was seen when it was read.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Basic(basic) => basic.check(),
            Self::Periodic(periodic) => periodic.check(),
            Self::AllowedMsg { allowance, allowed_messages } => {
                if allowed_messages.is_empty() {
                    return Err(FeegrantError::NoMessages("allowed messages shouldn't be empty".into()).into());
                }
                allowance.check()
            }
        }
    }
}

impl Basic {
    fn accept(&mut self, now: Time, fee: &Coins) -> Result<After> {
        if self.is_expired(now) {
            return Err(FeegrantError::Expired("basic allowance".into()).into());
        }
        self.spend(fee, "basic allowance")
    }

    fn is_expired(&self, now: Time) -> bool {
        self.expiration.is_some_and(|expiration| expiration < now)
    }

    fn spend(&mut self, fee: &Coins, whose: &str) -> Result<After> {
        if self.spend_limit.is_empty() {
            return Ok(After::Kept);
        }
        self.spend_limit = self.spend_limit.sub(fee).map_err(|_| FeegrantError::LimitExceeded(whose.into()))?;
        Ok(if self.spend_limit.is_empty() { After::UsedUp } else { After::Kept })
    }

    fn check(&self) -> Result<()> {
        if self.expiration.is_some_and(|expiration| expiration.seconds < 0) {
            return Err(FeegrantError::InvalidDuration("expiration time cannot be negative".into()).into());
        }
        Ok(())
    }
}

impl Periodic {
    fn accept(&mut self, now: Time, fee: &Coins) -> Result<After> {
        if self.basic.is_expired(now) {
            return Err(FeegrantError::Expired("absolute limit".into()).into());
        }
        self.begin_period(now);
        let left = self.period_can_spend.sub(fee);
        self.period_can_spend = left.map_err(|_| FeegrantError::LimitExceeded("period limit".into()))?;
        self.basic.spend(fee, "absolute limit")
    }

    /// Begins a period if the last one is over: as many steps of a period as fit leave its beginnings where they are, but after a
    /// longer rest the next one is a period from now.
    fn begin_period(&mut self, now: Time) {
        if now < self.period_reset {
            return;
        }
        let (all, each) = (&self.basic.spend_limit, &self.period_spend_limit);
        self.period_can_spend = if all.is_empty() || all.covers(each) { each.clone() } else { all.clone() };
        self.period_reset = self.period_reset.after(self.period);
        if now > self.period_reset {
            self.period_reset = now.after(self.period);
        }
    }

    fn check(&self) -> Result<()> {
        self.basic.check()?;
        if self.period_spend_limit.is_empty() {
            return Err(SdkError::InvalidCoins("spend limit must be positive".into()).into());
        }
        let all = &self.basic.spend_limit;
        if !all.is_empty() && self.period_spend_limit.iter().any(|coin| all.amount_of(&coin.denom).is_zero()) {
            let text = "period spend limit has different currency than basic spend limit";
            return Err(SdkError::InvalidCoins(text.into()).into());
        }
        Ok(())
    }
}
