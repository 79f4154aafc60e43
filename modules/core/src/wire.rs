//! Reading what protobuf leaves loose: amounts, hashes, addresses, single coins; and sums that must not wrap.

use cosmwasm_std::{Binary, Uint256};
use openledger_proto::cosmos::base::v1beta1::Coin as ProtoCoin;

use crate::coin::{parse_amount, Coin, BASE_DENOM};
use crate::{Address, Error, Result, SdkError};

/// An amount of base units; the empty text, which protobuf has for an absent field, is refused.
pub fn amount(field: &str, text: &str) -> Result<Uint256> {
    parse_amount(text).map_err(|error| Error::from(error).context(field))
}

/// A positive amount of the base denomination.
pub fn base_coin(field: &str, coin: Option<&ProtoCoin>) -> Result<Uint256> {
    let coin = coin.ok_or_else(|| SdkError::InvalidCoins(format!("{field} is missing")))?;
    let coin = Coin::from_proto(coin)?;
    if coin.denom != BASE_DENOM || coin.amount.is_zero() {
        return Err(
            SdkError::InvalidCoins(format!("{field} of {coin} is not a positive amount of {BASE_DENOM}")).into()
        );
    }
    Ok(coin.amount)
}

/// 32 bytes.
pub fn hash(field: &str, bytes: &[u8]) -> Result<[u8; 32]> {
    bytes.try_into().map_err(|_| SdkError::InvalidRequest(format!("{field} has 32 bytes, not {}", bytes.len())).into())
}

/// 32 bytes that this chain stored.
pub fn stored_hash(bytes: &Binary) -> Result<[u8; 32]> {
    bytes.as_slice().try_into().map_err(|_| SdkError::Logic("a stored hash has not 32 bytes".into()).into())
}

/// An account's address.
pub fn address(field: &str, text: &str) -> Result<Address> {
    text.parse::<Address>().map_err(|error| Error::from(error).context(field))
}

/// Refuses text of more than `most` bytes.
pub fn text(field: &str, text: &str, most: usize) -> Result<()> {
    if text.len() > most {
        return Err(
            SdkError::InvalidRequest(format!("{field} has {} bytes, at most {most} are allowed", text.len())).into()
        );
    }
    Ok(())
}

/// The sum, or an error: sums of what exists never pass 256 bits, so this is a fault of ours.
pub fn add(a: Uint256, b: Uint256) -> Result<Uint256> {
    a.checked_add(b).map_err(|_| SdkError::Logic(format!("{a} + {b} exceeds 256 bits")).into())
}

/// The difference, or an error: what is taken was put there before, so this is a fault of ours.
pub fn sub(a: Uint256, b: Uint256) -> Result<Uint256> {
    a.checked_sub(b).map_err(|_| SdkError::Logic(format!("{a} - {b} is negative")).into())
}
