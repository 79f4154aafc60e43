//! What go-amino sees of each message: the fields of the struct that gogoproto's generator makes of it, in their order.
//!
//! Held against Go's own structs, field by field, for every type that the SDK registers (`tests`).

use std::collections::BTreeSet;
use std::sync::LazyLock;

use prost_reflect::{DynamicMessage, Value};

use super::registry::Accepts;
use crate::amino::table::{self, MessageEncoding, TABLE};
use crate::walker::schema::{self, option, string, Custom, Label, Shape};
use crate::walker::SCHEMA;

/// The structs: of each message of [`SCHEMA`], by its index, and after them those of [`Own`].
pub(super) static LAYOUTS: LazyLock<Vec<Vec<Slot>>> = LazyLock::new(|| {
    let messages = SCHEMA.messages.iter().zip(TABLE.iter());
    messages.map(|(message, table)| slots(message, table)).chain(own()).collect()
});

/// Structs that no descriptor describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    StdTx,
    StdFee,
    StdSignature,
    /// A multisig's key: its threshold is text, as an `uint` was before it was an `uint32`.
    Multisig,
}

impl Own {
    /// Its index in [`LAYOUTS`].
    pub(super) fn index(self) -> usize {
        SCHEMA.messages.len().saturating_add(self as usize)
    }
}

/// One field of a struct.
#[derive(Debug)]
pub(super) struct Slot {
    /// Its key in JSON.
    pub key: String,
    /// Its place among the fields, from one: its number in the binary form.
    pub number: u32,
    /// Left out of JSON where it is empty.
    pub omit_empty: bool,
    /// Absence is told from an empty value.
    pub pointer: bool,
    /// A list.
    pub repeated: bool,
    /// An empty list is `[]` in JSON, not `null`.
    pub brackets: bool,
    pub kind: Kind,
}

/// What a field holds.
#[derive(Debug)]
pub(super) enum Kind {
    Bool,
    Int32,
    Int64,
    Uint32,
    Uint64,
    /// 32 bits, as text in JSON.
    Threshold,
    Text,
    Bytes,
    /// `math.Int`.
    Integer,
    /// `math.LegacyDec`.
    Decimal,
    /// `time.Time`.
    Time,
    /// Index into [`LAYOUTS`].
    Struct(usize),
    /// A type with a name. An interface may be nil, an `Any` may not.
    Named {
        accepts: Accepts,
        required: bool,
    },
    /// An `Any` that the SDK's amino does not open: what stands in it would be lost.
    Unopened,
    /// One of the members of a oneof, each a struct of one field with a name.
    Oneof(Vec<Member>),
    /// Go's amino has no form of it; the struct that has such a field has none.
    None(&'static str),
}

/// A member of a oneof.
#[derive(Debug)]
pub(super) struct Member {
    /// `amino.oneof_name`.
    pub name: String,
    pub slot: Slot,
}

impl Kind {
    /// Whether a value is a varint, and so a list of them packed.
    pub(super) fn is_varint(&self) -> bool {
        matches!(self, Kind::Bool | Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 | Kind::Threshold)
    }
}

impl Slot {
    fn new(key: &str, number: u32, kind: Kind) -> Self {
        let key = key.to_owned();
        Self { key, number, omit_empty: false, pointer: false, repeated: false, brackets: false, kind }
    }

    fn list(self) -> Self {
        Self { repeated: true, ..self }
    }

    fn with_brackets(self) -> Self {
        Self { brackets: true, ..self }
    }

    fn omit_empty(self) -> Self {
        Self { omit_empty: true, ..self }
    }

    /// A list whose elements stand each under the field's own number.
    pub(super) fn is_unpacked(&self) -> bool {
        self.repeated && !self.kind.is_varint()
    }
}

fn own() -> [Vec<Slot>; 4] {
    let coin = SCHEMA.message("cosmos.base.v1beta1.Coin").unwrap_or(usize::MAX);
    let key = |required| Kind::Named { accepts: Accepts::PubKey, required };
    let message = Kind::Named { accepts: Accepts::Msg, required: false };
    [
        vec![
            Slot::new("msg", 1, message).list(),
            Slot::new("fee", 2, Kind::Struct(Own::StdFee.index())),
            Slot::new("signatures", 3, Kind::Struct(Own::StdSignature.index())).list(),
            Slot::new("memo", 4, Kind::Text),
            Slot::new("timeout_height", 5, Kind::Uint64),
        ],
        vec![
            Slot::new("amount", 1, Kind::Struct(coin)).list().with_brackets(),
            Slot::new("gas", 2, Kind::Uint64),
            Slot::new("payer", 3, Kind::Text).omit_empty(),
            Slot::new("granter", 4, Kind::Text).omit_empty(),
        ],
        vec![Slot::new("pub_key", 1, key(false)), Slot::new("signature", 2, Kind::Bytes)],
        vec![Slot::new("threshold", 1, Kind::Threshold), Slot::new("pubkeys", 2, key(true)).list().with_brackets()],
    ]
}

/// The fields of the struct of a message, in the order of its .proto file; a oneof stands where its first member does.
fn slots(message: &schema::Message, table: &table::Message) -> Vec<Slot> {
    let Some(descriptor) = SCHEMA.pool().get_message_by_name(&message.full_name) else { return Vec::new() };
    let (mut slots, mut oneofs): (Vec<Slot>, _) = (Vec::new(), BTreeSet::new());
    for index in &message.order {
        let (Some(field), Some(amino)) = (message.fields.get(*index), table.fields.get(*index)) else { continue };
        let Some(options) = descriptor.get_field(field.number).map(|field| field.options()) else { continue };
        let number = u32::try_from(slots.len().saturating_add(1)).unwrap_or(u32::MAX);
        match (field.oneof, &amino.oneof) {
            (Some(oneof), _) if !oneofs.insert(oneof) => {}
            (Some(oneof), Some(named)) => {
                slots.push(Slot::new(&named.key, number, members(oneof, message, table)));
            }
            _ => slots.extend(slot(field, amino, number, &options)),
        }
    }
    slots
}

fn members(oneof: usize, message: &schema::Message, table: &table::Message) -> Kind {
    let of_it = message.fields.iter().zip(&table.fields).filter(|(field, _)| field.oneof == Some(oneof));
    let member = |(field, amino): (&schema::Field, &table::Field)| {
        let name = amino.oneof.as_ref().and_then(|oneof| oneof.name.clone())?;
        let schema::Kind::Message(index) = field.kind else { return None };
        let slot = Slot { pointer: true, ..Slot::new(&field.name, 1, Kind::Struct(index)).omit_empty() };
        Some(Member { name, slot })
    };
    match of_it.map(member).collect() {
        Some(members) => Kind::Oneof(members),
        None => Kind::None("a oneof that has no amino names, or holds what is no message"),
    }
}

fn slot(field: &schema::Field, amino: &table::Field, number: u32, options: &DynamicMessage) -> Option<Slot> {
    let repeated = matches!(field.label, Label::Repeated(_));
    let kind = kind(field, amino, options);
    let native = !matches!(field.kind, schema::Kind::Message(_)) && string(options, "gogoproto.customtype").is_empty();
    let (key, omit_empty) = match string(options, "gogoproto.jsontag") {
        tag if tag == "-" => return None,
        tag if tag.is_empty() => (amino.key.clone(), !field.non_null || repeated && native),
        tag => match tag.split_once(',') {
            Some((key, flags)) => (key.to_owned(), flags == "omitempty"),
            None => (tag, false),
        },
    };
    let brackets = repeated && string(options, "gogoproto.castrepeated") == "github.com/cosmos/cosmos-sdk/types.Coins";
    Some(Slot { key, number, omit_empty, pointer: !field.non_null && !native, repeated, brackets, kind })
}

fn kind(field: &schema::Field, amino: &table::Field, options: &DynamicMessage) -> Kind {
    let is = |name| matches!(option(options, name), Some(Value::Bool(true)));
    match (field.label, field.custom) {
        (Label::Map, _) => return Kind::None("maps have no amino form"),
        (Label::Optional, _) => return Kind::None("an optional field has no amino form"),
        (_, Custom::Hex) => return Kind::None("bytes that are hexadecimal have no amino form"),
        (_, Custom::Int) => return Kind::Integer,
        (_, Custom::Dec) => return Kind::Decimal,
        _ => {}
    }
    let plain = string(options, "gogoproto.customtype").is_empty();
    if !plain || amino.encoding == table::FieldEncoding::InlineJson {
        return Kind::None("a Go type of its own, whose amino form is not known");
    }
    match field.kind {
        schema::Kind::Message(index) => {
            let shape = SCHEMA.messages.get(index).map(|message| message.shape);
            match (shape, TABLE.get(index).map(|table| table.encoding)) {
                (Some(Shape::Any), _) => {
                    let accepts = string(options, "cosmos_proto.accepts_interface");
                    // `Plan.upgraded_client_state`. Lists without the option are of messages, and opened.
                    match accepts.is_empty() && field.label == Label::Single {
                        true => Kind::Unopened,
                        false => Kind::Named { accepts: Accepts::of(&accepts), required: true },
                    }
                }
                (Some(Shape::Timestamp), _) if is("gogoproto.stdtime") => Kind::Time,
                (Some(Shape::Duration), _) if is("gogoproto.stdduration") => Kind::Int64,
                (Some(_), Some(MessageEncoding::Plain)) => Kind::Struct(index),
                _ => Kind::None("a key outside of an Any has no amino form here"),
            }
        }
        schema::Kind::Bool => Kind::Bool,
        schema::Kind::Int32 | schema::Kind::Sint32 | schema::Kind::Sfixed32 | schema::Kind::Enum(_) => Kind::Int32,
        schema::Kind::Int64 | schema::Kind::Sint64 | schema::Kind::Sfixed64 => Kind::Int64,
        schema::Kind::Uint32 | schema::Kind::Fixed32 => Kind::Uint32,
        schema::Kind::Uint64 | schema::Kind::Fixed64 => Kind::Uint64,
        schema::Kind::String => Kind::Text,
        schema::Kind::Bytes => Kind::Bytes,
        schema::Kind::Float | schema::Kind::Double => Kind::None("floating-point numbers have no amino form"),
    }
}
