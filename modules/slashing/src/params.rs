//! The parameters: how many blocks may be missed, and what it costs.
//!
//! Source: SDK v0.50 `x/slashing/types/params.go`. Its `genesis validate` asks for more than its `MsgUpdateParams` does (a window of ten
//! blocks, a jail of a minute), while its InitChain takes both; here all three ask for what the message asks for.

use cosmwasm_std::{Uint256, Uint64};
use openledger_core::{Dec, Result, SdkError};
use openledger_proto::cosmos::slashing::v1beta1::Params as ProtoParams;
use openledger_proto::Duration;
use serde::{Deserialize, Serialize};

use crate::error::SlashingError;

const NANOS: u64 = 1_000_000_000;

/// The parameters; as in `cosmos.slashing.v1beta1.Params`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Params {
    /// How many blocks a validator's window holds; positive.
    pub signed_blocks_window: u64,
    /// Which part of the window a validator has to sign; 0 to 1.
    pub min_signed_per_window: Dec,
    /// How long who missed too many stays in jail, in nanoseconds; positive.
    pub downtime_jail_nanos: u64,
    /// Which part of its stake who signs two blocks of one height loses; 0 to 1.
    pub slash_fraction_double_sign: Dec,
    /// Which part of its stake who missed too many loses; 0 to 1.
    pub slash_fraction_downtime: Dec,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            signed_blocks_window: 100,
            min_signed_per_window: Dec::from_units(500_000_000_000_000_000),
            downtime_jail_nanos: 600 * NANOS,
            slash_fraction_double_sign: Dec::from_units(50_000_000_000_000_000),
            slash_fraction_downtime: Dec::from_units(10_000_000_000_000_000),
        }
    }
}

impl Params {
    /// How many blocks of the window have to be signed, rounded half to even.
    pub fn min_signed_blocks(&self) -> Result<u64> {
        let blocks = self.min_signed_per_window.mul_int(Uint256::from(self.signed_blocks_window))?.round_int()?;
        let fits = Uint64::try_from(blocks).map(|blocks| blocks.u64());
        fits.map_err(|_| SdkError::Logic(format!("{blocks} blocks exceed 64 bits")).into())
    }

    /// How many blocks of the window may be missed.
    pub fn max_missed_blocks(&self) -> Result<u64> {
        Ok(self.signed_blocks_window.saturating_sub(self.min_signed_blocks()?))
    }

    /// Reads and checks the protobuf form.
    pub fn from_proto(params: &ProtoParams) -> Result<Self> {
        let window = params.signed_blocks_window;
        let signed_blocks_window = match u64::try_from(window) {
            Ok(blocks) if blocks > 0 => blocks,
            _ => return refuse(format!("signed blocks window must be positive: {window}")),
        };
        Ok(Self {
            signed_blocks_window,
            min_signed_per_window: fraction("min signed per window", &params.min_signed_per_window)?,
            downtime_jail_nanos: jail(params.downtime_jail_duration.unwrap_or_default())?,
            slash_fraction_double_sign: fraction("double sign slash fraction", &params.slash_fraction_double_sign)?,
            slash_fraction_downtime: fraction("downtime slash fraction", &params.slash_fraction_downtime)?,
        })
    }

    /// The protobuf form.
    pub fn to_proto(self) -> ProtoParams {
        let (seconds, nanos) = (self.downtime_jail_nanos / NANOS, self.downtime_jail_nanos % NANOS);
        ProtoParams {
            // From `from_proto`, so all of them fit.
            signed_blocks_window: i64::try_from(self.signed_blocks_window).unwrap_or(i64::MAX),
            min_signed_per_window: self.min_signed_per_window.to_proto().into_bytes(),
            downtime_jail_duration: Some(Duration {
                seconds: i64::try_from(seconds).unwrap_or(i64::MAX),
                nanos: i32::try_from(nanos).unwrap_or_default(),
            }),
            slash_fraction_double_sign: self.slash_fraction_double_sign.to_proto().into_bytes(),
            slash_fraction_downtime: self.slash_fraction_downtime.to_proto().into_bytes(),
        }
    }
}

/// A part of one: 0 to 1.
fn fraction(name: &str, bytes: &[u8]) -> Result<Dec> {
    let text = std::str::from_utf8(bytes).unwrap_or("?");
    if text.is_empty() {
        return refuse(format!("{name} cannot be nil: <nil>"));
    }
    let fraction = Dec::from_proto(text)
        .map_err(|error| SlashingError::InvalidParams(format!("{name} is no decimal: {error}")))?;
    if fraction.is_negative() {
        return refuse(format!("{name} cannot be negative: {fraction}"));
    }
    if fraction > Dec::one() {
        return refuse(format!("{name} too large: {fraction}"));
    }
    Ok(fraction)
}

/// A positive duration in nanoseconds, within Go's 63 bits.
fn jail(duration: Duration) -> Result<u64> {
    let total = i128::from(duration.seconds).saturating_mul(i128::from(NANOS)).saturating_add(duration.nanos.into());
    let same_sign = duration.seconds == 0 || duration.nanos == 0 || (duration.seconds < 0) == (duration.nanos < 0);
    let within = i64::try_from(total).ok().filter(|_| same_sign && duration.nanos.unsigned_abs() < 1_000_000_000);
    let Some(nanos) = within else {
        let Duration { seconds, nanos } = duration;
        return refuse(format!("downtime jail duration of {seconds} s and {nanos} ns is none: at most 9223372036 s"));
    };
    match u64::try_from(nanos) {
        Ok(nanos) if nanos > 0 => Ok(nanos),
        _ => refuse(format!("downtime jail duration must be positive: {nanos} ns")),
    }
}

fn refuse<T>(text: String) -> Result<T> {
    Err(SlashingError::InvalidParams(text).into())
}
