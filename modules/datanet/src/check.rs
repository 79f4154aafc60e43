//! Reading what messages and genesis say: policies, rights, texts; everything that needs no state.

use openledger_core::{wire, Address, Result};
use openledger_proto::openledger::datanet::v1 as proto;
use openledger_provenance::MAX_CONTRIBUTION_BYTES;

use crate::content;
use crate::error::DatanetError;
use crate::governance;
use crate::governance::{Admission, Policy};
use crate::params::Params;
use crate::spdx;
use crate::types::Rights;

/// Most bytes in a location, a tombstone's reason and the name of a custodial content's author.
pub(crate) const MAX_LINE_BYTES: usize = 512;

fn invalid(text: impl Into<String>) -> openledger_core::Error {
    DatanetError::InvalidDatanet(text.into()).into()
}

/// Reads a policy; what depends on parameters is left to [`check_policy`].
pub(crate) fn policy(policy: Option<&proto::Policy>) -> Result<Policy> {
    let policy = policy.ok_or_else(|| invalid("policy is missing"))?;
    let admission = match proto::Admission::try_from(policy.admission) {
        Ok(proto::Admission::Open) => Admission::Open,
        Ok(proto::Admission::AllowList) => Admission::AllowList,
        Ok(proto::Admission::Bonded) => Admission::Bonded,
        Ok(proto::Admission::Assessment) => Admission::Assessment,
        _ => return Err(invalid("admission must be open, allow-list, bonded or assessment")),
    };
    let mut curators = policy.curators.iter().map(|text| text.parse()).collect::<Result<Vec<Address>, _>>()?;
    curators.sort();
    if let Some(pair) = curators.windows(2).find(|pair| pair.first() == pair.last()) {
        return Err(invalid(format!(
            "curator {} stands there twice",
            pair.first().map(ToString::to_string).unwrap_or_default()
        )));
    }
    let quorum = usize::try_from(policy.quorum).unwrap_or(usize::MAX);
    if quorum > curators.len() || (quorum == 0) != curators.is_empty() {
        let text = format!("a quorum of {quorum} does not fit {} curators: 0 of none, or 1 to all", curators.len());
        return Err(invalid(text));
    }
    for (name, value) in [("max_length", policy.max_length), ("length_cap", policy.length_cap)] {
        if !(1..=MAX_CONTRIBUTION_BYTES).contains(&value) {
            return Err(invalid(format!("{name} is {value}; it must be 1 to {MAX_CONTRIBUTION_BYTES}")));
        }
    }
    let mut read = Policy {
        admission,
        curators,
        quorum: policy.quorum,
        deposit: wire::base_coin("deposit", policy.deposit.as_ref())?,
        burn_rejected: policy.burn_rejected,
        max_length: policy.max_length,
        length_cap: policy.length_cap,
        pointers: content::policy(policy.pointers.as_ref())?,
        ..Policy::unread()
    };
    governance::policy::read(policy, &mut read)?;
    Ok(read)
}

/// Refuses a policy that the parameters do not allow.
pub(crate) fn check_policy(params: &Params, policy: &Policy) -> Result<()> {
    if policy.deposit < params.min_contribution_deposit {
        let text = format!("deposit {} is below the least of {}", policy.deposit, params.min_contribution_deposit);
        return Err(invalid(text));
    }
    let most = usize::try_from(params.max_curators).unwrap_or(usize::MAX);
    if policy.curators.len() > most {
        return Err(invalid(format!("{} curators; at most {most} are allowed", policy.curators.len())));
    }
    Ok(())
}

/// Refuses a title that is none.
pub(crate) fn title(title: &str) -> Result<()> {
    if title.trim().is_empty() || title.chars().any(char::is_control) {
        return Err(invalid("title must be one line of text"));
    }
    Ok(())
}

/// Refuses a modality that is none.
pub(crate) fn modality(modality: i32) -> Result<()> {
    match proto::Modality::try_from(modality) {
        Ok(proto::Modality::Unspecified) | Err(_) => Err(invalid(format!("modality {modality} is none"))),
        Ok(_) => Ok(()),
    }
}

/// Refuses what is no licence.
pub(crate) fn licence(text: &str) -> Result<()> {
    if !spdx::is_expression(text) {
        let shown: String = text.chars().take(64).collect();
        return Err(invalid(format!("licence {shown:?} is not an SPDX expression such as MIT OR Apache-2.0")));
    }
    Ok(())
}

/// Refuses texts that are longer than the parameters allow.
pub(crate) fn texts(params: &Params, texts: &[(&str, &str)]) -> Result<()> {
    let most = usize::try_from(params.max_text_bytes).unwrap_or(usize::MAX);
    match texts.iter().find(|(_, text)| text.len() > most) {
        Some((name, text)) => Err(invalid(format!("{name} has {} bytes; at most {most} are allowed", text.len()))),
        None => Ok(()),
    }
}

fn refused(text: impl Into<String>) -> openledger_core::Error {
    DatanetError::InvalidContribution(text.into()).into()
}

/// Reads rights: each kind has the text that belongs to it and no other.
pub(crate) fn rights(rights: Option<&proto::Rights>) -> Result<Rights> {
    let rights = rights.ok_or_else(|| refused("rights are missing"))?;
    let (licence, author) = (rights.licence.as_str(), rights.on_behalf_of.as_str());
    let read = match proto::RightsKind::try_from(rights.kind) {
        Ok(proto::RightsKind::Own) => Rights::Own,
        Ok(proto::RightsKind::PublicDomain) => Rights::PublicDomain,
        Ok(proto::RightsKind::Licensed) => Rights::Licensed(licence.into()),
        Ok(proto::RightsKind::Custodial) => Rights::Custodial(author.into()),
        _ => return Err(refused("rights must be own, licensed, public-domain or custodial")),
    };
    if let Rights::Licensed(licence) = &read {
        self::licence(licence)?;
    }
    if let Rights::Custodial(author) = &read {
        line("on_behalf_of", author)?;
    }
    if read.to_proto() != *rights {
        return Err(refused(
            "a licence goes with licensed rights, on_behalf_of with custodial ones, neither with others",
        ));
    }
    Ok(read)
}

/// Refuses what is not one line of 1 to 512 bytes.
pub(crate) fn line(what: &str, text: &str) -> Result<()> {
    let length = 1..=MAX_LINE_BYTES;
    if !length.contains(&text.len()) || text.trim().is_empty() || text.chars().any(char::is_control) {
        return Err(refused(format!("{what} must be one line of 1 to {MAX_LINE_BYTES} bytes")));
    }
    Ok(())
}

/// Refuses what is not `scheme:rest`; empty only where the content lies on chain.
pub(crate) fn location(text: &str, on_chain: bool) -> Result<()> {
    if text.is_empty() && on_chain {
        return Ok(());
    }
    line("location", text)?;
    let graphic = text.bytes().all(|byte| byte.is_ascii_graphic());
    let scheme = text.split_once(':').is_some_and(|(scheme, rest)| {
        let led = scheme.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        let letters =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.');
        led && scheme.bytes().all(letters) && !rest.is_empty()
    });
    if graphic && scheme {
        Ok(())
    } else {
        Err(refused("location must be a URI such as ipfs://… or https://…, in ASCII without spaces"))
    }
}

/// Refuses what is not `type/subtype` of RFC 6838.
pub(crate) fn media_type(text: &str) -> Result<()> {
    let name = |part: &str| {
        let led = part.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
        let rest = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte));
        led && rest && part.len() <= 127
    };
    if text.split_once('/').is_some_and(|(kind, subtype)| name(kind) && name(subtype)) {
        Ok(())
    } else {
        Err(refused("media_type must be one such as text/markdown"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_a_uri() {
        for good in ["ipfs://bafy", "https://example.org/a?b", "crate:serde/1.0.0/README.md", "a+b-c.1:x"] {
            assert!(location(good, false).is_ok(), "{good}");
        }
        for bad in ["", "x", ":x", "Https://x", "a b:c", "a:", "a:b c", "a:ü", "a:\u{7f}"] {
            assert!(location(bad, false).is_err(), "{bad}");
        }
        assert!(location("", true).is_ok());
        assert!(location(&format!("a:{}", "b".repeat(511)), false).is_err());
    }

    #[test]
    fn a_media_type_has_two_parts() {
        for good in ["text/markdown", "application/vnd.api+json", "image/svg+xml"] {
            assert!(media_type(good).is_ok(), "{good}");
        }
        for bad in ["", "text", "/", "text/", "/plain", "text/plain; charset=utf-8", "a/b/c", "te xt/x"] {
            assert!(media_type(bad).is_err(), "{bad}");
        }
    }
}
