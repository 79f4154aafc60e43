//! The walker: one table over the descriptors, and visitors that walk a message's bytes by it.
//!
//! | call | what it does |
//! | --- | --- |
//! | [`to_json`] | protobuf bytes to the SDK's JSON |
//! | [`from_json`] | the SDK's JSON to protobuf bytes |
//! | [`reject_unknown`] | ADR-020: refuses unknown fields and wrong wire types, inside `Any`s too |
//! | [`reject_undecodable`] | the same, and numbers that are none |
//! | [`check_canonical`] | ADR-027: refuses bytes that say the same in another way than the one |
//! | [`signers`] | who must sign a message (`cosmos.msg.v1.signer`) |
//! | [`exists`] | whether a type URL names a message |
//! | [`response_type`] | the response of a `Msg` method, by its request |
//! | [`services`] | services, methods and their REST routes |
//! | [`DESCRIPTORS`] | the `FileDescriptorSet` itself, for reflection |
//!
//! Every call is total: any bytes and any JSON give a result or a [`WalkError`], in time bounded by their
//! length times [`MAX_DEPTH`]. A name may be a full name or a type URL (`/` before it). A visitor reads a
//! message's fields through [`wire::Reader`] and looks them up in [`schema::SCHEMA`]; amino JSON for signing
//! ([`crate::amino`]) is one more such visitor.

mod canonical;
mod json_in;
pub(crate) mod json_out;
pub(crate) mod scalars;
pub mod schema;
pub mod services;
mod signers;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests;
mod unknown;
pub mod wire;

pub use canonical::check_canonical;
pub use json_in::from_json;
pub use json_out::to_json;
pub use schema::{Schema, DESCRIPTORS, SCHEMA};
pub use services::{Method, Route, Service};
pub use signers::signers;
pub use unknown::{reject_undecodable, reject_unknown};
pub use wire::MAX_DEPTH;

/// Why a walk ended early.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WalkError {
    /// No message has this name.
    #[error("unable to resolve type URL {0}")]
    UnknownType(String),
    /// The bytes are not protobuf.
    #[error("proto: {0}")]
    Wire(&'static str),
    /// Messages, `Any`s or groups nest deeper than [`MAX_DEPTH`].
    #[error("proto: nested deeper than {MAX_DEPTH} levels")]
    Depth,
    /// A field that the message doesn't have (ADR-020).
    #[error("errUnknownField \"/{message}\": {{TagNum: {number}, WireType:{wire_type:?}}}")]
    UnknownField {
        /// Full name of the message.
        message: String,
        /// Number of the field.
        number: u32,
        /// Name of the wire type.
        wire_type: &'static str,
    },
    /// A field in another wire type than its own.
    #[error("Mismatched \"/{message}\": {{TagNum: {number}, GotWireType: {got:?} != WantWireType: {want:?}}}")]
    WireType {
        /// Full name of the message.
        message: String,
        /// Number of the field.
        number: u32,
        /// Name of the wire type on the wire.
        got: &'static str,
        /// Name of the field's own wire type.
        want: &'static str,
    },
    /// A text that is not the number that its field holds.
    #[error("{path}: {reason}")]
    Number {
        /// Message and field.
        path: String,
        /// What is wrong, with the value.
        reason: String,
    },
    /// JSON that doesn't fit its message, or a value that has no JSON.
    #[error("{path}: {reason}")]
    Json {
        /// Where, e.g. `body.messages[0].amount`.
        path: String,
        /// What is wrong, with the value, and what would be right.
        reason: String,
    },
    /// Bytes that are not the one encoding of what they say.
    #[error("the bytes of /{message} are not canonical (ADR-027): {why}")]
    NotCanonical {
        /// Full name of the message.
        message: String,
        /// What is not as it must be.
        why: &'static str,
    },
    /// The message doesn't say who signs it.
    #[error("no cosmos.msg.v1.signer option found for message {0}")]
    NoSigner(String),
}

/// Whether a type URL (`/cosmos.bank.v1beta1.MsgSend`) names a message.
pub fn exists(type_url: &str) -> bool {
    type_url.starts_with('/') && SCHEMA.message(type_url).is_some()
}

/// The full name of the response type of the `Msg` service method whose request has this name.
pub fn response_type(request: &str) -> Option<&'static str> {
    let request = request.strip_prefix('/').unwrap_or(request);
    let responses = &SCHEMA.responses;
    let at = responses.binary_search_by(|(input, _)| input.as_str().cmp(request)).ok()?;
    responses.get(at).map(|(_, output)| output.as_str())
}

/// Every service of the descriptors, sorted by name.
pub fn services() -> &'static [Service] {
    &SCHEMA.services
}

pub(crate) fn lookup(name: &str) -> Result<&'static schema::Message, WalkError> {
    let index = SCHEMA.message(name);
    index.and_then(|index| SCHEMA.messages.get(index)).ok_or_else(|| WalkError::UnknownType(name.to_owned()))
}

pub(crate) fn message_at(index: usize) -> Result<&'static schema::Message, WalkError> {
    SCHEMA.messages.get(index).ok_or(WalkError::Wire("unresolved message type"))
}

pub(crate) fn lookup_any(type_url: &str) -> Result<&'static schema::Message, WalkError> {
    if type_url.starts_with('/') {
        return lookup(type_url);
    }
    Err(WalkError::UnknownType(type_url.to_owned()))
}

/// The type URL and the value in the bytes of an `Any`; what is absent is empty, the last of each counts.
pub(crate) fn any_parts(bytes: &[u8]) -> Result<(&str, &[u8]), WalkError> {
    let (mut url, mut value): (&[u8], &[u8]) = (&[], &[]);
    let mut reader = wire::Reader::new(bytes);
    while let Some(field) = reader.next_field()? {
        match field {
            (1, wire::Raw::Bytes(bytes)) => url = bytes,
            (2, wire::Raw::Bytes(bytes)) => value = bytes,
            (1 | 2, _) => return Err(WalkError::Wire("wrong wire type in an Any")),
            _ => {}
        }
    }
    let url = std::str::from_utf8(url).map_err(|_| WalkError::Wire("a type URL that is not UTF-8"))?;
    Ok((url, value))
}
