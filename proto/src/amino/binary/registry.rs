//! The types that have a name in amino (`amino.name`), and the bytes that stand for each in the binary form.
//!
//! A prefix is made of the name's SHA-256: of the bytes without the zeros before them, the first three tell two names of one prefix
//! apart (they are written for no type of ours, as no two share a prefix), and of what follows, again without zeros, the first four
//! are the prefix (go-amino `codec.go`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};

use super::layout::Own;
use super::BinaryError;
use crate::amino::table::{MessageEncoding, TABLE};
use crate::walker::scalars::shown;
use crate::walker::schema::option;
use crate::walker::{response_type, SCHEMA};

/// The name of a transaction.
pub(super) const STD_TX: &str = "cosmos-sdk/StdTx";

/// The types that may stand in an `Any` or an interface.
pub(super) static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::load);

/// Four bytes that stand for a name.
pub(super) type Prefix = [u8; 4];
/// Three bytes that tell names of one prefix apart.
pub(super) type Disamb = [u8; 3];
/// What bytes begin with, and what follows.
pub(super) type Start<'a> = (Option<Disamb>, Prefix, &'a [u8]);

/// What may stand in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Accepts {
    /// The request of a `Msg` service.
    Msg,
    /// A public key.
    PubKey,
    /// A type that implements the interface with this name.
    Interface(String),
}

impl Accepts {
    /// By `cosmos_proto.accepts_interface`; fields of messages (gov's proposals) leave it out.
    pub(super) fn of(name: &str) -> Self {
        match name {
            "" | "sdk.Msg" | "cosmos.base.v1beta1.Msg" => Accepts::Msg,
            "cosmos.crypto.PubKey" => Accepts::PubKey,
            other => Accepts::Interface(other.to_owned()),
        }
    }

    pub(super) fn shown(&self) -> &str {
        match self {
            Accepts::Msg => "a message",
            Accepts::PubKey => "a public key",
            Accepts::Interface(name) => name,
        }
    }
}

/// A type with a name.
#[derive(Debug)]
pub(super) struct Type {
    pub name: String,
    pub prefix: Prefix,
    pub form: Form,
    implements: Vec<Accepts>,
}

/// How the content of a type is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The struct of this index.
    Struct(usize),
    /// The bytes of a key, this many.
    Key(usize),
}

/// All of them.
#[derive(Debug)]
pub(super) struct Registry {
    types: Vec<Type>,
    by_name: BTreeMap<String, usize>,
    by_prefix: BTreeMap<Prefix, usize>,
}

impl Registry {
    fn load() -> Self {
        let types: Vec<Type> = (0..SCHEMA.messages.len()).filter_map(load).collect();
        let by_name = types.iter().enumerate().map(|(index, known)| (known.name.clone(), index)).collect();
        let by_prefix = types.iter().enumerate().map(|(index, known)| (known.prefix, index)).collect();
        Self { types, by_name, by_prefix }
    }

    /// All types, for tests.
    #[cfg(test)]
    pub(super) fn types(&self) -> &[Type] {
        &self.types
    }

    /// The type of a name, if the field accepts it.
    pub(super) fn named(&self, name: &str, accepts: &Accepts) -> Result<&Type, BinaryError> {
        let found = self.by_name.get(name).and_then(|index| self.types.get(*index));
        let found = found.ok_or_else(|| BinaryError::new(format!("no type has the amino name {}", shown(name))))?;
        found.accepted(accepts)
    }

    /// The type that bytes begin with, if the field accepts it, and the bytes after its prefix.
    pub(super) fn prefixed<'a>(&self, bytes: &'a [u8], accepts: &Accepts) -> Result<(&Type, &'a [u8]), BinaryError> {
        let (disamb, prefix, rest) = split(bytes)?;
        let known = self.by_prefix.get(&prefix).and_then(|index| self.types.get(*index));
        let known = known.filter(|known| disamb.is_none_or(|disamb| disfix(&known.name).0 == disamb));
        let known = known.ok_or_else(|| BinaryError::new(format!("no type has the amino prefix {prefix:02X?}")))?;
        Ok((known.accepted(accepts)?, rest))
    }
}

/// The bytes that tell names apart, where there are some, the prefix, and what follows.
pub(super) fn split(bytes: &[u8]) -> Result<Start<'_>, BinaryError> {
    let short = || BinaryError::new("too few bytes for an amino prefix");
    let (disamb, rest) = match bytes.split_first() {
        Some((0, rest)) => rest.split_first_chunk().map(|(disamb, rest)| (Some(*disamb), rest)).ok_or_else(short)?,
        _ => (None, bytes),
    };
    let (prefix, rest) = rest.split_first_chunk().ok_or_else(short)?;
    Ok((disamb, *prefix, rest))
}

impl Type {
    pub(super) fn accepted(&self, accepts: &Accepts) -> Result<&Self, BinaryError> {
        if self.implements.contains(accepts) {
            return Ok(self);
        }
        Err(BinaryError::new(format!("{} does not go here: expected {}", self.name, accepts.shown())))
    }
}

fn load(index: usize) -> Option<Type> {
    let (message, table) = (SCHEMA.messages.get(index)?, TABLE.get(index)?);
    let name = table.name.clone()?;
    let full_name = message.full_name.as_str();
    let form = match (table.encoding, full_name) {
        (MessageEncoding::Plain, _) => Form::Struct(index),
        (MessageEncoding::KeyField, "cosmos.crypto.secp256k1.PubKey") => Form::Key(33),
        (MessageEncoding::KeyField, "cosmos.crypto.ed25519.PubKey") => Form::Key(32),
        (MessageEncoding::Threshold, _) => Form::Struct(Own::Multisig.index()),
        // Private keys and modules' accounts stand in no transaction.
        _ => return None,
    };
    let implements = implements(full_name, form, table.encoding);
    (!implements.is_empty()).then(|| Type { prefix: disfix(&name).1, name, form, implements })
}

fn implements(full_name: &str, form: Form, encoding: MessageEncoding) -> Vec<Accepts> {
    if matches!(form, Form::Key(_)) || encoding == MessageEncoding::Threshold {
        return vec![Accepts::PubKey];
    }
    let options = SCHEMA.pool().get_message_by_name(full_name).map(|descriptor| descriptor.options());
    let named = options.and_then(|options| option(&options, "cosmos_proto.implements_interface"));
    let named = named.as_ref().and_then(|value| value.as_list()).into_iter().flatten().filter_map(|name| name.as_str());
    let mut implements: Vec<Accepts> = named.map(|name| Accepts::Interface(name.to_owned())).collect();
    // Its .proto file does not say so.
    if full_name == "cosmos.evidence.v1beta1.Equivocation" {
        implements.push(Accepts::Interface("cosmos.evidence.v1beta1.Evidence".to_owned()));
    }
    if response_type(full_name).is_some() {
        implements.push(Accepts::Msg);
    }
    implements
}

/// What stands for a name: three bytes that tell it from others of its prefix, and the prefix.
pub(super) fn disfix(name: &str) -> (Disamb, Prefix) {
    let hash = Sha256::digest(name.as_bytes());
    let mut bytes = hash.iter().copied().skip_while(|byte| *byte == 0);
    let disamb = std::array::from_fn(|_| bytes.next().unwrap_or_default());
    let mut bytes = bytes.skip_while(|byte| *byte == 0);
    let prefix = std::array::from_fn(|_| bytes.next().unwrap_or_default());
    (disamb, prefix)
}
