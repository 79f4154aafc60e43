//! Allowances as protobuf has them, an `Any` of one of three types.
//!
//! Absent times and limits are read as gogoproto reads them: Go's zero time, no coins. Source of the checks and texts:
//! `cosmossdk.io/x/feegrant` v0.1.1.

use std::time::Duration;

use openledger_core::time::{duration_from_proto, duration_to_proto, Time};
use openledger_core::{Coins, Result, SdkError};
use openledger_proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use openledger_proto::cosmos::feegrant::v1beta1::{AllowedMsgAllowance, BasicAllowance, PeriodicAllowance};
use openledger_proto::{Any, Message, Name};

use crate::allowance::{Allowance, Basic, Periodic};
use crate::error::FeegrantError;

/// How deep allowances may lie in one another; SDK v0.50's limit on nested `Any`s.
const MAX_DEPTH: u32 = 10;

impl Allowance {
    /// Reads and checks an allowance.
    pub fn from_any(any: Option<&Any>) -> Result<Self> {
        let any = any.ok_or_else(|| FeegrantError::NoAllowance("allowance should not be empty".into()))?;
        let allowance = read(any, MAX_DEPTH)?;
        allowance.check()?;
        Ok(allowance)
    }

    /// The protobuf form.
    pub fn to_any(&self) -> Any {
        match self {
            Self::Basic(basic) => pack(&basic.to_proto()),
            Self::Periodic(periodic) => pack(&PeriodicAllowance {
                basic: Some(periodic.basic.to_proto()),
                period: Some(duration_to_proto(periodic.period)),
                period_spend_limit: periodic.period_spend_limit.to_proto(),
                period_can_spend: periodic.period_can_spend.to_proto(),
                period_reset: Some(periodic.period_reset.to_proto()),
            }),
            Self::AllowedMsg { allowance, allowed_messages } => pack(&AllowedMsgAllowance {
                allowance: Some(allowance.to_any()),
                allowed_messages: allowed_messages.clone(),
            }),
        }
    }
}

impl Basic {
    fn from_proto(basic: &BasicAllowance) -> Result<Self> {
        let expiration = basic.expiration.as_ref().map(Time::read).transpose()?;
        Ok(Self { spend_limit: coins("send amount", &basic.spend_limit)?, expiration })
    }

    fn to_proto(&self) -> BasicAllowance {
        BasicAllowance { spend_limit: self.spend_limit.to_proto(), expiration: self.expiration.map(Time::to_proto) }
    }
}

fn read(any: &Any, depth: u32) -> Result<Allowance> {
    let depth = depth.checked_sub(1).ok_or_else(|| {
        SdkError::TxDecode(format!("allowances lie in one another deeper than {MAX_DEPTH}: max depth exceeded"))
    })?;
    if any.type_url == BasicAllowance::type_url() {
        Ok(Allowance::Basic(Basic::from_proto(&decode(any)?)?))
    } else if any.type_url == PeriodicAllowance::type_url() {
        Ok(Allowance::Periodic(periodic(decode(any)?)?))
    } else if any.type_url == AllowedMsgAllowance::type_url() {
        let AllowedMsgAllowance { allowance, allowed_messages } = decode(any)?;
        let inner = allowance.ok_or_else(|| FeegrantError::NoAllowance("allowance should not be empty".into()))?;
        Ok(Allowance::AllowedMsg { allowance: Box::new(read(&inner, depth)?), allowed_messages })
    } else {
        let text = format!("no concrete type registered for type URL {} against interface FeeAllowanceI", any.type_url);
        Err(SdkError::TxDecode(text).into())
    }
}

fn periodic(periodic: PeriodicAllowance) -> Result<Periodic> {
    let basic = Basic::from_proto(&periodic.basic.unwrap_or_default())?;
    let period_spend_limit = coins("spend amount", &periodic.period_spend_limit)?;
    let period_can_spend = coins("can spend amount", &periodic.period_can_spend)?;
    let period = periodic.period.as_ref().map_or(Ok(Duration::ZERO), duration_from_proto);
    let period = period.map_err(|_| FeegrantError::InvalidDuration("negative clock step".into()))?;
    let period_reset = periodic.period_reset.as_ref().map_or(Ok(Time::ZERO), Time::read)?;
    Ok(Periodic { basic, period, period_spend_limit, period_can_spend, period_reset })
}

fn coins(what: &str, coins: &[ProtoCoin]) -> Result<Coins> {
    Coins::from_proto(coins).map_err(|_| {
        let texts: Vec<String> = coins.iter().map(|coin| format!("{}{}", coin.amount, coin.denom)).collect();
        SdkError::InvalidCoins(format!("{what} is invalid: {}", texts.join(","))).into()
    })
}

fn decode<M: Message + Name + Default>(any: &Any) -> Result<M> {
    M::decode(any.value.as_slice()).map_err(|error| SdkError::TxDecode(format!("{}: {error}", M::NAME)).into())
}

fn pack<M: Message + Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}
