//! What a denomination is called here and there: traces (`transfer/channel-0/uatom`) and the vouchers named after their hash.
//!
//! A chain that receives a token puts its own port and channel before the token's name; a token that goes back the way it came loses
//! them. On chain a token from elsewhere is the voucher `ibc/` ‖ SHA-256 of the whole trace, in hexadecimal.
//!
//! Source: ibc-go v8 `modules/apps/transfer/types/trace.go`, `coin.go`; ICS-20. A base denomination may have slashes of its own: only
//! pairs whose second part looks like `channel-N` belong to the path.

use openledger_core::coin::check_denom;
use openledger_core::Result;
use sha2::{Digest, Sha256};

use crate::error::{IbcError, TransferError};

/// What every voucher's denomination begins with.
pub const VOUCHER_PREFIX: &str = "ibc/";

/// Where a token came through, and what it is called at home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// `port/channel` pairs, the latest first; empty for a token of this chain.
    pub path: String,
    /// The denomination at home.
    pub base: String,
}

impl Trace {
    /// Divides a whole trace into path and base denomination.
    pub fn parse(full: &str) -> Self {
        let parts: Vec<&str> = full.split('/').collect();
        if parts.len() < 3 {
            return Self { path: String::new(), base: full.into() };
        }
        let pairs = parts.chunks(2).take_while(|pair| matches!(pair, [_, channel] if is_channel_id(channel))).count();
        let (path, base) = parts.split_at(pairs.saturating_mul(2));
        Self { path: path.join("/"), base: base.join("/") }
    }

    /// Path and base denomination together.
    pub fn full(&self) -> String {
        if self.path.is_empty() {
            return self.base.clone();
        }
        format!("{}/{}", self.path, self.base)
    }

    /// SHA-256 of the whole trace.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.full().as_bytes()).into()
    }

    /// Whether the token is this chain's own.
    pub fn is_native(&self) -> bool {
        self.path.is_empty()
    }

    /// What the token is called on this chain: a voucher's name, or the base denomination of a token of this chain.
    pub fn denom(&self) -> String {
        if self.is_native() {
            return self.base.clone();
        }
        format!("{VOUCHER_PREFIX}{}", hash_text(&self.hash()))
    }

    /// Refuses a blank base denomination and a path that is not pairs of port and channel.
    pub fn check(&self) -> Result<()> {
        if self.path.is_empty() && !self.base.is_empty() {
            return Ok(());
        }
        if self.base.trim().is_empty() {
            return Err(IbcError::Plain("base denomination cannot be blank".into()).into());
        }
        check_path(&self.path)
    }
}

/// A hash as denominations and answers show it.
pub fn hash_text(hash: &[u8]) -> String {
    hex::encode_upper(hash)
}

/// Reads a hash; the text says what is wrong with it.
pub fn parse_hash(text: &str) -> Result<[u8; 32], String> {
    let bytes = hex::decode(text).map_err(|error| error.to_string())?;
    let length = bytes.len();
    bytes.try_into().map_err(|_| format!("expected size to be 32 bytes, got {length} bytes"))
}

/// What tokens that came through this port and channel have before their name.
pub fn prefix(port: &str, channel: &str) -> String {
    format!("{port}/{channel}/")
}

/// Refuses what a packet may not call its token: a blank base denomination, a path with impossible identifiers.
pub fn check_packet_denom(denom: &str) -> Result<()> {
    let last = denom.rsplit('/').next().unwrap_or_default();
    if last.trim().is_empty() {
        return Err(TransferError::InvalidDenom("base denomination cannot be blank".into()).into());
    }
    match Trace::parse(denom) {
        trace if trace.is_native() => Ok(()),
        trace => check_path(&trace.path),
    }
}

/// Refuses what a message may not call its token: no denomination of this chain, or a voucher's without its hash.
pub fn check_own_denom(denom: &str) -> Result<()> {
    check_denom(denom).map_err(|error| IbcError::InvalidCoins(error.to_string()))?;
    let hash = match denom.strip_prefix(VOUCHER_PREFIX) {
        None if denom == "ibc" => "",
        None => return Ok(()),
        Some(hash) => hash,
    };
    if hash.is_empty() {
        let text = format!("denomination should be prefixed with the format 'ibc/{{hash(trace + \"/\" + {denom})}}'");
        return Err(TransferError::InvalidDenom(text).into());
    }
    match parse_hash(hash) {
        Ok(_) => Ok(()),
        Err(why) => Err(TransferError::InvalidDenom(format!("invalid denom trace hash {hash}: {why}")).into()),
    }
}

/// Whether this is `channel-` and a number of 64 bits.
pub fn is_channel_id(text: &str) -> bool {
    channel_number(text).is_some()
}

/// The number of a channel's identifier.
pub fn channel_number(text: &str) -> Option<u64> {
    let digits = text.strip_prefix("channel-")?;
    let plain = (1..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

fn check_path(path: &str) -> Result<()> {
    let parts: Vec<&str> = path.split('/').collect();
    for (pair, at) in parts.chunks(2).zip((0usize..).step_by(2)) {
        let [port, channel] = pair else {
            let text = "trace info must come in pairs of port and channel identifiers '{portID}/{channelID}'";
            return Err(IbcError::Plain(format!("{text}, got the identifiers: {parts:?}")).into());
        };
        check_port_id(port).map_err(|error| error.context(&format!("invalid port ID at position {at}")))?;
        check_channel_id(channel).map_err(|error| error.context(&format!("invalid channel ID at position {at}")))?;
    }
    Ok(())
}

/// Refuses what ICS-24 does not allow as a port's identifier.
pub fn check_port_id(id: &str) -> Result<()> {
    check_id(id, 2, 128)
}

/// Refuses what ICS-24 does not allow as a channel's identifier.
pub fn check_channel_id(id: &str) -> Result<()> {
    check_id(id, 8, 64)
}

fn check_id(id: &str, least: usize, most: usize) -> Result<()> {
    let refuse = |text: String| Err(IbcError::InvalidId(text).into());
    if id.trim().is_empty() {
        return refuse("identifier cannot be blank".into());
    }
    if id.contains('/') {
        return refuse(format!("identifier {id} cannot contain separator '/'"));
    }
    if !(least..=most).contains(&id.len()) {
        let length = id.len();
        return refuse(format!(
            "identifier {id} has invalid length: {length}, must be between {least}-{most} characters"
        ));
    }
    if !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+-#[]<>".contains(&byte)) {
        return refuse(format!(
            "identifier {id} must contain only alphanumeric or the following characters: '.', '_', '+', '-', '#', '[', ']', '<', '>'"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pairs_that_look_like_channels_are_the_path() {
        for (full, path, base) in [
            ("uatom", "", "uatom"),
            ("gamm/pool/1", "", "gamm/pool/1"),
            ("transfer/channel-0/uatom", "transfer/channel-0", "uatom"),
            ("transfer/channel-0/gamm/pool/1", "transfer/channel-0", "gamm/pool/1"),
            ("transfer/channel-0", "", "transfer/channel-0"),
            ("transfer/channel-0/", "transfer/channel-0", ""),
            ("a/channel-1/b/channel-2/c", "a/channel-1/b/channel-2", "c"),
            ("a/channel-1/b/channel-2", "a/channel-1/b/channel-2", ""),
            ("a/channel-x/c", "", "a/channel-x/c"),
            ("a/channel-99999999999999999999/c", "", "a/channel-99999999999999999999/c"),
            ("a/channel-007/c", "a/channel-007", "c"),
            ("", "", ""),
        ] {
            let trace = Trace::parse(full);
            assert_eq!((trace.path.as_str(), trace.base.as_str()), (path, base), "{full}");
            assert!(base.is_empty() || trace.full() == full);
        }
    }

    #[test]
    fn blank_bases_and_impossible_identifiers_are_refused() {
        for denom in ["uatom", "gamm/pool/1", "transfer/channel-0/uatom", "factory/open1x/sub/denom"] {
            check_packet_denom(denom).unwrap();
        }
        for denom in
            ["", " ", "transfer/channel-0/", "transfer/channel-0/ ", "a/channel-0/uatom", "a b/channel-0/uatom"]
        {
            assert!(check_packet_denom(denom).is_err(), "{denom:?}");
        }
        assert_eq!(check_own_denom("ibc/").unwrap_err().code, 3);
        assert_eq!(check_own_denom("ibc/XY").unwrap_err().code, 3);
        assert_eq!(check_own_denom(&format!("ibc/{}", "0A".repeat(31))).unwrap_err().code, 3);
        check_own_denom(&format!("ibc/{}", "0A".repeat(32))).unwrap();
        check_own_denom("ibc2/x").unwrap();
    }
}
