//! Counting what comes and goes, and taking back what came to nothing.
//!
//! As in Stride's module, a limit is a percentage of the denomination's supply as it was when the window began, and what counts is the
//! difference of what left and what came. Windows are of header time. No pass over all limits begins a window: a limit whose window
//! is over begins anew when it is next asked, so that a block's work does not grow with the number of limits; the supply is the one of
//! that moment.

use cosmwasm_std::Uint256;
use ibc_proto::ibc::core::channel::v1::Packet;
use openledger_bank::Bank;
use openledger_core::{Address, Context, Error, Event, Result, SdkError};
use openledger_transfer::ack::Ack;
use openledger_transfer::denom::Trace;
use openledger_transfer::packet::{read_amount, PacketData};
use openledger_transfer::{arriving, Answer, Channels, Layer, Outgoing};

use crate::error::RateLimitError;
use crate::genesis::check_pair;
use crate::state::{Direction, Limit, Pending, GENERATION, LIMITS, PAIRS, PENDING, STORE};
use crate::NAME;

const SECONDS_AN_HOUR: u64 = 3_600;
const PERCENT: u32 = 100;

/// The keeper of rate limits, and the channels under it: what is sent through it is counted.
#[derive(Debug, Clone, Copy)]
pub struct RateLimits {
    /// Supplies.
    pub bank: Bank,
    /// The channels.
    pub channels: &'static dyn Channels,
}

/// The layer that counts what arrives, and what comes of what was sent.
#[derive(Debug, Clone, Copy)]
pub struct Limited {
    /// The limits.
    pub limits: RateLimits,
    /// The layer under this one.
    pub under: &'static dyn Layer,
}

impl RateLimits {
    /// A limit as it is now: one whose window is over has counted nothing.
    pub fn limit(&self, ctx: &Context, channel: &str, denom: &str) -> Result<Option<Limit>> {
        let limit = LIMITS.may_load(&*ctx.kv(STORE), (channel, denom))?;
        limit.map(|limit| self.turned(ctx, denom, limit)).transpose()
    }

    /// The limit, begun anew where its window is over.
    pub(crate) fn turned(&self, ctx: &Context, denom: &str, limit: Limit) -> Result<Limit> {
        let window = window(ctx, limit.duration_hours);
        if window == limit.window {
            return Ok(limit);
        }
        let channel_value = self.bank.supply(ctx, denom)?;
        Ok(Limit { inflow: Uint256::zero(), outflow: Uint256::zero(), channel_value, window, ..limit })
    }

    /// Writes a limit that has counted nothing yet.
    pub(crate) fn begin(&self, ctx: &mut Context, channel: &str, denom: &str, limit: Limit) -> Result<()> {
        let generation = GENERATION.may_load(&*ctx.kv(STORE))?.unwrap_or_default().saturating_add(1);
        let limit = Limit {
            inflow: Uint256::zero(),
            outflow: Uint256::zero(),
            channel_value: self.bank.supply(ctx, denom)?,
            window: window(ctx, limit.duration_hours),
            generation,
            ..limit
        };
        let mut kv = ctx.kv_mut(STORE);
        GENERATION.save(&mut kv, &generation)?;
        LIMITS.save(&mut kv, (channel, denom), &limit)?;
        Ok(())
    }

    pub(crate) fn known(&self, ctx: &Context, channel: &str, denom: &str) -> Result<Limit> {
        let missing = || RateLimitError::NotFound(format!("{denom} on {channel}")).into();
        self.limit(ctx, channel, denom)?.ok_or_else(missing)
    }

    /// Whether the authority said that transfers between these two are not counted.
    fn is_listed(&self, ctx: &Context, data: &PacketData) -> bool {
        let nameable = check_pair(&data.sender, &data.receiver).is_ok();
        nameable && PAIRS.has(&*ctx.kv(STORE), (&data.sender, &data.receiver))
    }

    /// Counts a packet, or refuses it; `None` where no limit counts it.
    fn count(
        &self,
        ctx: &mut Context,
        direction: Direction,
        channel: &str,
        denom: &str,
        data: &PacketData,
    ) -> Result<Option<Pending>> {
        let Some(mut limit) = self.limit(ctx, channel, denom)? else { return Ok(None) };
        let amount = read_amount(&data.amount)?;
        let (mine, other, percent) = match direction {
            Direction::Sent => (&mut limit.outflow, limit.inflow, limit.max_percent_send),
            Direction::Received => (&mut limit.inflow, limit.outflow, limit.max_percent_recv),
        };
        *mine = mine.checked_add(amount).map_err(|_| {
            RateLimitError::QuotaExceeded(format!("{amount}{denom} on {channel}: more than 256 bits in a window"))
        })?;
        let (net, most) = (mine.saturating_sub(other), part(limit.channel_value, percent));
        // Of what there is nothing yet, no part can be taken: as in Stride's module, it passes.
        if !limit.channel_value.is_zero() && net > most {
            let value = limit.channel_value;
            let what = if direction == Direction::Sent { "outflow" } else { "inflow" };
            return Err(RateLimitError::QuotaExceeded(format!(
                "{what} of {denom} on {channel} would be {net}, {percent}% of {value} are {most}"
            ))
            .into());
        }
        LIMITS.save(&mut ctx.kv_mut(STORE), (channel, denom), &limit)?;
        Ok(Some(Pending { denom: denom.into(), amount, window: limit.window, generation: limit.generation }))
    }

    fn note(&self, ctx: &mut Context, at: (Direction, &str, u64), pending: &Pending) -> Result<()> {
        let (direction, channel, sequence) = at;
        PENDING.save(&mut ctx.kv_mut(STORE), (direction as u8, channel, sequence), pending)?;
        Ok(())
    }

    /// A packet is over and done with; where it came to nothing, what was counted of it in this window is not counted any more.
    fn close(&self, ctx: &mut Context, at: (Direction, &str, u64), came_to_nothing: bool) -> Result<()> {
        let (direction, channel, sequence) = at;
        let key = (direction as u8, channel, sequence);
        let Some(pending) = PENDING.may_load(&*ctx.kv(STORE), key)? else { return Ok(()) };
        PENDING.remove(&mut ctx.kv_mut(STORE), key);
        let Some(mut limit) = self.limit(ctx, channel, &pending.denom)? else { return Ok(()) };
        if !came_to_nothing || limit.window != pending.window || limit.generation != pending.generation {
            return Ok(());
        }
        let flow = match direction {
            Direction::Sent => &mut limit.outflow,
            Direction::Received => &mut limit.inflow,
        };
        *flow = flow.checked_sub(pending.amount).map_err(|_| {
            SdkError::Logic(format!("ratelimit: {channel} has counted less than {}{}", pending.amount, pending.denom))
        })?;
        LIMITS.save(&mut ctx.kv_mut(STORE), (channel, &pending.denom), &limit)?;
        Ok(())
    }
}

impl Channels for RateLimits {
    fn has_channel(&self, ctx: &Context, port: &str, channel: &str) -> Result<bool> {
        self.channels.has_channel(ctx, port, channel)
    }

    fn channels(&self, ctx: &Context, port: &str) -> Result<Vec<String>> {
        self.channels.channels(ctx, port)
    }

    fn send_packet(&self, ctx: &mut Context, packet: Outgoing) -> Result<u64> {
        let counted = match PacketData::read(&packet.data) {
            Ok(data) if !self.is_listed(ctx, &data) => {
                let denom = Trace::parse(&data.denom).denom();
                self.count(ctx, Direction::Sent, packet.channel, &denom, &data)?
            }
            _ => None,
        };
        let channel = packet.channel;
        let sequence = self.channels.send_packet(ctx, packet)?;
        if let Some(counted) = counted {
            self.note(ctx, (Direction::Sent, channel, sequence), &counted)?;
        }
        Ok(sequence)
    }

    fn write_acknowledgement(&self, ctx: &mut Context, packet: &Packet, acknowledgement: Vec<u8>) -> Result<bool> {
        // As in `on_ack`: of an answer that is neither, no money comes back, so that nothing is uncounted.
        let failed = matches!(Ack::read(&acknowledgement)?, Ack::Error(_));
        self.close(ctx, (Direction::Received, &packet.destination_channel, packet.sequence), failed)?;
        self.channels.write_acknowledgement(ctx, packet, acknowledgement)
    }

    fn is_in_flight(&self, ctx: &Context, port: &str, channel: &str, sequence: u64) -> Result<bool> {
        self.channels.is_in_flight(ctx, port, channel, sequence)
    }
}

impl Layer for Limited {
    fn on_recv(&self, ctx: &mut Context, packet: &Packet, relayer: &Address) -> Answer {
        // What is no transfer, the layers under this one refuse. All else is counted, whatever is wrong with it: they may change it.
        let Ok(data) = PacketData::read(&packet.data) else { return self.under.on_recv(ctx, packet, relayer) };
        // What goes on to a further chain is not for the receiver that was listed.
        if data.memo_field("forward").is_none() && self.limits.is_listed(ctx, &data) {
            return self.under.on_recv(ctx, packet, relayer);
        }
        let (channel, denom) = (&packet.destination_channel, arriving(packet, &data).denom());
        let counted = match self.limits.count(ctx, Direction::Received, channel, &denom, &data) {
            Ok(counted) => counted,
            Err(error) => return deny(ctx, channel, &denom, &data, &error),
        };
        let answer = self.under.on_recv(ctx, packet, relayer);
        if let (Answer::Later, Some(counted)) = (&answer, counted) {
            let at = (Direction::Received, channel.as_str(), packet.sequence);
            if let Err(error) = self.limits.note(ctx, at, &counted) {
                return deny(ctx, channel, &denom, &data, &error);
            }
        }
        answer
    }

    fn on_ack(&self, ctx: &mut Context, packet: &Packet, acknowledgement: &[u8], relayer: &Address) -> Result<()> {
        let refused = matches!(Ack::read(acknowledgement)?, Ack::Error(_));
        self.limits.close(ctx, (Direction::Sent, &packet.source_channel, packet.sequence), refused)?;
        self.under.on_ack(ctx, packet, acknowledgement, relayer)
    }

    fn on_timeout(&self, ctx: &mut Context, packet: &Packet, relayer: &Address) -> Result<()> {
        self.limits.close(ctx, (Direction::Sent, &packet.source_channel, packet.sequence), true)?;
        self.under.on_timeout(ctx, packet, relayer)
    }
}

fn deny(ctx: &mut Context, channel: &str, denom: &str, data: &PacketData, error: &Error) -> Answer {
    ctx.emit(
        Event::new("transfer_denied")
            .attr("module", NAME)
            .attr("denom", denom)
            .attr("channel", channel)
            .attr("amount", &data.amount)
            .attr("error", error),
    );
    Answer::Now(Ack::failure(error))
}

/// The number of the window in which a block is.
pub(crate) fn window(ctx: &Context, hours: u32) -> u64 {
    let now = u64::try_from(ctx.block().time_seconds).unwrap_or_default();
    now.checked_div(u64::from(hours).saturating_mul(SECONDS_AN_HOUR)).unwrap_or_default()
}

/// So many percent of a value, rounded down.
fn part(value: Uint256, percent: u32) -> Uint256 {
    let (hundred, percent) = (Uint256::from(PERCENT), Uint256::from(percent));
    // In two steps, since the value by the percents may exceed 256 bits.
    let whole = value.checked_div(hundred).unwrap_or_default().saturating_mul(percent);
    let rest = value.checked_rem(hundred).unwrap_or_default().saturating_mul(percent);
    whole.saturating_add(rest.checked_div(hundred).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_exact_and_rounded_down() {
        for (value, percent, part_of_it) in [(100u32, 10, 10u32), (199, 10, 19), (99, 1, 0), (7, 100, 7), (7, 0, 0)] {
            assert_eq!(part(value.into(), percent), Uint256::from(part_of_it));
        }
        assert_eq!(part(Uint256::MAX, 100), Uint256::MAX);
    }
}
