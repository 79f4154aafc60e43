//! Every key of the store `ratelimit`.
//!
//! | key | value |
//! | --- | --- |
//! | `limits` ‖ channel ‖ denom | [`Limit`]: quota, and what came and went in the window |
//! | `pairs` ‖ sender ‖ receiver | nothing: their transfers are not counted |
//! | `pending` ‖ direction (u8: 0 sent, 1 received) ‖ channel ‖ sequence | [`Pending`]: what may be taken back |
//! | `generation` | the number of the last counting that began anew |

use cosmwasm_std::{Empty, Uint256};
use cw_storage_plus::{Item, Map};
use openledger_core::Result;
use openledger_proto::openledger::ratelimit::v1::{Flow, PendingPacket, Quota, RateLimit};
use openledger_store::StoreName;
use serde::{Deserialize, Serialize};

use crate::error::RateLimitError;

/// The module's store.
pub const STORE: StoreName = "ratelimit";

/// Limits, by channel and denomination.
pub(crate) const LIMITS: Map<(&str, &str), Limit> = Map::new("limits");
/// Senders and receivers whose transfers no limit counts.
pub(crate) const PAIRS: Map<(&str, &str), Empty> = Map::new("pairs");
/// Packets that were counted and may be taken back, by direction, channel and number.
pub(crate) const PENDING: Map<(u8, &str, u64), Pending> = Map::new("pending");
/// The number of the last counting.
pub(crate) const GENERATION: Item<u64> = Item::new("generation");

/// Which way a packet goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// This chain sends it.
    Sent = 0,
    /// This chain receives it.
    Received = 1,
}

/// A limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// Most percent of the supply that leave beyond what came.
    pub max_percent_send: u32,
    /// Most percent of the supply that come beyond what left.
    pub max_percent_recv: u32,
    /// Hours of a window.
    pub duration_hours: u32,
    /// What came.
    pub inflow: Uint256,
    /// What left.
    pub outflow: Uint256,
    /// The supply when the window began.
    pub channel_value: Uint256,
    /// The window's number.
    pub window: u64,
    /// Which counting it is.
    pub generation: u64,
}

/// What was counted of a packet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The denomination as this chain calls it.
    pub denom: String,
    /// How much.
    pub amount: Uint256,
    /// In which window.
    pub window: u64,
    /// In which counting.
    pub generation: u64,
}

impl Limit {
    /// A limit that has counted nothing.
    pub(crate) fn new(quota: &Quota) -> Self {
        Self {
            max_percent_send: quota.max_percent_send,
            max_percent_recv: quota.max_percent_recv,
            duration_hours: quota.duration_hours,
            inflow: Uint256::zero(),
            outflow: Uint256::zero(),
            channel_value: Uint256::zero(),
            window: 0,
            generation: 0,
        }
    }

    /// Reads the protobuf form.
    pub(crate) fn from_proto(limit: &RateLimit) -> Result<Self> {
        let missing = |what: &str| RateLimitError::InvalidGenesis(format!("a limit has no {what}"));
        let quota = limit.quota.as_ref().ok_or_else(|| missing("quota"))?;
        let flow = limit.flow.as_ref().ok_or_else(|| missing("flow"))?;
        check_quota(quota)?;
        Ok(Self {
            inflow: openledger_core::wire::amount("inflow", &flow.inflow)?,
            outflow: openledger_core::wire::amount("outflow", &flow.outflow)?,
            channel_value: openledger_core::wire::amount("channel_value", &flow.channel_value)?,
            window: flow.window,
            generation: flow.generation,
            ..Self::new(quota)
        })
    }

    /// The protobuf form.
    pub(crate) fn to_proto(&self, channel: &str, denom: &str) -> RateLimit {
        RateLimit {
            channel: channel.into(),
            denom: denom.into(),
            quota: Some(Quota {
                max_percent_send: self.max_percent_send,
                max_percent_recv: self.max_percent_recv,
                duration_hours: self.duration_hours,
            }),
            flow: Some(Flow {
                inflow: self.inflow.to_string(),
                outflow: self.outflow.to_string(),
                channel_value: self.channel_value.to_string(),
                window: self.window,
                generation: self.generation,
            }),
        }
    }
}

impl Pending {
    /// The protobuf form.
    pub(crate) fn to_proto(&self, received: bool, channel: &str, sequence: u64) -> PendingPacket {
        PendingPacket {
            channel: channel.into(),
            sequence,
            received,
            denom: self.denom.clone(),
            amount: self.amount.to_string(),
            window: self.window,
            generation: self.generation,
        }
    }
}

/// Refuses a quota beyond all of the supply, one that lets nothing pass at all, and one without a window.
pub(crate) fn check_quota(quota: &Quota) -> Result<()> {
    let refuse = |text: String| Err(RateLimitError::Invalid(text).into());
    let (send, recv) = (quota.max_percent_send, quota.max_percent_recv);
    if send > 100 || recv > 100 {
        return refuse(format!("percents are 0 to 100, not {send} and {recv}"));
    }
    if send == 0 && recv == 0 {
        return refuse("either the max send or max receive threshold must be greater than 0".into());
    }
    if quota.duration_hours == 0 {
        return refuse("duration can not be zero".into());
    }
    Ok(())
}
