//! What holds at every height.

use std::collections::BTreeMap;

use cosmwasm_std::{Order, Uint256};
use openledger_core::{wire, Context, Error, Result, SdkError};
use openledger_proto::openledger::ratelimit::v1::Quota;

use crate::keeper::RateLimits;
use crate::state::{check_quota, Direction, GENERATION, LIMITS, PENDING, STORE};

pub(crate) fn check(limits: &RateLimits, ctx: &Context) -> Result<()> {
    let kv = ctx.kv(STORE);
    let last = GENERATION.may_load(&*kv)?.unwrap_or_default();
    let mut pending: BTreeMap<(u8, String, String, u64, u64), Uint256> = BTreeMap::new();
    for entry in PENDING.range(&*kv, None, None, Order::Ascending) {
        let ((direction, channel, _), counted) = entry?;
        let key = (direction, channel, counted.denom, counted.window, counted.generation);
        let sum = pending.entry(key).or_default();
        *sum = wire::add(*sum, counted.amount)?;
    }
    for entry in LIMITS.range(&*kv, None, None, Order::Ascending) {
        let ((channel, denom), limit) = entry?;
        let Quota { max_percent_send, max_percent_recv, duration_hours } =
            limit.to_proto(&channel, &denom).quota.unwrap_or_default();
        check_quota(&Quota { max_percent_send, max_percent_recv, duration_hours })?;
        if limit.generation > last {
            return Err(broken(format!(
                "{denom} on {channel} is of counting {}, the last is {last}",
                limit.generation
            )));
        }
        let limit = limits.turned(ctx, &denom, limit)?;
        for (direction, flow) in [(Direction::Sent, limit.outflow), (Direction::Received, limit.inflow)] {
            let key = (direction as u8, channel.clone(), denom.clone(), limit.window, limit.generation);
            let waiting = pending.get(&key).copied().unwrap_or_default();
            if waiting > flow {
                let text = format!("{waiting}{denom} on {channel} may be taken back, of which {flow} were counted");
                return Err(broken(text));
            }
        }
    }
    Ok(())
}

fn broken(text: String) -> Error {
    SdkError::Logic(format!("ratelimit: {text}")).into()
}
