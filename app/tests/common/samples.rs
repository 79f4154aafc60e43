//! One sample of any message, made from the descriptors: what a fuzzer begins with, so that no message or query is left out that a later
//! module brings.
//!
//! Strings are of the kind that the descriptor names (addresses, whole numbers, decimals); what it does not name is a short word.
//! `Any`s hold what belongs where they stand, by the name of their field.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use openledger_core::address::{VALCONS_PREFIX, VALOPER_PREFIX};
use openledger_core::Address;
use openledger_proto::walker::schema::{Custom, Field, Kind, Label, Message, Shape};
use openledger_proto::walker::{self, SCHEMA};
use serde_json::{json, Map, Value};

/// How deep messages within messages are filled; below, they are left out.
const DEPTH: usize = 6;

/// Who is named in a sample.
pub struct Cast {
    /// Whoever signs.
    pub signer: Address,
    /// Everybody else.
    pub other: Address,
}

/// A message of this name as protobuf; `None` where the descriptors have none, or the sample is no value of it.
pub fn sample(name: &str, cast: &Cast) -> Option<Vec<u8>> {
    let message = SCHEMA.messages.get(SCHEMA.message(name)?)?;
    walker::from_json(name, &object(message, cast, DEPTH)).ok()
}

fn object(message: &Message, cast: &Cast, depth: usize) -> Value {
    let signers = message.signers.clone().unwrap_or_default();
    let (mut object, mut oneofs) = (Map::new(), Vec::new());
    for at in &message.order {
        let field = &message.fields[*at];
        // Of several that exclude each other, the first.
        if field.oneof.is_some_and(|oneof| oneofs.contains(&oneof)) {
            continue;
        }
        oneofs.extend(field.oneof);
        let one = value(field, signers.contains(at), cast, depth);
        let filled = match field.label {
            Label::Map => None,
            Label::Repeated(_) => one.map(|one| json!([one])),
            Label::Single | Label::Optional => one,
        };
        object.extend(filled.map(|filled| (field.name.clone(), filled)));
    }
    Value::Object(object)
}

fn value(field: &Field, signs: bool, cast: &Cast, depth: usize) -> Option<Value> {
    Some(match field.kind {
        Kind::Bool => json!(true),
        Kind::Int32 | Kind::Sint32 | Kind::Uint32 | Kind::Fixed32 | Kind::Sfixed32 => json!(1),
        Kind::Int64 | Kind::Sint64 | Kind::Uint64 | Kind::Fixed64 | Kind::Sfixed64 => json!("1"),
        Kind::Float | Kind::Double => return None,
        Kind::String => json!(text(field, signs, cast)),
        Kind::Bytes => bytes(field),
        Kind::Enum(index) => {
            let values = &SCHEMA.enums.get(index)?.values;
            json!(values.get(1).or(values.first())?.0)
        }
        Kind::Message(index) => {
            let message = SCHEMA.messages.get(index)?;
            match message.shape {
                Shape::Timestamp => json!("2027-01-01T00:00:00Z"),
                Shape::Duration => json!("100s"),
                Shape::Empty => json!({}),
                Shape::Wrapper => return None,
                _ if depth == 0 => return None,
                Shape::Any => any(&field.name, cast, depth - 1)?,
                Shape::Plain => match message.full_name.as_str() {
                    "cosmos.base.v1beta1.Coin" => json!({"denom": "aopen", "amount": "7"}),
                    _ => object(message, cast, depth - 1),
                },
            }
        }
    })
}

fn text(field: &Field, signs: bool, cast: &Cast) -> String {
    let who = if signs { &cast.signer } else { &cast.other };
    match (field.scalar.as_str(), field.custom) {
        ("cosmos.ValidatorAddressString", _) => who.to_bech32(VALOPER_PREFIX),
        ("cosmos.ConsensusAddressString", _) => who.to_bech32(VALCONS_PREFIX),
        ("cosmos.AddressString", _) => who.to_string(),
        (_, Custom::Dec) | ("cosmos.Dec", _) => "0.100000000000000000".into(),
        (_, Custom::Int) | ("cosmos.Int", _) => "7".into(),
        _ if signs => who.to_string(),
        _ => match field.name.as_str() {
            name if name.contains("validator") => who.to_bech32(VALOPER_PREFIX),
            name if name.contains("address") || name.contains("account") => who.to_string(),
            name if name.contains("denom") => "aopen".into(),
            name if name.contains("type_url") => "/cosmos.bank.v1beta1.MsgSend".into(),
            "licence" => "CC0-1.0".into(),
            _ => "word".into(),
        },
    }
}

fn bytes(field: &Field) -> Value {
    match field.custom {
        // HexBytes.
        Custom::Hex => json!("07".repeat(32)),
        _ if field.name == "key" => json!("AwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH"),
        // 32 bytes: a hash, a root, an ed25519 key.
        _ => json!("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="),
    }
}

/// What an `Any` holds in a field of this name.
fn any(field: &str, cast: &Cast, depth: usize) -> Option<Value> {
    let name = match field {
        "allowance" if depth > DEPTH - 2 => "cosmos.feegrant.v1beta1.AllowedMsgAllowance",
        "allowance" => "cosmos.feegrant.v1beta1.PeriodicAllowance",
        "authorization" => "cosmos.staking.v1beta1.StakeAuthorization",
        "content" => "cosmos.gov.v1beta1.TextProposal",
        "evidence" => "cosmos.evidence.v1beta1.Equivocation",
        "pubkey" | "public_key" | "pub_key" => "cosmos.crypto.ed25519.PubKey",
        "accounts" | "account" => "cosmos.auth.v1beta1.BaseAccount",
        // Messages of a proposal or of a grant.
        _ => "cosmos.bank.v1beta1.MsgSend",
    };
    let mut object = object(SCHEMA.messages.get(SCHEMA.message(name)?)?, cast, depth);
    if name.ends_with("ed25519.PubKey") {
        object["key"] = json!("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=");
    }
    object["@type"] = json!(format!("/{name}"));
    Some(object)
}
