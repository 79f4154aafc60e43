//! Every key of the store `bank`, in the layout of the SDK (v0.50 `x/bank/types/keys.go` and the codecs of `collections`), so that
//! what queries balances and supply of other chains by key and proof works here.
//!
//! | key | value |
//! | --- | --- |
//! | `00` ‖ denom | supply: decimal text; absent where it is zero |
//! | `01` ‖ denom | `cosmos.bank.v1beta1.Metadata` |
//! | `02` ‖ length of address (1 byte) ‖ address ‖ denom | balance: decimal text; absent where it is zero |
//! | `03` ‖ denom ‖ `00` ‖ length of address ‖ address | `00`; there exactly where that balance is |
//! | `04` ‖ denom | `google.protobuf.BoolValue`: whether it may be sent |
//! | `05` | `cosmos.bank.v1beta1.Params` |
//! | `06` ‖ denom | what of the governance account's balance is deposited on proposals: decimal text; absent where it is zero. The SDK has no such key |
//!
//! No value is empty, since ICS-23 cannot prove empty values nor the absence of a key beside one. Where the SDK writes none, this
//! is what its own readers also take: `00` in the index (as it wrote until v0.47) and `false` written out.

use cosmwasm_std::{Storage, Uint128, Uint256};
use openledger_core::{Address, Result, SdkError};
use openledger_proto::cosmos::bank::v1beta1::{Metadata, Params};
use openledger_proto::Message;
use openledger_store::StoreName;

/// The module's store.
pub const STORE: StoreName = "bank";

pub(crate) const SUPPLY: u8 = 0;
pub(crate) const METADATA: u8 = 1;
pub(crate) const BALANCES: u8 = 2;
pub(crate) const HOLDERS: u8 = 3;
pub(crate) const SEND_ENABLED: u8 = 4;
const PARAMS_KEY: [u8; 1] = [5];
pub(crate) const DEPOSITS: u8 = 6;
const HOLDER_VALUE: [u8; 1] = [0];

/// The key of a denomination's supply.
pub fn supply_key(denom: &str) -> Vec<u8> {
    denom_key(SUPPLY, denom)
}

/// What the keys of an account's balances begin with.
pub fn account_prefix(address: &Address) -> Vec<u8> {
    with_address(vec![BALANCES], address, 128)
}

/// The key of one balance.
pub fn balance_key(address: &Address, denom: &str) -> Vec<u8> {
    let mut key = with_address(vec![BALANCES], address, denom.len());
    key.extend_from_slice(denom.as_bytes());
    key
}

/// What the keys of a denomination's holders begin with.
pub fn holders_prefix(denom: &str) -> Vec<u8> {
    let mut key = denom_key(HOLDERS, denom);
    key.push(0);
    key
}

/// The key that says that `address` holds `denom`.
pub fn holder_key(denom: &str, address: &Address) -> Vec<u8> {
    with_address(holders_prefix(denom), address, 0)
}

pub(crate) fn denom_key(prefix: u8, denom: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(denom.len().saturating_add(2));
    key.push(prefix);
    key.extend_from_slice(denom.as_bytes());
    key
}

fn with_address(mut key: Vec<u8>, address: &Address, spare: usize) -> Vec<u8> {
    let bytes = address.as_bytes();
    key.reserve(bytes.len().saturating_add(spare).saturating_add(1));
    // An address has at most 255 bytes.
    key.push(u8::try_from(bytes.len()).unwrap_or(u8::MAX));
    key.extend_from_slice(bytes);
    key
}

/// Splits a length-prefixed address off the front of a key.
pub(crate) fn split_address(key: &[u8]) -> Result<(Address, &[u8])> {
    let split = key.split_first().and_then(|(length, rest)| rest.split_at_checked(usize::from(*length)));
    let (address, rest) = split.ok_or_else(|| corrupt("an address is cut short"))?;
    Ok((Address::new(address)?, rest))
}

/// Reads the denomination that a key ends with.
pub(crate) fn denom_of(key: &[u8]) -> Result<String> {
    String::from_utf8(key.to_vec()).map_err(|_| corrupt("a denomination is not text"))
}

/// The amount under a key, zero where there is none.
pub(crate) fn amount_at(kv: &dyn Storage, key: &[u8]) -> Result<Uint256> {
    kv.get(key).map_or(Ok(Uint256::zero()), |value| read_amount(&value))
}

/// Reads decimal text as the SDK writes it.
pub(crate) fn read_amount(value: &[u8]) -> Result<Uint256> {
    let text = std::str::from_utf8(value).map_err(|_| corrupt("an amount is not text"))?;
    // 38 digits always fit 128 bits, whose parsing is several times cheaper.
    let amount = if text.len() <= 38 { text.parse().map(|small: u128| small.into()).ok() } else { text.parse().ok() };
    amount.ok_or_else(|| corrupt("an amount is not a decimal number"))
}

fn write_amount(amount: Uint256) -> String {
    Uint128::try_from(amount).map_or_else(|_| amount.to_string(), |small| small.u128().to_string())
}

/// Sets a balance and the holder's entry in the index; a zero balance removes both.
pub(crate) fn set_balance(kv: &mut dyn Storage, address: &Address, denom: &str, amount: Uint256) {
    let (holder, key) = (holder_key(denom, address), balance_key(address, denom));
    if amount.is_zero() {
        kv.remove(&holder);
        kv.remove(&key);
    } else {
        kv.set(&holder, &HOLDER_VALUE);
        kv.set(&key, write_amount(amount).as_bytes());
    }
}

/// Sets a supply; zero removes it.
pub(crate) fn set_supply(kv: &mut dyn Storage, denom: &str, amount: Uint256) {
    set_amount(kv, &supply_key(denom), amount);
}

/// Sets what is deposited of a denomination; zero removes it.
pub(crate) fn set_deposits(kv: &mut dyn Storage, denom: &str, amount: Uint256) {
    set_amount(kv, &denom_key(DEPOSITS, denom), amount);
}

fn set_amount(kv: &mut dyn Storage, key: &[u8], amount: Uint256) {
    if amount.is_zero() {
        kv.remove(key);
    } else {
        kv.set(key, write_amount(amount).as_bytes());
    }
}

/// Whether a denomination may be sent, where that is set for it.
pub(crate) fn send_enabled(kv: &dyn Storage, denom: &str) -> Result<Option<bool>> {
    kv.get(&denom_key(SEND_ENABLED, denom)).map(|value| read_bool(&value)).transpose()
}

pub(crate) fn read_bool(value: &[u8]) -> Result<bool> {
    bool::decode(value).map_err(|_| corrupt("a flag is not a BoolValue"))
}

/// Sets, or (`None`) forgets, whether a denomination may be sent.
pub(crate) fn set_send_enabled(kv: &mut dyn Storage, denom: &str, enabled: Option<bool>) {
    let key = denom_key(SEND_ENABLED, denom);
    match enabled {
        Some(enabled) => kv.set(&key, &[0x08, u8::from(enabled)]),
        None => kv.remove(&key),
    }
}

/// Whether denominations may be sent where nothing is set for them; yes before genesis.
pub(crate) fn default_send_enabled(kv: &dyn Storage) -> Result<bool> {
    let Some(value) = kv.get(&PARAMS_KEY) else { return Ok(true) };
    let params = Params::decode(value.as_slice()).map_err(|_| corrupt("the parameters are not Params"))?;
    Ok(params.default_send_enabled)
}

/// Sets whether denominations may be sent by default.
pub(crate) fn set_default_send_enabled(kv: &mut dyn Storage, enabled: bool) {
    kv.set(&PARAMS_KEY, &[0x10, u8::from(enabled)]);
}

/// The metadata of a denomination.
pub(crate) fn metadata(kv: &dyn Storage, denom: &str) -> Result<Option<Metadata>> {
    kv.get(&denom_key(METADATA, denom)).map(|value| read_metadata(&value)).transpose()
}

pub(crate) fn read_metadata(value: &[u8]) -> Result<Metadata> {
    Metadata::decode(value).map_err(|_| corrupt("metadata are not Metadata"))
}

/// Sets the metadata of their base denomination.
pub(crate) fn set_metadata(kv: &mut dyn Storage, metadata: &Metadata) {
    kv.set(&denom_key(METADATA, &metadata.base), &metadata.encode_to_vec());
}

fn corrupt(what: &str) -> openledger_core::Error {
    SdkError::Logic(format!("bank state: {what}")).into()
}
