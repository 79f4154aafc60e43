//! The sorts of authorizations, and which messages each accepts.
//!
//! Source: SDK v0.50 `x/authz/generic_authorization.go`, `x/bank/types/send_authorization.go`, `x/staking/types/authz.go`.

use openledger_core::{Coin, Coins, Context, Error, Result, SdkError};
use openledger_proto::cosmos::bank::v1beta1::MsgSend;
use openledger_proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use openledger_proto::cosmos::staking::v1beta1::{
    MsgBeginRedelegate, MsgCancelUnbondingDelegation, MsgDelegate, MsgUndelegate,
};
use openledger_proto::{Any, Message, Name};
use serde::{Deserialize, Serialize};

/// Gas for each address of a list that is looked through.
const GAS_PER_ADDRESS: u64 = 10;

/// What a grantee may do for a granter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authorization {
    /// Every message of a type.
    Generic {
        /// The type URL.
        msg: String,
    },
    /// Sends of the bank, up to a limit.
    Send {
        /// What is left of it.
        spend_limit: Coins,
        /// To whom; nobody named for anybody.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        allow_list: Vec<String>,
    },
    /// A way of staking.
    Stake {
        /// Which.
        kind: StakeKind,
        /// With whom.
        validators: Validators,
        /// What is left to stake; `None` for no limit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_tokens: Option<Coin>,
    },
}

/// What of staking an authorization is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StakeKind {
    /// `MsgDelegate`.
    Delegate,
    /// `MsgUndelegate`.
    Undelegate,
    /// `MsgBeginRedelegate`.
    Redelegate,
    /// `MsgCancelUnbondingDelegation`.
    CancelUnbonding,
}

/// The validators that an authorization to stake is for, by operator addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Validators {
    /// All.
    Any,
    /// Those; all where none is named.
    Allowed(Vec<String>),
    /// All but those.
    Denied(Vec<String>),
}

/// What becomes of an authorization that accepted a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum After {
    /// It stays as it is.
    Unchanged,
    /// It is this from now on.
    Updated(Authorization),
    /// It is used up.
    UsedUp,
}

impl StakeKind {
    /// The message that it is for.
    pub(crate) fn type_url(self) -> String {
        match self {
            Self::Delegate => MsgDelegate::type_url(),
            Self::Undelegate => MsgUndelegate::type_url(),
            Self::Redelegate => MsgBeginRedelegate::type_url(),
            Self::CancelUnbonding => MsgCancelUnbondingDelegation::type_url(),
        }
    }
}

impl Authorization {
    /// The type URL of the messages that it is for.
    pub fn msg_type_url(&self) -> String {
        match self {
            Self::Generic { msg } => msg.clone(),
            Self::Send { .. } => MsgSend::type_url(),
            Self::Stake { kind, .. } => kind.type_url(),
        }
    }

    /// Accepts a message of its type, or says why not.
    pub(crate) fn accept(&self, ctx: &Context, msg: &Any) -> Result<After> {
        match self {
            Self::Generic { .. } => Ok(After::Unchanged),
            Self::Send { spend_limit, allow_list } => accept_send(ctx, spend_limit, allow_list, &decode(msg)?),
            Self::Stake { kind, validators, max_tokens } => {
                let (validator, amount) = staked(*kind, msg)?;
                validators.check(ctx, &validator)?;
                let Some(most) = max_tokens else { return Ok(After::Unchanged) };
                let left = less(most, &amount)?;
                if left.amount.is_zero() {
                    return Ok(After::UsedUp);
                }
                let validators = validators.clone();
                Ok(After::Updated(Self::Stake { kind: *kind, validators, max_tokens: Some(left) }))
            }
        }
    }

    /// Refuses an authorization that makes no sense. That coins are sorted, distinct and positive was seen when it was read.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Generic { msg } if msg.is_empty() => {
                Err(SdkError::InvalidRequest("msg type cannot be empty".into()).into())
            }
            Self::Send { spend_limit, .. } if spend_limit.is_empty() => {
                Err(SdkError::InvalidCoins("spend limit cannot be nil".into()).into())
            }
            Self::Send { allow_list, .. } => {
                let mut seen = std::collections::BTreeSet::new();
                if allow_list.iter().all(|address| seen.insert(address)) {
                    return Ok(());
                }
                // The bank's error: its authorization is.
                Err(Error { codespace: "bank", code: 8, message: "duplicate entry".into() })
            }
            Self::Generic { .. } | Self::Stake { .. } => Ok(()),
        }
    }
}

impl Validators {
    fn check(&self, ctx: &Context, validator: &str) -> Result<()> {
        let refused = match self {
            Self::Any => false,
            Self::Allowed(list) => !looked_up(ctx, list, validator, "stake authorization") && !list.is_empty(),
            Self::Denied(list) => looked_up(ctx, list, validator, "stake authorization"),
        };
        if refused {
            let text = format!("cannot delegate/undelegate to {validator} validator");
            return Err(SdkError::Unauthorized(text).into());
        }
        Ok(())
    }
}

fn accept_send(ctx: &Context, limit: &Coins, allow_list: &[String], msg: &MsgSend) -> Result<After> {
    let left = limit.sub(&Coins::from_proto(&msg.amount)?);
    let left = left.map_err(|_| SdkError::InsufficientFunds("requested amount is more than spend limit".into()))?;
    let to = &msg.to_address;
    if !looked_up(ctx, allow_list, to, "send authorization") && !allow_list.is_empty() {
        return Err(SdkError::Unauthorized(format!("cannot send to {to} address")).into());
    }
    if left.is_empty() {
        return Ok(After::UsedUp);
    }
    Ok(After::Updated(Authorization::Send { spend_limit: left, allow_list: allow_list.to_vec() }))
}

/// Whether a list has an address; each that is looked at costs gas.
fn looked_up(ctx: &Context, list: &[String], address: &str, descriptor: &'static str) -> bool {
    list.iter().any(|listed| {
        ctx.gas().consume(GAS_PER_ADDRESS, descriptor);
        listed == address
    })
}

/// The validator and the amount of a message of staking.
fn staked(kind: StakeKind, msg: &Any) -> Result<(String, Coin)> {
    let (validator, amount) = match kind {
        StakeKind::Delegate => {
            let msg: MsgDelegate = decode(msg)?;
            (msg.validator_address, msg.amount)
        }
        StakeKind::Undelegate => {
            let msg: MsgUndelegate = decode(msg)?;
            (msg.validator_address, msg.amount)
        }
        StakeKind::Redelegate => {
            let msg: MsgBeginRedelegate = decode(msg)?;
            (msg.validator_dst_address, msg.amount)
        }
        StakeKind::CancelUnbonding => {
            let msg: MsgCancelUnbondingDelegation = decode(msg)?;
            (msg.validator_address, msg.amount)
        }
    };
    let amount = amount.as_ref().map(|coin: &ProtoCoin| Coin::from_proto(coin)).transpose()?;
    Ok((validator, amount.ok_or_else(|| SdkError::InvalidCoins("amount is missing".into()))?))
}

/// What is left of a limit. The SDK has plain errors here.
fn less(most: &Coin, amount: &Coin) -> Result<Coin> {
    if most.denom != amount.denom {
        return Err(SdkError::InvalidCoins(format!("invalid coin denoms: {}, {}", most.denom, amount.denom)).into());
    }
    let left = most.amount.checked_sub(amount.amount);
    let left = left.map_err(|_| SdkError::InsufficientFunds(format!("{amount} is more than the limit of {most}")))?;
    Ok(Coin { denom: most.denom.clone(), amount: left })
}

fn decode<M: Message + Name + Default>(msg: &Any) -> Result<M> {
    if msg.type_url != M::type_url() {
        return Err(SdkError::InvalidType("type mismatch".into()).into());
    }
    M::decode(msg.value.as_slice()).map_err(|error| SdkError::TxDecode(format!("{}: {error}", M::NAME)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_limits_are_checked_before_they_are_granted() {
        let send = |limit: &str, list: &[&str]| Authorization::Send {
            spend_limit: limit.parse().unwrap(),
            allow_list: list.iter().map(|address| (*address).into()).collect(),
        };
        assert!(send("5aopen", &["a", "b"]).check().is_ok());
        assert_eq!(send("", &[]).check().unwrap_err().code, 10);
        let twice = send("5aopen", &["a", "a"]).check().unwrap_err();
        assert_eq!((twice.codespace, twice.code), ("bank", 8));
        assert_eq!(Authorization::Generic { msg: String::new() }.check().unwrap_err().code, 18);
    }
}
